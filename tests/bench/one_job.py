"""One job, from the request to the playable video, against a script that makes ComfyUI's calls."""

import asyncio
import statistics
import time
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx

from tests.bench.results import Ratio
from tests.bench.stacks import SAMPLES, Bench, open_bench, vary

RENDER_S = 5.0
RUNS = 5
POLL_S = 0.25


async def measure() -> dict[str, Ratio]:
    async with open_bench(backends=1, render_s=RENDER_S) as bench:
        body = await bench.sample()
        ours, bare, parts = [], [], []
        for run in range(RUNS):
            started = time.monotonic()
            job = await bench.studio.create("animate", {**body, "seed": run})
            job = await bench.studio.until(job["job_id"], "completed")
            ours.append(time.monotonic() - started)
            parts.append(await split(bench, job))
            bare.append(await bare_script(bench, await bench.graph_of(job), run))
        details = {
            "stack_ready_s": round(bench.ready_s, 1),
            "parts_s": {
                name: round(statistics.median(part[name] for part in parts), 3) for name in parts[0]
            },
        }
        ratio = Ratio(
            statistics.median(ours),
            statistics.median(bare),
            goal=1.15,
            runs=RUNS,
            details=details,
        )
    return {"one_job_5s_render_vs_bare_script": ratio}


async def split(bench: Bench, job: dict[str, Any]) -> dict[str, float]:
    """Seconds between the job's events: where the time went."""
    events = await bench.studio.fetch_json(f"/api/jobs/{job['job_id']}/events")
    at = {event["type"]: _seconds(event["created_at"]) for event in reversed(events["items"])}
    names = ["accepted", "uploaded", "queued", "executing", "collecting_outputs", "completed"]
    return {f"{start} to {end}": at[end] - at[start] for start, end in pairwise(names)}


async def bare_script(bench: Bench, graph: dict[str, Any], run: int) -> float:
    """Seconds to upload, submit, poll and download the same graph, with nothing around it."""
    async with httpx.AsyncClient(base_url=bench.layout.comfy_urls[0], timeout=60) as backend:
        started = time.monotonic()
        for name in ("character.png", "dance.mp4"):
            file = (f"{run}-{name}", (SAMPLES / name).read_bytes())
            await backend.post("/upload/image", files={"image": file})
        body = {"prompt": vary(graph, run), "client_id": "bench"}
        prompt_id = (await backend.post("/prompt", json=body)).json()["prompt_id"]
        history: dict[str, Any] = {}
        while not history:
            await asyncio.sleep(POLL_S)
            history = (await backend.get(f"/history/{prompt_id}")).json()
        [saved] = next(iter(history[prompt_id]["outputs"].values()))["images"]
        (await backend.get("/view", params=saved)).raise_for_status()
        return time.monotonic() - started


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
