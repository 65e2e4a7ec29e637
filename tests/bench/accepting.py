"""Accepted jobs a second through the gateway, against raw starts of as many workflows."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import psutil
from temporalio.client import Client

from proto.ids import new_id
from proto.job import Mode
from proto.render import RenderRequest
from services.local.children import settings_of
from temporal.client import connect, workflow_id
from temporal.queues import RENDER_JOB
from tests.access import let_in
from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually

CLIENTS = (1, 16, 64)
JOBS = {1: 100, 16: 320, 64: 640}
GOAL = 0.5
NOBODYS_QUEUE = "bench-nobody"

Once = Callable[[], Awaitable[None]]


async def measure() -> dict[str, Ratio]:
    found = {}
    for clients in CLIENTS:
        async with open_bench(backends=1, render_s=1) as bench:
            found[f"accepted_jobs_per_s_{clients}_clients_vs_raw_starts"] = await _compare(
                bench, clients
            )
    return found


async def _compare(bench: Bench, clients: int) -> Ratio:
    """All are started too before ours ends. The workers rest meanwhile: they would render."""
    body = await bench.sample()
    # The workers do it, and are to rest.
    for field in ("ground_truth_asset_id", "motion_video_asset_id"):
        await bench.studio.until_checked(body[field])
    settings = settings_of(bench.layout)
    temporal = await connect(settings, identity="bench")
    with _resting(bench):
        raw_s = await _seconds(clients, lambda: _start(temporal))
        async with _asking(bench, body) as ask:
            began = time.monotonic()
            accepted_s = await _seconds(clients, ask)
            await eventually(lambda: _all_started(temporal, JOBS[clients]))
            started_s = time.monotonic() - began
    jobs = JOBS[clients]
    return Ratio(
        jobs / accepted_s,
        jobs / raw_s,
        goal=GOAL,
        runs=jobs,
        at_least=True,
        details={"clients": clients, "started_per_s": round(jobs / started_s, 1)},
    )


@contextmanager
def _resting(bench: Bench) -> Iterator[None]:
    """Without the workers."""
    pids = [pid for name, pid in bench.stack.pids.items() if name.endswith("worker")]
    trees = [tree for pid in pids for tree in _tree(pid)]
    for process in trees:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in trees:
            process.send_signal(signal.SIGCONT)


def _tree(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


async def _seconds(clients: int, once: Once) -> float:
    """For JOBS[clients] of them, made by so many clients at once, each one after the other."""

    async def client() -> None:
        for _ in range(JOBS[clients] // clients):
            await once()

    began = time.monotonic()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.monotonic() - began


async def _start(temporal: Client) -> None:
    job_id = new_id()
    request = RenderRequest(
        job_id=job_id,
        owner="bench",
        mode=Mode.ANIMATE,
        template="animate/move@1.0.0",
        priority=3,
        weight=1.0,
        run=1,
    )
    await temporal.start_workflow(
        RENDER_JOB, request, id=workflow_id(job_id), task_queue=NOBODYS_QUEUE
    )


@asynccontextmanager
async def _asking(bench: Bench, body: dict[str, Any]) -> AsyncIterator[Once]:
    way = await let_in(bench.layout.database_url)
    connector = aiohttp.TCPConnector(limit=0)
    url = f"{bench.layout.url}/api/jobs/animate"
    async with aiohttp.ClientSession(headers=way.headers, connector=connector) as http:

        async def once() -> None:
            async with http.post(url, json=body) as answer:
                answer.raise_for_status()
                await answer.read()

        yield once


async def _all_started(temporal: Client, jobs: int) -> bool:
    count = await temporal.count_workflows(
        f"WorkflowType = '{RENDER_JOB}' AND TaskQueue = 'workflows'"
    )
    return count.count >= jobs
