import math
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from proto.errors import JobError
from proto.event import EventType
from proto.job import TERMINAL, AnyJobRequest, JobStatus, Mode, SecondsRange, Stage
from proto.model import Model
from proto.plan import RenderSettings, TemplateRef
from services.store import events, jsonb
from services.store.database import Connection, Row
from services.store.page import Cursor

ENDED_SQL = "('" + "', '".join(sorted(TERMINAL)) + "')"


class JobRow(Model):
    job_id: str
    owner: str
    mode: Mode
    template: TemplateRef
    request: AnyJobRequest
    settings: RenderSettings
    seed: int
    priority: int
    status: JobStatus
    stage: Stage
    progress: float
    rev: int
    eta: SecondsRange | None
    error: JobError | None
    cause: str | None
    prompt_id: str | None
    backend_id: str | None
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    executing_at: datetime | None
    ended_at: datetime | None


class NewJob(Model):
    job_id: str
    owner: str
    template: TemplateRef
    request: AnyJobRequest
    settings: RenderSettings
    seed: int
    asset_ids: list[str]


class Change(Model):
    """A step in a job's life. `key` names it: the same step recorded twice is one event."""

    key: str
    type: EventType
    stage: Stage
    progress: float
    eta: SecondsRange | None = None
    error: JobError | None = None
    cause: str | None = None
    prompt_id: str | None = None
    backend_id: str | None = None


JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "template": TypeAdapter(TemplateRef),
    "request": TypeAdapter(AnyJobRequest),
    "settings": TypeAdapter(RenderSettings),
    "eta": TypeAdapter(SecondsRange),
    "error": TypeAdapter(JobError),
}

INSERT = """
INSERT INTO jobs (job_id, owner, mode, template, request, settings, seed, priority, status, stage)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'accepted', 'reading_files')
"""


async def insert(connection: Connection, job: NewJob) -> None:
    """Add a job and its first event. The caller owns the transaction."""
    await connection.execute(
        INSERT,
        job.job_id,
        job.owner,
        job.request.mode,
        job.template.model_dump_json(),
        job.request.model_dump_json(),
        job.settings.model_dump_json(),
        job.seed,
        job.request.priority,
    )
    await connection.executemany(
        "INSERT INTO job_assets (job_id, asset_id) VALUES ($1, $2)",
        [(job.job_id, asset_id) for asset_id in sorted(set(job.asset_ids))],
    )
    await record(
        connection,
        job.job_id,
        Change(key="accepted", type=EventType.ACCEPTED, stage=Stage.READING_FILES, progress=0.0),
    )


LOCK = "SELECT owner, status FROM jobs WHERE job_id = $1 FOR UPDATE"
KNOWN = "SELECT EXISTS (SELECT FROM events WHERE job_id = $1 AND key = $2)"
APPLY = """
UPDATE jobs SET
    status = $2,
    stage = $3,
    progress = GREATEST(progress, $4),
    eta = $5,
    error = $6,
    cause = COALESCE($7, cause),
    prompt_id = COALESCE($8, prompt_id),
    backend_id = COALESCE($9, backend_id),
    rev = rev + 1,
    updated_at = clock_timestamp(),
    queued_at = CASE WHEN $2 = 'queued' AND queued_at IS NULL THEN clock_timestamp()
                     ELSE queued_at END,
    executing_at = CASE WHEN $2 = 'executing' AND executing_at IS NULL THEN clock_timestamp()
                        ELSE executing_at END,
    granted_at = CASE WHEN $2 = 'queued' THEN NULL ELSE granted_at END,
    ended_at = CASE WHEN $10 THEN clock_timestamp() ELSE ended_at END
WHERE job_id = $1
RETURNING rev, progress
"""


async def record(connection: Connection, job_id: str, change: Change) -> bool:
    """Change a job's row and append the event that tells it, in the caller's transaction.

    Gives False, and changes nothing, when the job has ended, when this step is already recorded,
    or when a job that is being cancelled would go on.
    """
    job = await connection.fetchrow(LOCK, job_id)
    if job is None:
        raise LookupError(f"no job {job_id}")
    before = JobStatus(job["status"])
    after = before if change.type is EventType.PROGRESS else JobStatus(change.type)
    if before in TERMINAL or (before is JobStatus.CANCELLING and after not in TERMINAL):
        return False
    if await connection.fetchval(KNOWN, job_id, change.key):
        return False
    [state] = await connection.fetch(
        APPLY,
        job_id,
        after,
        change.stage,
        change.progress,
        jsonb.dump(change.eta),
        jsonb.dump(change.error),
        change.cause,
        change.prompt_id,
        change.backend_id,
        after in TERMINAL,
    )
    await events.append(
        connection,
        events.NewEvent(
            job_id=job_id,
            owner=job["owner"],
            rev=state["rev"],
            key=change.key,
            type=change.type,
            status=after,
            stage=change.stage,
            progress=state["progress"],
            eta=change.eta,
            error=change.error,
        ),
    )
    return True


FIND = "SELECT * FROM jobs WHERE owner = $1 AND job_id = $2"
GET = "SELECT * FROM jobs WHERE job_id = $1"


async def find(connection: Connection, owner: str, job_id: str) -> JobRow | None:
    row = await connection.fetchrow(FIND, owner, job_id)
    return None if row is None else _job(row)


async def get(connection: Connection, job_id: str) -> JobRow:
    """The job, whoever owns it. Raises LookupError."""
    row = await connection.fetchrow(GET, job_id)
    if row is None:
        raise LookupError(f"no job {job_id}")
    return _job(row)


LIST = """
SELECT * FROM jobs
WHERE owner = $1 AND ($2::timestamptz IS NULL OR (created_at, job_id) < ($2, $3))
ORDER BY created_at DESC, job_id DESC LIMIT $4
"""


async def list_page(
    connection: Connection, owner: str, after: Cursor | None, limit: int
) -> list[JobRow]:
    at, job_id = (after.at, after.id) if after else (None, "")
    return [_job(row) for row in await connection.fetch(LIST, owner, at, job_id, limit)]


# The spread of the last runs alike in template and size; nothing is guessed before the first.
DURATIONS = """
SELECT percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY seconds) FROM (
    SELECT extract(epoch FROM ended_at - executing_at) AS seconds
    FROM jobs
    WHERE status = 'completed' AND executing_at IS NOT NULL
      AND template->>'template_id' = $1 AND settings->>'quality_profile' = $2
      AND settings->>'aspect_ratio' = $3
    ORDER BY ended_at DESC LIMIT 20
) AS recent
"""


async def estimate(
    connection: Connection, template: TemplateRef, settings: RenderSettings
) -> SecondsRange | None:
    """How long such a job rendered lately."""
    spread: list[float] | None = await connection.fetchval(
        DURATIONS, template.template_id, settings.quality_profile, settings.aspect_ratio
    )
    if spread is None:
        return None
    return SecondsRange(low=math.floor(spread[0]), high=math.ceil(spread[1]))


async def mark_render_started(connection: Connection, job_id: str) -> None:
    await connection.execute(
        "UPDATE jobs SET render_started_at = clock_timestamp() WHERE job_id = $1", job_id
    )


async def mark_cancel_sent(connection: Connection, job_id: str) -> None:
    await connection.execute(
        "UPDATE jobs SET cancel_sent_at = clock_timestamp() WHERE job_id = $1", job_id
    )


REQUEST_CANCEL = "UPDATE jobs SET cancel_requested_at = clock_timestamp() WHERE job_id = $1"


async def request_cancel(connection: Connection, job: JobRow) -> bool:
    """Note that the owner wants the job stopped. False when it has ended."""
    change = Change(
        key="cancelling", type=EventType.CANCELLING, stage=job.stage, progress=job.progress
    )
    if not await record(connection, job.job_id, change):
        return False
    await connection.execute(REQUEST_CANCEL, job.job_id)
    return True


TO_START = """
SELECT * FROM jobs WHERE render_started_at IS NULL AND ended_at IS NULL
ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
TO_CANCEL = """
SELECT job_id FROM jobs
WHERE cancel_requested_at IS NOT NULL AND cancel_sent_at IS NULL AND ended_at IS NULL
  AND render_started_at IS NOT NULL
ORDER BY cancel_requested_at LIMIT $1
"""


async def claim_to_start(connection: Connection) -> JobRow | None:
    """The oldest job whose workflow was not started, locked until the transaction ends."""
    row = await connection.fetchrow(TO_START)
    return None if row is None else _job(row)


async def list_to_cancel(connection: Connection, limit: int) -> list[str]:
    """Jobs whose cancellation did not reach their workflow yet, oldest first."""
    return [row["job_id"] for row in await connection.fetch(TO_CANCEL, limit)]


TO_CHECK = """
SELECT job_id FROM jobs
WHERE render_started_at IS NOT NULL AND ended_at IS NULL
  AND COALESCE(checked_at, render_started_at) < clock_timestamp() - make_interval(secs => $1)
ORDER BY checked_at NULLS FIRST LIMIT $2
"""
CHECKED = "UPDATE jobs SET checked_at = clock_timestamp() WHERE job_id = $1"


async def list_to_check(connection: Connection, unchecked_s: float, limit: int) -> list[str]:
    """Unfinished jobs whose workflow was not looked at for a while, the longest first."""
    return [row["job_id"] for row in await connection.fetch(TO_CHECK, unchecked_s, limit)]


async def mark_checked(connection: Connection, job_id: str) -> None:
    await connection.execute(CHECKED, job_id)


SET_LINE = "UPDATE jobs SET line = $2 WHERE job_id = $1 AND ended_at IS NULL"
LINES = "SELECT DISTINCT line FROM jobs WHERE status = 'queued' AND line IS NOT NULL"


async def set_line(connection: Connection, job_id: str, line: str) -> None:
    """Note the task queue the job waits in for a GPU."""
    await connection.execute(SET_LINE, job_id, line)


async def list_lines(connection: Connection) -> set[str]:
    """The task queues that jobs wait in."""
    return {row["line"] for row in await connection.fetch(LINES)}


WEIGHT = "SELECT weight FROM owners WHERE owner = $1"


async def owner_weight(connection: Connection, owner: str) -> float:
    """The owner's share of the GPUs, relative to the others who wait."""
    weight: float | None = await connection.fetchval(WEIGHT, owner)
    return weight or 1.0


def _job(row: Row) -> JobRow:
    return JobRow.model_validate(jsonb.load_row(row, JSON_COLUMNS))
