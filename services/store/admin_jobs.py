"""The jobs of all owners, as operators look for them and change them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from proto.admin import AdminJob, AdminJobFilter, OwnerQueue, RunningJob
from proto.errors import JobError
from proto.event import EventType
from proto.job import JobStatus, Stage
from proto.media import AssetKind, MediaFacts
from proto.model import Model
from services.store import jsonb
from services.store.database import Connection, Row
from services.store.jobs import PLAN_ANEW, JobFilter, Started, containing, fold
from services.store.page import NEWEST, Cursor

COLUMNS = """
job_id, owner, mode, request->>'animate_submode' AS submode, status, stage, progress, priority, rev,
run, (template->>'template_id') || '@' || (template->>'version') AS template,
settings->>'quality_profile' AS quality_profile, request->>'prompt' AS prompt, backend_id,
prompt_id, error, cause, segment_count, segments_done, deleted_at IS NOT NULL AS deleted,
created_at, updated_at, queued_at, executing_at, ended_at
"""
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {"error": TypeAdapter(JobError)}

# Only what is asked for is part of it: a condition on another table that has to allow for not being
# asked keeps the planner from joining, and has it read all of that table.
SEARCH = f"""
SELECT {COLUMNS} FROM jobs
WHERE (created_at, job_id) < ($1, $2){{asked}}
ORDER BY created_at DESC, job_id DESC LIMIT $3
"""  # noqa: S608
TEXTS = "job_id IN (SELECT job_id FROM job_texts WHERE {})"
CONDITIONS = {
    "prefix": "job_id LIKE {}",
    "word": "text LIKE {}",
    "owner": "owner = {}",
    "statuses": "status = ANY ({})",
    "kinds": "kind = ANY ({})",
    "template_id": "template->>'template_id' = {}",
    "version": "template->>'version' = {}",
    "backend": "job_id IN (SELECT job_id FROM prompts WHERE backend_id = {})",
    "prompt_id": "job_id IN (SELECT job_id FROM prompts WHERE prompt_id = {})",
    "error": "error->>'code' = {}",
    "since": "created_at >= {}",
    "until": "created_at < {}",
}


async def list_page(
    connection: Connection, wanted: AdminJobFilter, after: Cursor | None, limit: int
) -> list[AdminJob]:
    """Jobs that match, newest first, the deleted ones included."""
    start = after or NEWEST
    words = [containing(word) for word in fold(wanted.search or "").split()]
    asked = {name: value for name, value in _asked(wanted).items() if value is not None}
    statement, values = _search(asked, words)
    async with connection.transaction():
        # A plan for any value would be wrong for most.
        await connection.execute(PLAN_ANEW)
        rows = await connection.fetch(statement, start.at, start.id, limit, *values)
    return [AdminJob.model_validate(jsonb.load_row(row, JSON_COLUMNS)) for row in rows]


def _asked(wanted: AdminJobFilter) -> dict[str, Any]:
    """By name of the condition; None where there is none."""
    template_id, _, version = (wanted.template or "").partition("@")
    any_kind = wanted.mode is None and wanted.submode is None
    return {
        "prefix": f"{wanted.job_id_prefix}%" if wanted.job_id_prefix else None,
        "owner": wanted.owner,
        "statuses": wanted.statuses or None,
        "kinds": None if any_kind else JobFilter(mode=wanted.mode, submode=wanted.submode).kinds,
        "template_id": template_id or None,
        "version": version or None,
        "backend": wanted.backend,
        "prompt_id": wanted.prompt_id,
        "error": wanted.error,
        "since": wanted.since,
        "until": wanted.until,
    }


def _search(asked: dict[str, Any], words: list[str]) -> tuple[str, list[Any]]:
    """The statement, and its values after the first three."""
    values = [*asked.values(), *words]
    places = [f"${number}" for number in range(4, 4 + len(values))]
    conditions = [
        CONDITIONS[name].format(place) for name, place in zip(asked, places, strict=False)
    ]
    if words:
        texts = [CONDITIONS["word"].format(place) for place in places[len(asked) :]]
        conditions.append(TEXTS.format(" AND ".join(texts)))
    return SEARCH.format(asked="".join(f" AND {each}" for each in conditions)), values


STANDING = "SELECT line, deleted_at IS NOT NULL AS deleted FROM jobs WHERE job_id = $1"


class Standing(Model):
    """line: the task queue the job waits in. deleted: its owner sees it no more."""

    line: str | None
    deleted: bool


async def get_standing(connection: Connection, job_id: str) -> Standing:
    """Raises LookupError."""
    row = await connection.fetchrow(STANDING, job_id)
    if row is None:
        raise LookupError(f"no job {job_id}")
    return Standing(**dict(row))


# Steps of a render are many, and say nothing that the stage does not.
TIMELINE = """
SELECT rev, key, type, status, stage, progress, created_at AS at FROM (
    SELECT *, lag(stage) OVER (ORDER BY rev) AS before FROM events WHERE job_id = $1
) AS numbered
WHERE type <> 'progress' OR stage IS DISTINCT FROM before ORDER BY rev
"""


class Moment(Model):
    """An event, but for steps of a render."""

    rev: int
    key: str
    type: EventType
    status: JobStatus
    stage: Stage
    progress: float
    at: datetime


async def list_moments(connection: Connection, job_id: str) -> list[Moment]:
    """What happened to the job, oldest first."""
    return [Moment(**dict(row)) for row in await connection.fetch(TIMELINE, job_id)]


INPUTS = """
SELECT asset_id, kind, state, original_filename, original_key, size_bytes, sha256, facts,
    thumbnail_key
FROM assets WHERE asset_id = ANY ($1) AND owner = $2
"""
INPUT_COLUMNS: dict[str, TypeAdapter[Any]] = {"facts": TypeAdapter(MediaFacts)}


class InputRow(Model):
    """A file that a job was asked for with, kept or not."""

    asset_id: str
    kind: AssetKind
    state: str
    original_filename: str
    original_key: str
    size_bytes: int
    sha256: str
    facts: MediaFacts | None
    thumbnail_key: str | None

    @property
    def purged(self) -> bool:
        return self.state != "ready"


async def find_inputs(
    connection: Connection, owner: str, asset_ids: Sequence[str]
) -> dict[str, InputRow]:
    """Those whose rows there are, by id, files that are gone included."""
    rows = await connection.fetch(INPUTS, list(asset_ids), owner)
    return {row["asset_id"]: _input(row) for row in rows}


RUNNING = """
SELECT job_id, owner, priority, backend_id, prompt_id, progress, segments_done, segment_count,
    executing_at, (template->>'template_id') || '@' || (template->>'version') AS template
FROM jobs WHERE status = 'executing' ORDER BY executing_at, job_id
"""
OWNERS = """
SELECT owner, COALESCE(weight, 1) AS weight,
    count(*) FILTER (WHERE status = 'queued') AS waiting,
    count(*) FILTER (WHERE status = 'executing') AS running,
    min(queued_at) FILTER (WHERE status = 'queued') AS oldest_queued_at
FROM jobs LEFT JOIN owners USING (owner)
WHERE status IN ('queued', 'executing') AND NOT deciding
GROUP BY owner, weight ORDER BY waiting DESC, running DESC, owner
"""
PLACED = """
SELECT backend_id, array_agg(DISTINCT job_id ORDER BY job_id) AS job_ids
FROM prompts JOIN jobs USING (job_id, backend_id)
WHERE settled_at IS NULL AND ended_at IS NULL GROUP BY backend_id
"""


async def list_running(connection: Connection) -> list[RunningJob]:
    """The longest first."""
    return [RunningJob(**dict(row)) for row in await connection.fetch(RUNNING)]


async def list_owners(connection: Connection) -> list[OwnerQueue]:
    """Whose jobs wait or render, the most waiting first."""
    return [OwnerQueue(**dict(row)) for row in await connection.fetch(OWNERS)]


async def list_placed(connection: Connection) -> dict[str, list[str]]:
    """The jobs that render or wait on each backend."""
    return {row["backend_id"]: row["job_ids"] for row in await connection.fetch(PLACED)}


LOCK = "SELECT FROM jobs WHERE job_id = $1 FOR UPDATE"


async def lock(connection: Connection, job_id: str) -> None:
    """Nobody else changes the job until the transaction ends."""
    await connection.execute(LOCK, job_id)


SET_PRIORITY = """
UPDATE jobs SET priority = $2, priority_due = true, updated_at = clock_timestamp()
WHERE job_id = $1
"""
PRIORITIES = """
SELECT job_id, run, priority FROM jobs
WHERE priority_due AND ended_at IS NULL AND render_started_at IS NOT NULL
ORDER BY updated_at LIMIT $1
"""
PRIORITY_SENT = "UPDATE jobs SET priority_due = false WHERE job_id = $1 AND priority = $2"


class NewPriority(Started):
    """A priority that a running job's workflow does not know yet."""

    priority: int


async def set_priority(connection: Connection, job_id: str, priority: int) -> None:
    """1 is the most urgent. The job's workflow is told after that."""
    await connection.execute(SET_PRIORITY, job_id, priority)


async def list_priorities(connection: Connection, limit: int) -> list[NewPriority]:
    """Priorities that did not reach their workflow yet."""
    return [NewPriority(**dict(row)) for row in await connection.fetch(PRIORITIES, limit)]


async def mark_priority_sent(connection: Connection, sent: NewPriority) -> None:
    await connection.execute(PRIORITY_SENT, sent.job_id, sent.priority)


def _input(row: Row) -> InputRow:
    return InputRow.model_validate(jsonb.load_row(row, INPUT_COLUMNS))
