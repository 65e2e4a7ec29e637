"""One job, from the request to the playable video, against a script that makes ComfyUI's calls."""

import asyncio
import statistics
import time
from datetime import datetime
from itertools import pairwise
from typing import Any

import av
import httpx

from tests.bench.results import Ratio
from tests.bench.stacks import SAMPLES, Bench, open_bench, vary

RENDER_S, RUNS, GOAL = 5.0, 5, 1.15
LONG_RENDER_S, LONG_RUNS, LONG_GOAL = 60.0, 3, 1.02
POLL_S = 0.25


async def measure() -> dict[str, Ratio]:
    """With files that nobody has used yet, and with files that were shaped for an earlier job."""
    async with open_bench(backends=1, render_s=RENDER_S) as bench:
        used = await _warm(bench)
        found = {
            "one_job_5s_render_vs_bare_script": await compare(
                bench, [await _fresh(bench, used, run) for run in range(RUNS)], GOAL
            ),
            "one_job_5s_render_same_files_vs_bare_script": await compare(
                bench, [{**used, "seed": run} for run in range(RUNS)], GOAL
            ),
        }
    async with open_bench(backends=1, render_s=LONG_RENDER_S) as bench:
        used = await bench.sample()
        fresh = [await _fresh(bench, used, run) for run in range(LONG_RUNS)]
        found["one_job_60s_render_vs_bare_script"] = await compare(bench, fresh, LONG_GOAL)
    return found


async def _warm(bench: Bench) -> dict[str, Any]:
    """The sample's request, after a first job has started all there is to start."""
    used = await bench.sample()
    await bench.studio.until((await bench.studio.create("animate", used))["job_id"], "completed")
    return used


async def compare(bench: Bench, bodies: list[dict[str, Any]], goal: float) -> Ratio:
    ours, bare, parts = [], [], []
    for run, body in enumerate(bodies):
        started = time.monotonic()
        job = await bench.studio.create("animate", body)
        job = await bench.studio.until(job["job_id"], "completed")
        ours.append(time.monotonic() - started)
        parts.append(await split(bench, job))
        bare.append(await bare_script(bench, await bench.graph_of(job), run))
    return Ratio(
        statistics.median(ours),
        statistics.median(bare),
        goal=goal,
        runs=len(bodies),
        details={
            "stack_ready_s": round(bench.ready_s, 1),
            "parts_s": {
                name: round(statistics.median(part[name] for part in parts), 3) for name in parts[0]
            },
        },
    )


async def _fresh(bench: Bench, body: dict[str, Any], run: int) -> dict[str, Any]:
    """The sample with bytes and a framing of its own, so that nothing was shaped for it before."""
    path = bench.layout.data / f"{run}.mp4"
    with av.open(SAMPLES / "dance.mp4") as source, av.open(path, "w") as copy:
        copy.metadata["title"] = f"run {run}"
        streams = {stream: copy.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                copy.mux(packet)
    clip = await bench.studio.upload("video", path)
    # A person looks at the page for longer than this takes.
    await bench.studio.until_checked(clip["asset_id"])
    crop = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1 - (run + 1) / 100}
    return {**body, "seed": 100 + run, "motion_video_asset_id": clip["asset_id"], "crop": crop}


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
