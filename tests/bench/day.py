"""A day's work with renders of a moment: what grows that should not."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from proto.job import TERMINAL
from services.local.children import settings_of
from services.store.objects import open_object_store
from temporal.client import connect
from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually

HOURS = 24
JOBS_AN_HOUR = 12
RENDER_S = 0.06
SETTLED_FROM = 6
"""The hour from which every process has done all it does at least once."""
LAST_HOURS = 6
GOAL = 1.1
LEFT_WITHIN_S = 240.0
OURS = ("gateway", "workflows worker", "media worker", "comfy worker", "gpu worker")


@dataclass(frozen=True)
class Hour:
    """At its end. memory_mb, files: of each of our services, with its children."""

    memory_mb: dict[str, float]
    files: dict[str, int]
    connections: int


async def measure() -> dict[str, Ratio]:
    """The median of each service's last hours against its hour SETTLED_FROM and the ones after."""
    async with open_bench(backends=2, render_s=RENDER_S) as bench:
        body = await bench.sample(duration_override_seconds=0.5)
        hours = [await _hour(bench, body, number) for number in range(HOURS)]
        left = await _left(bench)
    found = {}
    for name in OURS:
        memory = [hour.memory_mb[name] for hour in hours]
        files = [hour.files[name] for hour in hours]
        found[f"memory_of_{name.replace(' ', '_')}_after_24_hours_vs_after_6"] = Ratio(
            _last(memory),
            _first(memory),
            goal=GOAL,
            runs=HOURS * JOBS_AN_HOUR,
            details={"unit": "MB", "files": [_first(files), _last(files)]},
        )
    connections = [hour.connections for hour in hours]
    found["database_connections_after_24_hours_vs_after_6"] = Ratio(
        _last(connections), _first(connections), goal=GOAL, runs=HOURS, details={"left": left}
    )
    return found


async def _hour(bench: Bench, body: dict[str, Any], number: int) -> Hour:
    jobs = [
        await bench.studio.create("animate", {**body, "seed": 100 * number + turn})
        for turn in range(JOBS_AN_HOUR)
    ]
    for job in jobs:
        ended = await bench.studio.until_ended(job["job_id"])
        if ended["status"] != "completed":
            raise RuntimeError(f"a job {ended['status']}: {ended['error']}")
    for job in jobs[::2]:
        await bench.studio.http.delete(f"/api/jobs/{job['job_id']}")
    connection = await asyncpg.connect(bench.layout.database_url)
    count: int = await connection.fetchval("SELECT count(*) FROM pg_stat_activity")
    await connection.close()
    trees = {name: _tree(bench.stack.pids[name]) for name in OURS}
    return Hour(
        memory_mb={name: sum(map(_memory_mb, tree)) for name, tree in trees.items()},
        files={name: sum(process.num_fds() for process in tree) for name, tree in trees.items()},
        connections=count,
    )


async def _left(bench: Bench) -> dict[str, int]:
    """Of all that ends: workflows, slots, prompts, deleted jobs' rows and objects, files."""
    temporal = await connect(settings_of(bench.layout), identity="bench")

    async def running() -> int:
        return (await temporal.count_workflows("ExecutionStatus = 'Running'")).count

    async def none_runs() -> bool:
        return await running() == 0

    # Deleted jobs can be restored for a minute.
    await eventually(none_runs, within_s=LEFT_WITHIN_S)
    connection = await asyncpg.connect(bench.layout.database_url)
    try:
        known = {row["job_id"] for row in await connection.fetch("SELECT job_id FROM jobs")}
        unended = await connection.fetchval(
            "SELECT count(*) FROM jobs WHERE NOT status = ANY ($1)", list(TERMINAL)
        )
        prompts = await connection.fetchval("SELECT count(*) FROM prompts WHERE settled_at IS NULL")
    finally:
        await connection.close()
    return {
        "workflows": await running(),
        "unended_jobs": unended,
        "unsettled_prompts": prompts,
        "objects_of_deleted_jobs": await _orphans(bench, known),
        "scratch_files": sum(1 for path in _scratch(bench).rglob("*") if path.is_file()),
    }


async def _orphans(bench: Bench, known: set[str]) -> int:
    orphans = 0
    async with open_object_store(settings_of(bench.layout)) as objects:
        pages = objects.client.get_paginator("list_objects_v2")
        async for page in pages.paginate(Bucket=objects.bucket, Prefix="jobs/"):
            owners = [stored["Key"].split("/")[1] for stored in page.get("Contents", [])]
            orphans += sum(owner not in known for owner in owners)
    return orphans


def _scratch(bench: Bench) -> Path:
    return bench.layout.data / "tmp"


def _tree(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def _memory_mb(process: psutil.Process) -> float:
    """What is its own: pages shared with a parent count once."""
    return float(process.memory_full_info().uss) / 1e6


def _first(values: list[Any]) -> float:
    return float(statistics.median(values[SETTLED_FROM : SETTLED_FROM + LAST_HOURS]))


def _last(values: list[Any]) -> float:
    return float(statistics.median(values[-LAST_HOURS:]))
