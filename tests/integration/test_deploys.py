"""Workers of two builds at once, on the embedded server: a namespace of its own, real workers."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from proto.ids import new_id
from proto.job import Deletion
from services.local.child import Child, program, tethered
from services.local.children import environment
from services.local.layout import Layout
from services.local.ready import says
from services.local.stack import Stack
from services.settings import Settings
from temporal.client import connect, deletion_id, end_deletion, start_deletion
from tests.studio import eventually

NAMESPACE = "deploys"
UNDO_S = 600.0
STOP_S = 15.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(stack: Stack, layout: Layout, settings: Settings) -> AsyncIterator[Client]:
    tell(layout, "operator", "namespace", "create", "--retention", "24h")
    tell(layout, "operator", "search-attribute", "create", "--name", "JobId", "--type", "Keyword")
    own = settings.model_copy(update={"temporal_namespace": NAMESPACE})

    async def connected() -> Client | None:
        return await connect(own, identity="deployer")

    yield await eventually(connected)


def tell(layout: Layout, *arguments: str) -> None:
    place = ("--address", layout.temporal_address, "--namespace", NAMESPACE)
    command = [program("temporal"), *arguments, *place]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=30)


@pytest.fixture
def run_build(layout: Layout, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Starts the workers of a build; they end with the test."""
    running: list[Child] = []

    def run(build_id: str) -> None:
        settings = {
            "ANIMATRIX_TEMPORAL_NAMESPACE": NAMESPACE,
            "ANIMATRIX_WORKER_BUILD_ID": build_id,
            "ANIMATRIX_RETENTION_EVERY_HOURS": "0",
        }
        child = Child(
            f"worker of build {build_id}",
            tethered(sys.executable, "-m", "temporal.worker", "workflows"),
            env=environment(layout) | settings,
            ready=says("worker ready"),
            log=tmp_path / f"{build_id}.log",
        )
        child.spawn()
        running.append(child)

    yield run
    for child in running:
        child.stop(time.monotonic() + STOP_S)


async def make_current(layout: Layout, build_id: str) -> None:
    """Have new workflows begin on a build, as soon as the server has heard of it."""
    version = ("--deployment-name", "animatrix", "--build-id", build_id)

    async def told() -> bool:
        try:
            tell(layout, "worker", "deployment", "set-current-version", *version, "--yes")
        except subprocess.CalledProcessError:
            return False
        return True

    await eventually(told)


async def begin(client: Client) -> str:
    """The id of a job whose workflow waits for hours, once a build has begun it."""
    job_id = new_id()
    await start_deletion(client, Deletion(job_id=job_id, number=1, undo_s=UNDO_S))

    async def begun() -> set[str]:
        return await builds_of(client, job_id)

    await eventually(begun)
    return job_id


async def builds_of(client: Client, job_id: str) -> set[str]:
    """Those that have taken the workflow a step further."""
    history = await client.get_workflow_handle(deletion_id(job_id)).fetch_history()
    return {
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    }


async def test_workflow_ends_on_the_build_it_began_on_and_new_ones_begin_on_the_next(
    client: Client, layout: Layout, run_build: Callable[[str], None]
) -> None:
    run_build("a")
    await make_current(layout, "a")
    early = await begin(client)
    run_build("b")
    await make_current(layout, "b")

    async def begins_on_b() -> bool:
        late = await begin(client)
        builds = await builds_of(client, late)
        await end_deletion(client, late, 1)
        return builds == {"b"}

    # The server takes a moment to tell all of itself which build is the current one.
    await eventually(begins_on_b)
    await end_deletion(client, early, 1)
    await client.get_workflow_handle(deletion_id(early)).result()
    assert await builds_of(client, early) == {"a"}
