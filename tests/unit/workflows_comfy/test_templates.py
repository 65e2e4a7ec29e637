import json
import os
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from proto.job import AnimateSubmode, Mode, QualityProfile
from proto.plan import GraphRole
from tests.unit.workflows_comfy.render_factory import (
    LONG,
    PROMPTS,
    UPLOADED,
    Prompt,
    animate,
    audio,
    mix,
    planned,
    settings,
    template,
)
from workflows_comfy import snapshots
from workflows_comfy.bind import bind
from workflows_comfy.catalog import (
    ROOT,
    TEMPLATE_IDS,
    BadTemplate,
    Template,
    UnknownTemplate,
    active_template,
    by_role,
    graphs_of,
    load_graph,
    load_template,
    model_files,
    read_template,
    read_templates,
    released_folders,
    templates,
)
from workflows_comfy.compose import Attempt, parameters
from workflows_comfy.nodes import Graph, is_link
from workflows_comfy.plan import Source, plan
from workflows_comfy.profiles import load_profiles

SNAPSHOTS = Path(__file__).with_name("snapshots")

NEXT = [name for name in PROMPTS if name.endswith("-next")]
RENDERING = [one for one in templates() if one.template_id in TEMPLATE_IDS.values()]


@pytest.mark.parametrize("one", RENDERING, ids=lambda one: str(one.ref))
def test_bound_graphs_are_the_frozen_ones(one: Template) -> None:
    """At every quality, shape and length of job, of every version that may still be rendered.

    ANIMATRIX_FREEZE=1 writes the snapshots anew; for a change of the profiles or of what jobs give.
    """
    now = snapshots.freeze(one, by_role(one, templates()), load_profiles())
    file = SNAPSHOTS / snapshots.file_name(one)
    if os.environ.get("ANIMATRIX_FREEZE"):
        file.write_text(snapshots.dump(now))
    changed = snapshots.differences(snapshots.load(file.read_text()), now)
    assert not changed, "\n".join(changed)


def test_a_snapshot_names_the_inputs_that_changed() -> None:
    before = snapshots.load((SNAPSHOTS / "animate-move@1.1.0.json").read_text())
    profiles = load_profiles()
    draft = profiles.animate[QualityProfile.DRAFT].model_copy(update={"steps": 9})
    animated = {**profiles.animate, QualityProfile.DRAFT: draft}
    one = load_template("animate/move", "1.1.0")
    after = snapshots.freeze(
        one,
        by_role(one, templates()),
        profiles.model_copy(update={"animate": animated}),
    )
    changed = snapshots.differences(before, after)
    assert len(changed) == len([name for name in before if name.startswith("draft ")])
    assert "draft 16:9 last: sampler.steps was 6, is 9" in changed


def test_released_files_never_change() -> None:
    released = json.loads((ROOT / "released.json").read_text())
    found = {
        str(path.relative_to(ROOT)): sha256(path.read_bytes()).hexdigest()
        for folder in released_folders(ROOT)
        for path in folder.iterdir()
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
    assert active == ["animate/move@1.1.0", "animate/mix@1.1.0", "audio/s2v@1.1.0"]


def test_an_unreleased_version_is_unknown() -> None:
    with pytest.raises(UnknownTemplate, match=r"animate/move@9\.9\.9"):
        load_template("animate/move", "9.9.9")
    with pytest.raises(UnknownTemplate):
        active_template(Mode.ANIMATE)


@pytest.mark.parametrize("name", PROMPTS)
def test_manifest_lists_every_model_a_profile_may_load(name: str) -> None:
    prompt = PROMPTS[name]
    manifest = prompt.template.manifest
    files = model_files(prompt.graph)
    choices = load_profiles().settings_for(prompt.request).diffusion_models
    listed = {model.file for model in manifest.required_models}
    assert set(files.values()) <= listed
    assert "diffusion_model" not in files or set(choices) <= listed


@pytest.mark.parametrize("name", PROMPTS)
def test_a_graph_takes_the_files_its_segment_is_given(name: str) -> None:
    prompt = PROMPTS[name]
    given = planned(prompt.request, prompt.source).prompt(prompt.index).inputs
    assert set(prompt.template.manifest.required_assets) == set(given)
    for role, file in UPLOADED.items():
        assert (file in prompt.values.values()) == (role in given)


@pytest.mark.parametrize("name", PROMPTS)
def test_a_graph_saves_what_its_segment_has_to_leave(name: str) -> None:
    prompt = PROMPTS[name]
    outputs, graph = prompt.template.bindings.outputs, prompt.graph
    wanted = planned(prompt.request, prompt.source).prompt(prompt.index).outputs
    assert {kind for kind, node in outputs.items() if node in graph} == wanted.keys()


@pytest.mark.parametrize("request_", [animate(), mix(), audio()])
def test_the_last_segment_keeps_no_latents(request_: Any) -> None:
    last = len(planned(request_, LONG).segments) - 1
    graph = Prompt(request_, LONG, last).graph
    assert [node["class_type"] for node in graph.values()].count("SaveVideo") == 1
    assert "SaveLatent" not in {node["class_type"] for node in graph.values()}


def test_a_whole_video_is_rendered_as_by_the_first_version() -> None:
    for request in (animate(), mix(), audio()):
        old = load_template(template(request).template_id, "1.0.0")
        made = plan(request, Source(duration_s=3), settings(request), graphs_of(old), 7, "job")
        attempt = Attempt(UPLOADED, made.settings.diffusion_models[0], "animatrix/job/0-0")
        values = parameters(request, made, made.segments[0], old, attempt)
        assert bind(old, values) == Prompt(request, None, 0).graph


def test_move_has_nothing_of_mix() -> None:
    nodes = load_template("animate/move", "1.0.0").graph
    inputs = nodes["animate"]["inputs"]
    assert "relight" not in nodes
    assert "background_video" not in inputs
    assert "character_mask" not in inputs


@pytest.mark.parametrize("one", templates(), ids=str)
def test_saved_video_has_no_sound(one: Template) -> None:
    videos = [node for node in one.graph.values() if node["class_type"] == "CreateVideo"]
    assert not [node for node in videos if "audio" in node["inputs"]]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_sound_template_drops_four_of_81_frames(version: str) -> None:
    graph = load_template("audio/s2v", version).graph
    assert graph["cut"]["inputs"]["batch_index"] == 4
    assert graph["perform"]["inputs"]["length"] == 77
    assert graph["first_doubled"]["inputs"]["samples1"] == ["first_latent", 0]


@pytest.mark.parametrize("name", [name for name in PROMPTS if "width" in PROMPTS[name].values])
def test_width_is_never_height(name: str) -> None:
    size = settings(PROMPTS[name].request)
    for node in PROMPTS[name].graph.values():
        inputs = node["inputs"]
        sides = ("image_gen_width", "image_gen_height")
        for width, height in (("width", "height"), sides):
            if width in inputs:
                assert (inputs[width], inputs[height]) == (size.width, size.height)


@pytest.mark.parametrize("name", [name for name in NEXT if not name.startswith("s2v")])
def test_a_further_segment_goes_on_from_the_five_frames_before(name: str) -> None:
    graph = PROMPTS[name].graph
    animated = graph["animate"]["inputs"]
    assert animated["continue_motion"] == ["previous_frames", 0]
    assert graph["previous_frames"]["inputs"]["samples"] == ["previous", 0]
    assert (animated["continue_motion_max_frames"], animated["video_frame_offset"]) == (5, 5)
    # Slot 4 is how many frames at the start are those of the segment before.
    assert graph["cut"]["inputs"] == {
        "image": ["decode", 0],
        "batch_index": ["animate", 4],
        "length": 72,
    }


def latents(graph: Graph, link: list[Any]) -> int:
    """How many latents a link of a further sound segment's graph carries."""
    node, inputs = graph[link[0]], graph[link[0]]["inputs"]
    if node["class_type"] == "LatentConcat":
        return latents(graph, inputs["samples1"]) + latents(graph, inputs["samples2"])
    if node["class_type"] == "LatentCut":
        amount: int = inputs["amount"]
        assert inputs["index"] == -amount
        return min(amount, latents(graph, inputs["samples"]))
    assert node["class_type"] in ("LoadLatent", "KSampler")
    return 20


def test_a_further_sound_segment_knows_how_much_was_made_before() -> None:
    request = audio(quality_profile="draft")
    longest = Source(duration_s=159)
    assert len(planned(request, longest).segments) == 32
    for index in range(1, 32):
        graph = Prompt(request, longest, index).graph
        assert latents(graph, graph["perform"]["inputs"]["video_latent"]) == 20 * index


def test_a_further_sound_segment_is_decoded_after_the_one_before() -> None:
    graph = PROMPTS["s2v-standard-next"].graph
    decoded = graph["decode"]["inputs"]["samples"]
    assert graph[decoded[0]]["inputs"]["samples1"] == ["previous", 0]
    frames = 4 * (latents(graph, decoded) - 1) + 1
    cut = graph["cut"]["inputs"]
    assert cut["batch_index"] + cut["length"] == frames
    assert graph["save_latent"]["inputs"]["samples"] == ["sampler", 0]


def test_masks_are_made_once_for_all_segments() -> None:
    following = {"Sam2Segmentation", "GrowMask", "BlockifyMask"}
    found = {
        role: following & {node["class_type"] for node in load_graph(ref).graph.values()}
        for role, ref in graphs_of(template(mix())).items()
    }
    assert found == {
        GraphRole.WHOLE: following,
        GraphRole.PREPARE: following,
        GraphRole.FIRST: set(),
        GraphRole.NEXT: set(),
    }


@pytest.mark.parametrize("one", templates(), ids=str)
def test_numbers_of_a_size_are_bound_and_not_wired(one: Template) -> None:
    sizes = [
        node["inputs"].get(side) for node in one.graph.values() for side in ("width", "height")
    ]
    assert not [size for size in sizes if is_link(size)]


def test_a_template_without_parts_makes_whole_videos_only() -> None:
    old = load_template("animate/mix", "1.0.0")
    assert graphs_of(old) == {GraphRole.WHOLE: old.ref}


def test_the_first_segment_is_made_as_a_whole_video_where_nothing_else_is_for_it() -> None:
    graphs = graphs_of(template(animate()))
    assert graphs[GraphRole.FIRST] == graphs[GraphRole.WHOLE]
    graphs = graphs_of(template(mix()))
    assert graphs[GraphRole.FIRST] != graphs[GraphRole.WHOLE]


def test_a_graph_that_was_planned_with_is_found_again_or_refused() -> None:
    ref = graphs_of(template(mix()))[GraphRole.NEXT]
    assert load_graph(ref).ref == ref
    with pytest.raises(BadTemplate, match=r"animate/mix-next@1\.1\.0 has another graph"):
        load_graph(ref.model_copy(update={"graph_sha256": "0" * 64}))
    with pytest.raises(UnknownTemplate):
        load_graph(ref.model_copy(update={"version": "9.9.9"}))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"next": "animate/mix-next"}, r"has no part animate/mix-next@1\.0\.0"),
        ({"whole": "animate/mix"}, "which is its own"),
    ],
)
def test_parts_that_are_not_there_are_refused(
    tmp_path: Path, parts: dict[str, str], words: str
) -> None:
    folder = edited(tmp_path, "manifest.json", {"parts": parts})
    with pytest.raises(BadTemplate, match=words):
        read_templates([folder])


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


def nowhere() -> dict[str, Any]:
    changed = parameter("sampler", "steps")
    changed["parameters"]["extra"]["targets"] = []
    return changed


def optional(node: str, through: str | None = None) -> dict[str, Any]:
    made = {"node": node, "parameter": "relight_lora", "through": through}
    return {"optional_nodes": [*template(mix()).bindings.model_dump()["optional_nodes"], made]}


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("graph.api.json", {"stray": {"class_type": "VAELoader", "inputs": {}}}, "stray"),
        ("bindings.json", parameter("nobody", "x"), "has no such input"),
        ("bindings.json", parameter("sampler", "model"), "replaces a link"),
        ("bindings.json", nowhere(), "extra: goes nowhere"),
        ("bindings.json", parameter("sampler", "steps"), "sampler.steps is bound twice"),
        ("bindings.json", parameter("sampler", "denoise"), "integer can't be FLOAT"),
        ("bindings.json", parameter("mask", "block_size"), "wider than the node's"),
        ("bindings.json", parameter("save", "format", type="string", nullable=True), "required"),
        ("bindings.json", {"outputs": {"video": "decode"}}, "the graph saves in"),
        ("bindings.json", {"surprise": 1}, "surprise"),
        ("bindings.json", optional("decode"), "decode can't be left out"),
        ("bindings.json", optional("sampler", through="steps"), "sampler can't be left out"),
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
