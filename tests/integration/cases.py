"""The jobs whose results are looked at: each mode and quality, with and without sound."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proto.job import OutputName
from proto.manifest import DebugMetadata, JobManifest
from tests.integration.conftest import CLIP_S, SILENT_CLIP_S, VOICE_S
from tests.studio import Message

Asset = dict[str, Any]

SEED = 4_503_599_627_370_497
POSE_HINT = "arms crossed"


@dataclass(frozen=True)
class Case:
    """mode: as in the path. driving: the field of the clip or sound, and the fixture it is from.

    guided: whether a pose sheet with a hint and a reference go with it.
    """

    name: str
    mode: str
    driving: tuple[str, str]
    seconds: float
    shape: Fraction
    settings: dict[str, Any] = field(default_factory=dict)
    guided: bool = False

    def body(self, assets: dict[str, Asset]) -> dict[str, Any]:
        name, source = self.driving
        character = assets["character"]["asset_id"]
        guidance = {
            "pose_sheet_asset_ids": [character],
            "pose_hints": [POSE_HINT],
            "reference_asset_ids": [character],
        }
        return {
            "prompt": f"A figure for {self.name}, bright daylight",
            "ground_truth_asset_id": character,
            name: assets[source]["asset_id"],
            **self.settings,
            **(guidance if self.guided else {}),
        }


PORTRAIT, LANDSCAPE, SQUARE = Fraction(9, 16), Fraction(16, 9), Fraction(1)
CLIP = ("motion_video_asset_id", "clip")
SILENT_CLIP = ("motion_video_asset_id", "silent_clip")
VOICE = ("audio_asset_id", "voice")

CASES = [
    Case("move-draft", "animate", CLIP, CLIP_S, PORTRAIT, {"quality_profile": "draft"}),
    Case(
        "mix-draft",
        "animate",
        SILENT_CLIP,
        SILENT_CLIP_S,
        LANDSCAPE,
        {
            "quality_profile": "draft",
            "aspect_ratio": "16:9",
            "animate_submode": "mix",
            "subject_points": [{"x": 0.4, "y": 0.4, "label": 1}, {"x": 0.9, "y": 0.9, "label": 0}],
            "background_preservation": True,
            "relighting": False,
        },
    ),
    Case(
        "voice-draft",
        "audio-performance",
        VOICE,
        VOICE_S,
        SQUARE,
        {
            "quality_profile": "draft",
            "aspect_ratio": "1:1",
            "framing_mode": "portrait",
            "keywords": ["warm light"],
        },
        guided=True,
    ),
    Case(
        "move-standard",
        "animate",
        CLIP,
        1.2,
        SQUARE,
        {"aspect_ratio": "1:1", "duration_override_seconds": 1.2, "seed": SEED},
    ),
    Case(
        "voice-standard",
        "audio-performance",
        VOICE,
        0.8,
        PORTRAIT,
        {"audio_adherence_profile": "strong", "duration_override_seconds": 0.8},
    ),
    Case(
        "move-from-the-middle",
        "animate",
        CLIP,
        CLIP_S - 0.75,
        PORTRAIT,
        {"quality_profile": "draft", "source_start_seconds": 0.75},
    ),
    Case(
        "voice-from-the-middle",
        "audio-performance",
        VOICE,
        0.6,
        PORTRAIT,
        {
            "quality_profile": "draft",
            "source_start_seconds": 0.4,
            "duration_override_seconds": 0.6,
        },
    ),
    Case(
        "mix-high",
        "animate",
        SILENT_CLIP,
        0.5,
        PORTRAIT,
        {"quality_profile": "high", "animate_submode": "mix", "duration_override_seconds": 0.5},
    ),
]


@dataclass(frozen=True)
class Outcome:
    """A finished job: what was promised, told and made. files: the bytes of each output."""

    case: Case
    body: dict[str, Any]
    promise: dict[str, Any]
    messages: list[Message]
    job: dict[str, Any]
    output: dict[str, Any]
    files: dict[str, bytes]

    @property
    def manifest(self) -> JobManifest:
        return JobManifest.model_validate_json(self.files[OutputName.MANIFEST])

    @property
    def debug(self) -> DebugMetadata:
        return DebugMetadata.model_validate_json(self.files[OutputName.DEBUG])

    @property
    def size(self) -> tuple[int, int]:
        return self.promise["width"], self.promise["height"]
