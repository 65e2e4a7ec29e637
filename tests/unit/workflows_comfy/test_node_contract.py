from typing import Any

import pytest

from workflows_comfy.nodes import check_graph, load_contract


def picture(**inputs: Any) -> dict[str, Any]:
    given = {"width": 64, "height": 64, "batch_size": 1, "color": 0} | inputs
    return {"class_type": "EmptyImage", "inputs": given}


def save(source: object = None) -> dict[str, Any]:
    images = ["picture", 0] if source is None else source
    return {"class_type": "SaveImage", "inputs": {"images": images, "filename_prefix": "p"}}


def problems(**nodes: Any) -> str:
    graph = {"picture": picture(), "save": save()} | nodes
    return "; ".join(check_graph(graph, load_contract()))


def test_a_sound_graph_has_no_problems() -> None:
    assert problems() == ""


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ({"picture": {"class_type": "Nothing", "inputs": {}}}, "unknown class 'Nothing'"),
        ({"picture": {"class_type": "EmptyImage"}}, "picture: has no inputs"),
        ({"picture": picture(size=1)}, "picture.size: unknown input"),
        ({"save": {"class_type": "SaveImage", "inputs": {"images": ["picture", 0]}}}, "missing"),
        ({"picture": picture(width="64")}, "picture.width: '64' is not a number"),
        ({"picture": picture(width=True)}, "not a number"),
        ({"picture": picture(width=64.5)}, "not a whole number"),
        ({"picture": picture(width=0)}, "0 is below 1"),
        ({"picture": picture(width=99999)}, "99999 is above 16384"),
        ({"save": save("picture")}, "IMAGE needs a link"),
        ({"save": save(["picture"])}, "is not [node, slot]"),
        ({"save": save(["nobody", 0])}, "'nobody', which is not in the graph"),
        ({"save": save(["picture", 1])}, "slot 1 of 'picture', which has 1"),
        ({"picture": picture(width=["other", 0]), "other": picture()}, "needs INT"),
        ({"other": picture()}, "other: no output node needs it"),
    ],
)
def test_a_broken_graph_is_refused_by_name(nodes: dict[str, Any], words: str) -> None:
    assert words in problems(**nodes)


def test_a_graph_that_saves_nothing_is_refused() -> None:
    assert check_graph({"picture": picture()}, load_contract()) == ["no output node"]


def test_a_cycle_is_refused() -> None:
    batch = {"class_type": "ImageBatch", "inputs": {"image1": ["batch", 0], "image2": ["batch", 0]}}
    graph = {"batch": batch, "save": save(["batch", 0])}
    assert check_graph(graph, load_contract()) == ["cycle: batch -> batch"]


def test_a_choice_off_the_list_is_refused() -> None:
    mask = {"class_type": "ImageToMask", "inputs": {"image": ["picture", 0], "channel": "teal"}}
    back = {"class_type": "MaskToImage", "inputs": {"mask": ["mask", 0]}}
    found = problems(mask=mask, back=back, save=save(["back", 0]))
    assert found == "mask.channel: 'teal' is not one of red, green, blue, alpha"


def test_a_size_between_two_steps_is_refused() -> None:
    inputs = {"image_gen_width": 100, "image_gen_height": 128, "resize_mode": "Just Resize"}
    scale = {
        "class_type": "PixelPerfectResolution",
        "inputs": {"original_image": ["source", 0]} | inputs,
    }
    found = problems(source=picture(), scale=scale, picture=picture(width=["scale", 0]))
    assert found == "scale.image_gen_width: 100 is not 64 plus a multiple of 8"
