from datetime import datetime
from typing import Any

from proto.job import AnyJobRequest, Mode, Origin
from proto.look import Drift
from proto.media import Crop, MediaFacts
from proto.model import Model
from proto.plan import InputRole, OutputKind, Plan, TemplateRef


class ManifestInput(Model):
    """A file as it was uploaded, and what was made of it.

    source: what the upload is. width, height, fps: as it was made; null where it has none. frames:
    as in NormalisedInput. kept: the part of the upright picture or clip that was used.
    tone_mapped: it was HDR and was made SDR.
    """

    role: InputRole
    asset_id: str
    source_sha256: str
    source: MediaFacts
    normalised_sha256: str
    width: int | None
    height: int | None
    fps: str | None
    frames: int
    kept: Crop | None
    tone_mapped: bool


class ManifestSegment(Model):
    """One rendered segment. fresh: nodes that ran; reused: nodes the backend's cache answered.

    files: the sha256 of all it left. taken_from: the job that rendered it, where it was another.
    """

    index: int
    frames: int
    seed: int
    generation: int
    prompt_id: str
    backend: str
    backend_version: str
    node_fingerprint: str
    graph_sha256: str
    video_sha256: str
    files: dict[OutputKind, str]
    taken_from: str | None
    drift: Drift | None
    bound_values: dict[str, Any]
    execution_s: float | None
    fresh: list[str]
    reused: list[str]


class SoftGuidance(Model):
    """Something that was given as a hint only; the result is not bound to it."""

    kind: str
    asset_id: str | None = None
    hint: str
    note: str = "soft guidance"


class ManifestResult(Model):
    width: int
    height: int
    fps: str
    frames: int
    duration_s: float
    video_sha256: str
    has_audio: bool
    simulated: bool
    planned_frames: int
    stopped_early: bool


class JobManifest(Model):
    """What makes the run again."""

    manifest_version: int = 2
    job_id: str
    mode: Mode
    created_at: datetime
    request: AnyJobRequest
    template: TemplateRef
    model_family: str
    models: dict[str, str]
    nodes: list[str]
    custom_nodes: list[str]
    positive_prompt: str
    negative_prompt: str
    inputs: list[ManifestInput]
    origin: Origin | None
    segments: list[ManifestSegment]
    soft_guidance: list[SoftGuidance]
    result: ManifestResult


class Timing(Model):
    event: str
    at: datetime


class DebugMetadata(Model):
    """For the operator: where everything lies and how long each step took."""

    job_id: str
    plan: Plan
    plan_key: str
    graph_keys: list[str]
    segment_keys: list[str]
    input_keys: list[str]
    timings: list[Timing]
    backend_messages: list[str]
