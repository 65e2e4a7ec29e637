"""Every process of ours is replaced by one of the next release while long videos are made."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from proto.job import TERMINAL
from services.local.child import Child
from services.local.children import settings_of
from services.local.layout import HOST, Layout, make_layout
from services.local.stack import Stack
from temporal.client import connect, deletion_id, end_deletion, workflow_id
from tests.access import TIMEOUT_S, Way, let_in
from tests.conftest import free_base_port, free_port
from tests.integration.builds import begin, builds_of, make_current
from tests.media_factory import make_clip, make_picture
from tests.processes import STOP_WITHIN_S, gateway, until_ready, worker
from tests.studio import Studio, eventually

STEP_SECONDS = 0.4
NAMESPACE = "default"
CLIP_S, SEGMENTS = 13.8, 3
ROLES = ("workflows", "media", "comfy", "gpu")


class Fleet:
    """Our processes, each of some build, on servers that stay. folder: of their logs."""

    def __init__(self, layout: Layout, folder: Path) -> None:
        self.layout = layout
        self.url = ""
        self._folder = folder
        self._all: list[Child] = []

    async def start(self, build: str) -> dict[str, Child]:
        """Have one of each role ready, beside those that run. `url` is the newest gateway's."""
        port = free_port()
        children = {role: self._worker(role, build) for role in ROLES}
        children["gateway"] = gateway(self.layout, port, self._folder)
        for child in children.values():
            self._all.append(child)
            child.spawn()
        for child in children.values():
            await until_ready(child)
        self.url = f"http://{HOST}:{port}"
        return children

    def stop(self) -> None:
        until = time.monotonic() + STOP_WITHIN_S
        for child in self._all:
            child.ask_to_stop()
        for child in self._all:
            child.stop(until)

    def _worker(self, role: str, build: str) -> Child:
        own = {"ANIMATRIX_WORKER_BUILD_ID": build, "ANIMATRIX_RETENTION_EVERY_HOURS": "0"}
        name = f"{role}-{build}"
        return worker(self.layout, role, name, self._folder, **own)


async def end(child: Child) -> None:
    """As whoever deploys ends it."""
    await asyncio.to_thread(child.stop, time.monotonic() + STOP_WITHIN_S)


@pytest.fixture
def fleet(data_folder: Path) -> Iterator[Fleet]:
    """Of build a, once its roles are started; its servers run."""
    layout = make_layout(data_folder / "rolling", free_base_port(), [], STEP_SECONDS)
    stack, fleet = Stack(layout, lambda _: None), Fleet(layout, layout.folder("logs"))
    try:
        stack.start_servers()
        yield fleet
    finally:
        fleet.stop()
        stack.stop()


@asynccontextmanager
async def studio_at(url: str, way: Way) -> AsyncIterator[Studio]:
    async with httpx.AsyncClient(base_url=url, auth=way.auth, timeout=TIMEOUT_S) as http:
        yield Studio(http)


async def body_of(studio: Studio, media: Path) -> dict[str, Any]:
    path = make_clip(media / "rolling.mp4", seconds=CLIP_S, size=(160, 120))
    picture = await studio.upload("image", make_picture(media / "rolling.png"))
    return {
        "prompt": "She goes on",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": (await studio.upload("video", path))["asset_id"],
        "quality_profile": "draft",
    }


async def numbers_told(fleet: Fleet, way: Way, job_id: str) -> list[int]:
    """Of a job's events to its end, as a page gets them that connects again when it is cut off."""
    told: list[int] = []
    while True:
        async with studio_at(fleet.url, way) as studio:
            try:
                headers = {"Last-Event-ID": str(told[-1])} if told else {}
                async for message in studio.follow(f"/api/jobs/{job_id}/stream", **headers):
                    if message.event != "hello":
                        told.append(int(message.id or 0))
                    if message.event != "hello" and message.data["status"] in TERMINAL:
                        return told
            except httpx.TransportError:
                continue


def starts_of_prompts(layout: Layout) -> Counter[str]:
    """How often the renderer began each."""
    lines = (layout.data / "comfy_sim" / "1" / "ledger.jsonl").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in lines.splitlines()]
    return Counter(each["prompt_id"] for each in entries if each["event"] == "started")


async def until_new_ones_begin_on(client: Client, build: str) -> None:
    """The server takes a moment to tell all of itself which build is the current one."""

    async def begins() -> bool:
        probe = await begin(client)
        builds = await builds_of(client, deletion_id(probe))
        await end_deletion(client, probe, 1)
        return builds == {build}

    await eventually(begins)


class Customer:
    """Orders videos, and hears of each to its end."""

    def __init__(self, fleet: Fleet, way: Way, body: dict[str, Any]) -> None:
        self.jobs: list[str] = []
        self.told: list[asyncio.Task[list[int]]] = []
        self._fleet = fleet
        self._way = way
        self._body = body

    async def order(self) -> str:
        async with studio_at(self._fleet.url, self._way) as studio:
            job_id: str = (await studio.create("animate", self._body))["job_id"]
        self.jobs.append(job_id)
        self.told.append(asyncio.create_task(numbers_told(self._fleet, self._way, job_id)))
        return job_id

    async def until_one_renders(self) -> None:
        """One is ordered if all are made, as they may be on a slow machine."""
        if all(told.done() for told in self.told):
            await self.order()
        [waiting, *_] = [
            job for job, told in zip(self.jobs, self.told, strict=True) if not told.done()
        ]
        async with studio_at(self._fleet.url, self._way) as studio:
            await studio.until(waiting, "executing", "completed")


async def test_long_videos_are_made_once_while_every_process_is_replaced(
    fleet: Fleet, media: Path
) -> None:
    layout = fleet.layout
    old = await fleet.start("a")
    client = await connect(settings_of(layout), identity="deployer")
    await make_current(layout, NAMESPACE, "a")
    await until_new_ones_begin_on(client, "a")
    way = await let_in(layout.database_url)
    async with studio_at(fleet.url, way) as studio:
        customer = Customer(fleet, way, await body_of(studio, media))
    early = [await customer.order() for _ in range(2)]
    # They are told by the old gateway until it ends.
    await fleet.start("b")
    await make_current(layout, NAMESPACE, "b")
    await until_new_ones_begin_on(client, "b")
    for role in ("gateway", "media", "gpu", "comfy"):
        await customer.until_one_renders()
        await end(old[role])
    late = await customer.order()
    await asyncio.gather(*customer.told[:2])
    # Who deploys looks whether it is drained.
    await end(old["workflows"])
    told = await asyncio.gather(*customer.told)
    async with studio_at(fleet.url, way) as studio:
        ended = [await studio.get(job_id) for job_id in customer.jobs]
        records = [await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}") for job in ended]
    assert {job["status"] for job in ended} == {"completed"}
    assert told == [list(range(1, job["rev"] + 1)) for job in ended]
    for job_id, build in {early[0]: "a", early[1]: "a", late: "b"}.items():
        assert await builds_of(client, workflow_id(job_id)) == {build}
    sent = [prompt["prompt_id"] for record in records for prompt in record["prompts"]]
    assert len(sent) == SEGMENTS * len(ended)
    assert starts_of_prompts(layout) == Counter(sent)
