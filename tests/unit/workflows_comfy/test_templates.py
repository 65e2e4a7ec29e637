import json
import os
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from proto.job import AnimateSubmode, Mode
from tests.unit.workflows_comfy.render_factory import REQUESTS, mix, template, values
from workflows_comfy.bind import bind
from workflows_comfy.catalog import (
    ROOT,
    BadTemplate,
    Template,
    UnknownTemplate,
    active_template,
    load_template,
    model_files,
    read_template,
    templates,
)
from workflows_comfy.nodes import check_graph, load_contract
from workflows_comfy.profiles import load_profiles

SNAPSHOTS = Path(__file__).with_name("snapshots")


@pytest.mark.parametrize("name", REQUESTS)
def test_bound_graph_is_the_frozen_one(name: str) -> None:
    """ANIMATRIX_FREEZE=1 writes the snapshots anew; only for a template not yet released."""
    request = REQUESTS[name]
    graph = bind(template(request), values(request))
    file = SNAPSHOTS / f"{name}.json"
    if os.environ.get("ANIMATRIX_FREEZE"):
        file.write_text(json.dumps(graph, indent=1, ensure_ascii=False) + "\n")
    assert graph == json.loads(file.read_text())
    assert check_graph(graph, load_contract()) == []


def test_released_files_never_change() -> None:
    released = json.loads((ROOT / "released.json").read_text())
    found = {
        str(path.relative_to(ROOT)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(ROOT.glob("*/*/*/*.json"))
    }
    assert found == released


@pytest.mark.parametrize("one", templates(), ids=str)
def test_graph_sha256_is_of_the_file(one: Template) -> None:
    raw = (ROOT / one.template_id / one.version / "graph.api.json").read_bytes()
    assert one.graph_sha256 == sha256(raw).hexdigest()


def test_each_mode_has_an_active_template() -> None:
    active = [
        str(active_template(Mode.ANIMATE, AnimateSubmode.MOVE).ref),
        str(active_template(Mode.ANIMATE, AnimateSubmode.MIX).ref),
        str(active_template(Mode.AUDIO_PERFORMANCE).ref),
    ]
    assert active == ["animate/move@1.0.0", "animate/mix@1.0.0", "audio/s2v@1.0.0"]


def test_an_unreleased_version_is_unknown() -> None:
    with pytest.raises(UnknownTemplate, match=r"animate/move@9\.9\.9"):
        load_template("animate/move", "9.9.9")
    with pytest.raises(UnknownTemplate):
        active_template(Mode.ANIMATE)


@pytest.mark.parametrize("name", REQUESTS)
def test_manifest_lists_every_model_a_profile_may_load(name: str) -> None:
    request = REQUESTS[name]
    one = template(request)
    listed = {model.file for model in one.manifest.required_models}
    choices = load_profiles().settings_for(request).diffusion_models
    assert set(model_files(bind(one, values(request))).values()) | set(choices) <= listed


def test_move_has_nothing_of_mix() -> None:
    nodes = load_template("animate/move", "1.0.0").graph
    inputs = nodes["animate"]["inputs"]
    assert "relight" not in nodes
    assert "background_video" not in inputs
    assert "character_mask" not in inputs


@pytest.mark.parametrize("one", templates(), ids=str)
def test_saved_video_has_no_sound(one: Template) -> None:
    assert "audio" not in one.graph["video"]["inputs"]


def test_sound_template_drops_four_of_81_frames() -> None:
    graph = load_template("audio/s2v", "1.0.0").graph
    assert graph["cut"]["inputs"]["batch_index"] == 4
    assert graph["perform"]["inputs"]["length"] == 77
    assert graph["first_doubled"]["inputs"]["samples1"] == ["first_latent", 0]


def edited(folder: Path, file: str, change: dict[str, Any]) -> Path:
    """A copy of animate/mix with members of one file replaced."""
    copy = folder / "animate" / "mix" / "1.0.0"
    copytree(ROOT / "animate" / "mix" / "1.0.0", copy)
    content = json.loads((copy / file).read_text())
    (copy / file).write_text(json.dumps(content | change))
    return copy


def test_an_input_that_is_not_required_may_be_null(tmp_path: Path) -> None:
    change = parameter("mask", "device", type="string", nullable=True)
    assert read_template(edited(tmp_path, "bindings.json", change)).version == "1.0.0"


def parameter(node: str, name: str, **fields: Any) -> dict[str, Any]:
    made = {"type": "integer", "minimum": 1, "maximum": 2} | fields
    bound = template(mix()).bindings.model_dump()["parameters"]
    return {"parameters": bound | {"extra": made | {"targets": [{"node": node, "input": name}]}}}


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("graph.api.json", {"stray": {"class_type": "VAELoader", "inputs": {}}}, "stray"),
        ("bindings.json", parameter("nobody", "x"), "has no such input"),
        ("bindings.json", parameter("sampler", "model"), "replaces a link"),
        ("bindings.json", parameter("sampler", "steps"), "sampler.steps is bound twice"),
        ("bindings.json", parameter("sampler", "denoise"), "integer can't be FLOAT"),
        ("bindings.json", parameter("mask", "block_size"), "wider than the node's"),
        ("bindings.json", parameter("save", "format", type="string", nullable=True), "required"),
        ("bindings.json", {"outputs": {"video": "decode"}}, "the graph saves in"),
        ("bindings.json", {"surprise": 1}, "surprise"),
        ("manifest.json", {"custom_nodes": []}, "custom nodes"),
        ("manifest.json", {"required_models": []}, "does not list"),
        ("manifest.json", {"workflow_version": "2.0.0"}, "manifest names"),
    ],
)
def test_files_that_disagree_are_refused(
    tmp_path: Path, file: str, change: dict[str, Any], words: str
) -> None:
    folder = edited(tmp_path, file, change)
    with pytest.raises(BadTemplate, match=words):
        read_template(folder)
