"""A job that can't be made says so, and takes nothing with it."""

from pathlib import Path
from typing import Any

import pytest_asyncio

from proto.errors import FAILURE_WORDS, ErrorCode
from proto.job import Job
from services.store.database import Pool
from services.store.objects import ObjectStore
from tests.integration.conftest import Asset, Order, ordering
from tests.integration.refusals import ENGINE_WORDS, INTERNALS, check_refusal
from tests.media_factory import make_clip, make_sound
from tests.studio import Studio

AS_IF_UPLOADED = "UPDATE assets SET sha256 = $2, size_bytes = $3 WHERE asset_id = $1"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lost_clip(studio: Studio, objects: ObjectStore, media: Path) -> Asset:
    """A clip whose bytes the store has lost.

    No other test's clip is like it: one that was shaped before is not read again.
    """
    clip = await studio.upload("video", make_clip(media / "lost.mp4", seconds=1, fps=23))
    await objects.delete([f"uploads/{clip['asset_id']}/original"])
    return clip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def failed(studio: Studio, lost_clip: Asset, move_body: dict[str, Any]) -> Job:
    async with ordering(studio, move_body) as order:
        job = await order(motion_video_asset_id=lost_clip["asset_id"])
        return Job.model_validate(await studio.until(job["job_id"], "failed"))


def test_failure_is_said_in_words(failed: Job) -> None:
    assert failed.error is not None
    assert failed.error.code is ErrorCode.MISSING_ASSET
    assert failed.error.message == FAILURE_WORDS[ErrorCode.MISSING_ASSET]
    assert failed.error.reference.startswith("F-")
    shown = failed.error.model_dump_json()
    assert not ENGINE_WORDS.search(failed.error.message)
    assert not INTERNALS.search(shown)


async def test_operator_keeps_the_exact_cause(failed: Job, pool: Pool, lost_clip: Asset) -> None:
    cause = await pool.fetchval("SELECT cause FROM jobs WHERE job_id = $1", failed.job_id)
    assert lost_clip["asset_id"] in cause
    assert cause not in failed.model_dump_json()


async def test_failed_job_has_no_output_and_ends_its_stream(studio: Studio, failed: Job) -> None:
    assert failed.output is None
    outputs = await studio.fetch_json(f"/api/jobs/{failed.job_id}/outputs")
    assert outputs == {"items": []}
    *_, last = await studio.messages(f"/api/jobs/{failed.job_id}/stream")
    assert last.event == "failed"
    assert last.data["error"]["code"] == "missing_asset"


async def test_failed_job_can_not_be_cancelled(studio: Studio, failed: Job) -> None:
    problem = check_refusal(await studio.http.post(f"/api/jobs/{failed.job_id}/cancel"))
    assert problem.code is ErrorCode.NOT_CANCELLABLE


async def test_failure_leaves_the_next_job_alone(studio: Studio, failed: Job, order: Order) -> None:
    job = await order(duration_override_seconds=0.5)
    await studio.until(job["job_id"], "completed")


async def test_clip_that_turns_out_to_be_a_sound_fails_its_job(
    studio: Studio, objects: ObjectStore, pool: Pool, order: Order, media: Path
) -> None:
    clip = await studio.upload("video", make_clip(media / "swapped.mp4", seconds=1))
    sound = make_sound(media / "swapped.m4a")
    key = f"uploads/{clip['asset_id']}/original"
    stored = await objects.put_file(key, sound, "video/mp4")
    await pool.execute(AS_IF_UPLOADED, clip["asset_id"], stored.sha256, stored.size_bytes)
    job = await order(motion_video_asset_id=clip["asset_id"])
    ended = await studio.until(job["job_id"], "failed")
    assert ended["error"]["code"] == ErrorCode.WRONG_ASSET_KIND
