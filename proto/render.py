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
    weight: float = 1.0


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


class JoinLine(Model):
    """A job takes its place in the line for GPUs. key: as in Record."""

    job_id: str
    key: str
    progress: float


class InLine(Model):
    """line: the task queue to wait in."""

    ability: str
    line: str


class HoldRequest(Model):
    """A place on a GPU for one attempt. prompt_id: what will be sent there."""

    job_id: str
    segment: int
    generation: int
    prompt_id: str
    ability: str


class SlotGrant(Model):
    """A backend's place, told to the workflow by the agent that holds it."""

    backend_id: str
    prompt_id: str


class PromptRef(Model):
    """A prompt on a backend, and the attempt it is."""

    job_id: str
    segment: int
    generation: int
    prompt_id: str
    backend_id: str


class SegmentWork(Model):
    """One attempt at one segment of one plan."""

    plan: PlanRef
    prompt: PromptRef


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

    patience_s: how long the prompt may run, for the work it was asked for.
    """

    work: SegmentWork
    progress_from: float
    progress_share: float
    patience_s: float


class PromptEnd(StrEnum):
    """How a prompt ended, or why nobody waits for it any more.

    interrupted: by somebody else. lost: the backend has forgotten it. moved: taken out of the line
    of a backend that gets no work now. stalled: it runs without getting anywhere. unreachable: its
    backend was silent for too long.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    MOVED = "moved"
    STALLED = "stalled"
    UNREACHABLE = "unreachable"


class BackendFile(Model):
    filename: str
    subfolder: str
    type: str


class PromptOutcome(Model):
    """cause: for the operator, exact. cached_nodes: nodes the backend did not run again.

    ran: it was seen running. machine_fault: what failed is the backend rather than the job.
    """

    prompt_id: str
    end: PromptEnd
    files: list[BackendFile] = []
    cause: str | None = None
    failed_node: str | None = None
    cached_nodes: list[str] = []
    execution_s: float | None = None
    ran: bool = False
    machine_fault: bool = False


class CollectRequest(Model):
    work: SegmentWork
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
    error_code: ErrorCode | None = None
    cause: str | None = None
