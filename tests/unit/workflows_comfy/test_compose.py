import json
import re
from itertools import chain

import pytest

from proto.job import AnyJobRequest
from proto.plan import PREPARATION
from tests.unit.workflows_comfy.render_factory import (
    LONG,
    PROMPTS,
    animate,
    audio,
    mix,
    values,
)
from workflows_comfy.compose import (
    NEGATIVE_PROMPT,
    check_request,
    negative_prompt,
    positive_prompt,
    soft_guidance,
)
from workflows_comfy.plan import Source
from workflows_comfy.profiles import load_profiles

BANNED = re.compile(
    "comfy|node|workflow|sampler|latent|lora|checkpoint|cfg|step|vae|scheduler|seed|model|!"
)


def refused(request: AnyJobRequest) -> dict[str, str]:
    return {error.field: error.code.value for error in check_request(request, load_profiles())}


def test_prompt_is_followed_by_keywords_framing_and_poses() -> None:
    request = audio(
        prompt="A singer",
        keywords=["neon", " ", "rain"],
        framing_mode="portrait",
        pose_hints=["arms wide", "looks left"],
    )
    assert positive_prompt(request) == (
        "A singer. neon, rain. Close-up portrait, head and shoulders in view. "
        "Poses: arms wide; looks left."
    )


def test_a_plain_prompt_gains_only_its_full_stop() -> None:
    assert positive_prompt(animate(prompt="Is she dancing?")) == "Is she dancing?"
    assert positive_prompt(animate(prompt="She dances")) == "She dances."


def test_the_users_negative_prompt_follows_ours() -> None:
    assert negative_prompt(animate()) == NEGATIVE_PROMPT
    assert negative_prompt(animate(negative_prompt="hats")) == f"{NEGATIVE_PROMPT}, hats"


def test_pose_sheets_and_references_are_soft_guidance() -> None:
    request = animate(
        pose_sheet_asset_ids=["p1", "p2"], pose_hints=["kneels"], reference_asset_ids=["r1"]
    )
    notes = soft_guidance(request)
    told = [(note.kind, note.asset_id, note.hint) for note in notes]
    assert told == [("pose", "p1", "kneels"), ("pose", "p2", ""), ("reference", "r1", "")]
    assert {note.note for note in notes} == {"soft guidance"}


@pytest.mark.parametrize("name", PROMPTS)
def test_composed_values_are_exactly_the_templates_parameters(name: str) -> None:
    prompt = PROMPTS[name]
    assert prompt.values.keys() == prompt.template.bindings.parameters.keys()


def test_each_segment_has_a_seed_of_its_own() -> None:
    seeds = [values(audio(), LONG, index)["seed"] for index in range(3)]
    assert seeds[0] == 7
    assert len(set(seeds)) == 3


def test_a_segments_video_and_latents_are_told_apart_by_name() -> None:
    bound = values(animate(), LONG, 1)
    assert bound["filename_prefix"] != bound["latent_prefix"]
    assert bound["latent_prefix"] is not None


def test_the_subject_is_followed_from_the_same_points_however_long_the_clip() -> None:
    request = mix(subject_points=[{"x": 0.25, "y": 0.75}], background_preservation=False)
    short, prepared = values(request), values(request, LONG, PREPARATION)
    for name in ("positive_points", "negative_points", "mask_growth_px"):
        assert prepared[name] == short[name]


@pytest.mark.parametrize(
    ("quality", "column", "row"), [("draft", 108, 576), ("standard", 144, 768), ("high", 180, 960)]
)
def test_points_land_on_the_same_spot_at_every_size(quality: str, column: int, row: int) -> None:
    request = mix(quality_profile=quality, subject_points=[{"x": 0.25, "y": 0.75}])
    points = values(request)["positive_points"]
    assert json.loads(str(points)) == [{"x": column, "y": row}]


def test_points_follow_the_cut_of_a_wide_clip() -> None:
    points = [{"x": 0.5, "y": 0.5}, {"x": 0.02, "y": 0.5, "label": 0}, {"x": 0.45, "y": 1}]
    source = Source(duration_s=3, width=1920, height=1080)
    bound = values(mix(quality_profile="draft", subject_points=points), source)
    assert json.loads(str(bound["positive_points"])) == [{"x": 216, "y": 384}, {"x": 147, "y": 767}]
    assert bound["negative_points"] is None


def test_without_a_point_the_person_in_the_middle_is_meant() -> None:
    source = Source(duration_s=3, width=1920, height=1080)
    points = values(mix(quality_profile="draft"), source)["positive_points"]
    assert json.loads(str(points)) == [{"x": 216, "y": 307}]


def test_mix_keeps_the_background_and_relights_unless_told_not_to() -> None:
    usual, other = values(mix()), values(mix(background_preservation=False, relighting=False))
    assert (usual["mask_growth_px"], other["mask_growth_px"]) == (10, 64)
    assert usual["relight_lora"] is not None
    assert other["relight_lora"] is None


def test_adherence_is_the_strength_of_guidance() -> None:
    choices = ("natural", "balanced", "strong")
    bound = [values(audio(audio_adherence_profile=choice))["cfg"] for choice in choices]
    assert bound == [4.5, 6.0, 7.5]
    assert values(audio())["cfg"] == 6.0


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (animate(), {}),
        (mix(background_preservation=False, relighting=True), {}),
        (audio(audio_adherence_profile="strong"), {}),
        (animate(prompt="  "), {"prompt": "empty_prompt"}),
        (animate(background_preservation=True), {"background_preservation": "mix_only"}),
        (animate(relighting=False), {"relighting": "mix_only"}),
        (animate(extension_segments=13), {}),
        (animate(extension_segments=14), {"extension_segments": "too_long"}),
        (animate(crop={"x": 0.5, "width": 0.6}), {"crop": "invalid_request"}),
        (animate(crop={"x": 0.1, "width": 0.9, "y": 0.7, "height": 0.3}), {}),
        (
            audio(quality_profile="draft", audio_adherence_profile="natural"),
            {"audio_adherence_profile": "invalid_request"},
        ),
    ],
)
def test_a_request_is_refused_for_what_is_wrong(
    request_: AnyJobRequest, expected: dict[str, str]
) -> None:
    assert refused(request_) == expected


def test_everything_wrong_is_told_at_once_and_in_plain_words() -> None:
    wrong = {"prompt": "", "crop": {"y": 0.9}, "extension_segments": 32}
    requests: list[AnyJobRequest] = [
        animate(**wrong, relighting=True, background_preservation=True),
        audio(**wrong, quality_profile="draft", audio_adherence_profile="natural"),
    ]
    errors = list(chain(*(check_request(request, load_profiles()) for request in requests)))
    assert len(errors) == 9
    words = " ".join(error.message for error in errors).lower()
    assert not BANNED.search(words)
    assert "adherence has no effect in draft. choose standard or high." in words
