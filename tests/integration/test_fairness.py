"""Many owners on one line: nobody starves, weights and priorities count, places come true."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from proto.backend import backend_id
from proto.ids import new_id
from proto.job import AnimateRequest
from services.local.layout import Layout
from services.store import jobs
from services.store.database import Connection, Pool
from services.store.jobs import NewJob
from tests.integration.fleet import Fleet
from tests.studio import Studio, eventually
from workflows_comfy.catalog import active_template
from workflows_comfy.profiles import load_profiles

LEND = """
INSERT INTO assets (asset_id, owner, kind, state, original_filename, original_key, size_bytes,
    sha256, facts, thumbnail_key, proxy_key, warnings)
SELECT $1, $2, kind, state, original_filename, original_key, size_bytes, sha256, facts,
    thumbnail_key, proxy_key, warnings
FROM assets WHERE asset_id = $3
"""
WEIGH = """
INSERT INTO owners (owner, weight) VALUES ($1, $2)
ON CONFLICT (owner) DO UPDATE SET weight = EXCLUDED.weight
"""
STARTED = """
SELECT job_id FROM events WHERE type = 'executing' AND job_id = ANY ($1::text[])
ORDER BY created_at
"""
STATES = "SELECT status, count(*) FROM jobs WHERE job_id = ANY ($1::text[]) GROUP BY status"


class Crowd:
    """Orders of many owners, made as the gateway makes them."""

    def __init__(self, pool: Pool, body: dict[str, Any]) -> None:
        self._pool = pool
        self._body = body
        self.jobs: dict[str, str] = {}

    async def order(self, owner: str, *, priority: int = 3, weight: float = 1.0) -> str:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(WEIGH, owner, weight)
            files = {
                field: await self._lend(connection, owner, self._body[field])
                for field in ("ground_truth_asset_id", "motion_video_asset_id")
            }
            request = AnimateRequest.model_validate(
                {**self._body, **files, "duration_override_seconds": 0.4, "priority": priority}
            )
            job = NewJob(
                job_id=new_id(),
                owner=owner,
                template=active_template(request.mode, request.animate_submode).ref,
                request=request,
                settings=load_profiles().settings_for(request),
                seed=len(self.jobs),
                asset_ids=list(files.values()),
            )
            await jobs.insert(connection, job)
        self.jobs[job.job_id] = owner
        return job.job_id

    async def until_all(self, status: str) -> None:
        async def are() -> bool:
            states = await self._pool.fetch(STATES, list(self.jobs))
            return [row["status"] for row in states] == [status]

        await eventually(are)

    async def starts(self) -> list[str]:
        """The job ids, as their renders began."""
        return [row["job_id"] for row in await self._pool.fetch(STARTED, list(self.jobs))]

    async def _lend(self, connection: Connection, owner: str, asset_id: str) -> str:
        lent = new_id()
        await connection.execute(LEND, lent, owner, asset_id)
        return lent


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
