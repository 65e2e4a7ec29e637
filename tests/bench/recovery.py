"""kill -9 of each process while videos are made: how soon all goes on, and what was missed."""

import asyncio
import os
import signal
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.bench.gpu_share import marks, since
from tests.bench.stacks import DRAFT_STEPS, Bench, open_bench
from tests.studio import Studio, eventually

RUNS = 2
STEP_S = 0.5
LOOK_EVERY_S = 0.05
TARGETS = (
    *("gateway", "workflows worker", "media worker", "comfy worker", "gpu worker"),
    *("database", "files", "workflow server", "simulated renderer", "ingress"),
)


@dataclass
class Reader:
    """Follows a job as a page does, through whatever breaks off. numbers: of the events it saw."""

    studio: Studio
    job_id: str
    numbers: list[int] = field(default_factory=list)
    seen_at: float = 0.0

    async def follow(self) -> None:
        """Until the job has ended."""
        while True:
            try:
                if await self._read():
                    return
            except (httpx.TransportError, AssertionError):
                await asyncio.sleep(LOOK_EVERY_S)

    async def _read(self) -> bool:
        headers = {"Last-Event-ID": str(self.numbers[-1])} if self.numbers else {}
        path = f"/api/jobs/{self.job_id}/stream"
        async for message in self.studio.follow(path, **headers):
            if message.event == "hello":
                continue
            self.numbers.append(int(message.id or 0))
            self.seen_at = time.monotonic()
            if message.data["status"] == "completed":
                return True
            if message.data["status"] in {"failed", "cancelled"}:
                raise RuntimeError(f"the job {message.data['status']}")
        return False

    @property
    def missed(self) -> int:
        return len(set(range(1, self.numbers[-1] + 1)) - set(self.numbers))


async def measure() -> dict[str, Any]:
    """back_s: until the process serves again and the video under way has told its next step."""
    found: dict[str, Any] = {"runs": RUNS}
    async with open_bench(backends=1, render_s=STEP_S * DRAFT_STEPS) as bench:
        tending = asyncio.create_task(_tend(bench))
        # Its many steps tell at once that it goes on.
        body = await bench.sample(quality_profile="standard", duration_override_seconds=2)
        for name in TARGETS:
            before = marks(bench)
            kills = [await _kill(bench, {**body, "seed": run}, name) for run in range(RUNS)]
            found[name.replace(" ", "_")] = {
                "back_s": round(statistics.median(back for back, _ in kills), 2),
                "longest_s": round(max(back for back, _ in kills), 2),
                "events_missed": sum(missed for _, missed in kills),
                "renders_begun_again": _begun(bench, before) - RUNS,
            }
        tending.cancel()
    return found


async def _tend(bench: Bench) -> None:
    """Start again what was killed, as `make demo` does. The stack belongs to this thread."""
    while True:
        bench.stack.tend()
        await asyncio.sleep(LOOK_EVERY_S)


async def _kill(bench: Bench, body: dict[str, Any], name: str) -> tuple[float, int]:
    """Seconds until all goes on, and events missed."""
    job = await bench.studio.create("animate", body)
    reader = Reader(bench.studio, job["job_id"])
    following = asyncio.create_task(reader.follow())
    await bench.studio.until(job["job_id"], "executing")
    await _next_step(reader, reader.seen_at)
    pid = bench.stack.pids[name]
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()

    async def serves() -> bool:
        return bench.stack.ready_pids.get(name) not in {None, pid}

    await eventually(serves)
    await _next_step(reader, killed)
    back_s = time.monotonic() - killed
    await following
    return back_s, reader.missed


async def _next_step(reader: Reader, after: float) -> None:
    async def seen() -> bool:
        return reader.seen_at > after

    await eventually(seen)


def _begun(bench: Bench, before: list[int]) -> int:
    [entries] = since(bench, before)
    return sum(entry["event"] == "started" for entry in entries)
