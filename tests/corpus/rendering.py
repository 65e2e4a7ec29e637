"""Jobs of accepted files: what is promised, and what is made."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import httpx

from proto.errors import ErrorCode
from proto.media import AssetKind
from tests.chaos.results import Result, broken_promises
from tests.corpus.case import Case
from tests.corpus.share import share
from tests.corpus.tally import Asset, Tally
from tests.integration.refusals import check_refusal
from tests.media_factory import Watched, make_clip, make_picture, watch
from tests.studio import Studio

AT_ONCE = 4
SHORTEST_S = 0.38
"""A clip or sound of this length may be too short for a video."""
RENDERED_S = 3.0
"""What is made of longer ones."""
WITHIN_S = 300.0
MODES = {AssetKind.VIDEO: "animate", AssetKind.AUDIO: "audio-performance"}


@dataclass(frozen=True)
class Stage:
    """What every job needs besides the file in question. folder: for results."""

    studio: Studio
    character_id: str
    clip_id: str
    folder: Path
    tally: Tally

    async def run(self, accepted: Sequence[tuple[Case, Asset]]) -> None:
        async def each() -> AsyncIterator[tuple[Case, Asset]]:
            for given in accepted:
                yield given

        await share(each(), AT_ONCE, self._try)

    async def _try(self, given: tuple[Case, Asset]) -> None:
        case, asset = given
        self.tally.rendered += 1
        try:
            flaws = await self._render(case.kind, asset)
        except (AssertionError, httpx.HTTPError, TimeoutError) as error:
            flaws = [f"{type(error).__name__} while it was rendered: {str(error)[:300]}"]
        self.tally.blame(case, flaws)

    async def _render(self, kind: AssetKind, asset: Asset) -> list[str]:
        """Make a job of the file; gives what is wrong with its promise or its result."""
        mode, body = MODES.get(kind, "animate"), self._body(kind, asset)
        answer = await self.studio.http.post(f"/api/jobs/{mode}/preview", json=body)
        if answer.status_code != 200:
            problem = check_refusal(answer)
            return [] if _may_be_short(problem.code, asset) else [f"no promise: {problem.message}"]
        promise = answer.json()
        flaws = list(_promise_flaws(kind, asset, promise, body))
        job = await self.studio.create(mode, body)
        job = await self.studio.until_ended(job["job_id"], within_s=WITHIN_S)
        if job["status"] != "completed":
            return [*flaws, f"the job {job['status']}: {job['error']}"]
        return [*flaws, *await self._result_flaws(job["output"], promise)]

    def _body(self, kind: AssetKind, asset: Asset) -> dict[str, Any]:
        body: dict[str, Any] = {
            "prompt": "She dances",
            "quality_profile": "draft",
            "ground_truth_asset_id": self.character_id,
        }
        if (asset["duration_seconds"] or 0) > RENDERED_S:
            body["duration_override_seconds"] = RENDERED_S
        if kind is AssetKind.AUDIO:
            return body | {"audio_asset_id": asset["asset_id"]}
        if kind is AssetKind.VIDEO:
            return body | {"motion_video_asset_id": asset["asset_id"]}
        files = {"ground_truth_asset_id": asset["asset_id"], "motion_video_asset_id": self.clip_id}
        return body | files

    async def _result_flaws(self, output: dict[str, Any], promise: dict[str, Any]) -> list[str]:
        path = self.folder / f"{uuid4()}.mp4"
        path.write_bytes(await self.studio.fetch(output["video_url"]))
        try:
            video = await asyncio.to_thread(watch, path)
        except av.FFmpegError as error:
            return [f"the result does not play: {error}"]
        finally:
            path.unlink()
        return [*broken_promises(Result(output, promise, video)), *_form_flaws(video)]


async def open_stage(studio: Studio, folder: Path, tally: Tally) -> Stage:
    picture = make_picture(folder / "character.png")
    clip = make_clip(folder / "motion.mp4", seconds=1)
    return Stage(
        studio,
        (await studio.upload("image", picture))["asset_id"],
        (await studio.upload("video", clip))["asset_id"],
        folder,
        tally,
    )


def _may_be_short(code: ErrorCode, asset: Asset) -> bool:
    return code is ErrorCode.TOO_SHORT and asset["duration_seconds"] < SHORTEST_S


def _promise_flaws(
    kind: AssetKind, asset: Asset, promise: dict[str, Any], body: dict[str, Any]
) -> Iterator[str]:
    if kind is AssetKind.IMAGE:
        return
    length = min(asset["duration_seconds"], body.get("duration_override_seconds", RENDERED_S))
    if abs(promise["duration_seconds"] - length) > 1 / promise["fps"] + 0.01:
        yield f"{promise['duration_seconds']} s are promised of {length} s"
    if promise["has_audio"] != asset["has_audio"]:
        yield f"the promise's has_audio is {promise['has_audio']}"


def _form_flaws(video: Watched) -> Iterator[str]:
    if (video.codec, video.pixel_format) != ("h264", "yuv420p"):
        yield f"the result is {video.codec} in {video.pixel_format}"
    if video.audio_codec not in {None, "aac"}:
        yield f"its sound is {video.audio_codec}"
    if video.boxes.index("moov") > video.boxes.index("mdat"):
        yield "its index comes last"
