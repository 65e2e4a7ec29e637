"""Any number of workers share the work; one that dies leaves it to the others."""

from collections import Counter
from pathlib import Path

import pytest_asyncio
from temporalio.client import Client

from services.local.layout import Layout
from services.local.stack import Stack
from services.settings import Settings
from temporal.client import connect, workflow_id
from tests.integration.conftest import Order
from tests.processes import running, worker
from tests.studio import Studio, eventually

JOBS = 6


async def pids_of(client: Client, job_id: str) -> Counter[str]:
    """Who has worked at a job's steps on ComfyUI, and how often."""
    history = await client.get_workflow_handle(workflow_id(job_id)).fetch_history()
    started = (event.activity_task_started_event_attributes for event in history.events)
    return Counter(each.identity for each in started if "comfy" in each.identity)


@pytest_asyncio.fixture(loop_scope="session")
async def client(settings: Settings) -> Client:
    return await connect(settings, identity="tests")


async def test_comfy_workers_share_the_steps_of_the_same_videos(
    stack: Stack, layout: Layout, order: Order, studio: Studio, client: Client, tmp_path: Path
) -> None:
    async with running(worker(layout, "comfy", "second", tmp_path)):
        jobs = [await order(duration_override_seconds=0.5, seed=seed) for seed in range(JOBS)]
        for job in jobs:
            await studio.until(job["job_id"], "completed")
        done: Counter[str] = sum(
            [await pids_of(client, job["job_id"]) for job in jobs], start=Counter()
        )
    assert len(done) == 2, done


async def test_videos_of_a_worker_that_is_killed_are_finished_by_another_one(
    stack: Stack, layout: Layout, order: Order, studio: Studio, client: Client, tmp_path: Path
) -> None:
    second = worker(layout, "comfy", "second", tmp_path)
    async with running(second):
        jobs = [await order(duration_override_seconds=0.5, seed=seed) for seed in range(JOBS)]
        mark = f"/{second.pid}"

        async def watches() -> bool:
            found = [await pids_of(client, job["job_id"]) for job in jobs]
            return any(name.endswith(mark) for names in found for name in names)

        await eventually(watches)
        second.kill()
        ended = [await studio.until(job["job_id"], "completed") for job in jobs]
    records = [await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}") for job in ended]
    assert [len(record["prompts"]) for record in records] == [1] * JOBS
