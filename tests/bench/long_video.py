"""A video of several segments against the same video as one big graph, and how soon it plays."""

import asyncio
import copy
import statistics
from datetime import datetime
from typing import Any

import httpx

from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench, vary
from tests.media_factory import make_clip

SEGMENTS, CLIP_S = 4, 18.3
SEGMENT_S = 20.0
RUNS = 2
POLL_S = 0.1


async def measure() -> dict[str, Ratio]:
    async with open_bench(backends=1, render_s=SEGMENT_S) as bench:
        body = await bench.sample()
        clip = make_clip(bench.layout.data / "long.mp4", seconds=CLIP_S, size=(320, 240))
        body["motion_video_asset_id"] = (await bench.studio.upload("video", clip))["asset_id"]
        ours, bare, playable = [], [], []
        for run in range(RUNS):
            job = await bench.studio.create("animate", {**body, "seed": run})
            await bench.studio.until_ended(job["job_id"], within_s=2 * SEGMENTS * SEGMENT_S)
            record = await bench.studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
            events = await bench.studio.fetch_json(f"/api/jobs/{job['job_id']}/events")
            ours.append(_rendering_s(events["items"]))
            playable += _playable_s(record["prompts"], events["items"])
            bare.append(await _one_graph(bench, record["prompts"], run))
        return {
            "long_video_vs_one_graph": Ratio(
                statistics.median(ours),
                statistics.median(bare),
                goal=1.03,
                runs=RUNS,
                details={
                    "segments": SEGMENTS,
                    "segment_end_to_playable_s": {
                        "median": round(statistics.median(playable), 2),
                        "longest": round(max(playable), 2),
                    },
                },
            )
        }


def _rendering_s(events: list[dict[str, Any]]) -> float:
    """From the first segment's start to the end of the last one's render."""
    begun = next(event for event in events if event["type"] == "executing")
    ended = next(event for event in events if event["type"] == "collecting_outputs")
    return _seconds(ended["created_at"]) - _seconds(begun["created_at"])


def _playable_s(prompts: list[dict[str, Any]], events: list[dict[str, Any]]) -> list[float]:
    """From each segment's end on its backend, as our watcher saw it, to its being watchable."""
    ends = [_seconds(prompt["settled_at"]) for prompt in prompts]
    grown = [_seconds(event["created_at"]) for event in events if event["type"] == "grown"]
    return [at - end for end, at in zip(ends, grown, strict=False)]


async def _one_graph(bench: Bench, prompts: list[dict[str, Any]], run: int) -> float:
    """Seconds the backend runs all segments' graphs as one, each fed by the one before."""
    async with httpx.AsyncClient(base_url=bench.layout.comfy_urls[0], timeout=60) as backend:
        graphs = []
        for prompt in prompts:
            history = (await backend.get(f"/history/{prompt['prompt_id']}")).json()
            graphs.append(history[prompt["prompt_id"]]["prompt"][2])
        body = {"prompt": vary(_chained(graphs), 1000 * run), "client_id": "bench"}
        prompt_id = (await backend.post("/prompt", json=body)).json()["prompt_id"]
        entry: dict[str, Any] = {}
        while not entry:
            await asyncio.sleep(POLL_S)
            entry = (await backend.get(f"/history/{prompt_id}")).json().get(prompt_id, {})
        stamps = [data["timestamp"] for _, data in entry["status"]["messages"]]
        return float(stamps[-1] - stamps[0]) / 1000


def _chained(graphs: list[dict[str, Any]]) -> dict[str, Any]:
    """One graph of them all: no latent is saved or loaded, each segment reads the one before."""
    whole: dict[str, Any] = {}
    for number, graph in enumerate(graphs):
        named = {f"{number}/{name}": copy.deepcopy(node) for name, node in graph.items()}
        for node in named.values():
            for key, value in node["inputs"].items():
                if isinstance(value, list):
                    node["inputs"][key] = [f"{number}/{value[0]}", value[1]]
        whole |= named
    loaded = [name for name, node in whole.items() if node["class_type"] == "LoadLatent"]
    for node in whole.values():
        for key, value in node["inputs"].items():
            if isinstance(value, list) and value[0] in loaded:
                number = int(value[0].split("/")[0])
                node["inputs"][key] = [f"{number - 1}/trim", 0]
    gone = {"LoadLatent", "SaveLatent"}
    return {name: node for name, node in whole.items() if node["class_type"] not in gone}


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
