from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from proto.errors import JobError
from proto.event import Event, EventType
from proto.job import JobStatus, SecondsRange, Stage
from proto.model import Model
from proto.webhook import WebhookEvent, WebhookJob
from services.store import jsonb, webhooks
from services.store.database import Connection, Row

CHANNEL = "events"
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "eta": TypeAdapter(SecondsRange),
    "error": TypeAdapter(JobError),
}


class NewEvent(Model):
    job_id: str
    owner: str
    rev: int
    key: str
    type: EventType
    status: JobStatus
    stage: Stage
    progress: float
    eta: SecondsRange | None
    error: JobError | None
    segment_count: int
    segments_done: int


# In one round trip: the owner's other events wait from the number on until the commit.
APPEND = """
WITH next AS (
    INSERT INTO owners (owner, event_position) VALUES ($3, 1)
    ON CONFLICT (owner) DO UPDATE SET event_position = owners.event_position + 1
    RETURNING event_position
), added AS (
    INSERT INTO events
        (job_id, rev, owner, position, key, type, status, stage, progress, eta, error,
         segment_count, segments_done)
    SELECT $1, $2, $3, event_position, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12
    FROM next
    RETURNING created_at, owner
)
SELECT created_at, pg_notify($13, owner) FROM added
"""


async def append(connection: Connection, event: NewEvent) -> None:
    """Number the event in its owner's stream, add it, and wake the readers at commit."""
    created_at = await connection.fetchval(
        APPEND,
        event.job_id,
        event.rev,
        event.owner,
        event.key,
        event.type,
        event.status,
        event.stage,
        event.progress,
        jsonb.dump(event.eta),
        jsonb.dump(event.error),
        event.segment_count,
        event.segments_done,
        CHANNEL,
    )
    await _tell_webhooks(connection, event, created_at)


TOLD = {
    EventType.ACCEPTED: WebhookEvent.JOB_ACCEPTED,
    EventType.EXECUTING: WebhookEvent.JOB_EXECUTING,
    EventType.COMPLETED: WebhookEvent.JOB_COMPLETED,
    EventType.FAILED: WebhookEvent.JOB_FAILED,
    EventType.CANCELLED: WebhookEvent.JOB_CANCELLED,
}
"""What webhooks hear of."""


async def _tell_webhooks(connection: Connection, event: NewEvent, at: datetime) -> None:
    type_ = TOLD.get(event.type)
    if type_ is None:
        return
    mode = await webhooks.find_mode_to_tell(connection, event.owner, event.job_id)
    if mode is None:
        return
    job = WebhookJob(
        job_id=event.job_id,
        status=event.status,
        mode=mode,
        progress=event.progress,
        error_code=event.error.code if event.error else None,
        reference=event.error.reference if event.error else None,
        path=f"/api/jobs/{event.job_id}",
    )
    await webhooks.enqueue(connection, event.owner, type_, job, at)


OF_JOB = "SELECT * FROM events WHERE job_id = $1 AND rev > $2 ORDER BY rev LIMIT $3"
OF_OWNER = "SELECT * FROM events WHERE owner = $1 AND position > $2 ORDER BY position LIMIT $3"
POSITION = "SELECT event_position FROM owners WHERE owner = $1"


async def list_of_job(connection: Connection, job_id: str, after: int, limit: int) -> list[Event]:
    return [_event(row) for row in await connection.fetch(OF_JOB, job_id, after, limit)]


async def list_of_owner(connection: Connection, owner: str, after: int, limit: int) -> list[Event]:
    return [_event(row) for row in await connection.fetch(OF_OWNER, owner, after, limit)]


async def last_position(connection: Connection, owner: str) -> int:
    """The number of the owner's newest event; 0 before the first."""
    position: int | None = await connection.fetchval(POSITION, owner)
    return position or 0


def _event(row: Row) -> Event:
    values = jsonb.load_row(row, JSON_COLUMNS)
    return Event(
        job_id=values["job_id"],
        rev=values["rev"],
        position=values["position"],
        type=values["type"],
        status=values["status"],
        stage=values["stage"],
        progress=values["progress"],
        eta_seconds=values["eta"],
        error=values["error"],
        segment_count=values["segment_count"],
        segments_done=values["segments_done"],
        created_at=values["created_at"],
    )
