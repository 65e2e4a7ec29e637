"""Releases of the workflows' workers, as the workflow server knows them."""

import subprocess

from temporalio.client import Client

from proto.ids import new_id
from proto.job import Deletion
from services.local.child import program
from services.local.layout import Layout
from temporal.client import deletion_id, start_deletion
from tests.studio import eventually

UNDO_S = 600.0


def tell(layout: Layout, namespace: str, *arguments: str) -> None:
    place = ("--address", layout.temporal_address, "--namespace", namespace)
    command = [program("temporal"), *arguments, *place]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=30)


async def make_current(layout: Layout, namespace: str, build_id: str) -> None:
    """Have new workflows begin on a build, as soon as the server has heard of it."""
    version = ("--deployment-name", "animatrix", "--build-id", build_id)

    async def told() -> bool:
        try:
            tell(
                layout, namespace, "worker", "deployment", "set-current-version", *version, "--yes"
            )
        except subprocess.CalledProcessError:
            return False
        return True

    await eventually(told)


async def begin(client: Client) -> str:
    """The id of a job whose workflow waits for hours, once a build has begun it."""
    job_id = new_id()
    await start_deletion(client, Deletion(job_id=job_id, number=1, undo_s=UNDO_S))

    async def begun() -> set[str]:
        return await builds_of(client, deletion_id(job_id))

    await eventually(begun)
    return job_id


async def builds_of(client: Client, workflow_id: str) -> set[str]:
    """Those that have taken the workflow a step further."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return {
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    }
