"""A worker that is asked to stop, on a Temporal server of its own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from services.local.layout import HOST
from services.telemetry.health import serving_health
from temporal.worker import Condition, Parts, serve
from tests.conftest import free_port
from tests.integration.dev_server import temporal_server
from tests.studio import eventually

PORT = free_port()
QUEUE = "drained"


class Work:
    """One activity, which ends when the test lets it."""

    def __init__(self) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def work(self) -> int:
        self.begun.set()
        await self.released.wait()
        return activity.info().attempt


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with temporal_server() as address:
        yield await Client.connect(address)


async def readiness() -> tuple[int, str | None]:
    async with httpx.AsyncClient(trust_env=False) as http:
        response = await http.get(f"http://{HOST}:{PORT}/readyz")
    return response.status_code, response.json()["why"]


async def becomes(wanted: tuple[int, str | None]) -> None:
    async def is_it() -> bool:
        return await readiness() == wanted

    await eventually(is_it)


async def test_what_is_under_way_ends_before_the_worker(client: Client) -> None:
    work, stop, condition = Work(), asyncio.Event(), Condition()
    worker = Worker(
        client,
        task_queue=QUEUE,
        activities=[work.work],
        graceful_shutdown_timeout=timedelta(minutes=1),
    )
    parts = Parts([worker])
    async with serving_health(HOST, PORT, condition.why_not):
        assert await readiness() == (503, "starting")
        condition.started(parts, client)
        serving = asyncio.create_task(serve(parts, stop, condition))
        await becomes((200, None))
        handle = await client.start_activity(
            work.work, id="work", task_queue=QUEUE, start_to_close_timeout=timedelta(minutes=1)
        )
        await work.begun.wait()
        stop.set()
        await becomes((503, "stopping"))
        assert not serving.done()
        work.released.set()
        await serving
        assert await handle.result() == 1
