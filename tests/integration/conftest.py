import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.identity import Role
from services.local.layout import Layout
from services.local.stack import Stack
from services.store.database import Pool
from services.store.objects import ObjectStore
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.integration.refusals import take_census
from tests.media_factory import make_clip, make_picture, make_sound
from tests.studio import Studio

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
async def stranger(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """Another person, who runs nothing."""
    async with signed_in(layout, "stranger", Role.CREATOR) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def comfy(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in, asked directly."""
    async with httpx.AsyncClient(base_url=layout.comfy_urls[0], timeout=30) as client:
        yield client


@asynccontextmanager
async def ordering(studio: Studio, body: dict[str, Any]) -> AsyncIterator[Order]:
    """Creates jobs like `body`; those that are not over at the end are stopped."""
    made: list[str] = []

    async def create(*, idempotency_key: str | None = None, **changes: Any) -> dict[str, Any]:
        job = await studio.create("animate", body | changes, idempotency_key=idempotency_key)
        made.append(job["job_id"])
        return job

    yield create
    await asyncio.gather(*(studio.stop(job_id) for job_id in set(made)))


@pytest.fixture(scope="session")
def move_body(character: Asset, silent_clip: Asset) -> dict[str, Any]:
    return {
        "prompt": "She waves",
        "quality_profile": "draft",
        "ground_truth_asset_id": character["asset_id"],
        "motion_video_asset_id": silent_clip["asset_id"],
    }


@pytest_asyncio.fixture(loop_scope="session")
async def order(studio: Studio, move_body: dict[str, Any]) -> AsyncIterator[Order]:
    async with ordering(studio, move_body) as create:
        yield create


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def finished(studio: Studio, move_body: dict[str, Any]) -> str:
    """The id of a job that ran to its end."""
    job = await studio.create("animate", {**move_body, "duration_override_seconds": 0.5})
    await studio.until(job["job_id"], "completed")
    job_id: str = job["job_id"]
    return job_id


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local(data_folder: Path) -> AsyncIterator[Local]:
    """A stack of its own, started as its user does, for what would disturb the others."""
    stack = Local(data_folder / "local", free_base_port())
    yield stack
    await stack.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def local_studio(local: Local) -> AsyncIterator[Studio]:
    await local.start()
    async with signed_in(local.layout) as client:
        yield Studio(client)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def slow_body(local: Local, media: Path) -> dict[str, Any]:
    """A Move job of `local` that renders for three seconds."""
    await local.start()
    async with signed_in(local.layout) as client:
        studio = Studio(client)
        picture = await studio.upload("image", make_picture(media / "local.png"))
        clip = make_clip(media / "local.mp4", seconds=1, sound=False)
        return {
            "prompt": "She waits",
            "ground_truth_asset_id": picture["asset_id"],
            "motion_video_asset_id": (await studio.upload("video", clip))["asset_id"],
        }


@pytest_asyncio.fixture(loop_scope="session")
async def nothing_created(pool: Pool, objects: ObjectStore) -> AsyncIterator[None]:
    """Fails a test that leaves a job, a file or bytes behind."""
    before = await take_census(pool, objects)
    yield
    assert await take_census(pool, objects) == before
