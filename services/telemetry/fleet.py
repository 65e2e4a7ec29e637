"""What the rows tell of all jobs and backends, counted by one process for all of them."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Gauge

from proto.backend import Backend, BackendState
from proto.event import EventType
from proto.job import TERMINAL, JobStatus, Mode
from proto.media import AssetKind
from services.store import backends
from services.store.database import DATABASE_ERRORS, Connection, Pool, Row
from services.store.election import Election
from services.telemetry import metrics

log = structlog.get_logger()

EVERY_S = 2.0
STORAGE_EVERY_S = 300.0
OFFICE = "fleet metrics"
"""What is held by the one process that counts."""

# Each half has an index of its own: the jobs that are over are many.
UNFINISHED = """
SELECT mode, status, count(*) AS jobs FROM (
    SELECT mode, status FROM jobs WHERE render_started_at IS NULL AND ended_at IS NULL
    UNION ALL
    SELECT mode, status FROM jobs WHERE render_started_at IS NOT NULL AND ended_at IS NULL
) AS unfinished GROUP BY mode, status
"""
WAITING = """
SELECT line, count(*) AS jobs,
    extract(epoch FROM clock_timestamp() - min(GREATEST(queued_at, updated_at)))::float8 AS age_s
FROM jobs WHERE status = 'queued' AND NOT deciding AND granted_at IS NULL GROUP BY line
"""
POSITIONS = "SELECT owner, event_position FROM owners"
NEW_EVENTS = """
SELECT events.job_id, key, events.type, events.status, events.stage, events.created_at,
    events.error->>'code' AS code, mode, jobs.created_at AS accepted_at,
    (template->>'template_id') || '@' || (template->>'version') AS template
FROM events JOIN jobs USING (job_id)
WHERE events.owner = $1 AND position > $2 AND position <= $3 ORDER BY position
"""
STORED = """
SELECT 'uploads' AS kind, COALESCE(sum(size_bytes), 0)::float8 AS bytes FROM assets
WHERE state <> 'deleted'
UNION ALL
SELECT 'outputs', COALESCE(sum((file.value->>'size_bytes')::bigint), 0)::float8
FROM outputs, jsonb_each(files) AS file
UNION ALL
SELECT 'checkpoints', COALESCE(sum((file.value->>'size_bytes')::bigint), 0)::float8
FROM checkpoints, jsonb_each(files) AS file WHERE taken_from IS NULL AND lost_at IS NULL
"""
LARGEST = """
SELECT kind, max(size_bytes)::float8 AS bytes FROM assets WHERE state <> 'deleted' GROUP BY kind
"""
ROW_GAUGES: list[Gauge] = [
    *(metrics.JOBS, metrics.QUEUE_DEPTH, metrics.SLOTS, metrics.BACKEND_UP, metrics.BACKEND_STATE),
    *(metrics.BACKEND_PROMPTS, metrics.STORED_BYTES, metrics.LARGEST_BYTES),
]
AFTER_THE_END = frozenset({EventType.DELETED, EventType.RESTORED})
UNFINISHED_STATES = [status for status in JobStatus if status not in TERMINAL]


@dataclass
class Stay:
    """The stage a job is in."""

    stage: str
    since: datetime


class Fleet:
    """Reads the rows every EVERY_S. depth: places on a backend.

    One process counts, so that sums over processes are right; another takes over when it ends.
    """

    def __init__(self, pool: Pool, database_url: str, *, depth: int) -> None:
        self._pool = pool
        self._depth = depth
        self._election = Election(database_url)
        self._history = History()
        self._backend_ids: set[str] = set()
        self._abilities: set[str] = set()
        self._seen_at: float | None = None
        self._storage_at: float | None = None

    async def run(self) -> None:
        """For ever."""
        try:
            while True:
                try:
                    await self._look()
                except DATABASE_ERRORS as error:
                    log.warning("fleet not counted", cause=repr(error))
                await asyncio.sleep(EVERY_S)
        finally:
            await self._election.close()

    async def _look(self) -> None:
        if not await self._election.hold([OFFICE]):
            self._resign()
            return
        async with self._pool.acquire() as connection:
            rows = await backends.list_all(connection)
            self._forget({row.backend_id for row in rows})
            self._tell_backends(rows)
            await _tell_jobs(connection)
            await self._tell_line(connection, rows)
            await self._history.follow(connection)
            if self._storage_at is None or time.monotonic() - self._storage_at > STORAGE_EVERY_S:
                await _tell_storage(connection)
                self._storage_at = time.monotonic()

    def _resign(self) -> None:
        """What another process tells from now on must not be told here too."""
        for gauge in ROW_GAUGES:
            gauge.clear()
        metrics.OLDEST_WAITING.set(0)
        self._history = History()
        self._backend_ids, self._abilities = set(), set()
        self._seen_at = self._storage_at = None

    def _forget(self, backend_ids: set[str]) -> None:
        """Backends that were removed since the last look."""
        for name in self._backend_ids - backend_ids:
            for gauge in (metrics.SLOTS, metrics.BACKEND_UP):
                gauge.remove(name)
            for gauge in (metrics.BACKEND_STATE, metrics.BACKEND_PROMPTS):
                gauge.remove_by_labels({"backend": name})
        self._backend_ids = backend_ids

    async def _tell_line(self, connection: Connection, rows: Iterable[Backend]) -> None:
        lines = await connection.fetch(WAITING)
        depths = {_ability(row): row["jobs"] for row in lines}
        self._abilities |= {ability for row in rows for ability in row.abilities or ()}
        self._abilities |= depths.keys()
        for ability in self._abilities:
            metrics.QUEUE_DEPTH.labels(ability).set(depths.get(ability, 0))
        metrics.OLDEST_WAITING.set(max((row["age_s"] for row in lines), default=0))

    def _tell_backends(self, rows: Iterable[Backend]) -> None:
        now = time.monotonic()
        since_s = now - (self._seen_at or now)
        self._seen_at = now
        for row in rows:
            name, offers = row.backend_id, row.answering and row.state is BackendState.OFFERED
            metrics.BACKEND_UP.labels(name).set(row.answering)
            metrics.SLOTS.labels(name).set(self._depth if offers else 0)
            metrics.BACKEND_PROMPTS.labels(name, "running").set(row.running)
            metrics.BACKEND_PROMPTS.labels(name, "pending").set(row.pending)
            # Its agent looks as often, so over many looks the share of busy ones is the time's.
            busy = row.answering and row.running > 0
            metrics.BUSY_SECONDS.labels(name).inc(since_s if busy else 0)
            for state in BackendState:
                metrics.BACKEND_STATE.labels(name, state).set(row.state is state)


class History:
    """What happened since the first look: each owner's events, in order and without a gap."""

    def __init__(self) -> None:
        self._positions: dict[str, int] | None = None
        self._stays: dict[str, Stay] = {}

    async def follow(self, connection: Connection) -> None:
        rows = await connection.fetch(POSITIONS)
        newest = {row["owner"]: row["event_position"] for row in rows}
        known = newest if self._positions is None else self._positions
        for owner, position in newest.items():
            if position > known.get(owner, 0):
                for event in await connection.fetch(
                    NEW_EVENTS, owner, known.get(owner, 0), position
                ):
                    self._count(event)
        self._positions = newest

    def _count(self, event: Row) -> None:
        kind, labels = EventType(event["type"]), (event["mode"], event["template"])
        if kind in AFTER_THE_END:
            return
        if kind is EventType.ACCEPTED:
            retried = event["key"] != "accepted"
            (metrics.JOBS_RETRIED if retried else metrics.JOBS_CREATED).labels(*labels).inc()
        ended = event["status"] in TERMINAL
        if ended:
            metrics.JOBS_ENDED.labels(*labels, kind, event["code"] or "none").inc()
            whole = event["created_at"] - event["accepted_at"]
            metrics.JOB_SECONDS.labels(*labels, kind).observe(whole.total_seconds())
        self._follow_stage(event, ended=ended)

    def _follow_stage(self, event: Row, *, ended: bool) -> None:
        stay, job_id, stage = self._stays.get(event["job_id"]), event["job_id"], event["stage"]
        if stay is not None and (ended or stay.stage != stage):
            lasted_s = (event["created_at"] - stay.since).total_seconds()
            metrics.STAGE_SECONDS.labels(stay.stage, event["template"]).observe(lasted_s)
        if ended:
            self._stays.pop(job_id, None)
        elif stay is None or stay.stage != stage:
            self._stays[job_id] = Stay(stage, event["created_at"])


async def _tell_jobs(connection: Connection) -> None:
    found = {
        (row["mode"], row["status"]): row["jobs"] for row in await connection.fetch(UNFINISHED)
    }
    for mode in Mode:
        for status in UNFINISHED_STATES:
            metrics.JOBS.labels(mode, status).set(found.get((mode, status), 0))


def _ability(row: Row) -> str:
    """A line that any backend serves has no name after its queue's."""
    return str((row["line"] or "").partition("/")[2] or "any")


async def _tell_storage(connection: Connection) -> None:
    for row in await connection.fetch(STORED):
        metrics.STORED_BYTES.labels(row["kind"]).set(row["bytes"])
    found: dict[str, Any] = {row["kind"]: row["bytes"] for row in await connection.fetch(LARGEST)}
    for kind in AssetKind:
        metrics.LARGEST_BYTES.labels(kind).set(found.get(kind, 0))
