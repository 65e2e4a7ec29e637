"""Measures the product against named baselines in one run: `make bench`.

Writes `results.json` beside this file; the documents quote it.
"""

import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.local.layout import make_layout
from services.local.stack import Stack
from tests.conftest import free_base_port
from tests.studio import Studio

RESULTS = Path(__file__).with_name("results.json")
SAMPLES = Path(__file__).parents[2] / "services" / "local" / "samples"
RENDER_S = 5.0
DRAFT_STEPS = 6
RUNS = 3
POLL_S = 0.25


@dataclass(frozen=True)
class Ratio:
    """ours and baseline: seconds, medians of `runs`."""

    ours: float
    baseline: float
    goal: float
    runs: int

    def as_json(self) -> dict[str, Any]:
        ratio = round(self.ours / self.baseline, 3)
        return {
            "ratio": ratio,
            "goal": self.goal,
            "met": ratio <= self.goal,
            "ours": round(self.ours, 3),
            "baseline": round(self.baseline, 3),
            "runs": self.runs,
        }


async def one_job(studio: Studio, backend: httpx.AsyncClient) -> Ratio:
    """From the request to the playable video, against a script that makes ComfyUI's four calls."""
    character = await studio.upload("image", SAMPLES / "character.png")
    motion = await studio.upload("video", SAMPLES / "dance.mp4")
    body = {
        "prompt": "The character dances",
        "ground_truth_asset_id": character["asset_id"],
        "motion_video_asset_id": motion["asset_id"],
        "quality_profile": "draft",
    }
    ours, bare = [], []
    for run in range(RUNS):
        started = time.monotonic()
        job = await studio.create("animate", {**body, "seed": run})
        job = await studio.until(job["job_id"], "completed")
        ours.append(time.monotonic() - started)
        bare.append(await bare_script(studio, backend, job, run))
    return Ratio(statistics.median(ours), statistics.median(bare), goal=1.15, runs=RUNS)


async def bare_script(
    studio: Studio, backend: httpx.AsyncClient, job: dict[str, Any], run: int
) -> float:
    """Seconds to upload, submit, poll and download the same graph, with nothing around it."""
    manifest = await studio.fetch_json(job["output"]["manifest_url"])
    graph = await read_graph(backend, manifest["segments"][0]["prompt_id"])
    save = next(node for node in graph.values() if node["class_type"] == "SaveVideo")
    save["inputs"]["filename_prefix"] = f"bench/{run}"
    sampler = next(node for node in graph.values() if node["class_type"] == "KSampler")
    # A seed of its own: the server answers a graph that it has just run from its cache.
    sampler["inputs"]["seed"] += RUNS
    started = time.monotonic()
    for name in ("character.png", "dance.mp4"):
        file = (f"{run}-{name}", (SAMPLES / name).read_bytes())
        await backend.post("/upload/image", files={"image": file})
    answer = await backend.post("/prompt", json={"prompt": graph, "client_id": "bench"})
    prompt_id = answer.json()["prompt_id"]
    history: dict[str, Any] = {}
    while not history:
        await asyncio.sleep(POLL_S)
        history = (await backend.get(f"/history/{prompt_id}")).json()
    [saved] = next(iter(history[prompt_id]["outputs"].values()))["images"]
    (await backend.get("/view", params=saved)).raise_for_status()
    return time.monotonic() - started


async def read_graph(backend: httpx.AsyncClient, prompt_id: str) -> dict[str, Any]:
    entry = (await backend.get(f"/history/{prompt_id}")).json()[prompt_id]
    graph: dict[str, Any] = entry["prompt"][2]
    return graph


async def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        layout = make_layout(Path(folder), free_base_port(), [], RENDER_S / DRAFT_STEPS)
        stack = Stack(layout, lambda _: None)
        started = time.monotonic()
        try:
            stack.start()
            ready_s = time.monotonic() - started
            async with (
                httpx.AsyncClient(base_url=layout.url, timeout=60) as http,
                httpx.AsyncClient(base_url=layout.comfy_urls[0], timeout=60) as backend,
            ):
                ratio = await one_job(Studio(http), backend)
        finally:
            stack.stop()
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}",
        "stack_ready_s": round(ready_s, 1),
        "ratios": {"one_job_5s_render_vs_bare_script": ratio.as_json()},
    }


if __name__ == "__main__":
    RESULTS.write_text(json.dumps(asyncio.run(measure()), indent=1) + "\n", encoding="utf-8")
