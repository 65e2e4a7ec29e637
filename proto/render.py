"""Inputs and results of the RenderJob workflow and its activities.

They stay small, for every one of them is kept in workflow history: media, graphs and plans go by
object key and sha256, a prompt's text stays in the job's row.
"""

from enum import StrEnum

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import Mode, Stage
from proto.media import StoredFile
from proto.model import Model
from proto.plan import InputRole, PlanRef


class RenderRequest(Model):
    job_id: str
    owner: str
    mode: Mode
    template: str
    priority: int


class JobRef(Model):
    job_id: str


class NormalisedInput(Model):
    """frames: of the picture 1, of a clip its frames, of a sound the video frames it fills."""

    role: InputRole
    asset_id: str
    source_sha256: str
    file: StoredFile
    frames: int


class NormalisedInputs(Model):
    inputs: list[NormalisedInput]
    soundtrack: StoredFile | None


class PlanRequest(Model):
    job_id: str
    inputs: NormalisedInputs


class HoldRequest(Model):
    job_id: str
    segment: int


class SlotGrant(Model):
    """A backend's place, told to the workflow by the agent that holds it."""

    backend_id: str
    segment: int
    attempt: int


class SegmentWork(Model):
    """One segment of one plan on one backend."""

    job_id: str
    plan: PlanRef
    segment: int
    backend_id: str


class UploadRequest(Model):
    work: SegmentWork
    inputs: NormalisedInputs


class UploadedInput(Model):
    """name: as the backend stored it, subfolder included; it is what a loader node takes."""

    role: InputRole
    name: str


class UploadedInputs(Model):
    inputs: list[UploadedInput]


class Submission(Model):
    work: SegmentWork
    generation: int
    prompt_id: str
    uploaded: UploadedInputs


class Submitted(Model):
    """What the backend has in its line: the graph it was sent and the values bound into it.

    simulated: the backend is the stand-in, which draws its results.
    """

    prompt_id: str
    graph: StoredFile
    values: StoredFile
    backend_version: str
    node_fingerprint: str
    simulated: bool


class Watch(Model):
    """progress_from, progress_share: where this prompt's own 0..1 lies in the job's progress.

    deadline: when to give up, in seconds since the epoch.
    """

    work: SegmentWork
    prompt_id: str
    deadline: float
    progress_from: float
    progress_share: float


class PromptEnd(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    LOST = "lost"


class BackendFile(Model):
    filename: str
    subfolder: str
    type: str


class PromptOutcome(Model):
    """cause: for the operator, exact. cached_nodes: nodes the backend did not run again."""

    prompt_id: str
    end: PromptEnd
    files: list[BackendFile] = []
    cause: str | None = None
    failed_node: str | None = None
    cached_nodes: list[str] = []
    execution_s: float | None = None


class CollectRequest(Model):
    work: SegmentWork
    generation: int
    outcome: PromptOutcome


class SegmentResult(Model):
    """A rendered segment that is stored and plays."""

    segment: int
    generation: int
    prompt_id: str
    backend_id: str
    seed: int
    video: StoredFile
    frames: int
    submitted: Submitted
    outcome: PromptOutcome


class CollectedSegment(Model):
    video: StoredFile
    frames: int
    seed: int


class PromptRef(Model):
    backend_id: str
    prompt_id: str


class CancelEnd(StrEnum):
    GONE = "gone"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


class CancelOutcome(Model):
    prompt_id: str
    end: CancelEnd


class FinishRequest(Model):
    job_id: str
    plan: PlanRef
    inputs: NormalisedInputs
    segments: list[SegmentResult]


class Finished(Model):
    output_id: str
    duration_s: float
    frames: int


class Record(Model):
    """A change of a job's row and the event that tells it. `key` makes a repeat harmless."""

    job_id: str
    key: str
    type: EventType
    stage: Stage
    progress: float
    prompt_id: str | None = None
    backend_id: str | None = None
    error_code: ErrorCode | None = None
    cause: str | None = None
