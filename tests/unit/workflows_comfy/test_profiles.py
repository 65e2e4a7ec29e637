import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proto.job import AspectRatio, Mode, QualityProfile
from workflows_comfy.plan import max_duration_s
from workflows_comfy.profiles import (
    FAMILIES,
    PROFILES_FILE,
    BadProfiles,
    Family,
    load_profiles,
)


def replaced(folder: Path, family: str, quality: str, **fields: Any) -> Path:
    content = json.loads(PROFILES_FILE.read_text())
    content[family][quality] |= fields
    file = folder / "profiles.json"
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("quality", QualityProfile)
@pytest.mark.parametrize("aspect_ratio", AspectRatio)
def test_every_size_has_exactly_its_shape(
    family: Family, quality: QualityProfile, aspect_ratio: AspectRatio
) -> None:
    settings = load_profiles().settings(family, quality, aspect_ratio)
    across, down = (int(side) for side in aspect_ratio.split(":"))
    assert Fraction(settings.width, settings.height) == Fraction(across, down)
    assert settings.quality_profile is quality


def test_only_draft_accelerates() -> None:
    profiles = load_profiles()
    accelerated = {
        (family, quality)
        for family in Family
        for quality in QualityProfile
        if profiles.profile(family, quality).acceleration_lora
    }
    assert accelerated == {(family, QualityProfile.DRAFT) for family in Family}


def test_high_prefers_bf16_and_falls_back() -> None:
    for family in Family:
        best, fallback = load_profiles().profile(family, QualityProfile.HIGH).diffusion_models
        assert "bf16" in best
        assert "fp8" in fallback


@pytest.mark.parametrize(
    ("mode", "quality", "seconds"),
    [
        (Mode.ANIMATE, "draft", 63),
        (Mode.ANIMATE, "standard", 63),
        (Mode.ANIMATE, "high", 60),
        (Mode.AUDIO_PERFORMANCE, "draft", 159),
        (Mode.AUDIO_PERFORMANCE, "standard", 119),
        (Mode.AUDIO_PERFORMANCE, "high", 79),
    ],
)
def test_videos_of_a_minute_and_more_can_be_made(mode: Mode, quality: str, seconds: int) -> None:
    family, square = FAMILIES[mode], AspectRatio.SQUARE
    settings = load_profiles().settings(family, QualityProfile(quality), square)
    assert int(max_duration_s(mode, settings)) == seconds


def test_a_replaced_file_is_used(tmp_path: Path) -> None:
    file = replaced(tmp_path, "animate", "draft", steps=8, fps="30000/1001")
    profile = load_profiles(file).profile(Family.ANIMATE, QualityProfile.DRAFT)
    assert (profile.steps, profile.fps) == (8, Fraction(30000, 1001))


@pytest.mark.parametrize(
    ("family", "fields", "words"),
    [
        ("animate", {"steps": 0}, r"animate\.draft\.steps"),
        ("animate", {"steps": "many"}, r"animate\.draft\.steps"),
        ("animate", {"stepps": 6}, r"animate\.draft\.stepps"),
        ("animate", {"diffusion_models": []}, r"animate\.draft\.diffusion_models"),
        ("animate", {"segment_frames": 76}, r"animate\.draft: .*segment_frames 76"),
        ("animate", {"max_segments": 33}, r"animate\.draft\.max_segments"),
        ("animate", {"sizes": {"9:16": [432, 768]}}, r"animate\.draft: .*sizes lacks 16:9, 1:1"),
        ("animate", {"sizes": {"9:16": [430, 768]}}, r"animate\.draft\.sizes\.9:16\.0"),
        ("s2v", {"fps": 24}, r"s2v\.draft must have fps 16"),
        ("s2v", {"adherence": {"natural": 2}}, "adherence lacks balanced, strong"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_field(
    tmp_path: Path, family: str, fields: dict[str, Any], words: str
) -> None:
    file = replaced(tmp_path, family, "draft", **fields)
    with pytest.raises(BadProfiles, match=words) as refused:
        load_profiles(file)
    assert str(file) in str(refused.value)


def test_a_file_that_is_not_json_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text("{")
    with pytest.raises(BadProfiles, match=r"mine\.json: the file: Invalid JSON"):
        load_profiles(file)
