from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowExecutionStatus
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from proto.asset import IngestRequest, IngestVerdict
from proto.job import Deletion
from proto.render import PromptRef, RenderRequest
from services.settings import Settings
from temporal.queues import (
    DELETE_JOB,
    INGEST_ASSET,
    JOB_ID,
    JOB_MODE,
    JOB_OWNER,
    RENDER_JOB,
    RESTORED,
    TEMPLATE_VERSION,
    VERDICT,
    WITHDRAW_PROMPT,
    TaskQueue,
)


async def connect(settings: Settings, *, identity: str) -> Client:
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        identity=identity,
    )


def workflow_id(job_id: str, run: int = 1) -> str:
    """The id of a job's workflow. Each retry of the job has one of its own."""
    return f"job-{job_id}" if run == 1 else f"job-{job_id}-{run}"


async def start_render(client: Client, request: RenderRequest) -> None:
    """Start the job's workflow. Starting it again changes nothing."""
    try:
        await client.start_workflow(
            RENDER_JOB,
            request,
            id=workflow_id(request.job_id, request.run),
            task_queue=TaskQueue.WORKFLOWS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            priority=Priority(priority_key=request.priority, fairness_key=request.owner),
            static_summary=f"{request.template} for {request.owner}",
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(JOB_ID, request.job_id),
                    SearchAttributePair(JOB_OWNER, request.owner),
                    SearchAttributePair(JOB_MODE, request.mode),
                    SearchAttributePair(TEMPLATE_VERSION, request.template),
                ]
            ),
        )
    except WorkflowAlreadyStartedError:
        return


async def cancel_render(client: Client, job_id: str, run: int) -> None:
    """Ask the job's workflow to stop. One that has ended is left alone."""
    try:
        await client.get_workflow_handle(workflow_id(job_id, run)).cancel()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def tell_render(client: Client, job_id: str, run: int, wish: str) -> None:
    """Signal the job's workflow what its owner wants. One that has ended is left alone."""
    try:
        await client.get_workflow_handle(workflow_id(job_id, run)).signal(wish)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def withdraw_prompt(client: Client, prompt: PromptRef) -> None:
    """Have a prompt taken back that nobody waits for. Asking again changes nothing."""
    await client.start_workflow(
        WITHDRAW_PROMPT,
        prompt,
        id=f"withdraw-{prompt.prompt_id}",
        task_queue=TaskQueue.WORKFLOWS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"prompt of job {prompt.job_id} on {prompt.backend_id}",
        search_attributes=TypedSearchAttributes([SearchAttributePair(JOB_ID, prompt.job_id)]),
    )


async def start_deletion(client: Client, deletion: Deletion) -> None:
    """Have a job deleted for good after a while. It ends the wait that an earlier one began."""
    await client.start_workflow(
        DELETE_JOB,
        deletion,
        id=deletion_id(deletion.job_id),
        task_queue=TaskQueue.WORKFLOWS,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        static_summary=f"deletion {deletion.number} of job {deletion.job_id}",
        search_attributes=TypedSearchAttributes([SearchAttributePair(JOB_ID, deletion.job_id)]),
    )


def deletion_id(job_id: str) -> str:
    """The id of the workflow that deletes a job."""
    return f"delete-{job_id}"


async def end_deletion(client: Client, job_id: str, number: int) -> None:
    """Tell a deletion that it was taken back. One that has ended is left alone."""
    try:
        await client.get_workflow_handle(deletion_id(job_id)).signal(RESTORED, number)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def render_ended(client: Client, job_id: str, run: int) -> str | None:
    """How the job's workflow ended; None while it runs. Raises LookupError when there is none."""
    try:
        described = await client.get_workflow_handle(workflow_id(job_id, run)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise LookupError(f"no workflow for job {job_id}") from error
        raise
    status = described.status
    if status in {
        None,
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.CONTINUED_AS_NEW,
    }:
        return None
    return status.name.lower()


async def ingest(client: Client, request: IngestRequest) -> IngestVerdict:
    """Have an upload read, and wait for the verdict; decoding all of it goes on after that."""
    start: WithStartWorkflowOperation[Any, IngestVerdict] = WithStartWorkflowOperation(
        INGEST_ASSET,
        request,
        id=f"asset-{request.asset_id}",
        task_queue=TaskQueue.WORKFLOWS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"{request.kind} upload",
    )
    verdict: IngestVerdict = await client.execute_update_with_start_workflow(
        VERDICT, start_workflow_operation=start, result_type=IngestVerdict
    )
    return verdict
