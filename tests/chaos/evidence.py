"""What is known at the end of a run, each part from another witness."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from proto.errors import ErrorCode
from tests.chaos.breaker import Done
from tests.chaos.customer import Asked
from tests.chaos.reader import Transcript


@dataclass(frozen=True)
class JobFact:
    """A job's row. cancel_asked: somebody's wish is noted in it. make: what its prompts have in
    common that makes them take about the same time. run: how often it was started."""

    job_id: str
    status: str
    rev: int
    cancel_asked: bool
    error: ErrorCode | None
    cause: str | None
    created: float
    ended: float | None
    make: str
    run: int
    frame_count: int
    segment_count: int
    segments_done: int


@dataclass(frozen=True)
class EventFact:
    """A row of the log."""

    position: int
    job_id: str
    rev: int
    type: str
    status: str
    progress: float
    at: float
    segments_done: int


@dataclass(frozen=True)
class LedgerLine:
    """What a stand-in wrote down. boot: counts its lives."""

    stand_in: int
    boot: int
    at: float
    event: str
    prompt_id: str | None


@dataclass(frozen=True)
class Waiting:
    """A prompt that waits or runs on a stand-in."""

    stand_in: int
    prompt_id: str


@dataclass(frozen=True)
class Attempt:
    """What a prompt id stands for."""

    job_id: str
    segment: int
    generation: int


@dataclass(frozen=True)
class PromptFact:
    """A prompt's row. outcome: what was noted of its end. withdrawn: it was taken back."""

    prompt_id: str
    job_id: str
    segment: int
    generation: int
    outcome: str | None
    withdrawn: bool


@dataclass(frozen=True)
class CheckpointFact:
    """A segment's row that is stored. lost: its files were found missing. at: when it was safe."""

    job_id: str
    segment: int
    generation: int
    prompt_id: str
    frames: int
    lost: bool
    at: float


@dataclass(frozen=True)
class OutputFact:
    frame_count: int
    stopped_early: bool


@dataclass
class Evidence:
    """keys: Idempotency-Key to the job that its row names. readers: of streams.

    objects: key to size of everything stored. stored: the same as the rows of outputs, checkpoints
    and growing videos say, by job. grown: what each job told of last to be watched, by key.
    assets: keys as the rows say. sources: sha256s of the uploads. flaws: what is wrong with a
    completed job's files, by job. open_workflows: the ids of those that run. left: what else
    remains, in words.
    """

    asked: list[Asked] = field(default_factory=list)
    jobs: dict[str, JobFact] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    prompts: list[PromptFact] = field(default_factory=list)
    checkpoints: list[CheckpointFact] = field(default_factory=list)
    outputs: dict[str, OutputFact] = field(default_factory=dict)
    events: list[EventFact] = field(default_factory=list)
    readers: list[Transcript] = field(default_factory=list)
    ledger: list[LedgerLine] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    objects: dict[str, int] = field(default_factory=dict)
    stored: dict[str, dict[str, int]] = field(default_factory=dict)
    grown: dict[str, str] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    flaws: dict[str, list[str]] = field(default_factory=dict)
    open_workflows: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    faults: list[Done] = field(default_factory=list)

    def attempts(self) -> dict[str, Attempt]:
        """By prompt id: a row is written before the prompt is sent."""
        return {
            row.prompt_id: Attempt(row.job_id, row.segment, row.generation) for row in self.prompts
        }

    def safe_segments(self, job_id: str) -> dict[int, CheckpointFact]:
        """The newest checkpoint of each segment that is whole."""
        whole = [row for row in self.checkpoints if row.job_id == job_id and not row.lost]
        return {row.segment: row for row in sorted(whole, key=lambda row: row.generation)}

    def asked_of(self, job_id: str) -> Asked | None:
        return next((asked for asked in self.asked if job_id in asked.job_ids), None)

    def events_of(self, job_id: str) -> Iterator[EventFact]:
        return (event for event in self.events if event.job_id == job_id)
