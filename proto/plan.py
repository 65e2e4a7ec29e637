from enum import StrEnum
from fractions import Fraction

from pydantic import Field

from proto.job import AspectRatio, Mode, QualityProfile
from proto.media import Crop
from proto.model import Model


class InputRole(StrEnum):
    """What a file is to a template.

    mask: where the person is in each frame of the motion. previous: the latents of the segment
    before.
    """

    CHARACTER = "character"
    MOTION = "motion"
    VOICE = "voice"
    MASK = "mask"
    PREVIOUS = "previous"


class GraphRole(StrEnum):
    """Which of a template's graphs a prompt is made of.

    whole: a job of one segment. prepare: what all segments share, made once before the first.
    """

    WHOLE = "whole"
    FIRST = "first"
    NEXT = "next"
    PREPARE = "prepare"


class OutputKind(StrEnum):
    """What a prompt leaves behind."""

    VIDEO = "video"
    LATENT = "latent"
    MASK = "mask"


PREPARATION = -1
"""The index of the prompt that makes what all segments share."""


class RenderSettings(Model):
    """One quality profile of one template family, resolved for one aspect ratio.

    diffusion_models: file names, best first; the first one a backend has is used.
    shift, cfg, steps, sampler_name, scheduler: as ModelSamplingSD3 and KSampler take them.
    """

    quality_profile: QualityProfile
    aspect_ratio: AspectRatio
    width: int = Field(ge=64, le=2048, multiple_of=16)
    height: int = Field(ge=64, le=2048, multiple_of=16)
    fps: Fraction = Field(gt=0)
    segment_frames: int = Field(ge=5)
    max_segments: int = Field(ge=1)
    diffusion_models: list[str] = Field(min_length=1)
    acceleration_lora: str | None = None
    steps: int = Field(ge=1, le=100)
    cfg: float = Field(ge=1, le=30)
    shift: float = Field(ge=0, le=100)
    sampler_name: str
    scheduler: str


class TemplateRef(Model):
    """A frozen graph version, for example animate/move@1.0.0."""

    template_id: str
    version: str
    graph_sha256: str

    def __str__(self) -> str:
        return f"{self.template_id}@{self.version}"


class Segment(Model):
    """A unit of a job's render that is made by one prompt, and its checkpoint.

    Frames count from 0 at the profile's rate; ranges are [start, start + frames).
    start_frame, frames: what it adds to the result. read_start, read_frames: what it reads of the
    normalised input. length: frames asked of the model, 4n+1. share: part of the job's progress.
    outputs: what it has to leave, and how many of it: frames, latents, masks. checkpoint: the
    folder in the object store that keeps them.
    """

    index: int
    graph: GraphRole
    start_frame: int
    frames: int
    read_start: int
    read_frames: int
    length: int
    seed: int
    share: float
    inputs: list[InputRole]
    outputs: dict[OutputKind, int]
    checkpoint: str


class Plan(Model):
    """How a job is rendered: what, at what size, in which segments.

    template: what the job was accepted with. graphs: the frozen graphs its prompts are made of.
    clip_crop: what the result's shape leaves of the uploaded motion clip.
    """

    job_id: str
    mode: Mode
    template: TemplateRef
    graphs: dict[GraphRole, TemplateRef]
    settings: RenderSettings
    frames: int
    duration_s: float
    preparation: Segment | None = None
    segments: list[Segment] = Field(min_length=1)
    clip_crop: Crop = Crop()

    def prompt(self, index: int) -> Segment:
        """The segment, or the preparation, that a prompt is for."""
        if index != PREPARATION:
            return self.segments[index]
        if self.preparation is None:
            raise LookupError(f"nothing is prepared for job {self.job_id}")
        return self.preparation


class Outline(Model):
    """What the workflow has to know of a segment. Fields as in Segment."""

    frames: int
    length: int
    share: float


class PlanRef(Model):
    """A plan that lies in the object store. preparation: its share of progress, where there is one.

    steps: of one segment.
    """

    key: str
    sha256: str
    width: int
    height: int
    frames: int
    steps: int
    preparation: float | None
    segments: list[Outline]
