"""Requests and files at the edge of what can be asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from proto.errors import FAILURE_WORDS, ErrorCode
from services.store.objects import ObjectStore
from tests.integration.conftest import Order
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio, eventually


@pytest.mark.parametrize("name", ["prompt", "negative_prompt", "ground_truth_asset_id"])
async def test_text_with_a_nul_is_refused(
    studio: Studio, move_body: dict[str, Any], name: str
) -> None:
    body = move_body | {name: "nul \x00 in it"}
    check_refusal(await studio.http.post("/api/jobs/animate", json=body))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/jobs/a%00b"), ("DELETE", "/api/assets/a%00b")]
)
async def test_id_with_a_nul_is_not_found(studio: Studio, method: str, path: str) -> None:
    problem = check_refusal(await studio.http.request(method, path))
    assert problem.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("after", ["99999999999", "9" * 24])
async def test_events_after_a_number_that_never_comes_are_none(
    studio: Studio, finished: str, after: str
) -> None:
    response = await studio.http.get(f"/api/jobs/{finished}/events?after={after}")
    assert response.status_code < 500


async def test_stream_asked_for_the_future_still_ends_with_the_job(
    studio: Studio, order: Order
) -> None:
    job = await order()
    async with asyncio.timeout(20):
        messages = await studio.messages(f"/api/jobs/{job['job_id']}/stream?after=500")
    assert messages[-1].event == "completed"


async def test_file_is_either_deleted_or_used(
    studio: Studio, order: Order, move_body: dict[str, Any], tmp_path: Path
) -> None:
    path = make_picture(tmp_path / "race.png")
    for _ in range(10):
        asset = await studio.upload("image", path)
        body = move_body | {"ground_truth_asset_id": asset["asset_id"]}
        made, deleted = await asyncio.gather(
            studio.http.post("/api/jobs/animate", json=body),
            studio.http.delete(f"/api/assets/{asset['asset_id']}"),
        )
        if made.status_code == 202:
            await studio.stop(made.json()["job_id"])
        assert (made.status_code, deleted.status_code) in {(202, 409), (422, 204)}


async def test_job_whose_clip_turned_out_to_be_a_sound_fails(
    studio: Studio, objects: ObjectStore, order: Order, tmp_path: Path
) -> None:
    clip = await studio.upload("video", make_clip(tmp_path / "clip.mp4", seconds=1))
    sound = make_sound(tmp_path / "sound.m4a")
    await objects.put_file(f"uploads/{clip['asset_id']}/original", sound, "video/mp4")
    job = await order(motion_video_asset_id=clip["asset_id"])
    ended = await eventually(lambda: studio.find_ended(job["job_id"]), within_s=20)
    assert ended["status"] == "failed"


def test_every_code_a_job_can_fail_with_has_words() -> None:
    can_fail_with = {ErrorCode.WRONG_ASSET_KIND, ErrorCode.TOO_LARGE, ErrorCode.INVALID_REQUEST}
    assert can_fail_with <= set(FAILURE_WORDS)


@pytest.mark.parametrize("query", ["limit=0", "limit=many"])
async def test_field_of_a_query_is_named_as_it_was_sent(studio: Studio, query: str) -> None:
    problem = check_refusal(await studio.http.get(f"/api/jobs?{query}"))
    assert problem.field == "limit"
    assert "parse" not in problem.message
