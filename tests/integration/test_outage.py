"""What dies is started again, and the job it was busy with is finished, once."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from proto.ids import prompt_id
from proto.job import TERMINAL
from services.local.layout import HOST
from tests.integration.local import Local
from tests.media_factory import make_clip
from tests.studio import Studio, eventually

Entry = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def renderer(local: Local, local_studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in, asked directly."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{local.ports['comfy']}") as client:
        yield client


async def history(renderer: httpx.AsyncClient) -> dict[str, Entry]:
    """What the renderer remembers, by prompt. The first value of `prompt` counts submissions."""
    found: dict[str, Entry] = (await renderer.get("/history")).json()
    return found


async def until_rendering(renderer: httpx.AsyncClient, job: dict[str, Any]) -> None:
    async def renders() -> bool:
        running = (await renderer.get("/queue")).json()["queue_running"]
        return [item[1] for item in running] == [prompt_id(job["job_id"], 0, 0)]

    await eventually(renders)


async def find_ended(studio: Studio, job_id: str) -> dict[str, Any] | None:
    """The job once it is over; None also while nobody answers."""
    response = await studio.http.get(f"/api/jobs/{job_id}")
    job: dict[str, Any] = response.json() if response.is_success else {"status": "unknown"}
    return job if job["status"] in TERMINAL else None


async def check_whole(studio: Studio, job_id: str) -> None:
    """Every event once, in order, to the end."""
    _, *events = await studio.messages(f"/api/jobs/{job_id}/stream")
    assert [event.data["rev"] for event in events] == list(range(1, len(events) + 1))
    progress = [event.data["progress"] for event in events]
    assert all(before <= after for before, after in pairwise(progress))
    assert events[-1].event == "completed"


async def test_job_outlives_our_own_processes(
    local: Local, local_studio: Studio, renderer: httpx.AsyncClient, slow_body: dict[str, Any]
) -> None:
    sent_before = len(await history(renderer))
    job = await local_studio.create("animate", slow_body)
    await until_rendering(renderer, job)
    victims = [
        local.child("services.gateway"),
        *(local.child("temporal.worker", role) for role in ("workflows", "comfy", "gpu")),
    ]
    for victim in victims:
        victim.kill()
    await eventually(lambda: find_ended(local_studio, job["job_id"]))
    await check_whole(local_studio, job["job_id"])
    entries = await history(renderer)
    entry = entries[prompt_id(job["job_id"], 0, 0)]
    assert len(entries) == sent_before + 1
    assert entry["prompt"][0] == sent_before
    assert entry["status"]["status_str"] == "success"


async def test_job_outlives_the_servers_it_stands_on(
    local: Local, local_studio: Studio, renderer: httpx.AsyncClient, slow_body: dict[str, Any]
) -> None:
    sent_before = set(await history(renderer))
    job = await local_studio.create("animate", slow_body)
    await until_rendering(renderer, job)
    for victim in [local.child(name) for name in ("postgres", "temporal", "weed")]:
        victim.kill()
    ended = await eventually(lambda: find_ended(local_studio, job["job_id"]))
    await check_whole(local_studio, job["job_id"])
    assert set(await history(renderer)) - sent_before == {prompt_id(job["job_id"], 0, 0)}
    assert await local_studio.fetch(ended["output"]["video_url"])


async def test_job_outlives_its_renderer(
    local: Local, local_studio: Studio, renderer: httpx.AsyncClient, slow_body: dict[str, Any]
) -> None:
    job = await local_studio.create("animate", slow_body)
    await until_rendering(renderer, job)
    local.child("services.comfy_sim").kill()
    ended = await local_studio.until(job["job_id"], "completed")
    await check_whole(local_studio, job["job_id"])
    manifest = await local_studio.fetch_json(ended["output"]["manifest_url"])
    [segment] = manifest["segments"]
    assert segment["generation"] == 1
    assert segment["prompt_id"] == prompt_id(job["job_id"], 0, 1)
    assert list(await history(renderer)) == [segment["prompt_id"]]


OURS = [("services.gateway",), *(("temporal.worker", role) for role in ("media", "comfy", "gpu"))]
SERVERS = [("postgres",), ("weed",), ("caddy",), ("temporal",), ("temporal.worker", "workflows")]
RENDERER = ("services.comfy_sim",)
LONG_CLIP_S, LONG_FRAMES = 27.3, 437


@pytest_asyncio.fixture(loop_scope="session")
async def long_body(
    local: Local, local_studio: Studio, slow_body: dict[str, Any], media: Path
) -> dict[str, Any]:
    """A Move job of six segments."""
    path = make_clip(media / "outage.mp4", seconds=LONG_CLIP_S, size=(160, 120))
    clip = (await local_studio.upload("video", path))["asset_id"]
    return slow_body | {"motion_video_asset_id": clip, "quality_profile": "draft"}


async def test_long_video_outlives_the_kill_of_every_process_and_makes_each_segment_once(
    local: Local, local_studio: Studio, long_body: dict[str, Any]
) -> None:
    job = await local_studio.create("animate", long_body)
    path = f"/api/jobs/{job['job_id']}"

    async def progress() -> float | None:
        """None while nobody answers."""
        try:
            response = await local_studio.http.get(path)
        except httpx.TransportError:
            return None
        return response.json()["progress"] if response.is_success else None

    async def until_beyond(reached: float) -> float:
        async def is_beyond() -> float | None:
            now = await progress()
            return now if now is not None and now > reached else None

        beyond: float = await eventually(is_beyond)
        return beyond

    reached = await until_beyond(0.1)
    for victim in [*OURS, RENDERER, *SERVERS]:
        local.child(*victim).kill()
        reached = await until_beyond(reached)
    await eventually(lambda: find_ended(local_studio, job["job_id"]))
    done = await local_studio.get(job["job_id"])
    assert (done["status"], done["output"]["frame_count"]) == ("completed", LONG_FRAMES)
    record = await local_studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    tries = Counter(prompt["segment"] for prompt in record["prompts"])
    assert set(tries) == set(range(6))
    # The renderer forgot what it was rendering when it was killed.
    assert sorted(tries.values()) == [1, 1, 1, 1, 1, 2]
    await check_whole(local_studio, job["job_id"])
