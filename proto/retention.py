"""What is removed by age, and how much is stored."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from proto.model import Model, Request


class RetentionRule(StrEnum):
    """Why something goes.

    orphans: nothing names them. transfers: uploads to the object store that were never completed.
    inputs: files as renderers take them, not used lately; they are made again when needed.
    deleted_inputs: the same, of files that nobody has any more. unused_uploads: of no video.
    parts: what an ended video was made of, and what could be watched of it meanwhile.
    """

    ORPHANS = "orphans"
    TRANSFERS = "transfers"
    INPUTS = "inputs"
    DELETED_INPUTS = "deleted_inputs"
    UNUSED_UPLOADS = "unused_uploads"
    UPLOADS = "uploads"
    OUTPUTS = "outputs"
    PARTS = "parts"


class RetentionAges(Model):
    """Days; 0 keeps for ever. deleted_inputs go at once. records: rows that only tell what was."""

    orphans: float
    transfers: float
    inputs: float
    unused_uploads: float
    uploads: float
    outputs: float
    parts: float
    records: float


EXAMPLES = 20
"""How many keys of objects are shown of a rule's."""


class StoredObject(Model):
    """modified_at: when it was stored."""

    key: str
    size_bytes: int
    modified_at: datetime


class Removal(Model):
    """What one rule removes. subjects: files, videos or folders. examples: keys of objects."""

    rule: RetentionRule
    subjects: int = 0
    objects: int = 0
    size_bytes: int = 0
    examples: list[str] = []


class RetentionReport(Model):
    """removals: of every rule that removes something."""

    removals: list[Removal]
    objects: int
    size_bytes: int

    @classmethod
    def of(cls, removals: Sequence[Removal]) -> Self:
        return cls(
            removals=sorted(removals, key=lambda removal: removal.rule),
            objects=sum(removal.objects for removal in removals),
            size_bytes=sum(removal.size_bytes for removal in removals),
        )


class RetentionRequest(Model):
    """Input of the Retention workflow. dry: say what would go, and leave it.

    run_id: None until it has begun; the rest is for the run that continues it.
    """

    who: str
    why: str
    dry: bool = False
    run_id: str | None = None
    as_of: datetime | None = None
    sweep: int = 0
    after: str | None = None
    removals: list[Removal] = []


class BeginRequest(Model):
    run_id: str
    who: str
    why: str
    dry: bool


SWEEPS = (
    RetentionRule.ORPHANS,
    RetentionRule.TRANSFERS,
    RetentionRule.INPUTS,
    RetentionRule.UNUSED_UPLOADS,
    RetentionRule.UPLOADS,
    RetentionRule.OUTPUTS,
    RetentionRule.PARTS,
)
"""The order of a run. What a rule removes gives no later one more to remove, so that a dry run says
what a run does; the inputs' sweep serves both their rules."""


class Begun(Model):
    """as_of: by which every age of the run counts."""

    as_of: datetime


class SweepRequest(Model):
    """One bounded batch of a sweep. after: where the batch before has stopped."""

    run_id: str
    as_of: datetime
    rule: RetentionRule
    after: str | None
    dry: bool


class Swept(Model):
    """after: where to go on; None when the sweep is over. removals: of a dry run."""

    after: str | None
    removals: list[Removal] = []


class RunRef(Model):
    run_id: str


class StorageKind(StrEnum):
    """previews: thumbnails, proxies, stills and waveforms of uploads. records: plans and such."""

    UPLOADS = "uploads"
    PREVIEWS = "previews"
    INPUTS = "inputs"
    PARTS = "parts"
    OUTPUTS = "outputs"
    RECORDS = "records"
    OTHER = "other"


class StorageAge(StrEnum):
    DAY = "under 1 day"
    WEEK = "1 to 7 days"
    MONTH = "7 to 30 days"
    QUARTER = "30 to 90 days"
    OLDER = "over 90 days"


class StorageTotal(Model):
    """owner: null where it is shared or nobody's."""

    kind: StorageKind
    owner: str | None
    age: StorageAge
    objects: int
    size_bytes: int


class StorageDay(Model):
    """What was stored of a kind at the last run of a day."""

    at: datetime
    kind: StorageKind
    objects: int
    size_bytes: int


class RetentionRun(Model):
    run_id: str
    who: str
    why: str
    started_at: datetime
    ended_at: datetime | None
    objects: int
    size_bytes: int


class StorageReport(Model):
    """totals: at the newest run's end, measured_at. days, runs: of the last 90 days."""

    measured_at: datetime | None
    totals: list[StorageTotal]
    days: list[StorageDay]
    runs: list[RetentionRun]


class RetentionStart(Request):
    reason: str = Field(min_length=3, max_length=300)


class RetentionStarted(Model):
    workflow_id: str
