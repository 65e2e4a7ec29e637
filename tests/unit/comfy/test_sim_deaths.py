"""Requests that kill a ComfyUI, and so the stand-in."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.unit.comfy.comfy_factory import Bench, Graph, node, served, still


async def stuck(bench: Bench, prompt_id: str) -> None:
    """Assert that `prompt_id` never ends and nothing runs after it, while HTTP goes on."""
    await bench.submit(still(), "after")

    async def look() -> bool:
        running, pending = await bench.line()
        return (running, pending) == ([prompt_id], ["after"])

    for _ in range(20):
        await asyncio.sleep(0)
        assert await look() or await bench.line() == ([], [prompt_id, "after"])
    assert await bench.get("/history") == {}
    assert await bench.get("/system_stats")


ORPHAN: Graph = {**still(), "orphan": {"class_type": "EmptyImage"}}


@pytest.mark.parametrize(
    ("graph", "keys"),
    [
        (ORPHAN, {}),
        (still(), {"extra_data": None}),
        (still(), {"extra_data": 5}),
    ],
    ids=["orphan without inputs", "extra_data null", "extra_data a number"],
)
async def test_request_kills_the_executor(
    tmp_path: Path, graph: Graph, keys: dict[str, Any]
) -> None:
    async with served(tmp_path) as bench:
        answer = await bench.post(graph, prompt_id="killer", **keys)
        assert (answer.status_code, answer.json()["node_errors"]) == (200, {})
        await stuck(bench, "killer")


async def test_same_number_and_id_is_500_and_queued_and_kills_the_executor(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.occupy()
        twins = {"prompt_id": "twin", "number": 500}
        answers = [await bench.post(still(colour=n), **twins) for n in range(3)]
        assert [answer.status_code for answer in answers] == [200, 500, 500]
        assert await bench.line() == (["busy"], ["twin"] * 3)
        while "busy" in (await bench.line())[0]:
            await bench.comfy.http.post("/interrupt")
        await bench.submit(still(), "after")
        # One of them is lost without a word.
        assert await bench.line() == ([], ["after", "twin", "twin"])


@pytest.mark.parametrize("client_id", [["a"], {"a": 1}])
async def test_client_id_of_another_shape_ends_the_server(tmp_path: Path, client_id: Any) -> None:
    async with served(tmp_path) as bench:
        assert (await bench.post(still(), client_id=client_id)).status_code == 200
        await asyncio.wait_for(bench.sim.exited.wait(), 10)
        assert not await bench.answers()


async def test_list_as_extra_data_fails_the_node_that_reads_it(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.post(still(), prompt_id="p", extra_data=[1])
        event, told = (await bench.entry("p"))["status"]["messages"][-1]
        assert (event, told["node_id"], told["executed"]) == ("execution_error", "save", ["image"])
        assert (await bench.post(still(), extra_data=[1], client_id="x")).status_code == 500


async def test_cycle_that_no_output_needs_harms_nobody(tmp_path: Path) -> None:
    loop = {
        "a": node("ImageInvert", image=["b", 0]),
        "b": node("ImageInvert", image=["a", 0]),
    }
    async with served(tmp_path) as bench:
        await bench.submit({**still(), **loop}, "p")
        assert (await bench.entry("p"))["status"]["completed"]
