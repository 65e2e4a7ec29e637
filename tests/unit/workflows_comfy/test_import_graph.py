"""An export of ComfyUI's, made a version that is not yet released."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.workflows_comfy.template_files import copied_root
from workflows_comfy.catalog import ROOT, read_template, read_templates, released_folders
from workflows_comfy.import_graph import Report, import_export
from workflows_comfy.nodes import Graph
from workflows_comfy.release import Refused, release

MOVE = "animate/move"
Change = Callable[[Graph], None]


def exported(change: Change | None = None) -> Graph:
    """Our own graph as the editor writes it: numbered from the last node on, with titles."""
    graph = json.loads((ROOT / MOVE / "1.1.0" / "graph.api.json").read_text())
    if change:
        change(graph)
    ids = {name: str(number) for number, name in enumerate(reversed(graph), start=3)}

    def link(value: Any) -> Any:
        return [ids[value[0]], value[1]] if isinstance(value, list) else value

    return {
        ids[name]: {
            "inputs": {key: link(value) for key, value in node["inputs"].items()},
            "class_type": node["class_type"],
            "_meta": {"title": node["class_type"]},
        }
        for name, node in graph.items()
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied_root(tmp_path)


def imported(root: Path, graph: Any, template_id: str = MOVE, version: str = "1.2.0") -> Report:
    export = root.parent / "export.json"
    export.write_text(json.dumps(graph))
    return import_export(root, export, template_id, version)


def test_renumbered_nodes_are_found_again(root: Path) -> None:
    report = imported(root, exported())
    new, old = (read_template(root / MOVE / version) for version in ("1.2.0", "1.1.0"))
    assert (new.graph, new.bindings) == (old.graph, old.bindings)
    assert len(report.changed["Nodes renumbered"]) == len(old.graph)
    others = {title: items for title, items in report.changed.items() if items}
    assert set(others) == {"Nodes renumbered", "Parts, copied as they are"}
    assert report.decide == []


def test_what_is_imported_is_not_offered_until_it_is_released(root: Path, tmp_path: Path) -> None:
    imported(root, exported())
    before = {template.version for template in read_templates(released_folders(root))}
    release(root, tmp_path, "animate/move@1.2.0")
    after = {template.version for template in read_templates(released_folders(root))}
    assert after - before == {"1.2.0"}


def test_changed_values_and_models_are_told(root: Path) -> None:
    def change(graph: Graph) -> None:
        graph["acceleration"]["inputs"]["strength_model"] = 0.8
        graph["vae"]["inputs"]["vae_name"] = "wan_3.0_vae.safetensors"
        graph["sampler"]["inputs"]["steps"] = 42

    report = imported(root, exported(change))
    assert report.changed["Inputs changed"] == [
        "acceleration.strength_model was 1.0, is 0.8",
        'vae.vae_name was "wan_2.1_vae.safetensors", is "wan_3.0_vae.safetensors"',
    ]
    assert report.changed["Model files"] == [
        "added: wan_3.0_vae.safetensors in models/vae",
        "removed: wan_2.1_vae.safetensors in models/vae",
    ]
    assert [one for one in report.decide if "does not list a model" in one] == [
        'the manifest does not list a model: {"file": "wan_3.0_vae.safetensors", '
        '"folder": "vae", "use": "always"}'
    ]


def test_added_and_rewired_nodes_are_told(root: Path) -> None:
    def change(graph: Graph) -> None:
        graph["grown"] = {
            "class_type": "ImageScale",
            "inputs": {
                "image": ["decode", 0],
                "upscale_method": "lanczos",
                "width": 64,
                "height": 64,
                "crop": "disabled",
            },
        }
        graph["cut"]["inputs"]["image"] = ["grown", 0]

    report = imported(root, exported(change))
    assert report.changed["Nodes added"] == ["image_scale (ImageScale)"]
    assert report.changed["Links rewired"] == [
        "cut.image was slot 0 of decode, is slot 0 of image_scale"
    ]
    assert report.decide == []


def test_bindings_whose_targets_are_gone_are_left_to_decide(root: Path) -> None:
    def change(graph: Graph) -> None:
        del graph["save_latent"]
        graph["shift"]["inputs"].pop("shift")

    report = imported(root, exported(change))
    assert report.changed["Nodes removed"] == ["save_latent (SaveLatent)"]
    assert "shift -> shift.shift: ModelSamplingSD3 has no such input here" in report.decide
    assert "optional node save_latent is gone" in report.decide
    assert "output latent: save_latent is gone" in report.decide
    with pytest.raises(Refused):
        release(root, root, "animate/move@1.2.0")


def test_a_node_of_another_class_in_the_same_place_is_told(root: Path) -> None:
    def change(graph: Graph) -> None:
        graph["vae"]["class_type"] = "TiledVAELoader"

    report = imported(root, exported(change))
    assert report.changed["Nodes of another class"] == ["vae: was VAELoader, is TiledVAELoader"]
    [unknown] = report.decide
    assert "TiledVAELoader is not in nodes.json" in unknown


def test_the_editors_own_buttons_are_left_out(root: Path) -> None:
    def change(graph: Graph) -> None:
        graph["character"]["inputs"]["choose file to upload"] = "image"

    report = imported(root, exported(change))
    [place] = report.changed["Inputs that ComfyUI does not know, left out"]
    assert place.endswith(".choose file to upload")
    assert report.decide == []


def test_parts_go_with_the_new_version(root: Path, tmp_path: Path) -> None:
    report = imported(root, exported())
    assert report.changed["Parts, copied as they are"] == ["animate/move-next@1.2.0, from 1.1.0"]
    release(root, tmp_path, "animate/move@1.2.0")


def test_a_new_template_starts_without_bindings(root: Path) -> None:
    report = imported(root, exported(), template_id="fun/control", version="1.0.0")
    assert report.before is None
    bindings = json.loads((root / "fun/control/1.0.0/bindings.json").read_text())
    assert bindings["parameters"] == {}
    assert any(one.startswith("bindings.json:") for one in report.decide)


def test_a_released_version_is_never_written_over(root: Path) -> None:
    export = root.parent / "export.json"
    export.write_text(json.dumps(exported()))
    with pytest.raises(Refused, match="never changes"):
        import_export(root, export, MOVE, "1.1.0", replace=True)


def test_a_draft_is_written_over_only_when_asked(root: Path) -> None:
    imported(root, exported())
    with pytest.raises(Refused, match="--replace"):
        imported(root, exported())
    import_export(root, root.parent / "export.json", MOVE, "1.2.0", replace=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"nodes": [], "links": []}, "Save \\(API\\)"),
        ({}, "no graph"),
        ({"1": {"class_type": "VAELoader"}}, "no graph"),
        ([], "no graph"),
    ],
)
def test_what_is_no_export_is_refused(root: Path, content: object, words: str) -> None:
    with pytest.raises(Refused, match=words):
        imported(root, content)
    assert not (root / MOVE / "1.2.0").exists()


def test_the_report_reads_as_a_list(root: Path) -> None:
    text = str(imported(root, exported()))
    assert "compared with animate/move@1.1.0" in text
    assert text.endswith("Nothing is left to decide: it can be released.\n")
