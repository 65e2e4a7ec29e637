"""Node classes taken over from what a server tells of them."""

from pathlib import Path

import pytest

from services.comfy_sim.catalog import Catalog, load_catalog
from services.comfy_sim.files import FileStore
from services.comfy_sim.options import SimOptions
from workflows_comfy.learn_nodes import dump, learn
from workflows_comfy.nodes import CONTRACT_FILE, load_contract

AMBIGUOUS = {"CLIPLoader", "CLIPVisionLoader"}
"""Both call their file `clip_name`, and look for it in different folders."""


@pytest.fixture
def server(tmp_path: Path) -> Catalog:
    return load_catalog(SimOptions(base_dir=tmp_path), FileStore(tmp_path))


@pytest.mark.parametrize("name", sorted(load_contract().keys() - AMBIGUOUS))
def test_what_a_server_tells_is_what_we_know(server: Catalog, name: str) -> None:
    learned = learn(server.object_info(name), load_contract())
    known = load_contract()[name]
    assert (learned.outputs, learned.output_node) == (known.outputs, known.output_node)
    assert learned.package == known.package
    assert learned.inputs.keys() == known.inputs.keys()
    for one, spec in learned.inputs.items():
        assert spec.model_dump(exclude={"default"}) == known.inputs[one].model_dump(
            exclude={"default"}
        )


def test_a_class_of_a_newer_server_is_learned_too() -> None:
    told = {
        "input": {
            "required": {
                "image": ["IMAGE"],
                "low_threshold": [
                    "FLOAT",
                    {"default": 0.4, "min": 0.01, "max": 0.99, "step": 0.01},
                ],
                "mode": ["COMBO", {"options": ["fine", "coarse"]}],
                "vae_name": [["a.safetensors"]],
            },
            "optional": None,
        },
        "output": ["IMAGE"],
        "output_node": False,
        "python_module": "custom_nodes.edges",
    }
    node = learn(told, load_contract())
    assert node.package == "edges"
    assert node.inputs["low_threshold"].maximum == 0.99
    assert node.inputs["mode"].options == ["fine", "coarse"]
    assert node.inputs["vae_name"].files == "vae"


def test_writing_the_contract_changes_nothing_of_it() -> None:
    assert dump(load_contract()) == CONTRACT_FILE.read_text()
