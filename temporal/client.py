import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import (
    Client,
    Interceptor,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleSpec,
    ScheduleUpdate,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
)
from temporalio.common import (
    Priority,
    SearchAttributeIndexedValueType,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from proto.asset import IngestRequest, IngestVerdict
from proto.ids import new_id
from proto.job import Deletion, JobStatus, Stage
from proto.render import NewPriority, PromptRef, RenderRequest
from proto.retention import RetentionReport, RetentionRequest
from proto.webhook import WebhookRef
from services.settings import Settings
from services.telemetry import tracing
from services.telemetry.activities import Observing
from temporal.codec import converter
from temporal.queues import (
    CONSOLE,
    DELETE_JOB,
    DELIVER_WEBHOOKS,
    INGEST_ASSET,
    JOB_ID,
    JOB_MODE,
    JOB_OWNER,
    JOB_STAGE,
    JOB_STATUS,
    PRIORITY,
    RENDER_JOB,
    RESTORED,
    RETENTION,
    SEARCH_ATTRIBUTES,
    TEMPLATE_VERSION,
    VERDICT,
    WEBHOOK_WOKEN,
    WITHDRAW_PROMPT,
    TaskQueue,
)


def identity_of(role: str) -> str:
    """This process, as the workflow server's Web UI names it."""
    return f"{role}@{socket.gethostname()}/{os.getpid()}"


log = structlog.get_logger()

AttributeKinds = Mapping[str, SearchAttributeIndexedValueType]


async def connect(settings: Settings, *, identity: str) -> Client:
    key = settings.temporal_api_key
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        tls=tls_of(settings),
        api_key=key.get_secret_value() if key else None,
        data_converter=converter(settings.payload_keys),
        identity=identity,
        interceptors=_interceptors(settings),
    )


def tls_of(settings: Settings) -> TLSConfig | bool:
    """False: without TLS, which an API key never is."""
    files = (settings.temporal_ca, settings.temporal_cert, settings.temporal_key)
    if not (settings.temporal_tls or any(files) or settings.temporal_api_key):
        return False
    if bool(settings.temporal_cert) != bool(settings.temporal_key):
        raise ValueError("ANIMATRIX_TEMPORAL_CERT and ANIMATRIX_TEMPORAL_KEY need each other")
    ca, cert, key = (_read(path) for path in files)
    return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)


def _read(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None


def _interceptors(settings: Settings) -> list[Interceptor]:
    """The first is the outer one: what is observed is told to the span that it began."""
    traced = [TracingInterceptor(tracing.tracer())] if settings.otlp_endpoint else []
    return [*traced, Observing()]


class SearchAttributesMissing(Exception):
    """The namespace lacks some that jobs are found by, and we may not create them."""


REFUSALS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}
"""What a Temporal says whose search attributes are only for its own operators to see or change."""


async def keep_search_attributes(client: Client) -> None:
    """Have those that jobs are found by; any number of workers may ask for it.

    Raises SearchAttributesMissing where we may see that some are not there and not create them.
    """
    missing = await _missing_attributes(client)
    if not missing:
        return
    addition = AddSearchAttributesRequest(namespace=client.namespace)
    for name, kind in missing.items():
        addition.search_attributes[name] = IndexedValueType.ValueType(int(kind))
    try:
        await client.operator_service.add_search_attributes(addition)
    except RPCError as error:
        # Another worker has created them meanwhile.
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            return
        if error.status not in REFUSALS:
            raise
        raise SearchAttributesMissing(
            f"create these search attributes in {client.namespace}: {_in_words(missing)}"
        ) from error


async def _missing_attributes(client: Client) -> AttributeKinds:
    """None where they may not be seen: then they are most likely created by others."""
    wanted = {key.name: key.indexed_value_type for key in SEARCH_ATTRIBUTES}
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = await client.operator_service.list_search_attributes(listing)
    except RPCError as error:
        if error.status not in REFUSALS:
            raise
        log.warning("search attributes not seen", needed=_in_words(wanted), cause=error.message)
        return {}
    return {name: kind for name, kind in wanted.items() if name not in known.custom_attributes}


def _in_words(attributes: AttributeKinds) -> str:
    """As the Temporal CLI and its Web UI call the kinds."""
    return ", ".join(
        f"{name} ({kind.name.title().replace('_', '')})" for name, kind in attributes.items()
    )


def workflow_id(job_id: str, run: int = 1) -> str:
    """The id of a job's workflow. Each retry of the job has one of its own."""
    return f"job-{job_id}" if run == 1 else f"job-{job_id}-{run}"


async def start_render(
    client: Client, request: RenderRequest, *, console: str | None = None
) -> None:
    """Start the job's workflow. Starting it again changes nothing.

    console: the origin of the operators' console, for the link to the job there.
    """
    with tracing.of_job(request.job_id), suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            RENDER_JOB,
            request,
            id=workflow_id(request.job_id, request.run),
            task_queue=TaskQueue.WORKFLOWS,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            priority=Priority(priority_key=request.priority, fairness_key=request.owner),
            static_summary=f"{request.template} for {request.owner}",
            # The summary ends with the first run of a long job; a memo and search attributes don't.
            memo={CONSOLE: console} if console else None,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(JOB_ID, request.job_id),
                    SearchAttributePair(JOB_OWNER, request.owner),
                    SearchAttributePair(JOB_MODE, request.mode),
                    SearchAttributePair(TEMPLATE_VERSION, request.template),
                    SearchAttributePair(JOB_STATUS, JobStatus.ACCEPTED),
                    SearchAttributePair(JOB_STAGE, Stage.READING_FILES),
                ]
            ),
        )


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
        with tracing.of_job(job_id):
            await client.get_workflow_handle(workflow_id(job_id, run)).signal(wish)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def prioritise_render(client: Client, job_id: str, run: int, priority: int) -> None:
    """Give the job's workflow another place in line. One that has ended is left alone."""
    new = NewPriority(priority=priority)
    try:
        with tracing.of_job(job_id):
            await client.get_workflow_handle(workflow_id(job_id, run)).signal(PRIORITY, new)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def withdraw_prompt(client: Client, prompt: PromptRef) -> None:
    """Have a prompt taken back that nobody waits for. Asking again changes nothing."""
    with tracing.of_job(prompt.job_id):
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
    with tracing.of_job(deletion.job_id):
        await client.start_workflow(
            DELETE_JOB,
            deletion,
            id=deletion_id(deletion.job_id),
            task_queue=TaskQueue.WORKFLOWS,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            static_summary=f"deletion {deletion.number} of job {deletion.job_id}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(JOB_ID, deletion.job_id)]),
        )


async def wake_webhook(client: Client, webhook_id: str, owner: str) -> None:
    """Have an address told what waits for it. Asking again changes nothing."""
    await client.start_workflow(
        DELIVER_WEBHOOKS,
        WebhookRef(webhook_id=webhook_id),
        id=webhook_workflow_id(webhook_id),
        task_queue=TaskQueue.WORKFLOWS,
        start_signal=WEBHOOK_WOKEN,
        priority=Priority(fairness_key=owner),
        static_summary=f"messages to webhook {webhook_id} of {owner}",
    )


def webhook_workflow_id(webhook_id: str) -> str:
    """The id of the workflow that tells an address what waits for it."""
    return f"webhook-{webhook_id}"


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
        static_summary=f"{request.kind} upload {request.asset_id}",
    )
    verdict: IngestVerdict = await client.execute_update_with_start_workflow(
        VERDICT, start_workflow_operation=start, result_type=IngestVerdict
    )
    return verdict


RETENTION_ID = "retention"
"""The id of the schedule; its runs' workflows have the time added."""
BY_HAND_ID = "retention-by-hand"
"""Of a run that an operator has asked for."""
RETENTION_JITTER = timedelta(minutes=30)


async def keep_retention_schedule(client: Client, every_hours: float) -> None:
    """Have what is too old removed so often; 0: never. Any number of workers may ask for it."""
    handle = client.get_schedule_handle(RETENTION_ID)
    if not every_hours:
        try:
            await handle.delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return
    wanted = _retention_schedule(timedelta(hours=every_hours))
    try:
        await client.create_schedule(RETENTION_ID, wanted)
    except ScheduleAlreadyRunningError:
        await handle.update(lambda found: _with_spec(found.description.schedule, wanted.spec))


def _retention_schedule(every: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RETENTION,
            RetentionRequest(who="schedule", why="what is too old goes"),
            id=RETENTION_ID,
            task_queue=TaskQueue.WORKFLOWS,
            static_summary="remove what is too old",
        ),
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=every)],
            jitter=min(every / 4, RETENTION_JITTER),
        ),
    )


def _with_spec(schedule: Schedule, spec: ScheduleSpec) -> ScheduleUpdate:
    """Only how often: an operator who has paused it finds it paused."""
    schedule.spec = spec
    return ScheduleUpdate(schedule)


class RetentionRuns(Exception):
    """A run that an operator has asked for is not over yet."""


async def start_retention(client: Client, request: RetentionRequest) -> str:
    """Have what is too old removed now; gives the workflow's id. Raises RetentionRuns."""
    try:
        handle = await client.start_workflow(
            RETENTION,
            request,
            id=BY_HAND_ID,
            task_queue=TaskQueue.WORKFLOWS,
            static_summary=f"remove what is too old, for {request.who}",
        )
    except WorkflowAlreadyStartedError as error:
        raise RetentionRuns(BY_HAND_ID) from error
    return handle.id


async def preview_retention(client: Client, request: RetentionRequest) -> RetentionReport:
    """What a dry run says. It is a workflow that lists what is stored, which may take minutes."""
    report: RetentionReport = await client.execute_workflow(
        RETENTION,
        request,
        id=f"retention-dry-{new_id()}",
        task_queue=TaskQueue.WORKFLOWS,
        result_type=RetentionReport,
        static_summary=f"what would be removed, for {request.who}",
    )
    return report
