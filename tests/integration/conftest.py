from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.local.layout import Layout
from services.local.stack import Stack
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio, eventually

Asset = dict[str, Any]
Order = Callable[..., Awaitable[dict[str, Any]]]

CLIP_S = 2.0
SILENT_CLIP_S = 1.5
VOICE_S = 1.7


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def character(studio: Studio, media: Path) -> Asset:
    return await studio.upload("image", make_picture(media / "Ünïcode heroine.png"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def clip(studio: Studio, media: Path) -> Asset:
    return await studio.upload("video", make_clip(media / "dance.mp4", seconds=CLIP_S))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def silent_clip(studio: Studio, media: Path) -> Asset:
    path = make_clip(media / "walk.mp4", seconds=SILENT_CLIP_S, size=(480, 272), sound=False)
    return await studio.upload("video", path)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def voice(studio: Studio, media: Path) -> Asset:
    return await studio.upload("audio", make_sound(media / "line.wav", seconds=VOICE_S))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def comfy(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in, asked directly."""
    async with httpx.AsyncClient(base_url=layout.comfy_urls[0], timeout=30) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def order(studio: Studio, character: Asset, silent_clip: Asset) -> AsyncIterator[Order]:
    """Creates Move jobs; those that are not over at the test's end are stopped."""
    made: list[str] = []

    async def create(**changes: Any) -> dict[str, Any]:
        body = {
            "prompt": "She waves",
            "quality_profile": "draft",
            "ground_truth_asset_id": character["asset_id"],
            "motion_video_asset_id": silent_clip["asset_id"],
        }
        job = await studio.create("animate", body | changes)
        made.append(job["job_id"])
        return job

    yield create
    for job_id in made:
        await studio.http.post(f"/api/jobs/{job_id}/cancel")
        await eventually(lambda job_id=job_id: studio.find_ended(job_id))
