"""Quality profiles: what draft, standard and high mean, as data an installation can replace."""

from collections.abc import Container
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from proto.job import AnyJobRequest, AspectRatio, AudioAdherence, Mode, QualityProfile
from proto.plan import RenderSettings

PROFILES_FILE = Path(__file__).with_name("profiles.json")

S2V_FPS = Fraction(16)
S2V_CHUNK_FRAMES = 77

MAX_SEGMENTS = 32
"""A sound's further segments are given what was made so far as at most 640 latents, 20 of each."""

Side = Annotated[int, Field(ge=64, le=2048, multiple_of=16)]
Guidance = Annotated[float, Field(ge=1, le=30)]


class Family(StrEnum):
    ANIMATE = "animate"
    S2V = "s2v"


FAMILIES = {Mode.ANIMATE: Family.ANIMATE, Mode.AUDIO_PERFORMANCE: Family.S2V}


class BadProfiles(ValueError):
    """A profile file that can't be used. Names the file and the field."""


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Profile(Strict):
    """One quality of one family. Fields as in RenderSettings.

    sizes: width and height. adherence: the guidance each choice stands for; None where guidance
    is 1, for there it has no effect. max_segments: what limits a video's length.
    min_vram_gb: a backend with less is not given such jobs.
    """

    note: str = ""
    sizes: dict[AspectRatio, tuple[Side, Side]]
    fps: Fraction = Field(gt=0, le=30)
    segment_frames: int = Field(ge=5, le=77)
    max_segments: int = Field(ge=1, le=MAX_SEGMENTS)
    diffusion_models: list[str] = Field(min_length=1)
    acceleration_lora: str | None
    steps: int = Field(ge=1, le=100)
    cfg: Guidance
    shift: float = Field(ge=0, le=100)
    sampler_name: str
    scheduler: str
    adherence: dict[AudioAdherence, Guidance] | None
    min_vram_gb: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _require_all("sizes", self.sizes, AspectRatio)
        if self.segment_frames % 4 != 1:
            raise ValueError(f"segment_frames {self.segment_frames} is not 4n+1")
        if self.adherence is not None:
            _require_all("adherence", self.adherence, AudioAdherence)
            if self.cfg == 1:
                raise ValueError("adherence has no effect where cfg is 1")
        return self


class Profiles(Strict):
    animate: dict[QualityProfile, Profile]
    s2v: dict[QualityProfile, Profile]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _require_all("animate", self.animate, QualityProfile)
        _require_all("s2v", self.s2v, QualityProfile)
        for quality, profile in self.s2v.items():
            # The sound is cut into features at this rate, and the template's chunk is fixed.
            if (profile.fps, profile.segment_frames) != (S2V_FPS, S2V_CHUNK_FRAMES):
                raise ValueError(f"s2v.{quality} must have fps 16 and segment_frames 77")
        return self

    def profile(self, family: Family, quality: QualityProfile) -> Profile:
        return (self.animate if family is Family.ANIMATE else self.s2v)[quality]

    def settings(
        self,
        family: Family,
        quality: QualityProfile,
        aspect_ratio: AspectRatio,
        adherence: AudioAdherence | None = None,
    ) -> RenderSettings:
        """The profile for one shape. An adherence it does not have leaves its own guidance."""
        profile = self.profile(family, quality)
        width, height = profile.sizes[aspect_ratio]
        fields = profile.model_dump(exclude={"note", "sizes", "adherence", "cfg", "min_vram_gb"})
        return RenderSettings(
            **fields,
            quality_profile=quality,
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
            cfg=_guidance(profile, adherence),
        )

    def settings_for(self, request: AnyJobRequest) -> RenderSettings:
        """The settings a job asks for."""
        adherence = (
            request.audio_adherence_profile if request.mode is Mode.AUDIO_PERFORMANCE else None
        )
        return self.settings(
            FAMILIES[request.mode], request.quality_profile, request.aspect_ratio, adherence
        )


def load_profiles(path: Path | None = None) -> Profiles:
    """The profiles in a file, or those that come with the release. Raises BadProfiles, OSError."""
    file = path or PROFILES_FILE
    try:
        return Profiles.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise BadProfiles(f"{file}: {_sentences(error)}") from error


def _guidance(profile: Profile, adherence: AudioAdherence | None) -> float:
    if profile.adherence is None or adherence is None:
        return profile.cfg
    return profile.adherence[adherence]


def _require_all(field: str, given: Container[str], names: type[StrEnum]) -> None:
    missing = [str(name) for name in names if name not in given]
    if missing:
        raise ValueError(f"{field} lacks {', '.join(missing)}")


def _sentences(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'the file'}: {problem['msg']}"
        for problem in error.errors()
    )
