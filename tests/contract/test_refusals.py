"""POST /prompt: what is refused, and how."""

import json
from typing import Any

import pytest

from tests.contract.graphs import Graph, blank, node, picture, save
from tests.contract.server import Server, new_id

FAILED = "prompt_outputs_failed_validation"
UNKNOWN_CLASS = {"invalid_prompt", "missing_node_type"}
SCALE = {"upscale_method": "bilinear", "width": 8, "height": 8, "crop": "disabled"}


def scaled(**inputs: Any) -> Graph:
    scale = node("ImageScale", **{"image": ["image", 0], **SCALE, **inputs})
    return {"image": blank(), "scale": scale, "save": save("scale")}


async def refuse(server: Server, body: Any) -> dict[str, Any]:
    answer = await server.post_body(body)
    assert answer.status_code == 400, answer.text
    refusal: dict[str, Any] = answer.json()
    return refusal


async def node_error_types(server: Server, graph: Graph, node_id: str) -> set[str]:
    refusal = await refuse(server, {"prompt": graph})
    assert refusal["error"]["type"] == FAILED
    return {error["type"] for error in refusal["node_errors"][node_id]["errors"]}


@pytest.mark.parametrize("body", [{"client_id": "nobody"}, [1, 2]])
async def test_a_body_without_a_prompt_is_refused(server: Server, body: Any) -> None:
    refusal = await refuse(server, body)
    assert (refusal["error"]["type"], refusal["node_errors"]) == ("no_prompt", {})


@pytest.mark.parametrize("graph", [[1], "text", None])
async def test_a_graph_of_another_shape_is_a_server_error(server: Server, graph: Any) -> None:
    assert (await server.post_body({"prompt": graph})).status_code == 500


@pytest.mark.parametrize("stranger", [node("AnimatrixNoSuchNode"), {"inputs": {}}])
async def test_a_node_of_an_unknown_class_is_refused(server: Server, stranger: Any) -> None:
    refusal = await refuse(server, {"prompt": picture() | {"stranger": stranger}})
    assert refusal["error"]["type"] in UNKNOWN_CLASS


@pytest.mark.parametrize("graph", [{}, {"image": blank()}])
async def test_a_graph_without_an_output_is_refused(server: Server, graph: Graph) -> None:
    refusal = await refuse(server, {"prompt": graph})
    assert (refusal["error"]["type"], refusal["node_errors"]) == ("prompt_no_outputs", {})


async def test_wanted_outputs_that_are_none_are_refused(server: Server) -> None:
    body = {"prompt": picture(), "partial_execution_targets": ["nowhere"]}
    assert (await refuse(server, body))["error"]["type"] == "prompt_no_outputs"


async def test_a_refusal_tells_each_nodes_errors(server: Server) -> None:
    gone = node("LoadImage", image="animatrix-not-here.png")
    graph = picture(width=0) | {"gone": gone, "other": save("gone")}
    refusal = await refuse(server, {"prompt": graph})
    assert set(refusal["error"]) >= {"type", "message", "details", "extra_info"}
    assert set(refusal["node_errors"]) == {"image", "gone"}
    for node_id, blamed in refusal["node_errors"].items():
        assert blamed["class_type"] == graph[node_id]["class_type"]
        assert set(blamed["dependent_outputs"]) <= {"save", "other"}
        (error,) = blamed["errors"]
        assert set(error) >= {"type", "message", "details", "extra_info"}


async def test_a_refused_prompt_leaves_no_trace(server: Server) -> None:
    prompt_id = new_id()
    await refuse(server, {"prompt": picture(width=0), "prompt_id": prompt_id})
    assert prompt_id not in (await server.line()).ids()
    assert await server.entry(prompt_id) == {}


async def test_a_missing_input_is_refused(server: Server) -> None:
    graph = picture()
    del graph["image"]["inputs"]["width"]
    assert await node_error_types(server, graph, "image") == {"required_input_missing"}


async def test_a_value_below_the_least_is_refused(server: Server) -> None:
    types = await node_error_types(server, picture(width=0), "image")
    assert types == {"value_smaller_than_min"}


async def test_a_value_above_the_most_is_refused(server: Server) -> None:
    types = await node_error_types(server, picture(color=1 << 24), "image")
    assert types == {"value_bigger_than_max"}


@pytest.mark.parametrize("width", ["wide", {"a": 1}])
async def test_a_value_of_another_type_is_refused(server: Server, width: Any) -> None:
    types = await node_error_types(server, picture(width=width), "image")
    assert types == {"invalid_input_type"}


async def test_a_choice_that_is_not_offered_is_refused(server: Server) -> None:
    types = await node_error_types(server, scaled(upscale_method="guess"), "scale")
    assert types == {"value_not_in_list"}


async def test_a_model_the_server_does_not_have_is_a_choice_not_offered(server: Server) -> None:
    graph = {
        "vae": node("VAELoader", vae_name="animatrix-not-here.safetensors"),
        "decode": node("VAEDecode", vae=["vae", 0]),
        "save": save("decode"),
    }
    assert await node_error_types(server, graph, "vae") == {"value_not_in_list"}


async def test_a_file_the_server_does_not_have_is_refused(server: Server) -> None:
    gone = node("LoadImage", image="animatrix-not-here.png")
    types = await node_error_types(server, {"gone": gone, "save": save("gone")}, "gone")
    assert types == {"custom_validation_failed"}


async def test_a_link_that_is_no_pair_is_refused(server: Server) -> None:
    types = await node_error_types(server, scaled(image=["image"]), "scale")
    assert types == {"bad_linked_input"}


async def test_a_link_to_another_type_is_refused(server: Server) -> None:
    mask = node("MaskToImage", mask=["image", 0])
    graph = {"image": blank(), "mask": mask, "save": save("mask")}
    assert await node_error_types(server, graph, "mask") == {"return_type_mismatch"}


@pytest.mark.parametrize("link", [["nowhere", 0], ["image", 7], ["image", "0"]])
async def test_a_link_into_nothing_is_refused(server: Server, link: list[Any]) -> None:
    graph = {"image": blank(), "save": node("SaveImage", images=link, filename_prefix="x")}
    assert await node_error_types(server, graph, "save") == {"exception_during_validation"}


async def test_a_link_into_nothing_further_up_is_refused(server: Server) -> None:
    types = await node_error_types(server, scaled(image=["nowhere", 0]), "scale")
    assert types == {"exception_during_inner_validation"}


async def test_a_circle_is_refused_for_the_graph_not_for_a_node(server: Server) -> None:
    graph = scaled(image=["back", 0])
    graph["back"] = node("ImageScale", image=["scale", 0], **SCALE)
    refusal = await refuse(server, {"prompt": graph})
    types = {e["type"] for blamed in refusal["node_errors"].values() for e in blamed["errors"]}
    # Newer servers name the circle.
    assert types <= {"dependency_cycle"}
    assert refusal["error"]["type"] in {FAILED, "dependency_cycle"}


async def test_a_bare_nan_is_read_and_written(server: Server) -> None:
    content = json.dumps({"prompt": picture(color=float("nan"))})
    answer = await server.http.post("/prompt", content=content)
    assert (answer.status_code, "NaN" in answer.text) == (400, True)
    (error,) = json.loads(answer.text)["node_errors"]["image"]["errors"]
    assert error["type"] == "invalid_input_type"
