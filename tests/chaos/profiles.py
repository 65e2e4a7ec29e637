"""Qualities so small that a video of many segments is cheap, and how long such a video is."""

import json
from pathlib import Path

from proto.job import AspectRatio, Mode, QualityProfile
from workflows_comfy.plan import capacity
from workflows_comfy.profiles import FAMILIES, MAX_SEGMENTS, PROFILES_FILE, Family, load_profiles

SIZES = {AspectRatio.PORTRAIT: [64, 112], AspectRatio.LANDSCAPE: [112, 64]}
SIZES |= {AspectRatio.SQUARE: [80, 80]}
STEPS = {QualityProfile.DRAFT: 4, QualityProfile.STANDARD: 8, QualityProfile.HIGH: 8}
CLIP_FPS = 16
CLIP_SEGMENT_FRAMES = 21


def write_small_profiles(path: Path) -> Path:
    """The release's own, made small. A sound's rate and frames have to stay as they are."""
    families = json.loads(PROFILES_FILE.read_bytes())
    for family, qualities in families.items():
        for quality, profile in qualities.items():
            profile |= {"sizes": SIZES, "steps": STEPS[quality], "max_segments": MAX_SEGMENTS}
            if family == Family.ANIMATE:
                profile |= {"fps": CLIP_FPS, "segment_frames": CLIP_SEGMENT_FRAMES}
    path.write_text(json.dumps(families), encoding="utf-8")
    return path


def seconds_of(mode: Mode, segments: int, profiles: Path) -> float:
    """Of a clip or sound that needs so many, two or more: the last one is half full."""
    settings = load_profiles(profiles).settings(
        FAMILIES[mode], QualityProfile.DRAFT, AspectRatio.PORTRAIT
    )
    frames = capacity(mode, settings, segments - 1) + capacity(mode, settings, segments)
    return float(frames // 2 / settings.fps)
