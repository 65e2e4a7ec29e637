"""Workers of two builds at once, on the embedded server: a namespace of its own, real workers."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from services.local.child import Child, tethered
from services.local.children import environment
from services.local.layout import Layout
from services.local.ready import says
from services.local.stack import Stack
from services.settings import Settings
from temporal.client import connect, deletion_id, end_deletion
from tests.integration.builds import begin, builds_of, make_current, tell
from tests.studio import eventually

NAMESPACE = "deploys"
STOP_S = 15.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(stack: Stack, layout: Layout, settings: Settings) -> AsyncIterator[Client]:
    tell(layout, NAMESPACE, "operator", "namespace", "create", "--retention", "24h")
    attribute = ("--name", "JobId", "--type", "Keyword")
    tell(layout, NAMESPACE, "operator", "search-attribute", "create", *attribute)
    own = settings.model_copy(update={"temporal_namespace": NAMESPACE})

    async def connected() -> Client | None:
        return await connect(own, identity="deployer")

    yield await eventually(connected)


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


async def test_workflow_ends_on_the_build_it_began_on_and_new_ones_begin_on_the_next(
    client: Client, layout: Layout, run_build: Callable[[str], None]
) -> None:
    run_build("a")
    await make_current(layout, NAMESPACE, "a")
    early = await begin(client)
    run_build("b")
    await make_current(layout, NAMESPACE, "b")

    async def begins_on_b() -> bool:
        late = await begin(client)
        builds = await builds_of(client, deletion_id(late))
        await end_deletion(client, late, 1)
        return builds == {"b"}

    # The server takes a moment to tell all of itself which build is the current one.
    await eventually(begins_on_b)
    await end_deletion(client, early, 1)
    await client.get_workflow_handle(deletion_id(early)).result()
    assert await builds_of(client, deletion_id(early)) == {"a"}
