from datetime import datetime
from enum import StrEnum

from pydantic import Field

from proto.errors import JobError
from proto.job import JobStatus, SecondsRange, Stage, Wait
from proto.model import Model


class EventType(StrEnum):
    ACCEPTED = "accepted"
    UPLOADED = "uploaded"
    QUEUED = "queued"
    EXECUTING = "executing"
    PROGRESS = "progress"
    GROWN = "grown"
    COLLECTING_OUTPUTS = "collecting_outputs"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    RESTORED = "restored"


class Event(Model):
    """A change of one job, with the state it left behind.

    rev: 1, 2, 3 … within the job. position: 1, 2, 3 … over all jobs of the owner. grown: there is
    more of the video to play than before. deleted, restored: the job is gone, is there again; its
    status is as it was.
    """

    job_id: str
    rev: int
    position: int
    type: EventType
    status: JobStatus
    stage: Stage
    progress: float = Field(ge=0, le=1)
    eta_seconds: SecondsRange | None = None
    error: JobError | None = None
    segment_count: int = 1
    segments_done: int = 0
    created_at: datetime


class EventPage(Model):
    items: list[Event]


class Hello(Model):
    """The first message of a stream: the number to ask for everything after."""

    last_id: int


class LinePlace(Model):
    job_id: str
    wait: Wait


class LinePlaces(Model):
    """Where the caller's waiting jobs stand now. Not numbered: only the newest one counts."""

    items: list[LinePlace]
