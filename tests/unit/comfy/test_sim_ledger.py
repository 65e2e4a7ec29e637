"""What the stand-in writes down of each prompt."""

import json
from pathlib import Path

from services.comfy import queue
from services.comfy_sim.faults import Oom, Restart
from tests.unit.comfy.comfy_factory import served, still, until


async def test_each_run_has_its_start_and_its_end(tmp_path: Path) -> None:
    async with served(tmp_path, faults=(Oom(after=1, node="EmptyImage"),)) as bench:
        await bench.entry(await bench.submit(still(colour=1), "good"))
        await bench.entry(await bench.submit(still(colour=2), "bad"))
        assert bench.ledger() == [
            ("accepted", "good"),
            ("started", "good"),
            ("success", "good"),
            ("accepted", "bad"),
            ("started", "bad"),
            ("error", "bad"),
        ]


async def test_line_says_whose_prompt_it_is_and_when(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.entry(await bench.submit(still(), "p"))
    line = json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[0])
    assert line.pop("at") > 0
    assert line == {
        "boot": 1,
        "event": "accepted",
        "prompt_id": "p",
        "client_id": "bench",
        "number": 0,
    }


async def test_cancelled_prompts_are_written_down(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        for prompt_id in ("deleted", "cleared"):
            await bench.submit(still(), prompt_id)
        await queue.delete(bench.comfy, ["deleted"])
        await bench.comfy.post("/queue", {"clear": True})
        while await bench.line() != ([], []):
            await bench.comfy.post("/interrupt", {"prompt_id": "busy"})
        assert bench.ledger()[-3:] == [
            ("deleted", "deleted"),
            ("deleted", "cleared"),
            ("interrupted", "busy"),
        ]


async def test_refused_prompt_is_not_accepted(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert (await bench.post({}, prompt_id="p")).status_code == 400
        assert bench.ledger() == []


async def test_prompt_that_a_restart_loses_has_no_end(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        bench.sim.set_fault(Restart(seconds=0.0))

        async def restarted() -> bool:
            return ("restarted", None) in bench.ledger()

        await until(restarted)
    async with served(tmp_path):
        assert bench.ledger() == [
            ("accepted", "busy"),
            ("started", "busy"),
            ("restarted", None),
            ("restarted", None),
        ]
