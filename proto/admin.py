"""What operators see and ask for. Engine words are allowed here."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, JsonValue

from proto.backend import Backend, BackendState
from proto.errors import ErrorCode, JobError
from proto.event import EventType
from proto.job import (
    AnimateSubmode,
    Job,
    JobOutput,
    JobStatus,
    Mode,
    QualityProfile,
    SecondsRange,
    Stage,
)
from proto.look import Drift
from proto.media import AssetKind, MediaFacts
from proto.model import Model, Request
from proto.plan import OutputKind
from proto.render import PromptRef

Why = Annotated[str, Field(min_length=3, max_length=300)]
"""Why an operator changes something; it stays in the audit."""


class Reason(Request):
    reason: Why


class AuditLine(Model):
    """A change, or a look at another's data.

    subject: noun and id. before, after: of what was changed. address: where it was asked from. via:
    the session or token that asked.
    """

    audit_id: str
    at: datetime
    who: str
    action: str
    subject: str
    before: JsonValue
    after: JsonValue
    why: str
    address: str | None = None
    via: str | None = None


class AuditPage(Model):
    items: list[AuditLine]
    next_cursor: str | None = None


class AuditFilter(Model):
    """action: exact, or the noun that leads it. [since, until)."""

    who: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class PartState(StrEnum):
    WORKING = "working"
    LIMITED = "limited"
    DOWN = "down"


class PartKind(StrEnum):
    DEPENDENCY = "dependency"
    QUEUE = "queue"
    BACKEND = "backend"


class HealthPart(Model):
    """since: when it was first seen so, as far as that is known. message: the state in words."""

    kind: PartKind
    name: str
    state: PartState
    since: datetime | None
    message: str


class SystemHealth(Model):
    """state: the worst of the parts; one backend of several that is down only limits the whole."""

    state: PartState
    checked_at: datetime
    parts: list[HealthPart]


class QueuedJob(Model):
    """A waiting job. position: in the order they will most likely be served.

    line: the task queue it waits in. granted: it has its place on a backend and runs next there.
    """

    position: int
    job_id: str
    owner: str
    priority: int
    line: str | None
    granted: bool
    queued_at: datetime
    wait_seconds: SecondsRange | None


class RunningJob(Model):
    job_id: str
    owner: str
    priority: int
    template: str
    backend_id: str | None
    prompt_id: str | None
    progress: float
    segments_done: int
    segment_count: int
    executing_at: datetime | None


class OwnerQueue(Model):
    """weight: the owner's share of the GPUs relative to the others who wait."""

    owner: str
    weight: float
    waiting: int
    running: int
    oldest_queued_at: datetime | None


class BackendQueue(Model):
    """running, pending: prompts there, whoever's. job_ids: of ours that render or wait there."""

    backend_id: str
    state: BackendState
    answering: bool
    running: int
    pending: int
    job_ids: list[str]


class Saturation(Model):
    """threshold: so many waiting jobs are too many for the backends that take work now."""

    waiting: int
    threshold: int
    reached: bool
    message: str


class QueueView(Model):
    """gpus: backends that take work now. preparing: jobs that will join soon."""

    waiting: list[QueuedJob]
    running: list[RunningJob]
    preparing: int
    gpus: int
    owners: list[OwnerQueue]
    backends: list[BackendQueue]
    oldest: QueuedJob | None
    saturation: Saturation


class AdminJobFilter(Model):
    """Jobs that match all of it. search: words, or parts of words, of the prompt.

    job_id_prefix: lower case. template: `animate/move@1.0.0`, or without the version. backend,
    prompt_id: of any attempt. [since, until): when the job was created.
    """

    job_id_prefix: str | None = None
    search: str | None = None
    owner: str | None = None
    statuses: list[JobStatus] | None = None
    mode: Mode | None = None
    submode: AnimateSubmode | None = None
    template: str | None = None
    backend: str | None = None
    prompt_id: str | None = None
    error: ErrorCode | None = None
    since: datetime | None = None
    until: datetime | None = None


class AdminJob(Model):
    """A job in an operator's list. cause: exact. deleted: its owner sees it no more."""

    job_id: str
    owner: str
    mode: Mode
    submode: AnimateSubmode | None
    status: JobStatus
    stage: Stage
    progress: float
    priority: int
    rev: int
    run: int
    template: str
    quality_profile: QualityProfile
    prompt: str
    backend_id: str | None
    prompt_id: str | None
    error: JobError | None
    cause: str | None
    segment_count: int
    segments_done: int
    deleted: bool
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    executing_at: datetime | None
    ended_at: datetime | None


class AdminJobPage(Model):
    items: list[AdminJob]
    next_cursor: str | None = None


class JobPrompt(PromptRef):
    """One attempt. posting_at, posted_at: its one request was begun, was answered with success.

    withdrawn_at: it must not be sent any more. abandoned_at: nobody waits for it any more.
    settled_at: it neither waits nor runs. answer: the backend's last word on it.
    """

    posting_at: datetime | None
    posted_at: datetime | None
    withdrawn_at: datetime | None
    abandoned_at: datetime | None
    settled_at: datetime | None
    outcome: str | None
    cause: str | None
    answer: str | None
    created_at: datetime


class StoredAt(Model):
    """A file in the object store. url: signed, it expires."""

    key: str
    url: str
    size_bytes: int
    sha256: str


class JobCheckpoint(Model):
    """A segment that is stored. segment -1: what all segments share.

    taken_from: the job that made it. graph: what was sent.
    """

    segment: int
    generation: int
    prompt_id: str
    backend_id: str
    seed: int
    frames: int
    length: int
    render_s: float | None
    drift: Drift | None
    taken_from: str | None
    files: dict[OutputKind, StoredAt]
    graph: StoredAt
    created_at: datetime | None


class TimelineEntry(Model):
    """An event. seconds: until the next one; of the last one of a job that runs, until now."""

    rev: int
    key: str
    type: EventType
    status: JobStatus
    stage: Stage
    progress: float
    at: datetime
    seconds: float | None


class StageTime(Model):
    """How long the job was in a stage, all runs together."""

    stage: Stage
    seconds: float


class InputUse(StrEnum):
    CHARACTER = "character"
    MOTION = "motion"
    VOICE = "voice"
    REFERENCE = "reference"
    POSE_SHEET = "pose_sheet"


class JobInput(Model):
    """A file the job was made of. purged: it is not kept any more; then there are no URLs, and once
    its row is gone too, nothing but its id."""

    asset_id: str
    uses: list[InputUse]
    kind: AssetKind | None
    original_filename: str | None
    size_bytes: int | None
    sha256: str | None
    facts: MediaFacts | None
    purged: bool
    url: str | None
    thumbnail_url: str | None


class JobRun(Model):
    """A start of the job: the first, or a retry. temporal_url: its workflow in the Web UI."""

    run: int
    workflow_id: str
    temporal_url: str | None


class Ability(Model):
    """Whether something can be done with the job now, and why not."""

    possible: bool
    reason: str | None = None


class JobRecord(Model):
    """Everything of a job that operators see. cause: exact. settings: as the job is rendered.

    line: the task queue it waits in for a GPU. job: as its owner sees it, the request included.
    audit: what was changed of it, newest first.
    """

    job_id: str
    owner: str
    status: JobStatus
    cause: str | None
    backend_id: str | None
    prompt_id: str | None
    run: int
    priority: int
    line: str | None
    deleted: bool
    job: Job
    settings: dict[str, Any]
    plan_url: str | None
    prompts: list[JobPrompt]
    checkpoints: list[JobCheckpoint]
    timeline: list[TimelineEntry]
    stages: list[StageTime]
    inputs: list[JobInput]
    output: JobOutput | None
    manifest_url: str | None
    debug_url: str | None
    runs: list[JobRun]
    retryable: Ability
    replayable: Ability
    cancellable: Ability
    audit: list[AuditLine]


class PriorityChange(Reason):
    """priority: 1 is the most urgent. expected_priority: the one that the operator saw; when it was
    changed since then, this change is refused."""

    priority: int = Field(ge=1, le=5)
    expected_priority: int | None = Field(default=None, ge=1, le=5)


class ReplayRequest(Reason):
    """template_version: the job's own when it is left out."""

    template_version: str | None = Field(default=None, max_length=40)


class Difference(Model):
    """left, right: null where a job has nothing there. path: parts with dots between."""

    path: str
    left: JsonValue
    right: JsonValue


class JobDiff(Model):
    left: str
    right: str
    differences: list[Difference]


class BackendChange(Reason):
    """expected_rev: the backend's `rev` that the operator saw; when it was changed since then, this
    change is refused."""

    expected_rev: int | None = None


class NewBackend(Reason):
    """url: scheme, host, port and path. Credentials belong into the access file, by this URL."""

    url: str = Field(max_length=500)


class BackendList(Model):
    items: list[Backend]
