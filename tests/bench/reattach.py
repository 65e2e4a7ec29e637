"""How long a render goes unwatched when the worker that watches it is killed."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowHandle

from temporal.client import workflow_id
from tests.access import signed_in
from tests.bench.stacks import SAMPLES
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.studio import Studio, eventually

RUNS = 5
STEP_SECONDS = "30"
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


async def measure() -> dict[str, Any]:
    """Seconds from kill -9 of the comfy worker until another try of await_done has started."""
    with tempfile.TemporaryDirectory() as folder:
        local = Local(Path(folder) / "data", free_base_port(), STEP_SECONDS)
        try:
            await local.start()
            async with signed_in(local.layout) as http:
                seconds = await _kills(local, Studio(http))
        finally:
            await local.stop()
    return {
        "runs": RUNS,
        "median_s": round(statistics.median(seconds), 1),
        "longest_s": round(max(seconds), 1),
    }


async def _kills(local: Local, studio: Studio) -> list[float]:
    character = await studio.upload("image", SAMPLES / "character.png")
    motion = await studio.upload("video", SAMPLES / "dance.mp4")
    job = await studio.create(
        "animate",
        {
            "prompt": "The character dances",
            "ground_truth_asset_id": character["asset_id"],
            "motion_video_asset_id": motion["asset_id"],
            "quality_profile": "draft",
        },
    )
    await studio.until(job["job_id"], "executing")
    temporal = await Client.connect(f"127.0.0.1:{local.ports['temporal']}")
    render = temporal.get_workflow_handle(workflow_id(job["job_id"]))
    seconds = []
    for _ in range(RUNS):
        attempt = await _attempt(render)
        local.child("temporal.worker", "comfy").kill()
        killed = time.monotonic()

        async def taken_up(before: int = attempt) -> bool:
            return await _attempt(render) > before

        await eventually(taken_up)
        seconds.append(time.monotonic() - killed)
        # The next kill is to hit one that has settled.
        await asyncio.sleep(5)
    await studio.stop(job["job_id"])
    return seconds


async def _attempt(render: WorkflowHandle[Any, Any]) -> int:
    """The number of the try that watches now; 0 while none does."""
    described = await render.describe()
    for activity in described.raw_description.pending_activities:
        if activity.activity_id.startswith("render-") and activity.state == STARTED:
            return int(activity.attempt)
    return 0
