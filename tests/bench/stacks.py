"""Stacks to measure on, and the sample job."""

import copy
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.local.layout import Layout, make_layout
from services.local.stack import Stack
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.studio import Studio

SAMPLES = Path(__file__).parents[2] / "services" / "local" / "samples"
DRAFT_STEPS = 6


@dataclass(frozen=True)
class Bench:
    """A running stack. ready_s: how long it took to start."""

    studio: Studio
    layout: Layout
    stack: Stack
    ready_s: float

    async def sample(self, **changes: Any) -> dict[str, Any]:
        """The request of the packaged Move sample."""
        character = await self.studio.upload("image", SAMPLES / "character.png")
        motion = await self.studio.upload("video", SAMPLES / "dance.mp4")
        return {
            "prompt": "The character dances",
            "ground_truth_asset_id": character["asset_id"],
            "motion_video_asset_id": motion["asset_id"],
            "quality_profile": "draft",
            **changes,
        }

    async def graph_of(self, job: dict[str, Any]) -> dict[str, Any]:
        """What a finished job sent to its backend."""
        manifest = await self.studio.fetch_json(job["output"]["manifest_url"])
        prompt_id = manifest["segments"][0]["prompt_id"]
        for url in self.layout.comfy_urls:
            async with httpx.AsyncClient(base_url=url, timeout=60) as backend:
                history = (await backend.get(f"/history/{prompt_id}")).json()
                if history:
                    graph: dict[str, Any] = history[prompt_id]["prompt"][2]
                    return graph
        raise LookupError(prompt_id)


@asynccontextmanager
async def open_bench(*, backends: int, render_s: float) -> AsyncIterator[Bench]:
    """render_s: of the sample job's steps together."""
    with tempfile.TemporaryDirectory() as folder:
        step_s = render_s / DRAFT_STEPS
        layout = make_layout(Path(folder), free_base_port(), [], step_s, stand_ins=backends)
        stack = Stack(layout, lambda _: None)
        started = time.monotonic()
        try:
            stack.start()
            ready_s = time.monotonic() - started
            async with signed_in(layout) as http:
                yield Bench(Studio(http), layout, stack, ready_s)
        finally:
            stack.stop()


def vary(graph: dict[str, Any], number: int) -> dict[str, Any]:
    """The graph with a seed and a file of its own: a backend answers one it has from its cache."""
    varied = copy.deepcopy(graph)
    for node in varied.values():
        if node["class_type"] == "SaveVideo":
            node["inputs"]["filename_prefix"] = f"bench/{number}"
        if node["class_type"] == "KSampler":
            node["inputs"]["seed"] += 1000 + number
    return varied
