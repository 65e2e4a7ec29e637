"""Any gateway serves what another one began."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.local.layout import HOST, Layout
from services.local.stack import Stack
from tests.access import let_in
from tests.conftest import free_port
from tests.integration.conftest import Order
from tests.processes import gateway, running
from tests.studio import Studio, new_key

WAY_OF = "gateways"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def others(
    stack: Stack, layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Studio]]:
    """Two more gateways, asked directly, by the person whom the first one serves."""
    folder: Path = tmp_path_factory.mktemp("gateways")
    ports = [free_port(), free_port()]
    way = await let_in(layout.database_url)
    async with running(*(gateway(layout, port, folder) for port in ports)):
        clients = [
            httpx.AsyncClient(base_url=f"http://{HOST}:{port}", auth=way.auth, timeout=60)
            for port in ports
        ]
        yield [Studio(client) for client in clients]
        for client in clients:
            await client.aclose()


async def test_video_ordered_at_one_gateway_is_watched_at_all(
    studio: Studio, others: list[Studio], order: Order
) -> None:
    job = await order(duration_override_seconds=0.5)
    path = f"/api/jobs/{job['job_id']}/stream"
    told = await asyncio.gather(*(each.messages(path) for each in [studio, *others]))
    numbers = [[message.id for message in messages[1:]] for messages in told]
    assert numbers[0] == [str(number + 1) for number in range(len(numbers[0]))]
    assert numbers[1:] == [numbers[0]] * len(others)


async def test_stream_goes_on_at_another_gateway_where_it_broke_off(
    others: list[Studio], order: Order
) -> None:
    first, second = others
    job = await order(duration_override_seconds=0.5)
    path = f"/api/jobs/{job['job_id']}/stream"
    seen = []
    async with aclosing(first.follow(path)) as messages:
        async for message in messages:
            seen.append(message.id)
            if message.event == "queued":
                break
    rest = await second.messages(path, **{"Last-Event-ID": seen[-1] or ""})
    numbers = [int(number or 0) for number in [*seen[1:], *(message.id for message in rest[1:])]]
    assert numbers == list(range(1, numbers[-1] + 1))
    assert rest[-1].event == "completed"


async def test_video_is_stopped_at_another_gateway_than_it_was_ordered_at(
    others: list[Studio], order: Order
) -> None:
    job = await order()
    await others[0].cancel(job["job_id"])
    ended = await others[1].until_ended(job["job_id"])
    assert ended["status"] == "cancelled"


async def test_same_request_at_two_gateways_at_once_makes_one_video(
    studio: Studio, others: list[Studio], move_body: dict[str, object]
) -> None:
    key = new_key()
    made = await asyncio.gather(
        *(each.create("animate", move_body, idempotency_key=key) for each in [studio, *others])
    )
    assert len({job["job_id"] for job in made}) == 1
    await studio.stop(made[0]["job_id"])
