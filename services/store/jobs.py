import re
import unicodedata
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from proto.errors import JobError
from proto.event import EventType
from proto.job import (
    TERMINAL,
    AnimateSubmode,
    AnyJobRequest,
    JobStatus,
    JobWarning,
    Mode,
    Origin,
    SecondsRange,
    Stage,
)
from proto.media import StoredFile
from proto.model import Model
from proto.plan import PlanRef, RenderSettings, TemplateRef
from services.store import credits as ledger
from services.store import events, jsonb
from services.store.database import Connection, Row
from services.store.page import NEWEST, Cursor

ENDED_SQL = "('" + "', '".join(sorted(TERMINAL)) + "')"


class Growing(Model):
    """The video of a job's first segments."""

    video: StoredFile
    frames: int
    segments: int


class JobRow(Model):
    """run: how often the job was started, retries included. frame_count: of the whole video.

    deciding: it waits for its owner's word. parts_purged_at: nobody can go on from what it has made
    any more.
    """

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
    run: int
    frame_count: int
    plan: PlanRef | None
    segment_count: int
    segments_done: int
    growing: Growing | None
    warnings: list[JobWarning]
    deciding: bool
    origin: Origin | None
    wish: str | None
    created_at: datetime
    updated_at: datetime
    render_started_at: datetime | None = None
    queued_at: datetime | None
    executing_at: datetime | None
    ended_at: datetime | None
    parts_purged_at: datetime | None = None


class NewJob(Model):
    job_id: str
    owner: str
    template: TemplateRef
    request: AnyJobRequest
    settings: RenderSettings
    seed: int
    asset_ids: list[str]
    frame_count: int
    segment_count: int
    origin: Origin | None = None


class JobFilter(Model):
    """What a list is about: jobs that match all of it. search: words, or parts of words."""

    search: str | None = None
    mode: Mode | None = None
    submode: AnimateSubmode | None = None
    statuses: list[JobStatus] | None = None

    @property
    def kinds(self) -> list[str]:
        """Of the column `kind`: an animate job's submode, else the mode."""
        by_mode = {Mode.ANIMATE: [*AnimateSubmode], Mode.AUDIO_PERFORMANCE: ["audio-performance"]}
        of_mode = [
            kind for mode, kinds in by_mode.items() if self.mode in {None, mode} for kind in kinds
        ]
        return [kind for kind in of_mode if self.submode in {None, kind}]


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
    deciding: bool = False


JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "template": TypeAdapter(TemplateRef),
    "request": TypeAdapter(AnyJobRequest),
    "settings": TypeAdapter(RenderSettings),
    "eta": TypeAdapter(SecondsRange),
    "error": TypeAdapter(JobError),
    "plan": TypeAdapter(PlanRef),
    "growing": TypeAdapter(Growing),
    "warnings": TypeAdapter(list[JobWarning]),
    "origin": TypeAdapter(Origin),
}

INSERT = """
WITH job AS (
    INSERT INTO jobs
        (job_id, owner, mode, template, request, settings, seed, priority, frame_count,
         segment_count, origin, status, stage)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'accepted', 'reading_files')
    RETURNING job_id, owner, created_at
), text AS (
    INSERT INTO job_texts (job_id, owner, created_at, text)
    SELECT job_id, owner, created_at, $12 FROM job
)
INSERT INTO job_assets (job_id, asset_id)
SELECT job_id, asset_id FROM job, unnest($13::text[]) AS used (asset_id) ORDER BY asset_id
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
        job.frame_count,
        job.segment_count,
        jsonb.dump(job.origin),
        fold(job.request.prompt),
        list(set(job.asset_ids)),
    )
    await record(
        connection,
        job.job_id,
        Change(key="accepted", type=EventType.ACCEPTED, stage=Stage.READING_FILES, progress=0.0),
    )


STATELESS = frozenset({EventType.PROGRESS, EventType.GROWN})
"""Events that leave a job's status as it is."""

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
    deciding = $11,
    ended_at = CASE WHEN $10 THEN clock_timestamp() ELSE ended_at END
WHERE job_id = $1
RETURNING rev, progress, segment_count, segments_done
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
    after = before if change.type in STATELESS else JobStatus(change.type)
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
        change.deciding,
    )
    if after in TERMINAL:
        failure = change.error.code if change.error else None
        await ledger.settle(connection, job_id, failure)
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
            segment_count=state["segment_count"],
            segments_done=state["segments_done"],
        ),
    )
    return True


FIND = "SELECT * FROM jobs WHERE owner = $1 AND job_id = $2 AND deleted_at IS NULL"
GET = "SELECT * FROM jobs WHERE job_id = $1"


async def find(connection: Connection, owner: str, job_id: str) -> JobRow | None:
    row = await connection.fetchrow(FIND, owner, job_id)
    return None if row is None else _job(row)


FIND_AND_KEEP = FIND + " FOR UPDATE"


async def find_and_keep(connection: Connection, owner: str, job_id: str) -> JobRow | None:
    """As `find`, and it can't be deleted until the transaction ends."""
    row = await connection.fetchrow(FIND_AND_KEEP, owner, job_id)
    return None if row is None else _job(row)


async def get(connection: Connection, job_id: str) -> JobRow:
    """The job, whoever owns it. Raises LookupError."""
    row = await connection.fetchrow(GET, job_id)
    if row is None:
        raise LookupError(f"no job {job_id}")
    return _job(row)


# Keyset pages compare with a row that lies after all others where there is no cursor: a condition
# that is always there is one that an index can serve.
LIST = """
SELECT * FROM jobs
WHERE owner = $1 AND deleted_at IS NULL AND (created_at, job_id) < ($2, $3)
ORDER BY created_at DESC, job_id DESC LIMIT $4
"""
# A few rows of each kind and status, however many there are between them.
LIST_CELLS = """
SELECT jobs.*
FROM unnest($5::text[]) AS kinds (kind) CROSS JOIN unnest($6::text[]) AS wanted (status)
CROSS JOIN LATERAL (
    SELECT * FROM jobs
    WHERE owner = $1 AND jobs.kind = kinds.kind AND jobs.status = wanted.status
      AND deleted_at IS NULL AND (created_at, job_id) < ($2, $3)
    ORDER BY created_at DESC, job_id DESC LIMIT $4
) AS jobs
ORDER BY created_at DESC, job_id DESC LIMIT $4
"""
# The longest word says most, and is what the index is asked for.
SEARCH = """
SELECT jobs.* FROM job_texts JOIN jobs USING (job_id)
WHERE job_texts.owner = $1 AND (job_texts.created_at, job_texts.job_id) < ($2, $3)
  AND text LIKE $7 AND text LIKE ALL ($8::text[])
  AND deleted_at IS NULL AND kind = ANY ($5) AND status = ANY ($6)
ORDER BY job_texts.created_at DESC, job_texts.job_id DESC LIMIT $4
"""
# A plan for any word would be wrong for most: whether to walk the list or to ask the index of
# words depends on how rare the word is.
PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"


async def list_page(
    connection: Connection, owner: str, wanted: JobFilter, after: Cursor | None, limit: int
) -> list[JobRow]:
    """The owner's jobs that match, newest first, without the deleted ones."""
    start = after or NEWEST
    place = (owner, start.at, start.id, limit)
    cells = (wanted.kinds, wanted.statuses or list(JobStatus))
    if wanted.search is not None:
        patterns = sorted(map(containing, fold(wanted.search).split()), key=len)
        async with connection.transaction():
            await connection.execute(PLAN_ANEW)
            rows = await connection.fetch(SEARCH, *place, *cells, patterns[-1], patterns)
    elif wanted == JobFilter():
        rows = await connection.fetch(LIST, *place)
    else:
        rows = await connection.fetch(LIST_CELLS, *place, *cells)
    return [_job(row) for row in rows]


def fold(text: str) -> str:
    """As texts are compared when they are searched: without case, however a letter is encoded."""
    return unicodedata.normalize("NFKC", text).casefold()


def containing(word: str) -> str:
    """The LIKE pattern of texts that hold the word, each of its characters as it is."""
    literal = re.sub(r"([\\%_])", r"\\\1", word)
    return f"%{literal}%"


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
        key=f"cancelling/{job.run}",
        type=EventType.CANCELLING,
        stage=job.stage,
        progress=job.progress,
    )
    if not await record(connection, job.job_id, change):
        return False
    await connection.execute(REQUEST_CANCEL, job.job_id)
    return True


DELETE = f"""
UPDATE jobs SET deleted_at = clock_timestamp(), deletion = deletion + 1,
    deletion_started_at = NULL, rev = rev + 1, updated_at = clock_timestamp()
WHERE job_id = $1 AND deleted_at IS NULL AND status IN {ENDED_SQL}
RETURNING *
"""  # noqa: S608
RESTORE = """
UPDATE jobs SET deleted_at = NULL, rev = rev + 1, updated_at = clock_timestamp()
WHERE owner = $1 AND job_id = $2 AND deleted_at IS NOT NULL AND doomed_keys IS NULL
RETURNING *
"""


async def delete(connection: Connection, job_id: str) -> bool:
    """Take an ended job out of every list. False when it has not ended."""
    row = await connection.fetchrow(DELETE, job_id)
    return row is not None and await _tell(connection, _job(row), EventType.DELETED)


async def restore(connection: Connection, owner: str, job_id: str) -> bool:
    """Bring a deleted job back. False when it is not deleted, or when its files go already."""
    row = await connection.fetchrow(RESTORE, owner, job_id)
    return row is not None and await _tell(connection, _job(row), EventType.RESTORED)


async def _tell(connection: Connection, job: JobRow, type_: EventType) -> bool:
    """Append an event of an ended job, which leaves all but its number as it was."""
    await events.append(
        connection,
        events.NewEvent(
            job_id=job.job_id,
            owner=job.owner,
            rev=job.rev,
            key=f"{type_}/{job.rev}",
            type=type_,
            status=job.status,
            stage=job.stage,
            progress=job.progress,
            eta=job.eta,
            error=job.error,
            segment_count=job.segment_count,
            segments_done=job.segments_done,
        ),
    )
    return True


REOPEN = """
UPDATE jobs SET status = 'accepted', run = run + 1, error = NULL, ended_at = NULL, cause = NULL,
    render_started_at = NULL, cancel_requested_at = NULL, cancel_sent_at = NULL, wish = NULL,
    wish_sent_at = NULL, checked_at = NULL, line = NULL, granted_at = NULL, parts_purged_at = NULL
WHERE job_id = $1 AND deleted_at IS NULL AND status IN ('failed', 'cancelled') RETURNING run
"""


async def reopen(connection: Connection, job: JobRow) -> bool:
    """Have a failed or stopped job taken up where it ended. False when it is neither."""
    await connection.fetchrow(LOCK, job.job_id)
    run: int | None = await connection.fetchval(REOPEN, job.job_id)
    if run is None:
        return False
    again = Change(
        key=f"accepted/{run}",
        type=EventType.ACCEPTED,
        stage=Stage.READING_FILES,
        progress=job.progress,
    )
    return await record(connection, job.job_id, again)


SET_PLAN = """
UPDATE jobs SET plan = $2, frame_count = $3, segment_count = $4 WHERE job_id = $1
"""
SET_GROWING = """
UPDATE jobs SET growing = $2, segments_done = GREATEST(segments_done, $3) WHERE job_id = $1
"""
SET_SEGMENTS_DONE = "UPDATE jobs SET segments_done = $2 WHERE job_id = $1"
ADD_WARNING = """
UPDATE jobs SET warnings = warnings || $2::jsonb
WHERE job_id = $1 AND NOT warnings @> $2::jsonb
"""


async def set_plan(connection: Connection, job_id: str, plan: PlanRef) -> None:
    await connection.execute(
        SET_PLAN, job_id, plan.model_dump_json(), plan.frames, len(plan.segments)
    )


async def set_growing(connection: Connection, job_id: str, growing: Growing) -> None:
    await connection.execute(SET_GROWING, job_id, growing.model_dump_json(), growing.segments)


async def set_segments_done(connection: Connection, job_id: str, done: int) -> None:
    await connection.execute(SET_SEGMENTS_DONE, job_id, done)


async def add_warning(connection: Connection, job_id: str, warning: JobWarning) -> None:
    """The same one is kept once."""
    await connection.execute(ADD_WARNING, job_id, f"[{warning.model_dump_json()}]")


SET_WISH = """
UPDATE jobs SET wish = $2, wish_sent_at = NULL
WHERE job_id = $1 AND ended_at IS NULL AND cancel_requested_at IS NULL
"""
WISHES = """
SELECT job_id, run, wish FROM jobs
WHERE wish IS NOT NULL AND wish_sent_at IS NULL AND ended_at IS NULL
  AND render_started_at IS NOT NULL
ORDER BY updated_at LIMIT $1
"""
WISH_SENT = """
UPDATE jobs SET wish_sent_at = clock_timestamp() WHERE job_id = $1 AND wish = $2
"""


class Started(Model):
    """A job and the run of it that its workflow is."""

    job_id: str
    run: int


class Wish(Started):
    """What an owner wants of a running job. wish: the signal of its workflow that says so."""

    wish: str


async def set_wish(connection: Connection, job_id: str, wish: str) -> None:
    await connection.execute(SET_WISH, job_id, wish)


async def list_wishes(connection: Connection, limit: int) -> list[Wish]:
    """Wishes that did not reach their workflow yet, oldest first."""
    return [Wish(**dict(row)) for row in await connection.fetch(WISHES, limit)]


async def mark_wish_sent(connection: Connection, wish: Wish) -> None:
    await connection.execute(WISH_SENT, wish.job_id, wish.wish)


TO_START = """
SELECT jobs.* FROM jobs LEFT JOIN owner_limits USING (owner)
WHERE render_started_at IS NULL AND ended_at IS NULL AND (
    status = 'cancelling' OR COALESCE(running_jobs, $1) = 0 OR COALESCE(running_jobs, $1) > (
        SELECT count(*) FROM jobs AS running
        WHERE running.owner = jobs.owner
          AND running.render_started_at IS NOT NULL AND running.ended_at IS NULL
    )
)
ORDER BY created_at LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
"""
TO_CANCEL = """
SELECT job_id, run FROM jobs
WHERE cancel_requested_at IS NOT NULL AND cancel_sent_at IS NULL AND ended_at IS NULL
  AND render_started_at IS NOT NULL
ORDER BY cancel_requested_at LIMIT $1
"""


async def claim_to_start(connection: Connection, at_once: int) -> JobRow | None:
    """The oldest job whose workflow was not started, locked until the transaction ends.

    at_once: how many of one owner's jobs are worked at together, where no other number is set for
    the owner; 0 for any number. More of an owner who has as many are left out.
    """
    row = await connection.fetchrow(TO_START, at_once)
    return None if row is None else _job(row)


async def list_to_cancel(connection: Connection, limit: int) -> list[Started]:
    """Jobs whose cancellation did not reach their workflow yet, oldest first."""
    return [Started(**dict(row)) for row in await connection.fetch(TO_CANCEL, limit)]


TO_CHECK = """
SELECT job_id, run FROM jobs
WHERE render_started_at IS NOT NULL AND ended_at IS NULL
  AND COALESCE(checked_at, render_started_at) < clock_timestamp() - make_interval(secs => $1)
ORDER BY checked_at NULLS FIRST LIMIT $2
"""
CHECKED = "UPDATE jobs SET checked_at = clock_timestamp() WHERE job_id = $1"


async def list_to_check(connection: Connection, unchecked_s: float, limit: int) -> list[Started]:
    """Unfinished jobs whose workflow was not looked at for a while, the longest first."""
    rows = await connection.fetch(TO_CHECK, unchecked_s, limit)
    return [Started(**dict(row)) for row in rows]


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
