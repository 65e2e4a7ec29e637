"""What is too old to be kept, what goes of it, and how much is stored.

What is needed whatever its age is one definition: the views needed_jobs, needed_assets and
needed_inputs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from proto.media import AssetKind
from proto.model import Model
from proto.retention import (
    EXAMPLES,
    Removal,
    RetentionReport,
    RetentionRule,
    RetentionRun,
    StorageDay,
    StorageReport,
    StorageTotal,
    StoredObject,
)
from services.store.database import Connection, Row
from services.store.jobs import ENDED_SQL

PATIENCE_S = 600.0
"""A run that was not seen for so long was ended by hand, or died with its workflow server."""

LOCK_RUNS = "LOCK TABLE retention_runs IN SHARE ROW EXCLUSIVE MODE"
OTHER_RUNS = """
SELECT EXISTS (
    SELECT FROM retention_runs WHERE run_id <> $1 AND ended_at IS NULL
      AND seen_at > clock_timestamp() - make_interval(secs => $2)
)
"""
GIVE_UP_OTHERS = """
UPDATE retention_runs SET ended_at = clock_timestamp() WHERE run_id <> $1 AND ended_at IS NULL
"""
BEGIN = """
INSERT INTO retention_runs (run_id, who, why) VALUES ($1, $2, $3)
ON CONFLICT (run_id) DO UPDATE SET seen_at = clock_timestamp()
RETURNING started_at
"""
TAKE_OVER_OPEN = "UPDATE retention_marks SET run_id = $1 WHERE done_at IS NULL"
NOW = "SELECT clock_timestamp()"


async def begin(connection: Connection, run_id: str, who: str, why: str) -> datetime | None:
    """When the run began, with what an earlier one has left half done. None while another works."""
    async with connection.transaction():
        await connection.execute(LOCK_RUNS)
        if await connection.fetchval(OTHER_RUNS, run_id, PATIENCE_S):
            return None
        await connection.execute(GIVE_UP_OTHERS, run_id)
        began: datetime = await connection.fetchval(BEGIN, run_id, who, why)
        await connection.execute(TAKE_OVER_OPEN, run_id)
        return began


async def now(connection: Connection) -> datetime:
    at: datetime = await connection.fetchval(NOW)
    return at


class Order(Model):
    """Who has ordered a run, and why."""

    who: str
    why: str


async def get_order(connection: Connection, run_id: str) -> Order:
    row = await connection.fetchrow("SELECT who, why FROM retention_runs WHERE run_id = $1", run_id)
    return Order.model_validate(dict(row or {}))


SEEN = "UPDATE retention_runs SET seen_at = clock_timestamp() WHERE run_id = $1"


async def mark_seen(connection: Connection, run_id: str) -> None:
    await connection.execute(SEEN, run_id)


class Subject(Model):
    """A file or a video, by its id."""

    subject: str
    owner: str | None


# What goes by age. $1: the time that counts; $2: the days of those who have no override.
UNNEEDED_JOB = "NOT EXISTS (SELECT FROM needed_jobs WHERE needed_jobs.job_id = jobs.job_id)"
EXPIRED: Mapping[RetentionRule, str] = {
    RetentionRule.UNUSED_UPLOADS: """
        SELECT asset_id AS subject, owner FROM assets
        WHERE state IN ('ready', 'ingesting')
          AND (state = 'ready' OR created_at < $1::timestamptz - interval '1 day')
          AND retention_end(created_at, owner, 'unused_uploads', $2) < $1
          AND NOT EXISTS (SELECT FROM job_assets WHERE job_assets.asset_id = assets.asset_id)
    """,
    RetentionRule.UPLOADS: """
        SELECT asset_id AS subject, owner FROM assets
        WHERE state = 'ready'
          AND retention_end((
              SELECT max(COALESCE(ended_at, 'infinity')) FROM job_assets JOIN jobs USING (job_id)
              WHERE job_assets.asset_id = assets.asset_id
          ), owner, 'uploads', $2) < $1
          AND NOT EXISTS (
              SELECT FROM needed_assets WHERE needed_assets.asset_id = assets.asset_id
          )
    """,
    RetentionRule.OUTPUTS: f"""
        SELECT job_id AS subject, owner FROM jobs JOIN outputs USING (job_id)
        WHERE status = 'completed' AND deleted_at IS NULL
          AND retention_end(outputs.created_at, owner, 'outputs', $2) < $1
          AND {UNNEEDED_JOB}
          AND NOT EXISTS (SELECT FROM shared_jobs WHERE shared_jobs.job_id = jobs.job_id)
    """,  # noqa: S608
    RetentionRule.PARTS: f"""
        SELECT job_id AS subject, owner FROM jobs
        WHERE status IN {ENDED_SQL} AND ended_at IS NOT NULL AND deleted_at IS NULL
          AND parts_purged_at IS NULL
          AND retention_end(ended_at, owner, 'parts', $2) < $1
          AND {UNNEEDED_JOB}
    """,  # noqa: S608
}


async def list_expired(
    connection: Connection,
    rule: RetentionRule,
    as_of: datetime,
    days: float,
    after: str = "",
    limit: int | None = None,
) -> list[Subject]:
    """What the rule removes, by id. limit None: all."""
    sql = f"SELECT * FROM ({EXPIRED[rule]}) AS expired WHERE subject > $3 ORDER BY subject LIMIT $4"  # noqa: S608
    rows = await connection.fetch(sql, as_of, days, after, limit)
    return [Subject(**dict(row)) for row in rows]


async def is_expired(
    connection: Connection, rule: RetentionRule, as_of: datetime, days: float, subject: str
) -> bool:
    sql = f"SELECT EXISTS (SELECT FROM ({EXPIRED[rule]}) AS expired WHERE subject = $3)"  # noqa: S608
    going: bool = await connection.fetchval(sql, as_of, days, subject)
    return going


UNUSED_INPUTS = """
SELECT folder.sha256 AS subject, ends IS NULL AS deleted
FROM unnest($3::text[], $4::timestamptz[]) AS folder (sha256, stored_at)
CROSS JOIN LATERAL (
    SELECT max(retention_end(GREATEST(folder.stored_at, (
        SELECT max(ended_at) FROM job_assets JOIN jobs USING (job_id)
        WHERE job_assets.asset_id = assets.asset_id
    )), owner, 'inputs', $2)) AS ends
    FROM assets WHERE assets.sha256 = folder.sha256 AND state <> 'deleted'
) AS uses
WHERE (ends IS NULL OR ends < $1)
  AND NOT EXISTS (SELECT FROM needed_inputs WHERE needed_inputs.sha256 = folder.sha256)
"""


async def list_unused_inputs(
    connection: Connection, as_of: datetime, days: float, stored: Mapping[str, datetime]
) -> dict[str, RetentionRule]:
    """Those of the contents whose normalised files go, and why.

    stored: for the sha256 of each content, when the newest of its files was stored. A content
    that several have uploaded stays for as long as one of them keeps it.
    """
    rows = await connection.fetch(UNUSED_INPUTS, as_of, days, list(stored), list(stored.values()))
    return {
        row["subject"]: RetentionRule.DELETED_INPUTS if row["deleted"] else RetentionRule.INPUTS
        for row in rows
    }


LOCK_INPUTS = "SELECT pg_advisory_xact_lock(inputs_lock($1))"
INPUTS_NEEDED = "SELECT EXISTS (SELECT FROM needed_inputs WHERE sha256 = $1)"


async def lock_inputs(connection: Connection, sha256: str) -> bool:
    """Have no job begin to use these inputs until the transaction ends.

    False when one uses them already.
    """
    await connection.execute(LOCK_INPUTS, sha256)
    return not await connection.fetchval(INPUTS_NEEDED, sha256)


KNOWN_ASSETS = "SELECT asset_id AS id FROM assets WHERE asset_id = ANY($1) AND state <> 'deleted'"
KNOWN_JOBS = "SELECT job_id AS id FROM jobs WHERE job_id = ANY($1)"
KNOWN = {"uploads/": KNOWN_ASSETS, "assets/": KNOWN_ASSETS, "jobs/": KNOWN_JOBS}


async def list_unknown(connection: Connection, folder: str, names: Sequence[str]) -> list[str]:
    """Those names in the folder that no row has."""
    rows = await connection.fetch(KNOWN[folder], list(names))
    known = {row["id"] for row in rows}
    return [name for name in names if name not in known]


# Who shares an object has it from the same job, so only the rows of that family are read.
SHARED = """
WITH family AS (
    SELECT $1 AS job_id
    UNION SELECT taken_from FROM checkpoints WHERE job_id = $1 AND taken_from IS NOT NULL
)
SELECT DISTINCT key FROM checkpoint_objects
WHERE NOT (job_id = ANY($2)) AND (
    job_id IN (SELECT job_id FROM family) OR taken_from IN (SELECT job_id FROM family)
)
"""
ELSEWHERE = (
    "SELECT DISTINCT key FROM checkpoint_objects WHERE job_id = $1 AND taken_from IS NOT NULL"
)


async def list_shared(connection: Connection, job_id: str, gone: Sequence[str]) -> set[str]:
    """Objects of the job's family that other jobs name; those that are `gone` do not count."""
    return {row["key"] for row in await connection.fetch(SHARED, job_id, list(gone))}


async def list_elsewhere(connection: Connection, job_id: str) -> set[str]:
    """Objects in other jobs' folders that the job goes on from."""
    return {row["key"] for row in await connection.fetch(ELSEWHERE, job_id)}


class Mark(Model):
    """What goes, noted before any of it does."""

    run_id: str
    rule: RetentionRule
    subject: str
    owner: str | None
    files: list[StoredObject]

    @property
    def removal(self) -> Removal:
        return _removal(self.rule, self.files)


FILES = TypeAdapter(list[StoredObject])
PUT_MARK = """
INSERT INTO retention_marks
    (run_id, rule, subject, owner, files, examples, objects, size_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
OPEN_MARKS = """
SELECT run_id, rule, subject, owner, files FROM retention_marks
WHERE run_id = $1 AND done_at IS NULL ORDER BY marked_at
"""
CLOSE_MARK = """
UPDATE retention_marks SET done_at = clock_timestamp(), files = '[]', examples = $4, objects = $5,
    size_bytes = $6
WHERE run_id = $1 AND rule = $2 AND subject = $3
"""
DROP_MARK = "DELETE FROM retention_marks WHERE run_id = $1 AND rule = $2 AND subject = $3"


async def put_mark(connection: Connection, mark: Mark) -> None:
    removal = mark.removal
    await connection.execute(
        PUT_MARK,
        mark.run_id,
        mark.rule,
        mark.subject,
        mark.owner,
        FILES.dump_json(mark.files).decode(),
        removal.examples,
        removal.objects,
        removal.size_bytes,
    )


async def list_open_marks(connection: Connection, run_id: str) -> list[Mark]:
    """What the run has begun to remove, oldest first."""
    return [_mark(row) for row in await connection.fetch(OPEN_MARKS, run_id)]


async def close_mark(connection: Connection, mark: Mark, gone: Sequence[StoredObject]) -> None:
    """Note that it is done, and what of it is gone in the end."""
    removal = _removal(mark.rule, gone)
    await connection.execute(
        CLOSE_MARK,
        mark.run_id,
        mark.rule,
        mark.subject,
        removal.examples,
        removal.objects,
        removal.size_bytes,
    )


async def drop_mark(connection: Connection, mark: Mark) -> None:
    """Nothing of it goes after all."""
    await connection.execute(DROP_MARK, mark.run_id, mark.rule, mark.subject)


LOCK_ASSET = "SELECT FROM assets WHERE asset_id = $1 FOR UPDATE"
DELETE_ASSET = "UPDATE assets SET state = 'deleted' WHERE asset_id = $1"
FORGET_ASSET = """
DELETE FROM assets WHERE asset_id = $1 AND state = 'deleted'
  AND NOT EXISTS (SELECT FROM job_assets WHERE job_assets.asset_id = assets.asset_id)
"""


async def lock_asset(connection: Connection, asset_id: str) -> None:
    """Have no job begin with the file until the transaction ends."""
    await connection.execute(LOCK_ASSET, asset_id)


async def delete_asset(connection: Connection, asset_id: str) -> None:
    await connection.execute(DELETE_ASSET, asset_id)


async def forget_asset(connection: Connection, asset_id: str) -> None:
    """Remove a deleted file's row. A video that was made of it goes on naming it."""
    await connection.execute(FORGET_ASSET, asset_id)


LOCK_ENDED = f"""
SELECT deletion FROM jobs WHERE job_id = $1 AND status IN {ENDED_SQL} FOR UPDATE
"""  # noqa: S608
GIVE_UP_PARTS = """
UPDATE jobs SET parts_purged_at = clock_timestamp(), growing = NULL,
    segments_done = CASE status WHEN 'completed' THEN segments_done ELSE 0 END,
    progress = CASE status WHEN 'completed' THEN progress ELSE 0 END
WHERE job_id = $1
"""
LOSE_PARTS = """
UPDATE checkpoints SET lost_at = clock_timestamp() WHERE job_id = $1 AND lost_at IS NULL
"""
FORGET_PARTS = "DELETE FROM checkpoints WHERE job_id = $1"


async def lock_ended(connection: Connection, job_id: str) -> int | None:
    """Have an ended job stay so until the transaction ends; gives how often it was deleted.

    None when it is gone, or is being made again.
    """
    deletion: int | None = await connection.fetchval(LOCK_ENDED, job_id)
    return deletion


async def give_up_parts(connection: Connection, job_id: str) -> None:
    """Have nobody go on from what the job has made. What made a finished video stays told."""
    await connection.execute(GIVE_UP_PARTS, job_id)
    await connection.execute(LOSE_PARTS, job_id)


async def forget_parts(connection: Connection, job_id: str) -> None:
    await connection.execute(FORGET_PARTS, job_id)


SUM_UP = """
SELECT rule, count(*) AS subjects, sum(objects)::bigint AS objects,
    sum(size_bytes)::bigint AS size_bytes
FROM retention_marks WHERE run_id = $1 AND done_at IS NOT NULL AND objects > 0
GROUP BY rule ORDER BY rule
"""
SOME_KEYS = """
SELECT key FROM retention_marks, unnest(examples) AS key WHERE run_id = $1 AND rule = $2
ORDER BY key LIMIT $3
"""


async def report(connection: Connection, run_id: str) -> RetentionReport:
    """What the run has removed."""
    return RetentionReport.of(
        [
            Removal(**dict(row), examples=await _examples(connection, run_id, row["rule"]))
            for row in await connection.fetch(SUM_UP, run_id)
        ]
    )


async def _examples(connection: Connection, run_id: str, rule: str) -> list[str]:
    rows = await connection.fetch(SOME_KEYS, run_id, rule, EXAMPLES)
    return [row["key"] for row in rows]


END = (
    "UPDATE retention_runs SET ended_at = clock_timestamp() WHERE run_id = $1 AND ended_at IS NULL"
)
CLEAR_TOTALS = "DELETE FROM storage_totals WHERE run_id = $1"
PUT_TOTAL = """
INSERT INTO storage_totals (run_id, kind, owner, age, objects, size_bytes)
VALUES ($1, $2, $3, $4, $5, $6)
"""
# Marks that are open stay: they name what would else be left.
FORGET_RUNS = [
    """
    DELETE FROM retention_marks AS marks USING retention_runs AS runs
    WHERE marks.run_id = runs.run_id AND done_at < clock_timestamp() - interval '90 days'
      AND ended_at < clock_timestamp() - interval '90 days'
    """,
    """
    DELETE FROM retention_runs WHERE ended_at < clock_timestamp() - interval '90 days'
      AND NOT EXISTS (
          SELECT FROM retention_marks WHERE retention_marks.run_id = retention_runs.run_id
      )
    """,
]


async def end(connection: Connection, run_id: str, totals: Sequence[StorageTotal]) -> bool:
    """Note what is stored now, and that the run is over. False when that was noted before."""
    ended = await connection.execute(END, run_id)
    if ended != "UPDATE 1":
        return False
    await connection.execute(CLEAR_TOTALS, run_id)
    await connection.executemany(
        PUT_TOTAL,
        [
            (run_id, total.kind, total.owner, total.age, total.objects, total.size_bytes)
            for total in totals
        ],
    )
    for statement in FORGET_RUNS:
        await connection.execute(statement)
    return True


ASSET_OWNERS = "SELECT asset_id AS id, owner FROM assets WHERE asset_id = ANY($1)"
JOB_OWNERS = "SELECT job_id AS id, owner FROM jobs WHERE job_id = ANY($1)"
OWNERS = {"uploads/": ASSET_OWNERS, "assets/": ASSET_OWNERS, "jobs/": JOB_OWNERS}


async def list_owners(connection: Connection, folder: str, names: Sequence[str]) -> dict[str, str]:
    """Whose the folders of these names are; those that no row has are left out."""
    rows = await connection.fetch(OWNERS[folder], list(names))
    return {row["id"]: row["owner"] for row in rows}


NEWEST_RUN = """
SELECT run_id, ended_at FROM retention_runs
WHERE run_id IN (SELECT run_id FROM storage_totals) ORDER BY ended_at DESC LIMIT 1
"""
TOTALS = """
SELECT kind, owner, age, objects, size_bytes FROM storage_totals WHERE run_id = $1
ORDER BY size_bytes DESC
"""
DAYS = """
SELECT at, kind, sum(objects)::bigint AS objects, sum(size_bytes)::bigint AS size_bytes
FROM (
    SELECT DISTINCT ON (date_trunc('day', ended_at)) run_id, ended_at AS at FROM retention_runs
    WHERE ended_at > clock_timestamp() - interval '90 days'
      AND run_id IN (SELECT run_id FROM storage_totals)
    ORDER BY date_trunc('day', ended_at), ended_at DESC
) AS days JOIN storage_totals USING (run_id)
GROUP BY at, kind ORDER BY at, kind
"""
RUNS = """
SELECT run_id, who, why, started_at, ended_at, COALESCE(sum(objects), 0)::bigint AS objects,
    COALESCE(sum(size_bytes), 0)::bigint AS size_bytes
FROM retention_runs LEFT JOIN retention_marks USING (run_id)
WHERE started_at > clock_timestamp() - interval '90 days'
GROUP BY run_id ORDER BY started_at DESC
"""


async def read_storage(connection: Connection) -> StorageReport:
    newest = await connection.fetchrow(NEWEST_RUN)
    totals = await connection.fetch(TOTALS, newest["run_id"]) if newest else []
    return StorageReport(
        measured_at=newest["ended_at"] if newest else None,
        totals=[StorageTotal(**dict(row)) for row in totals],
        days=[StorageDay(**dict(row)) for row in await connection.fetch(DAYS)],
        runs=[RetentionRun(**dict(row)) for row in await connection.fetch(RUNS)],
    )


class GoneFile(Model):
    """A file that a video was made of and that is not kept any more."""

    asset_id: str
    kind: AssetKind
    original_filename: str


# What is there stays there until the transaction ends.
FILES_OF_JOB = """
SELECT assets.asset_id, kind, original_filename, state FROM job_assets JOIN assets USING (asset_id)
WHERE job_id = $1 ORDER BY asset_id FOR SHARE OF assets
"""


async def list_gone_files(connection: Connection, job_id: str) -> list[GoneFile]:
    """Files a job would need to be made again and can't have; the others are kept meanwhile."""
    rows = await connection.fetch(FILES_OF_JOB, job_id)
    return [
        GoneFile.model_validate(dict(row), extra="ignore")
        for row in rows
        if row["state"] != "ready"
    ]


def _removal(rule: RetentionRule, files: Sequence[StoredObject]) -> Removal:
    return Removal(
        rule=rule,
        subjects=1,
        objects=len(files),
        size_bytes=sum(file.size_bytes for file in files),
        examples=sorted(file.key for file in files)[:EXAMPLES],
    )


def _mark(row: Row) -> Mark:
    return Mark.model_validate(dict(row) | {"files": FILES.validate_json(row["files"])})
