"""What the completed jobs made, fetched and played through the API."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from av.error import FFmpegError

from proto.job import JobStatus
from tests.chaos.customer import Asked
from tests.chaos.evidence import Evidence
from tests.media_factory import Watched, watch

AT_ONCE = 3


@dataclass(frozen=True)
class Result:
    """A finished job as the API shows it, what it promised before, and its video, if it plays."""

    output: dict[str, Any]
    promise: dict[str, Any]
    video: Watched


async def check_results(http: httpx.AsyncClient, evidence: Evidence, folder: Path) -> None:
    """folder: for the videos while they are looked at."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def check(asked: Asked) -> None:
        async with gate:
            evidence.flaws[asked.job_id] = await _flaws(http, asked, folder)

    await asyncio.gather(*(check(asked) for asked in evidence.asked if _is_done(evidence, asked)))


def _is_done(evidence: Evidence, asked: Asked) -> bool:
    job = evidence.jobs.get(asked.job_ids[0]) if asked.job_ids else None
    return job is not None and job.status == JobStatus.COMPLETED


async def _flaws(http: httpx.AsyncClient, asked: Asked, folder: Path) -> list[str]:
    answer = await http.get(f"/api/jobs/{asked.job_id}")
    output = answer.json().get("output") if answer.is_success else None
    if output is None:
        return [f"the API shows no output: {answer.status_code} {answer.text[:200]}"]
    flaws = []
    for name, file in output["files"].items():
        fetched = await http.get(file["url"])
        if not fetched.is_success or not _is_whole(fetched.content, file):
            flaws.append(f"{name}: {fetched.status_code}, {len(fetched.content)} bytes")
    path = folder / f"{asked.job_id}.mp4"
    path.write_bytes((await http.get(output["video_url"])).content)
    try:
        video = await asyncio.to_thread(watch, path)
    except FFmpegError as error:
        return [*flaws, f"the video does not play: {error}"]
    finally:
        path.unlink()
    promise = (await http.post(f"/api/jobs/{asked.order.mode}/preview", json=asked.body)).json()
    return [*flaws, *broken_promises(Result(output, promise, video))]


def _is_whole(content: bytes, file: dict[str, Any]) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    return (len(content), digest) == (file["size_bytes"], file["sha256"])


def broken_promises(result: Result) -> Iterator[str]:
    """Length within a frame, exact size, sound in step: as promised before the start."""
    output, promise, video = result.output, result.promise, result.video
    if video.frames != output["frame_count"]:
        yield f"{video.frames} frames play, {output['frame_count']} are told"
    if not output["stopped_early"] and abs(video.frames - promise["frame_count"]) > 1:
        yield f"{video.frames} frames play, {promise['frame_count']} were promised"
    if video.size != (promise["width"], promise["height"]):
        yield f"the size is {video.size}"
    if float(video.fps) != promise["fps"]:
        yield f"the rate is {video.fps}"
    if (video.audio_s is not None) != promise["has_audio"]:
        yield f"the sound lasts {video.audio_s} s"
    elif video.audio_s is not None and abs(video.audio_s - video.video_s) > 1 / video.fps:
        yield f"the sound lasts {video.audio_s} s, the picture {video.video_s} s"
