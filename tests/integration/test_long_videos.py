"""Videos of several segments: each is safe once it is made, and nothing is made twice."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pytest_asyncio

from services.local.layout import Layout
from services.store.database import Pool
from services.store.objects import ObjectStore
from tests.integration.conftest import Asset, Order, ordering
from tests.integration.crowd import Crowd
from tests.integration.fleet import REASON, Fleet
from tests.integration.trouble import Trouble, only_backend
from tests.media_factory import make_clip, make_sound
from tests.studio import Message, Studio, eventually, new_key

FPS = 16
CLIP_S = 12.0
PARTS = [77, 72, 43]
VOICE_S = 11.0
VOICE_PARTS = [77, 80, 19]
PREPARATION, FIRST, SECOND, THIRD = -1, 0, 1, 2


@dataclass(frozen=True)
class Film:
    """A finished long video, and all that was told on the way."""

    job: dict[str, Any]
    manifest: dict[str, Any]
    messages: list[Message]
    grown: list[bytes]
    video: bytes


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_clip(studio: Studio, media: Path) -> Asset:
    clip = make_clip(media / "long dance.mp4", seconds=CLIP_S, size=(320, 240))
    return await studio.upload("video", clip)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trouble(
    studio: Studio, layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trouble]:
    folder = tmp_path_factory.mktemp("long")
    async with only_backend(studio, layout, folder, step_seconds=0.1) as backend:
        yield backend


@pytest_asyncio.fixture(loop_scope="session")
async def long_order(
    studio: Studio, trouble: Trouble, move_body: dict[str, Any], long_clip: Asset
) -> AsyncIterator[Order]:
    body = move_body | {"motion_video_asset_id": long_clip["asset_id"]}
    async with ordering(studio, body) as create:
        yield create
    await trouble.clear()


def frames_of(video: bytes, folder: Path) -> Iterator[np.ndarray[Any, Any]]:
    path = folder / "watched.mp4"
    path.write_bytes(video)
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def seconds_of(video: bytes, folder: Path, kind: str) -> float:
    path = folder / "timed.mp4"
    path.write_bytes(video)
    with av.open(str(path)) as container:
        [stream] = [stream for stream in container.streams if stream.type == kind]
        return float((stream.duration or 0) * (stream.time_base or 0))


async def record_of(studio: Studio, job_id: str) -> dict[str, Any]:
    record: dict[str, Any] = await studio.fetch_json(f"/api/admin/jobs/{job_id}")
    return record


async def until_done(studio: Studio, job_id: str, segments: int) -> dict[str, Any]:
    """The job once so many of its segments can be watched."""

    async def grown() -> dict[str, Any] | None:
        job = await studio.get(job_id)
        return job if job["segments_done"] >= segments else None

    job: dict[str, Any] = await eventually(grown)
    return job


async def until_prompt(studio: Studio, job_id: str, segment: int) -> None:
    """Until an attempt at the segment renders."""

    async def submitted() -> bool:
        prompts = (await record_of(studio, job_id))["prompts"]
        found = any(prompt["segment"] == segment and prompt["posted_at"] for prompt in prompts)
        return found and (await studio.get(job_id))["status"] == "executing"

    await eventually(submitted)


def attempts(record: dict[str, Any]) -> list[tuple[int, int]]:
    return [(prompt["segment"], prompt["generation"]) for prompt in record["prompts"]]


def check_no_prompt_ran_twice(trouble: Trouble) -> None:
    assert set(trouble.starts().values()) <= {1}


async def watch(studio: Studio, job_id: str) -> Film:
    """Follow a job to its end, taking every version of the growing video."""
    messages, grown = [], []
    async for message in studio.follow(f"/api/jobs/{job_id}/stream"):
        messages.append(message)
        if message.event == "grown":
            job = await studio.get(job_id)
            if job["growing"]:
                grown.append(await studio.fetch(job["growing"]["video_url"]))
    job = await studio.get(job_id)
    assert job["status"] == "completed", job["error"]
    return Film(
        job=job,
        manifest=await studio.fetch_json(job["output"]["manifest_url"]),
        messages=messages,
        grown=grown,
        video=await studio.fetch(job["output"]["video_url"]),
    )


KINDS: dict[str, tuple[str, dict[str, Any], list[int]]] = {
    "move": ("animate", {"animate_submode": "move"}, PARTS),
    "mix": ("animate", {"animate_submode": "mix", "aspect_ratio": "1:1"}, PARTS),
    "voice": ("audio-performance", {"aspect_ratio": "16:9"}, VOICE_PARTS),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=list(KINDS))
async def film(
    request: pytest.FixtureRequest,
    studio: Studio,
    trouble: Trouble,
    character: Asset,
    long_clip: Asset,
    media: Path,
) -> tuple[Film, list[int]]:
    mode, changes, parts = KINDS[request.param]
    body = {
        "prompt": "A long one",
        "quality_profile": "draft",
        "ground_truth_asset_id": character["asset_id"],
        **changes,
    }
    if mode == "animate":
        body["motion_video_asset_id"] = long_clip["asset_id"]
    else:
        song = await studio.upload("audio", make_sound(media / "song.wav", seconds=VOICE_S))
        body["audio_asset_id"] = song["asset_id"]
    promise = await studio.preview(mode, body)
    assert (promise["segments"], promise["frame_count"]) == (len(parts), sum(parts))
    job = await studio.create(mode, body)
    return await watch(studio, job["job_id"]), parts


def test_result_has_exactly_the_promised_frames_and_sound(
    film: tuple[Film, list[int]], tmp_path: Path
) -> None:
    made, parts = film
    output = made.job["output"]
    assert sum(1 for _ in frames_of(made.video, tmp_path)) == output["frame_count"] == sum(parts)
    pictures = seconds_of(made.video, tmp_path, "video")
    assert abs(pictures - sum(parts) / FPS) < 1 / FPS
    assert abs(seconds_of(made.video, tmp_path, "audio") - pictures) <= 1 / FPS
    assert not output["stopped_early"]


def test_manifest_lists_the_segments(film: tuple[Film, list[int]]) -> None:
    made, parts = film
    segments = made.manifest["segments"]
    assert [segment["frames"] for segment in segments] == parts
    assert segments[FIRST]["seed"] == made.job["seed"]
    assert len({segment["seed"] for segment in segments}) == len(parts)
    assert all(len(segment["files"]["video"]) == 64 for segment in segments)
    assert ["latent" in segment["files"] for segment in segments] == [True, True, False]


def test_what_was_watched_while_it_grew_is_what_the_result_shows(
    film: tuple[Film, list[int]], tmp_path: Path
) -> None:
    made, parts = film
    result = list(frames_of(made.video, tmp_path))
    assert made.grown
    for video in made.grown:
        watched = list(frames_of(video, tmp_path))
        assert len(watched) in {parts[0], sum(parts[:2])}
        assert all(np.array_equal(*pair) for pair in zip(watched, result, strict=False))


def test_progress_never_falls_and_counts_the_segments(film: tuple[Film, list[int]]) -> None:
    told = [message.data for message in film[0].messages if message.event != "hello"]
    assert all(a["progress"] <= b["progress"] for a, b in pairwise(told))
    assert all(a["segments_done"] <= b["segments_done"] for a, b in pairwise(told))
    assert (told[-1]["segments_done"], told[-1]["segment_count"]) == (3, 3)


async def test_parts_are_listed_by_their_time(studio: Studio, film: tuple[Film, list[int]]) -> None:
    made, parts = film
    listed = await studio.fetch_json(f"/api/jobs/{made.job['job_id']}/segments")
    assert [item["frame_count"] for item in listed["items"]] == parts
    assert [item["start_seconds"] * FPS for item in listed["items"]] == [
        sum(parts[:index]) for index in range(3)
    ]
    assert {item["state"] for item in listed["items"]} == {"done"}


async def test_stop_and_keep_finishes_after_the_part_that_renders(
    studio: Studio, long_order: Order, trouble: Trouble, tmp_path: Path
) -> None:
    job = await long_order()
    await until_prompt(studio, job["job_id"], SECOND)
    kept = await studio.http.post(f"/api/jobs/{job['job_id']}/keep")
    assert kept.status_code == 202
    assert "keep" not in kept.json()["actions"]
    made = await watch(studio, job["job_id"])
    assert made.job["output"]["stopped_early"]
    assert sum(1 for _ in frames_of(made.video, tmp_path)) == sum(PARTS[:2])
    assert attempts(await record_of(studio, job["job_id"])) == [(FIRST, 0), (SECOND, 0)]
    assert made.manifest["result"]["planned_frames"] == sum(PARTS)
    check_no_prompt_ran_twice(trouble)


async def test_nothing_is_kept_of_a_video_that_has_not_begun(
    studio: Studio, long_order: Order
) -> None:
    job = await long_order()
    refused = await studio.http.post(f"/api/jobs/{job['job_id']}/keep")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")


async def test_part_is_made_again_with_what_follows_and_the_older_video_stays(
    studio: Studio, long_order: Order
) -> None:
    job = await long_order()
    first = await watch(studio, job["job_id"])
    answer = await studio.http.post(f"/api/jobs/{job['job_id']}/segments/1/again", json={"seed": 5})
    assert answer.status_code == 202, answer.text
    again = await watch(studio, answer.json()["job_id"])
    assert again.job["origin"] == {"job_id": job["job_id"], "segment": 1}
    old, new = first.manifest["segments"], again.manifest["segments"]
    assert old[FIRST]["video_sha256"] == new[FIRST]["video_sha256"]
    assert new[FIRST]["taken_from"] == job["job_id"]
    assert {old[k]["video_sha256"] for k in (1, 2)} & {new[k]["video_sha256"] for k in (1, 2)} == (
        set()
    )
    assert attempts(await record_of(studio, again.job["job_id"])) == [(SECOND, 0), (THIRD, 0)]
    assert (await studio.get(job["job_id"]))["output"]["video_url"]


async def test_asking_again_with_the_same_key_makes_one_new_take(
    studio: Studio, long_order: Order
) -> None:
    job = await long_order()
    await until_done(studio, job["job_id"], 1)
    path, headers = f"/api/jobs/{job['job_id']}/segments/1/again", {"Idempotency-Key": new_key()}
    answers = [await studio.http.post(path, json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    first, second = (answer.json()["job_id"] for answer in answers)
    assert first == second
    await studio.stop(first)


@pytest.mark.parametrize(
    ("asked", "frames", "shorter"),
    [
        ({"extension_segments": 1}, sum(PARTS[:2]), False),
        ({"extension_segments": 0}, PARTS[0], False),
        ({"extension_segments": 5}, sum(PARTS), False),
        ({"duration_override_seconds": 6}, 6 * FPS, False),
        ({"duration_override_seconds": 30}, sum(PARTS), True),
        ({"extension_segments": 1, "duration_override_seconds": 5}, 5 * FPS, False),
    ],
)
async def test_length_is_what_was_asked_for_and_never_more_than_the_clip(
    studio: Studio,
    move_body: dict[str, Any],
    long_clip: Asset,
    asked: dict[str, Any],
    frames: int,
    *,
    shorter: bool,
) -> None:
    body = {**move_body, "motion_video_asset_id": long_clip["asset_id"], **asked}
    promise = await studio.preview("animate", body)
    assert promise["frame_count"] == frames
    told = {warning["code"] for warning in promise["warnings"]}
    assert ("shorter_than_asked" in told) == shorter


async def test_again_of_a_running_video_keeps_what_it_has_and_starts_from_there(
    studio: Studio, long_order: Order
) -> None:
    job = await long_order()
    await until_done(studio, job["job_id"], 1)
    answer = await studio.http.post(f"/api/jobs/{job['job_id']}/segments/0/again", json={})
    assert answer.status_code == 202, answer.text
    older = await studio.until(job["job_id"], "completed")
    assert older["output"]["stopped_early"]
    newer = await studio.until(answer.json()["job_id"], "completed")
    assert newer["output"]["frame_count"] == sum(PARTS)


async def test_part_that_is_not_made_yet_can_not_be_made_again(
    studio: Studio, long_order: Order
) -> None:
    job = await long_order()
    await until_done(studio, job["job_id"], 1)
    refused = await studio.http.post(f"/api/jobs/{job['job_id']}/segments/2/again", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")


async def test_finished_video_of_one_part_has_no_part_to_make_again(
    studio: Studio, finished: str
) -> None:
    assert (await studio.get(finished))["actions"] == []
    refused = await studio.http.post(f"/api/jobs/{finished}/segments/0/again", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")


async def test_failed_video_is_taken_up_at_the_segment_that_failed(
    studio: Studio, long_order: Order, trouble: Trouble
) -> None:
    job = await long_order()
    await until_prompt(studio, job["job_id"], SECOND)
    await trouble.set({"fault": "oom", "node": "decode", "times": 4})
    failed = await studio.until(job["job_id"], "failed")
    await trouble.clear()
    assert failed["segments_done"] == 1
    assert failed["growing"]["frame_count"] == PARTS[0]
    before = set(attempts(await record_of(studio, job["job_id"])))
    retried = await studio.http.post(f"/api/admin/retry/{job['job_id']}", json=REASON)
    assert retried.status_code == 202, retried.text
    assert retried.json()["run"] == 2
    done = await studio.until(job["job_id"], "completed")
    assert done["output"]["frame_count"] == sum(PARTS)
    new = set(attempts(await record_of(studio, job["job_id"]))) - before
    assert {segment for segment, _ in new} == {SECOND, THIRD}
    check_no_prompt_ran_twice(trouble)


async def test_stopped_video_is_taken_up_by_its_owner(studio: Studio, long_order: Order) -> None:
    job = await long_order()
    await until_done(studio, job["job_id"], 1)
    await studio.cancel(job["job_id"])
    stopped = await studio.until(job["job_id"], "cancelled")
    assert stopped["actions"] == ["retry", "again"]
    retried = await studio.http.post(f"/api/jobs/{job['job_id']}/retry")
    assert (retried.status_code, retried.json()["status"]) == (202, "accepted")
    assert retried.json()["progress"] == stopped["progress"]
    await studio.until(job["job_id"], "completed")
    made = attempts(await record_of(studio, job["job_id"]))
    assert [segment for segment, _ in made].count(FIRST) == 1


async def test_video_that_runs_can_not_be_retried(studio: Studio, long_order: Order) -> None:
    job = await long_order()
    for path in (f"/api/jobs/{job['job_id']}/retry", f"/api/admin/retry/{job['job_id']}"):
        refused = await studio.http.post(path, json=REASON)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_possible_now")


async def files_of(pool: Pool, job_id: str, segment: int, kind: str) -> str:
    """The key of what a checkpoint keeps."""
    query = "SELECT files->$3->>'key' FROM checkpoints WHERE job_id = $1 AND segment = $2"
    async with pool.acquire() as connection:
        key: str = await connection.fetchval(query, job_id, segment, kind)
    return key


async def test_damaged_checkpoint_is_made_again_and_said_so(
    studio: Studio, long_order: Order, pool: Pool, objects: ObjectStore
) -> None:
    job = await long_order()
    await until_prompt(studio, job["job_id"], THIRD)
    key = await files_of(pool, job["job_id"], FIRST, "video")
    await objects.put_bytes(key, b"not a video any more", "video/mp4")
    made = await watch(studio, job["job_id"])
    assert made.job["output"]["frame_count"] == sum(PARTS)
    assert [warning["code"] for warning in made.job["warnings"]] == ["made_again"]
    segments = [segment for segment, _ in attempts(await record_of(studio, job["job_id"]))]
    assert segments.count(FIRST) == 2
    assert (segments.count(SECOND), segments.count(THIRD)) == (1, 1)


async def test_missing_latent_is_made_again_before_the_next_segment(
    studio: Studio, long_order: Order, pool: Pool, objects: ObjectStore
) -> None:
    job = await long_order()
    await until_done(studio, job["job_id"], 1)
    await studio.cancel(job["job_id"])
    await studio.until(job["job_id"], "cancelled")
    await objects.delete([await files_of(pool, job["job_id"], FIRST, "latent")])
    await studio.http.post(f"/api/jobs/{job['job_id']}/retry")
    done = await studio.until(job["job_id"], "completed")
    assert [warning["code"] for warning in done["warnings"]] == ["made_again"]
    assert done["output"]["frame_count"] == sum(PARTS)


async def test_video_goes_on_elsewhere_when_its_backend_is_lost_between_segments(
    studio: Studio, long_order: Order, trouble: Trouble, layout: Layout, tmp_path: Path
) -> None:
    fleet = Fleet(studio)
    async with only_backend(studio, layout, tmp_path, step_seconds=0.1) as other:
        await fleet.do(other.name, "cordon")
        job = await long_order()
        await until_prompt(studio, job["job_id"], SECOND)
        await fleet.do(other.name, "uncordon")
        await fleet.do(trouble.name, "drain")
        made = await watch(studio, job["job_id"])
        backends = [segment["backend"] for segment in made.manifest["segments"]]
        assert backends == [trouble.name, trouble.name, other.name]
        await fleet.do(trouble.name, "uncordon")
    assert made.job["output"]["frame_count"] == sum(PARTS)


@pytest.mark.parametrize(
    "newcomer", [{"owner": "local", "priority": 1}, {"owner": "seldom", "priority": 3}]
)
async def test_long_videos_let_an_urgent_or_less_served_one_go_between(
    studio: Studio,
    long_order: Order,
    pool: Pool,
    move_body: dict[str, Any],
    newcomer: dict[str, Any],
) -> None:
    longs = [await long_order() for _ in range(2)]
    for job in longs:
        await until_done(studio, job["job_id"], 1)
    crowd = Crowd(pool, move_body)
    await crowd.order(**newcomer)
    await crowd.until_all("completed")
    assert [(await studio.get(job["job_id"]))["status"] for job in longs] != ["completed"] * 2
    for job in longs:
        done = await studio.until(job["job_id"], "completed")
        assert done["output"]["frame_count"] == sum(PARTS)


async def test_long_video_keeps_its_backend_and_its_caches_while_nobody_waits(
    film: tuple[Film, list[int]],
) -> None:
    segments = film[0].manifest["segments"]
    assert len({segment["backend"] for segment in segments}) == 1
    assert {"diffusion_model", "vae", "positive"} <= set(segments[THIRD]["reused"])


async def darkening(studio: Studio, media: Path, segment: int) -> Asset:
    """A clip that is bright, and dark from a segment on."""
    path = media / f"dark from {segment}.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(sum(PARTS)):
            level = 220 if number < sum(PARTS[:segment]) else 20
            frame = np.full((240, 320, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return await studio.upload("video", path)


@pytest.mark.parametrize(("word", "frames"), [("continue", sum(PARTS)), ("keep", sum(PARTS[:2]))])
async def test_video_that_drifts_waits_for_its_owners_word(
    studio: Studio, long_order: Order, media: Path, word: str, frames: int
) -> None:
    clip = (await darkening(studio, media, SECOND))["asset_id"]
    job = await long_order(animate_submode="mix", motion_video_asset_id=clip)

    async def asks() -> dict[str, Any] | None:
        now = await studio.get(job["job_id"])
        return now if now["wait"] and now["wait"]["reason"] == "decision" else None

    asking = await eventually(asks)
    assert {"continue", "keep", "cancel"} <= set(asking["actions"])
    assert [(item["code"], item["segment"]) for item in asking["warnings"]] == [("drifted", SECOND)]
    answer = await studio.http.post(f"/api/jobs/{job['job_id']}/{word}")
    assert answer.status_code == 202, answer.text
    done = await studio.until(job["job_id"], "completed")
    assert done["output"]["frame_count"] == frames
    record = await record_of(studio, job["job_id"])
    assert record["checkpoints"][SECOND + 1]["drift"]["exposure"] < 0


async def test_drift_of_the_last_part_is_told_and_asks_nothing(
    studio: Studio, long_order: Order, media: Path
) -> None:
    clip = (await darkening(studio, media, THIRD))["asset_id"]
    job = await long_order(animate_submode="mix", motion_video_asset_id=clip)
    done = await studio.until(job["job_id"], "completed")
    assert [(item["code"], item["segment"]) for item in done["warnings"]] == [("drifted", THIRD)]


async def test_song_of_many_segments_goes_on_as_a_new_run_and_comes_out_whole(
    studio: Studio, trouble: Trouble, character: Asset, media: Path, tmp_path: Path
) -> None:
    song = await studio.upload("audio", make_sound(media / "opera.m4a", seconds=81.5))
    job = await studio.create(
        "audio-performance",
        {
            "prompt": "An aria",
            "quality_profile": "draft",
            "aspect_ratio": "16:9",
            "ground_truth_asset_id": character["asset_id"],
            "audio_asset_id": song["asset_id"],
        },
    )
    assert job["segment_count"] == 17
    made = await watch(studio, job["job_id"])
    assert made.job["output"]["frame_count"] == 81.5 * FPS
    pictures = seconds_of(made.video, tmp_path, "video")
    assert abs(seconds_of(made.video, tmp_path, "audio") - pictures) <= 1 / FPS
    assert len(set(attempts(await record_of(studio, job["job_id"])))) == 17
    check_no_prompt_ran_twice(trouble)
