"""What is known at the end of a run, each part from another witness."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from proto.errors import ErrorCode
from proto.ids import prompt_id
from tests.chaos.breaker import Done
from tests.chaos.customer import Asked
from tests.chaos.reader import Transcript

MAX_SEGMENTS = 8
MAX_GENERATIONS = 40


@dataclass(frozen=True)
class JobFact:
    """A job's row. cancel_asked: somebody's wish is noted in it."""

    job_id: str
    status: str
    rev: int
    cancel_asked: bool
    error: ErrorCode | None
    cause: str | None
    created: float
    ended: float | None


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


@dataclass
class Evidence:
    """keys: Idempotency-Key to the job that its row names. readers: of streams.

    objects: key to size of everything stored. stored: the same as the rows of outputs say, by job.
    assets: keys as the rows say. sources: sha256s of the uploads. flaws: what is wrong with a
    completed job's files, by job. open_workflows: the ids of those that run. left: what else
    remains, in words.
    """

    asked: list[Asked] = field(default_factory=list)
    jobs: dict[str, JobFact] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    events: list[EventFact] = field(default_factory=list)
    readers: list[Transcript] = field(default_factory=list)
    ledger: list[LedgerLine] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    objects: dict[str, int] = field(default_factory=dict)
    stored: dict[str, dict[str, int]] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    flaws: dict[str, list[str]] = field(default_factory=dict)
    open_workflows: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    faults: list[Done] = field(default_factory=list)

    def attempts(self) -> dict[str, Attempt]:
        """By prompt id, of all jobs, as far as attempts are ever numbered."""
        return {
            prompt_id(job_id, segment, generation): Attempt(job_id, segment, generation)
            for job_id in self.jobs
            for segment in range(MAX_SEGMENTS)
            for generation in range(MAX_GENERATIONS)
        }

    def events_of(self, job_id: str) -> Iterator[EventFact]:
        return (event for event in self.events if event.job_id == job_id)
