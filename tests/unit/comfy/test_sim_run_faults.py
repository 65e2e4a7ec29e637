"""What is made to go wrong while the stand-in runs a prompt."""

from pathlib import Path
from typing import Any

import av
import pytest

from services.comfy_sim.faults import (
    CachedEmpty,
    DiskFull,
    ForeignInterrupt,
    LateHistory,
    Oom,
    SlowSteps,
    StuckNode,
)
from tests.unit.comfy.comfy_factory import (
    ENDLESS_STEPS,
    add_media,
    move,
    read_until,
    served,
    still,
    until,
)


def last(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    event, data = entry["status"]["messages"][-1]
    return event, data


@pytest.mark.parametrize(
    ("fault", "node_id"),
    [
        (Oom(node="KSampler"), "sampler"),
        (Oom(node="decode"), "decode"),
        (Oom(nth=2), "save"),
        (Oom(), "image"),
    ],
)
async def test_node_runs_out_of_memory(tmp_path: Path, fault: Oom, node_id: str) -> None:
    graph = still() if node_id in still() else move()
    async with served(tmp_path, faults=(fault,)) as bench:
        add_media(bench.sim.files.folder("input"))
        event, data = last(await bench.entry(await bench.submit(graph)))
        assert (event, data["node_id"]) == ("execution_error", node_id)
        assert data["exception_type"] == "torch.OutOfMemoryError"
        assert data["exception_message"].endswith("set the batch_size to a large number.")
        again = await bench.entry(await bench.submit(graph))
        assert again["status"]["completed"]


async def test_full_disk_kills_a_saver_and_leaves_a_part(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(DiskFull(after=10),)) as bench:
        add_media(bench.sim.files.folder("input"))
        entry = await bench.entry(await bench.submit(move()))
    event, data = last(entry)
    assert (event, data["node_id"], data["exception_type"]) == (
        "execution_error",
        "save",
        "OSError",
    )
    assert data["exception_message"] == "[Errno 28] No space left on device\n"
    assert entry["outputs"] == {}
    with pytest.raises(av.error.FFmpegError):
        av.open(tmp_path / "output" / "video" / "clip_00001_.mp4")


async def test_stuck_node_is_deaf_to_interrupts(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(StuckNode(node="SaveImage"),)) as bench:
        async with bench.socket("bench") as reader:
            await bench.submit(still(), "p")
            messages = await read_until(reader, "executing")
            while messages[-1]["data"]["node"] != "save":
                messages = await read_until(reader, "executing")
        for _ in range(10):
            await bench.comfy.http.post("/interrupt", json={"prompt_id": "p"})
            assert await bench.line() == (["p"], [])


async def test_slow_steps_hold_up_an_interrupt(tmp_path: Path) -> None:
    fault = SlowSteps(after=1, factor=1e6)
    async with served(tmp_path, faults=(fault,)) as bench, bench.socket("bench") as reader:
        add_media(bench.sim.files.folder("input"))
        await bench.submit(move(steps=ENDLESS_STEPS), "p")
        await read_until(reader, "progress")
        for _ in range(10):
            await bench.comfy.http.post("/interrupt", json={"prompt_id": "p"})
            assert await bench.line() == (["p"], [])


async def test_somebody_elses_interrupt_ends_a_prompt(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(ForeignInterrupt(after=3),)) as bench:
        add_media(bench.sim.files.folder("input"))
        entry = await bench.entry(await bench.submit(move(steps=ENDLESS_STEPS)))
        event, data = last(entry)
        assert (event, data["node_id"]) == ("execution_interrupted", "sampler")


async def test_late_history_leaves_the_prompt_running_after_its_end(tmp_path: Path) -> None:
    fault = LateHistory(seconds=600)
    async with served(tmp_path, faults=(fault,)) as bench, bench.socket("bench") as reader:
        await bench.submit(still(), "p")
        await read_until(reader, "execution_success")
        assert await bench.line() == (["p"], [])
        assert await bench.get("/history/p") == {}


async def test_late_history_comes(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(LateHistory(seconds=0.05),)) as bench:
        prompt_id = await bench.submit(still())

        async def left() -> bool:
            return await bench.line() == ([], [])

        await until(left)
        assert prompt_id in await bench.get("/history")


async def test_success_may_come_without_outputs(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(CachedEmpty(),)) as bench:
        entry = await bench.entry(await bench.submit(still()))
        assert entry["status"]["completed"]
        assert (entry["outputs"], last(entry)[0]) == ({}, "execution_success")
        assert entry["status"]["messages"][1][1]["nodes"] == ["image", "save"]
        assert (await bench.finish(await bench.submit(still()), "save")).cause is None
