"""Many owners on one line: nobody starves, weights and priorities count, places come true."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from proto.backend import backend_id
from services.local.layout import Layout
from services.store.database import Pool
from tests.integration.crowd import Crowd
from tests.integration.fleet import Fleet
from tests.studio import Studio


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(pool: Pool, move_body: dict[str, Any]) -> Crowd:
    return Crowd(pool, move_body)


@pytest_asyncio.fixture(loop_scope="session")
async def gate(studio: Studio, layout: Layout) -> AsyncIterator[tuple[Fleet, str]]:
    """The backend, closed until the line has formed."""
    fleet, name = Fleet(studio), backend_id(layout.comfy_urls[0])
    await fleet.until_known(name)
    await fleet.do(name, "cordon")
    await fleet.until_closed(name)
    yield fleet, name
    if (await fleet.all())[name].state != "offered":
        await fleet.do(name, "uncordon")


async def run(crowd: Crowd, gate: tuple[Fleet, str], studio: Studio) -> tuple[list[str], list[str]]:
    """The order that was foretold, and the one that came."""
    fleet, name = gate
    await crowd.until_all("queued")
    line = await studio.fetch_json("/api/admin/queue")
    foretold = [job["job_id"] for job in line["waiting"] if job["job_id"] in crowd.jobs]
    await fleet.do(name, "uncordon")
    await crowd.until_all("completed")
    return foretold, await crowd.starts()


async def test_owner_of_one_job_does_not_wait_for_anothers_ten(
    studio: Studio, crowd: Crowd, gate: tuple[Fleet, str]
) -> None:
    for _ in range(8):
        await crowd.order("crowd")
    only = await crowd.order("solo")
    foretold, came = await run(crowd, gate, studio)
    assert came.index(only) <= 2
    assert abs(foretold.index(only) - came.index(only)) <= 1


async def test_weight_is_a_share_of_the_renders(
    studio: Studio, crowd: Crowd, gate: tuple[Fleet, str]
) -> None:
    for _ in range(6):
        await crowd.order("heavy", weight=3.0)
    for _ in range(6):
        await crowd.order("light")
    foretold, came = await run(crowd, gate, studio)
    first = [crowd.jobs[job_id] for job_id in came[:8]]
    assert 5 <= first.count("heavy") <= 6
    assert [crowd.jobs[job_id] for job_id in foretold[:8]].count("heavy") == 6


async def test_urgent_job_goes_first_and_places_come_true(
    studio: Studio, crowd: Crowd, gate: tuple[Fleet, str]
) -> None:
    for _ in range(4):
        await crowd.order("ann")
    urgent = await crowd.order("ann", priority=1)
    foretold, came = await run(crowd, gate, studio)
    assert foretold[0] == urgent
    assert came.index(urgent) <= 1
    # Two that join, or get a place, at the same moment may pass each other.
    assert all(abs(foretold.index(job_id) - place) <= 2 for place, job_id in enumerate(came))
