"""Inputs and results of the RenderJob workflow and its activities.

They stay small, for every one of them is kept in workflow history: media, graphs and plans go by
object key and sha256, a prompt's text stays in the job's row.
"""

from enum import StrEnum

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import Mode, Stage
from proto.look import Look
from proto.media import StoredFile
from proto.model import Model
from proto.plan import InputRole, OutputKind, PlanRef


class RenderRequest(Model):
    """run: 1 for a job's first start, one more for each retry.

    keeps: the owner wants no further segment than those that are made. goes_on: the owner has seen
    that it drifts.
    """

    job_id: str
    owner: str
    mode: Mode
    template: str
    priority: int
    weight: float = 1.0
    run: int = 1
    keeps: bool = False
    goes_on: bool = False


class NewPriority(Model):
    """priority: 1 is the most urgent."""

    priority: int


class JobRef(Model):
    job_id: str


class NormalisedInput(Model):
    """frames: of the picture 1, of a clip its frames, of a sound the video frames it fills.

    parts: the same for each segment by itself, where there are several.
    """

    role: InputRole
    asset_id: str
    source_sha256: str
    file: StoredFile
    frames: int
    parts: list[StoredFile] = []


class NormalisedInputs(Model):
    """look: of the character's picture."""

    inputs: list[NormalisedInput]
    soundtrack: StoredFile | None
    look: Look | None = None

    @property
    def driving(self) -> NormalisedInput:
        """What decides how long the video is."""
        return next(item for item in self.inputs if item.role is not InputRole.CHARACTER)


class InputsRef(Model):
    """Normalised inputs that lie in the object store. frames: as in NormalisedInput, of what drives
    the video."""

    file: StoredFile
    frames: int


class PlanRequest(Model):
    job_id: str
    inputs: InputsRef


class Checkpoint(Model):
    """What a prompt left, stored and whole: of a segment, or of the preparation.

    drifted: it does not look like the first segment any more, and the owner is to be asked.
    """

    segment: int
    generation: int
    frames: int
    files: dict[OutputKind, StoredFile]
    drifted: bool = False


class Resumed(Model):
    """made: the checkpoints a job has already. generations: the next one of each segment that was
    tried before."""

    made: list[Checkpoint]
    generations: dict[int, int]


class ResumeRequest(Model):
    job_id: str
    plan: PlanRef


class LostCheckpoint(Model):
    """A checkpoint whose files are missing or damaged. key: as in Record."""

    job_id: str
    segment: int
    key: str


class JoinLine(Model):
    """A job takes its place in the line for GPUs. key: as in Record."""

    job_id: str
    key: str
    progress: float


class TurnRequest(Model):
    """Whether a job may keep its place for one segment more. render_s: what the last one took."""

    job_id: str
    backend_id: str
    render_s: float


class Turn(Model):
    """cause: who it is that goes first, for the operator; None when the job may keep its place."""

    cause: str | None


class InLine(Model):
    """line: the task queue to wait in."""

    ability: str
    line: str


class HoldRequest(Model):
    """A place on a GPU for one attempt. prompt_id: what will be sent there.

    turn: how often the attempt has left the line before, for another place in it.
    """

    job_id: str
    segment: int
    generation: int
    prompt_id: str
    ability: str
    turn: int = 0


class SlotGrant(Model):
    """A backend's place, told to the workflow by the agent that holds it.

    turn: of the request; None from an agent that does not know of turns.
    """

    backend_id: str
    prompt_id: str
    turn: int | None = None


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
    """before: the segment that this one continues. preparation: what all segments share."""

    work: SegmentWork
    inputs: InputsRef
    before: Checkpoint | None
    preparation: Checkpoint | None


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

    patience_s: how long the prompt may run, for the work it was asked for. rest_frames: how many
    are to be rendered after it.
    """

    work: SegmentWork
    progress_from: float
    progress_share: float
    patience_s: float
    rest_frames: int


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
    """files: by the node that saved them. cause: for the operator, exact. cached_nodes: nodes the
    backend did not run again.

    ran: it was seen running. machine_fault: what failed is the backend rather than the job.
    """

    prompt_id: str
    end: PromptEnd
    files: dict[str, list[BackendFile]] = {}
    cause: str | None = None
    failed_node: str | None = None
    cached_nodes: list[str] = []
    execution_s: float | None = None
    ran: bool = False
    machine_fault: bool = False


class CollectRequest(Model):
    work: SegmentWork
    inputs: InputsRef
    submitted: Submitted
    outcome: PromptOutcome


class CancelEnd(StrEnum):
    GONE = "gone"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


class CancelOutcome(Model):
    prompt_id: str
    end: CancelEnd


class JoinRequest(Model):
    """made: the segments to join, from the first one on. key: as in Record."""

    job_id: str
    plan: PlanRef
    inputs: InputsRef
    made: list[Checkpoint]
    key: str


class FinishRequest(Model):
    """made: every segment, or those until the owner stopped it."""

    job_id: str
    plan: PlanRef
    inputs: InputsRef
    made: list[Checkpoint]
    stopped_early: bool = False


class Finished(Model):
    output_id: str
    duration_s: float
    frames: int


class Record(Model):
    """A change of a job's row and the event that tells it. `key` makes a repeat harmless.

    deciding: from now on it waits for its owner's word.
    """

    job_id: str
    key: str
    type: EventType
    stage: Stage
    progress: float
    error_code: ErrorCode | None = None
    cause: str | None = None
    deciding: bool = False
