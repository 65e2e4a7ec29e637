"""How much of the time GPUs render under a backlog, against ComfyUI's own queue filled up front."""

import asyncio
import json
from typing import Any

import httpx

from tests.bench.results import Ratio
from tests.bench.stacks import Bench, open_bench, vary
from tests.studio import eventually

RENDER_S = 2.0
JOBS_PER_GPU = 20
GPUS = (1, 2, 4)
WITHIN_S = 600.0

Entry = dict[str, Any]


async def measure() -> dict[str, Ratio]:
    ratios = {}
    for gpus in GPUS:
        async with open_bench(backends=gpus, render_s=RENDER_S) as bench:
            ratios[f"gpu_busy_share_{gpus}_backends_vs_own_queue"] = await compare(bench, gpus)
    return ratios


async def compare(bench: Bench, gpus: int) -> Ratio:
    body = await bench.sample()
    warm = await bench.studio.create("animate", body)
    warm = await bench.studio.until(warm["job_id"], "completed")
    graph = await bench.graph_of(warm)
    ours = await through_us(bench, body, gpus)
    own = await through_own_queue(bench, graph)
    details = {"idle_share": round(1 - ours, 4), "own_idle_share": round(1 - own, 4)}
    return Ratio(ours, own, goal=0.99, runs=JOBS_PER_GPU * gpus, at_least=True, details=details)


async def through_us(bench: Bench, body: dict[str, Any], gpus: int) -> float:
    """The share of the time between a GPU's first start and its last end that it rendered."""
    before = marks(bench)
    jobs = [
        await bench.studio.create("animate", {**body, "seed": number})
        for number in range(JOBS_PER_GPU * gpus)
    ]

    async def all_over() -> bool:
        ended = await asyncio.gather(*(bench.studio.find_ended(job["job_id"]) for job in jobs))
        return all(ended)

    await eventually(all_over, within_s=WITHIN_S)
    return busy_share(bench, before)


async def through_own_queue(bench: Bench, graph: dict[str, Any]) -> float:
    before = marks(bench)
    for number, url in enumerate(bench.layout.comfy_urls):
        async with httpx.AsyncClient(base_url=url, timeout=60) as backend:
            for turn in range(JOBS_PER_GPU):
                prompt = vary(graph, number * JOBS_PER_GPU + turn)
                answer = await backend.post("/prompt", json={"prompt": prompt})
                answer.raise_for_status()

    async def all_over() -> bool:
        return all(
            sum(entry["event"] == "success" for entry in entries) == JOBS_PER_GPU
            for entries in since(bench, before)
        )

    await eventually(all_over, within_s=WITHIN_S)
    return busy_share(bench, before)


def marks(bench: Bench) -> list[int]:
    return [len(entries) for entries in since(bench, [0] * len(bench.layout.comfy_urls))]


def since(bench: Bench, marked: list[int]) -> list[list[Entry]]:
    """What each backend has noted since."""
    folders = sorted((bench.layout.data / "comfy_sim").glob("*/ledger.jsonl"))
    return [
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[mark:]]
        for path, mark in zip(folders, marked, strict=True)
    ]


def busy_share(bench: Bench, marked: list[int]) -> float:
    busy = window = 0.0
    for entries in since(bench, marked):
        starts = [entry["at"] for entry in entries if entry["event"] == "started"]
        ends = [entry["at"] for entry in entries if entry["event"] == "success"]
        busy += sum(end - start for start, end in zip(starts, ends, strict=True))
        window += ends[-1] - starts[0]
    return busy / window
