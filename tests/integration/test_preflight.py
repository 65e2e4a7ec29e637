"""What is said of files before a video is made: by the preview and by the job alike."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from PIL import Image

from proto.job import AnimateRequest
from services.gateway.intake import until_read
from services.local.samples.index import CHARACTER, FOLDER, VOICE
from services.local.welcome import LOCAL_USER
from services.store.database import Pool
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio, eventually

Json = dict[str, Any]

PORTRAIT = (272, 480)
CUT_S = 1.0
FPS = 20


READ = "UPDATE assets SET examination = jsonb_build_object('facts', facts) WHERE asset_id = $1"


class Composer:
    """Files that were read to their end, and what is said of a request with them."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def upload(self, kind: str, path: Path) -> str:
        asset = await self.studio.upload(kind, path)
        asset_id: str = asset["asset_id"]
        await eventually(lambda: self._is_checked(asset_id))
        return asset_id

    async def warnings(self, mode: str, body: Json) -> dict[str, Json]:
        promise = await self.studio.preview(mode, body)
        assert not promise["checking"]
        return {warning["code"]: warning for warning in promise["warnings"]}

    async def refusals(self, mode: str, body: Json) -> list[Json]:
        """What the preview refuses, which is what the job refuses."""
        told = []
        for path in (f"/api/jobs/{mode}/preview", f"/api/jobs/{mode}"):
            problem = check_refusal(await self.studio.http.post(path, json=body))
            told.append([error.model_dump(mode="json") for error in problem.errors])
        assert told[0] == told[1]
        return told[0]

    async def _is_checked(self, asset_id: str) -> bool:
        asset = await self.studio.fetch_json(f"/api/assets/{asset_id}")
        return bool(asset["checked"])


@pytest.fixture(scope="session")
def composer(studio: Studio) -> Composer:
    return Composer(studio)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def files(composer: Composer) -> dict[str, str]:
    return {
        "picture": await composer.upload("image", FOLDER / CHARACTER),
        "voice": await composer.upload("audio", FOLDER / VOICE),
    }


@pytest_asyncio.fixture(loop_scope="session")
async def move(composer: Composer, files: dict[str, str], tmp_path: Path) -> Json:
    path = make_clip(tmp_path / "walk.mp4", seconds=2, size=PORTRAIT)
    return {
        "prompt": "She waves",
        "quality_profile": "draft",
        "ground_truth_asset_id": files["picture"],
        "motion_video_asset_id": await composer.upload("video", path),
    }


@pytest.fixture
def performance(files: dict[str, str]) -> Json:
    return {
        "prompt": "She sings",
        "quality_profile": "draft",
        "ground_truth_asset_id": files["picture"],
        "audio_asset_id": files["voice"],
    }


@pytest_asyncio.fixture(loop_scope="session")
async def unread(move: Json, pool: Pool) -> AsyncIterator[str]:
    """The clip of `move`, as it is while it is being decoded."""
    clip_id: str = move["motion_video_asset_id"]
    kept = await pool.fetchval("SELECT examination FROM assets WHERE asset_id = $1", clip_id)
    await pool.execute("UPDATE assets SET examination = NULL WHERE asset_id = $1", clip_id)
    yield clip_id
    await pool.execute("UPDATE assets SET examination = $2 WHERE asset_id = $1", clip_id, kept)


def two_of(picture: Path, out: Path) -> Path:
    one = Image.open(picture).convert("RGB")
    both = Image.new("RGB", (2 * one.width, one.height))
    both.paste(one, (0, 0))
    both.paste(one, (one.width, 0))
    both.save(out)
    return out


def shots(path: Path) -> Path:
    """Two seconds: after one of them everything is another."""
    width, height = PORTRAIT
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for index in range(2 * FPS):
            pixels = _stripes(axis=0 if index < CUT_S * FPS else 1)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
    return path


def _stripes(*, axis: int) -> NDArray[np.uint8]:
    width, height = PORTRAIT
    bands = np.indices((height, width))[axis] // 40 % 2
    colours = np.array([[20, 20, 60], [80, 60, 40], [240, 240, 200], [160, 220, 250]], np.uint8)
    return np.ascontiguousarray(colours[bands + 2 * axis])


def silence(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 32_000))
    return path


async def test_good_picture_is_found_to_have_one_face(composer: Composer, move: Json) -> None:
    told = await composer.warnings("animate", move)
    assert not {"no_face", "several_people", "face_small", "face_outside"} & told.keys()


async def test_two_faces_are_to_be_framed(composer: Composer, move: Json, tmp_path: Path) -> None:
    both = await composer.upload("image", two_of(FOLDER / CHARACTER, tmp_path / "both.png"))
    body = {**move, "ground_truth_asset_id": both, "aspect_ratio": "16:9"}
    warning = (await composer.warnings("animate", body))["several_people"]
    assert (warning["field"], warning["action"]) == ("ground_truth_asset_id", "frame")
    framed = {**body, "crop": {"x": 0, "y": 0, "width": 0.5, "height": 0.5}}
    assert "several_people" not in await composer.warnings("animate", framed)


async def test_figure_without_a_face_is_told(
    composer: Composer, move: Json, tmp_path: Path
) -> None:
    path = make_picture(tmp_path / "figure.png", 540, 960)
    body = {**move, "ground_truth_asset_id": await composer.upload("image", path)}
    assert (await composer.warnings("animate", body))["no_face"]["action"] == "replace"


async def test_tall_picture_does_not_fit_a_wide_video(composer: Composer, move: Json) -> None:
    told = await composer.warnings("animate", {**move, "aspect_ratio": "16:9"})
    assert told["ratio_misfit"]["action"] == "frame"
    assert "ratio_misfit" not in await composer.warnings("animate", move)


async def test_cut_is_found_and_what_is_advised_avoids_it(
    composer: Composer, move: Json, tmp_path: Path
) -> None:
    clip_id = await composer.upload("video", shots(tmp_path / "shots.mp4"))
    body = {**move, "motion_video_asset_id": clip_id}
    warning = (await composer.warnings("animate", body))["cut_in_clip"]
    assert warning["action"] == "trim"
    assert warning["trim_to_seconds"] == pytest.approx(CUT_S, abs=0.1)
    mended = {**body, "duration_override_seconds": warning["trim_to_seconds"]}
    assert "cut_in_clip" not in await composer.warnings("animate", mended)


async def test_start_behind_a_cut_avoids_it(composer: Composer, move: Json, tmp_path: Path) -> None:
    clip_id = await composer.upload("video", shots(tmp_path / "shots.mp4"))
    body = {**move, "motion_video_asset_id": clip_id, "source_start_seconds": CUT_S + 0.05}
    assert "cut_in_clip" not in await composer.warnings("animate", body)
    earlier = {**body, "source_start_seconds": CUT_S - 0.6}
    warning = (await composer.warnings("animate", earlier))["cut_in_clip"]
    assert warning["trim_to_seconds"] == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize("start_s", [1.9, 2.0, 500])
async def test_start_near_the_end_is_refused_with_the_latest_that_works(
    composer: Composer, move: Json, start_s: float
) -> None:
    [error] = await composer.refusals("animate", {**move, "source_start_seconds": start_s})
    assert error["field"] == "source_start_seconds"
    assert "Start at 1.6 at the latest" in error["message"]
    promise = await composer.studio.preview("animate", {**move, "source_start_seconds": 1.6})
    assert promise["duration_seconds"] == pytest.approx(0.4, abs=0.07)


async def test_wide_clip_is_advised_a_wide_shape(
    composer: Composer, move: Json, tmp_path: Path
) -> None:
    path = make_clip(tmp_path / "wide.mp4", seconds=1, size=(640, 360), sound=False)
    body = {**move, "motion_video_asset_id": await composer.upload("video", path)}
    warning = (await composer.warnings("animate", body))["clip_ratio_misfit"]
    assert (warning["action"], warning["aspect_ratio"]) == ("use_shape", "16:9")
    mended = {**body, "aspect_ratio": warning["aspect_ratio"]}
    assert "clip_ratio_misfit" not in await composer.warnings("animate", mended)


async def test_silence_is_told_and_blocks_nothing(
    composer: Composer, performance: Json, tmp_path: Path
) -> None:
    sound_id = await composer.upload("audio", silence(tmp_path / "silence.wav"))
    body = {**performance, "audio_asset_id": sound_id}
    assert (await composer.warnings("audio-performance", body))["nothing_heard"]
    job = await composer.studio.create("audio-performance", body)
    await composer.studio.stop(job["job_id"])


async def test_tone_is_heard_to_be_no_voice(
    composer: Composer, performance: Json, tmp_path: Path
) -> None:
    path = make_sound(tmp_path / "tone.wav", seconds=2)
    body = {**performance, "audio_asset_id": await composer.upload("audio", path)}
    told = await composer.warnings("audio-performance", body)
    assert told["no_speech"]["action"] == "replace"
    assert "nothing_heard" not in told


async def test_too_long_a_clip_is_refused_with_the_length_that_works(
    composer: Composer, move: Json, tmp_path: Path
) -> None:
    path = make_clip(tmp_path / "long.mp4", seconds=66, fps=10, size=(64, 96), sound=False)
    body = {**move, "motion_video_asset_id": await composer.upload("video", path)}
    [error] = await composer.refusals("animate", body)
    assert (error["code"], error["action"]) == ("too_long", "trim")
    promise = await composer.studio.preview(
        "animate", {**body, "duration_override_seconds": error["trim_to_seconds"]}
    )
    assert promise["duration_seconds"] == pytest.approx(error["trim_to_seconds"], abs=0.1)


async def test_every_file_that_blocks_is_told_with_its_act(composer: Composer, move: Json) -> None:
    body = {**move, "ground_truth_asset_id": "gone"}
    body["reference_asset_ids"] = [move["motion_video_asset_id"]]
    told = await composer.refusals("animate", body)
    assert [(error["field"], error["action"]) for error in told] == [
        ("ground_truth_asset_id", "add"),
        ("reference_asset_ids.0", "replace"),
    ]


async def test_file_found_unusable_blocks_with_its_reason(
    composer: Composer, move: Json, unread: str, pool: Pool
) -> None:
    notice = '{"code": "invalid_asset_format", "message": "This clip ends in the middle."}'
    await pool.execute("UPDATE assets SET unusable = $2 WHERE asset_id = $1", unread, notice)
    [error] = await composer.refusals("animate", move)
    assert (error["code"], error["action"]) == ("invalid_asset_format", "replace")
    assert error["message"] == "This clip ends in the middle."


async def test_promise_says_while_a_file_is_still_read(
    composer: Composer, move: Json, unread: str, pool: Pool
) -> None:
    promise = await composer.studio.preview("animate", move)
    assert promise["checking"]
    assert promise["not_checked"] == ["motion_video_asset_id"]
    assert promise["frame_count"] > 0


async def test_wait_for_a_file_ends_once_it_is_read(move: Json, unread: str, pool: Pool) -> None:
    request = AnimateRequest.model_validate(move)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(until_read(pool, LOCAL_USER, request, patience_s=3600))
        await pool.execute(READ, unread)


async def test_wait_for_a_file_ends_with_patience(move: Json, unread: str, pool: Pool) -> None:
    request = AnimateRequest.model_validate(move)
    async with asyncio.timeout(30):
        await until_read(pool, LOCAL_USER, request, patience_s=0)


async def test_job_with_a_file_that_is_still_read_is_accepted(
    composer: Composer, move: Json, unread: str
) -> None:
    job = await composer.studio.create("animate", move)
    await composer.studio.stop(job["job_id"])


async def test_promise_of_files_that_were_read_is_whole(
    composer: Composer, performance: Json
) -> None:
    promise = await composer.studio.preview("audio-performance", performance)
    assert (promise["checking"], promise["not_checked"]) == (False, [])


async def test_character_of_the_samples_is_not_talked_about(
    composer: Composer, performance: Json
) -> None:
    told = await composer.warnings("audio-performance", performance)
    assert not [w for w in told.values() if w["field"] == "ground_truth_asset_id"]
