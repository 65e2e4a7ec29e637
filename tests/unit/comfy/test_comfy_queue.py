from pathlib import Path

import pytest

from proto.render import PromptEnd
from services.comfy import presence, queue
from services.comfy.presence import Whereabouts
from tests.unit.comfy.comfy_factory import served, still


async def test_pending_prompts_are_listed_in_the_order_they_run(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        for prompt_id in ("b", "c", "d"):
            await bench.submit(still(), prompt_id)
        body = {"prompt": still(), "prompt_id": "first", "front": True}
        await bench.comfy.http.post("/prompt", json=body)
        line = await queue.read(bench.comfy)
        assert line.running == ["busy"]
        assert line.pending == ["first", "b", "c", "d"]


async def test_place_counts_what_is_ahead(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        await bench.submit(still(), "b")
        await bench.submit(still(), "c")
        place = await presence.find_prompt(bench.comfy, "c")
        assert (place.where, place.ahead) == (Whereabouts.PENDING, 2)


async def test_deleted_prompt_is_absent_and_its_neighbour_stays(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        await bench.submit(still(), "gone")
        await bench.submit(still(), "kept")
        await queue.delete(bench.comfy, ["gone", "busy", "unknown"])
        assert await bench.place("gone") is Whereabouts.ABSENT
        assert (await queue.read(bench.comfy)).pending == ["kept"]
        assert await bench.place("busy") is Whereabouts.RUNNING


async def test_delete_takes_one_copy_for_each_mention(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        for _ in range(3):
            await bench.submit(still(), "twin")
        await queue.delete(bench.comfy, ["twin", "twin"])
        assert (await queue.read(bench.comfy)).pending == ["twin"]


async def test_interrupt_ends_the_running_prompt_it_names(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        while await bench.place("busy") is Whereabouts.RUNNING:
            await queue.interrupt(bench.comfy, "busy")
        outcome = await bench.finish("busy", "save")
        assert outcome.end is PromptEnd.INTERRUPTED


async def test_interrupt_of_a_pending_prompt_does_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        await bench.submit(still(), "waiting")
        await queue.interrupt(bench.comfy, "waiting")
        line = await queue.read(bench.comfy)
        assert (line.running, line.pending) == (["busy"], ["waiting"])


async def test_interrupt_without_an_id_is_never_sent(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ValueError, match="whoever owns it"):
            await queue.interrupt(bench.comfy, "")


@pytest.mark.parametrize("body", ["", "{}", '{"prompt_id": null}', "not json"])
async def test_bare_interrupt_stops_whatever_runs(tmp_path: Path, body: str) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        while await bench.place("busy") is Whereabouts.RUNNING:
            assert (await bench.comfy.http.post("/interrupt", content=body)).status_code == 200
        assert (await bench.finish("busy")).end is PromptEnd.INTERRUPTED


async def test_interrupt_of_an_idle_server_is_forgotten(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.comfy.http.post("/interrupt")
        assert (await bench.finish(await bench.submit(still()), "save")).cause is None


async def test_clear_leaves_what_runs(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        await bench.submit(still(), "waiting")
        await bench.comfy.post("/queue", {"clear": True})
        assert await bench.place("waiting") is Whereabouts.ABSENT
        assert await bench.place("busy") is Whereabouts.RUNNING


async def test_restart_forgets_prompts_and_keeps_files(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still(), "done"))
        await bench.occupy()
    async with served(tmp_path) as bench:
        assert await bench.place("done") is Whereabouts.ABSENT
        assert await bench.place("busy") is Whereabouts.ABSENT
        assert (tmp_path / "output" / "still_00001_.png").exists()
        body = {"prompt": still(), "prompt_id": "again"}
        assert (await bench.comfy.http.post("/prompt", json=body)).json()["number"] == 0
