from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.comfy.comfy_factory import Graph, move, node, served, still

Spoil = Callable[[Graph], Any]


def no_inputs(graph: Graph) -> None:
    del graph["image"]["inputs"]


NODE_FAULTS: dict[str, tuple[str, str, Spoil]] = {
    "missing": ("image", "required_input_missing", lambda g: g["image"]["inputs"].pop("width")),
    "small": ("image", "value_smaller_than_min", lambda g: g["image"]["inputs"].update(width=0)),
    "large": ("image", "value_bigger_than_max", lambda g: g["image"]["inputs"].update(width=1e9)),
    "word": ("image", "invalid_input_type", lambda g: g["image"]["inputs"].update(width="wide")),
    "nan": ("image", "invalid_input_type", lambda g: g["image"]["inputs"].update(width="nan")),
    "short link": ("save", "bad_linked_input", lambda g: g["save"]["inputs"].update(images=["a"])),
    "no such node": (
        "save",
        "exception_during_validation",
        lambda g: g["save"]["inputs"].update(images=["nowhere", 0]),
    ),
    "no such slot": (
        "save",
        "exception_during_validation",
        lambda g: g["save"]["inputs"].update(images=["image", 7]),
    ),
    "no inputs": ("image", "exception_during_inner_validation", no_inputs),
    "other type": (
        "save",
        "return_type_mismatch",
        lambda g: g.update(image=node("VAELoader", vae_name="vae.safetensors")),
    ),
    "file not here": (
        "image",
        "custom_validation_failed",
        lambda g: g.update(image=node("LoadImage", image="gone.png")),
    ),
}


async def answer_to(base_dir: Path, graph: Graph, **body: Any) -> tuple[int, dict[str, Any]]:
    async with served(base_dir) as bench:
        response = await bench.comfy.http.post("/prompt", json={"prompt": graph, **body})
        return response.status_code, response.json()


@pytest.mark.parametrize("fault", NODE_FAULTS)
async def test_node_fault_is_named(tmp_path: Path, fault: str) -> None:
    node_id, error_type, spoil = NODE_FAULTS[fault]
    graph = still()
    spoil(graph)
    status, body = await answer_to(tmp_path, graph)
    errors = body["node_errors"][node_id]["errors"]
    assert (status, body["error"]["type"]) == (400, "prompt_outputs_failed_validation")
    assert error_type in [error["type"] for error in errors]


async def test_model_that_is_not_on_the_server_is_named(tmp_path: Path) -> None:
    graph = move()
    graph["vae"]["inputs"]["vae_name"] = "other.safetensors"
    _, body = await answer_to(tmp_path, graph)
    (error,) = body["node_errors"]["vae"]["errors"]
    assert error["type"] == "value_not_in_list"
    assert error["details"] == "vae_name: 'other.safetensors' not in ['vae.safetensors']"


@pytest.mark.parametrize(
    ("graph", "error_type"),
    [
        ({}, "prompt_no_outputs"),
        ({"a": node("EmptyImage", width=8, height=8, batch_size=1, color=0)}, "prompt_no_outputs"),
        ({**still(), "a": node("NoSuchNode")}, "invalid_prompt"),
        ({**still(), "a": {"inputs": {}}}, "invalid_prompt"),
    ],
)
async def test_graph_fault_is_named(tmp_path: Path, graph: Graph, error_type: str) -> None:
    status, body = await answer_to(tmp_path, graph)
    assert (status, body["error"]["type"], body["node_errors"]) == (400, error_type, {})


async def test_body_without_a_prompt_is_named(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        answer = await bench.comfy.http.post("/prompt", json={"client_id": "x"})
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "no_prompt")


async def test_body_that_is_a_list_has_no_prompt(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        answer = await bench.comfy.http.post("/prompt", json=[1, 2])
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "no_prompt")


async def test_anything_can_be_shown(tmp_path: Path) -> None:
    graph = still() | {"show": node("PreviewAny", source=["image", 0])}
    async with served(tmp_path) as bench:
        entry = await bench.entry(await bench.submit(graph))
        (text,) = entry["outputs"]["show"]["text"]
        assert isinstance(text, str)


async def test_cycle_names_no_node(tmp_path: Path) -> None:
    graph = {
        "a": node("ImageScale", image=["b", 0], upscale_method="area", width=8, height=8),
        "b": node("ImageScale", image=["a", 0], upscale_method="area", width=8, height=8),
        "save": node("SaveImage", images=["a", 0], filename_prefix="x"),
    }
    for name in ("a", "b"):
        graph[name]["inputs"]["crop"] = "center"
    status, body = await answer_to(tmp_path, graph)
    assert (status, body["error"]["details"], body["node_errors"]) == (400, "", {})


async def test_fault_of_an_upstream_node_lists_the_output_that_needs_it(tmp_path: Path) -> None:
    graph = still()
    graph["image"]["inputs"]["width"] = 0
    _, body = await answer_to(tmp_path, graph)
    assert body["error"]["details"] == ""
    assert body["node_errors"]["image"]["dependent_outputs"] == ["save"]


async def test_numbers_in_other_clothes_are_accepted(tmp_path: Path) -> None:
    graph = still()
    graph["image"]["inputs"] |= {"width": "64", "height": 48.9, "batch_size": True}
    status, _ = await answer_to(tmp_path, graph)
    assert status == 200


async def test_only_named_targets_run(tmp_path: Path) -> None:
    graph = still() | {"other": node("SaveImage", images=["image", 0], filename_prefix="o")}
    async with served(tmp_path) as bench:
        body = {"prompt": graph, "prompt_id": "p", "partial_execution_targets": ["other"]}
        await bench.comfy.http.post("/prompt", json=body)
        assert (await bench.finish("p", "other")).cause is None
        assert (await bench.finish("p", "save")).failed_node == "save"


@pytest.mark.parametrize(
    "body", ["", "not json", '{"prompt": []}', '{"prompt": null}', '{"number": "x"}', "5"]
)
async def test_bad_shape_is_a_server_error_that_closes(tmp_path: Path, body: str) -> None:
    async with served(tmp_path) as bench:
        answer = await bench.comfy.http.post("/prompt", content=body)
        assert answer.status_code == 500
        assert answer.text == "500 Internal Server Error\n\nServer got itself in trouble"
        assert answer.headers["Connection"] == "close"
