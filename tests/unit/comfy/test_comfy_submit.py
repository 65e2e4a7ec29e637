from pathlib import Path

import pytest

from proto.render import PromptEnd
from services.comfy import history
from services.comfy.connection import ComfyAmbiguous, ComfyRejected
from tests.unit.comfy.comfy_factory import Graph, node, served, still

GOOD_AND_BAD: Graph = {
    **still("good"),
    "gone": node("LoadImage", image="gone.png"),
    "bad": node("SaveImage", images=["gone", 0], filename_prefix="bad"),
}


async def test_accepted_prompt_keeps_the_id_it_was_given(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert await bench.submit(still(), "3f1c") == "3f1c"
        assert (await bench.finish("3f1c", "save")).end is PromptEnd.SUCCEEDED


async def test_client_and_file_metadata_travel_with_the_prompt(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        prompt_id = await bench.submit(still())
        await bench.finish(prompt_id)
        entry = (await bench.comfy.get_json(f"/history/{prompt_id}"))[prompt_id]
        assert entry["prompt"][3] == {"client_id": "bench", "extra_pnginfo": {"job": "j1"}}


async def test_refused_graph_says_which_input_of_which_node(tmp_path: Path) -> None:
    graph = still()
    graph["image"]["inputs"]["width"] = 0
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await bench.submit(graph)
    assert (refusal.value.status, refusal.value.queued) == (400, False)
    assert refusal.value.error_type == "prompt_outputs_failed_validation"
    assert refusal.value.node_errors["image"]["errors"][0]["details"] == "width"


async def test_half_refused_graph_is_told_to_be_queued(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await bench.submit(GOOD_AND_BAD, "half")
        assert refusal.value.queued
        assert list(refusal.value.node_errors) == ["gone"]
        assert (await bench.finish("half", "save")).end is PromptEnd.SUCCEEDED


async def test_half_refused_prompt_does_not_count_as_success(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected):
            await bench.submit(GOOD_AND_BAD, "half")
        outcome = await bench.finish("half", "save", "bad")
        assert (outcome.end, outcome.failed_node) == (PromptEnd.FAILED, "bad")


async def test_too_large_graph_is_rejected(tmp_path: Path) -> None:
    async with served(tmp_path, max_upload_bytes=64) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await bench.submit(still())
        assert refusal.value.status == 413


async def test_malformed_graph_is_ambiguous_for_the_server_says_500(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyAmbiguous):
            await bench.submit({"node": 5})


async def test_same_id_twice_runs_twice_and_history_keeps_the_last(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        await bench.finish(await bench.submit(still("first"), "same"))
        await bench.submit(still("second"), "same")
        outcome = await bench.finish("same", "save")
        assert outcome.files["save"][0].filename == "second_00001_.png"
        assert (tmp_path / "output" / "first_00001_.png").exists()


async def test_unknown_prompt_has_no_history(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert await history.find(bench.comfy, "never/seen") is None
