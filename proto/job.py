from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from proto.errors import JobError, Remedy
from proto.media import Crop, SubjectPoint
from proto.model import Model, Request


class Mode(StrEnum):
    ANIMATE = "animate"
    AUDIO_PERFORMANCE = "audio-performance"


class AspectRatio(StrEnum):
    PORTRAIT = "9:16"
    LANDSCAPE = "16:9"
    SQUARE = "1:1"


class QualityProfile(StrEnum):
    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"


class AnimateSubmode(StrEnum):
    MOVE = "move"
    MIX = "mix"


class FramingMode(StrEnum):
    PORTRAIT = "portrait"
    HALF_BODY = "half_body"
    FULL_BODY = "full_body"


class AudioAdherence(StrEnum):
    NATURAL = "natural"
    BALANCED = "balanced"
    STRONG = "strong"


class JobStatus(StrEnum):
    ACCEPTED = "accepted"
    UPLOADED = "uploaded"
    QUEUED = "queued"
    EXECUTING = "executing"
    COLLECTING_OUTPUTS = "collecting_outputs"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class Stage(StrEnum):
    """The four stages a user sees."""

    READING_FILES = "reading_files"
    IN_LINE = "in_line"
    ANIMATING = "animating"
    FINISHING = "finishing"


MAX_SEED = 2**53 - 1
"""The largest seed: a browser's numbers are exact up to here."""


class JobRequest(Request):
    """source_start_seconds: where in the clip or sound the video begins."""

    prompt: str = Field(max_length=4000)
    negative_prompt: str = Field(default="", max_length=4000)
    keywords: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=12)
    ground_truth_asset_id: str
    reference_asset_ids: list[str] = Field(default=[], max_length=4)
    pose_sheet_asset_ids: list[str] = Field(default=[], max_length=8)
    pose_hints: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=8)
    crop: Crop | None = None
    aspect_ratio: AspectRatio = AspectRatio.PORTRAIT
    quality_profile: QualityProfile = QualityProfile.STANDARD
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    priority: int = Field(default=3, ge=1, le=5)
    extension_segments: int | None = Field(default=None, ge=0, le=100)
    source_start_seconds: float = Field(default=0.0, ge=0, le=36_000)
    duration_override_seconds: float | None = Field(default=None, gt=0, le=600)


class AnimateRequest(JobRequest):
    mode: Literal[Mode.ANIMATE] = Mode.ANIMATE
    motion_video_asset_id: str
    animate_submode: AnimateSubmode = AnimateSubmode.MOVE
    subject_points: list[SubjectPoint] = Field(default=[], max_length=20)
    background_preservation: bool | None = None
    relighting: bool | None = None


class AudioPerformanceRequest(JobRequest):
    mode: Literal[Mode.AUDIO_PERFORMANCE] = Mode.AUDIO_PERFORMANCE
    audio_asset_id: str
    framing_mode: FramingMode = FramingMode.HALF_BODY
    audio_adherence_profile: AudioAdherence | None = None


AnyJobRequest = Annotated[AnimateRequest | AudioPerformanceRequest, Field(discriminator="mode")]


class SecondsRange(Model):
    low: int
    high: int


class WaitReason(StrEnum):
    """Why a job does not render yet."""

    READING_FILES = "reading_files"
    NEXT = "next"
    IN_LINE = "in_line"
    PAUSED = "paused"
    NO_RENDERER = "no_renderer"
    DECISION = "decision"
    OWN_VIDEOS = "own_videos"


class Wait(Model):
    """What a job waits for. position: its place in line, from 1.

    about: owners take turns, so the position can change. seconds: until it renders, as far as
    earlier videos tell.
    """

    reason: WaitReason
    message: str
    position: int | None
    about: bool
    seconds: SecondsRange | None


class JobAction(StrEnum):
    """What the owner can do with a job now.

    keep: end after the segment that renders, and finish what is done. continue: go on after a
    decision was asked for. retry: take a failed or stopped job up where it ended. again: have a
    segment, and what follows it, made once more as another job.
    """

    CANCEL = "cancel"
    KEEP = "keep"
    CONTINUE = "continue"
    RETRY = "retry"
    AGAIN = "again"


class JobWarning(Model):
    """Something the owner should know of a job that goes on. segment: from 0."""

    code: str
    message: str
    segment: int | None = None


class Origin(Model):
    """Where a job's first segments come from: another job's that lie before `segment`."""

    job_id: str
    segment: int


class GrowingVideo(Model):
    """What exists of a video whose rest is not rendered yet, from its first frame on.

    The URL is signed; it is another one after each segment.
    """

    video_url: str
    duration_seconds: float
    frame_count: int
    segments: int


class SegmentState(StrEnum):
    DONE = "done"
    RENDERING = "rendering"
    WAITING = "waiting"


class JobSegment(Model):
    """A part of a job's video. taken_over: made by the job that this one started from."""

    index: int
    start_seconds: float
    duration_seconds: float
    frame_count: int
    state: SegmentState
    taken_over: bool
    warnings: list[JobWarning]


class JobSegmentList(Model):
    items: list[JobSegment]


class AgainRequest(Request):
    """seed: of the new take; chosen by us when it is left out."""

    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)


class OutputName(StrEnum):
    VIDEO = "video_mp4"
    POSTER = "poster_frame_jpg"
    FIRST_FRAME = "first_frame"
    ANIMATED_PREVIEW = "animated_preview"
    MANIFEST = "job_manifest.json"
    DEBUG = "debug_metadata.json"
    POSE_PREVIEW = "pose_preview"


class OutputFile(Model):
    url: str
    mime_type: str
    size_bytes: int
    sha256: str


class JobOutput(Model):
    """The finished video of a job and what comes with it. URLs are signed and expire."""

    output_id: str
    job_id: str
    video_url: str
    download_url: str
    poster_url: str
    manifest_url: str
    duration_seconds: float
    resolution: str
    fps: float
    frame_count: int
    has_audio: bool
    simulated: bool
    stopped_early: bool
    files: dict[OutputName, OutputFile]
    created_at: datetime


class JobOutputPage(Model):
    items: list[JobOutput]


class Job(Model):
    job_id: str
    mode: Mode
    workflow_template: str
    status: JobStatus
    rev: int
    stage: Stage
    progress: float = Field(ge=0, le=1)
    queue_position: int | None
    wait: Wait | None
    eta_seconds: SecondsRange | None
    error: JobError | None
    submitted_by: str
    prompt: str
    negative_prompt: str
    settings_json: AnyJobRequest
    seed: int
    comfy_prompt_id: str | None
    poster_url: str | None
    output: JobOutput | None
    segment_count: int
    segments_done: int
    growing: GrowingVideo | None
    warnings: list[JobWarning]
    actions: list[JobAction]
    origin: Origin | None
    created_at: datetime
    updated_at: datetime


class JobPage(Model):
    items: list[Job]
    next_cursor: str | None = None


class Deletion(Model):
    """number: 1, 2, 3 … of the job's deletions. undo_s: how long its owner can take it back."""

    job_id: str
    number: int
    undo_s: float


class Promise(Model):
    """What the job would make. Nothing is created by asking.

    warnings: the most important first. not_checked: names of files' fields of which something is
    not known yet, or can't be. checking: a file is still being read, so that the rest is what it
    says of itself; to be asked again.
    """

    mode: Mode
    width: int
    height: int
    fps: float
    frame_count: int
    duration_seconds: float
    segments: int
    has_audio: bool
    quality_profile: QualityProfile
    aspect_ratio: AspectRatio
    estimated_seconds: SecondsRange | None
    queue_position: int
    wait_seconds: SecondsRange | None
    warnings: list["PromiseWarning"]
    not_checked: list[str]
    checking: bool


class PromiseWarning(Model):
    """Something a user may want to mend first; it blocks nothing."""

    code: str
    message: str
    field: str | None = None
    action: Remedy | None = None
    trim_to_seconds: float | None = None
    aspect_ratio: AspectRatio | None = None
