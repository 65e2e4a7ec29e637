"""What a thousand people who watch cost one gateway: delay of an event, and memory."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
import psutil

from proto.event import EventType
from proto.identity import Role
from services.store import jobs
from services.store.database import Pool, open_pool
from tests.access import Way, let_in
from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually
from tests.unit.store.store_factory import add_job, change

VIEWERS = 1000
EVENTS = 1000
EVERY_S = 0.02
GOAL = 5.0
SETTLE_S = 30.0
"""Until those who came at once no longer ask at once."""
TO_ONE = 20


class Viewer:
    """One open stream, and the delay of each event it has shown, in seconds."""

    def __init__(self, way: Way, job_id: str) -> None:
        self.way = way
        self.job_id = job_id
        self.delays: list[float] = []
        self.opened = asyncio.Event()

    async def watch(self, http: aiohttp.ClientSession, url: str) -> None:
        path = f"{url}/api/jobs/{self.job_id}/stream"
        async with http.get(path, headers=self.way.headers) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"event: hello"):
                    self.opened.set()
                if line.startswith(b"data: ") and b'"created_at"' in line:
                    self._see(json.loads(line[len(b"data: ") :]))

    def _see(self, event: dict[str, Any]) -> None:
        if event["type"] == EventType.PROGRESS:
            at = datetime.fromisoformat(event["created_at"]).timestamp()
            self.delays.append(time.time() - at)


async def measure() -> dict[str, Ratio]:
    """The delay is from the event's row to the viewer, who runs on the same machine."""
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(open_bench(backends=1, render_s=1))
        pool = await stack.enter_async_context(open_pool(bench.layout.database_url))
        few = await _each_their_own(bench, pool, viewers=1)
        many = await _each_their_own(bench, pool, viewers=VIEWERS)
        last_s = await _all_the_same(bench, pool)
    return {
        "event_delay_p99_1000_viewers_vs_1": Ratio(
            _p99(many["delays"]),
            _p99(few["delays"]),
            goal=GOAL,
            runs=EVENTS,
            details={
                "median_ms": round(1000 * statistics.median(many["delays"]), 1),
                "median_ms_of_1": round(1000 * statistics.median(few["delays"]), 1),
                "events_per_s": round(1 / EVERY_S),
                "kib_per_viewer": round(many["grown_bytes"] / VIEWERS / 1024),
                "same_video_last_viewer_s": round(last_s, 3),
            },
        )
    }


async def _each_their_own(bench: Bench, pool: Pool, *, viewers: int) -> dict[str, Any]:
    """Events at a steady rate, in turn to viewers who each watch a video of their own."""
    gateway = psutil.Process(bench.stack.pids["gateway"])
    watching = [await _viewer(bench, pool, f"viewer-{viewers}-{n}") for n in range(viewers)]
    before = gateway.memory_info().rss
    async with _open(bench, watching):
        grown = gateway.memory_info().rss - before
        await asyncio.sleep(SETTLE_S)
        for number in range(EVENTS):
            await _tell(pool, watching[number % viewers].job_id, number)
            await asyncio.sleep(EVERY_S)
        await eventually(lambda: _all_seen(watching, EVENTS))
    return {
        "delays": [delay for viewer in watching for delay in viewer.delays],
        "grown_bytes": grown,
    }


async def _all_the_same(bench: Bench, pool: Pool) -> float:
    """Until the last of a thousand who watch one video has seen an event: the median of some."""
    first = await _viewer(bench, pool, "star")
    watching = [first, *(Viewer(first.way, first.job_id) for _ in range(VIEWERS - 1))]
    async with _open(bench, watching):
        for number in range(TO_ONE):
            await _tell(pool, first.job_id, number)
            seen = VIEWERS * (number + 1)
            await eventually(lambda seen=seen: _all_seen(watching, seen))
    return statistics.median(
        max(viewer.delays[number] for viewer in watching) for number in range(TO_ONE)
    )


async def _viewer(bench: Bench, pool: Pool, owner: str) -> Viewer:
    way = await let_in(bench.layout.database_url, owner, Role.CREATOR)
    async with pool.acquire() as connection, connection.transaction():
        job_id = await add_job(connection, owner)
        # Nobody is to start a workflow for it.
        await jobs.mark_render_started(connection, job_id)
        await connection.execute(
            "UPDATE jobs SET checked_at = clock_timestamp() + interval '1 day' WHERE job_id = $1",
            job_id,
        )
    return Viewer(way, job_id)


@asynccontextmanager
async def _open(bench: Bench, watching: list[Viewer]) -> AsyncIterator[None]:
    """At the gateway itself: what is measured is not the ingress."""
    url = f"http://127.0.0.1:{bench.layout.ports['gateway']}"
    timeout = aiohttp.ClientTimeout(total=None)
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, timeout=timeout)
        )
        tasks = [asyncio.create_task(viewer.watch(http, url)) for viewer in watching]
        try:
            await asyncio.gather(*(viewer.opened.wait() for viewer in watching))
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(pool: Pool, job_id: str, number: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        step = change(EventType.PROGRESS, 0.5, key=f"step/{number}")
        await jobs.record(connection, job_id, step)


async def _all_seen(watching: list[Viewer], events: int) -> bool:
    return sum(len(viewer.delays) for viewer in watching) >= events


def _p99(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=100)[98]
