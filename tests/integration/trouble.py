"""A backend of a test's own, which is the only one that gets work and does as it is told."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from proto.backend import backend_id
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve
from services.local.layout import Layout
from tests.integration.fleet import Fleet
from tests.studio import Studio

Fault = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    name: str
    http: httpx.AsyncClient
    base_dir: Path

    async def set(self, fault: Fault) -> None:
        answer = await self.http.post("/sim/faults", json=fault)
        assert answer.status_code == 200, answer.text

    async def clear(self) -> None:
        (await self.http.delete("/sim/faults")).raise_for_status()

    def starts(self) -> Counter[str]:
        """How often each prompt was begun, as the backend counted."""
        lines = (self.base_dir / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return Counter(entry["prompt_id"] for entry in entries if entry["event"] == "started")

    async def line(self) -> list[str]:
        queue = (await self.http.get("/queue")).json()
        return [item[1] for item in queue["queue_running"] + queue["queue_pending"]]


@asynccontextmanager
async def only_backend(
    studio: Studio, layout: Layout, folder: Path, step_seconds: float
) -> AsyncIterator[Trouble]:
    """Add it; the stack's own one gets no work until the end."""
    fleet = Fleet(studio)
    first = backend_id(layout.comfy_urls[0])
    await fleet.until_known(first)
    offered = (await fleet.all())[first].state == "offered"
    options = SimOptions(base_dir=folder, step_seconds=step_seconds, control=True)
    async with serve(options) as sim, httpx.AsyncClient(base_url=sim.url, timeout=30) as http:
        name = await fleet.add(sim.url)
        if offered:
            await fleet.do(first, "cordon")
        yield Trouble(name, http, folder)
        if offered:
            await fleet.do(first, "uncordon")
        await fleet.do(name, "remove")
