"""How much owners may do, and what they have done lately."""

import math
from datetime import datetime, timedelta

from proto.limits import Limits, LimitsChange
from proto.model import Model
from services.store.database import Connection, Row

DAY = timedelta(days=1)
COLUMNS = list(Limits.model_fields)


async def find_override(connection: Connection, owner: str) -> Limits | None:
    """What differs for the owner; None where nothing does. Unset: as the settings have it."""
    row = await connection.fetchrow("SELECT * FROM owner_limits WHERE owner = $1", owner)
    return None if row is None else _override(row)


async def set_override(connection: Connection, owner: str, change: LimitsChange) -> None:
    await connection.execute(
        f"INSERT INTO owner_limits (owner, {', '.join(COLUMNS)})"  # noqa: S608
        f" VALUES ($1, {', '.join(f'${number}' for number in range(2, len(COLUMNS) + 2))})"
        f" ON CONFLICT (owner) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in COLUMNS)}",
        owner,
        *(getattr(change, name) for name in COLUMNS),
    )


def merged(defaults: Limits, override: Limits | None) -> Limits:
    if override is None:
        return defaults
    return defaults.model_copy(
        update={name: getattr(override, name) for name in override.model_fields_set}
    )


def _override(row: Row) -> Limits:
    return Limits.model_validate({name: row[name] for name in COLUMNS if row[name] is not None})


LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('limits/' || $1, 0))"


async def lock(connection: Connection, owner: str) -> None:
    """One at a time of an owner's requests that count against a limit, to the transaction's end."""
    await connection.execute(LOCK, owner)


# One row each; a subject that is over its limit gives none, and its row stays as it is.
TAKE = """
INSERT INTO request_rates AS known (subject, due_at)
SELECT subject, clock_timestamp() + make_interval(secs => gap)
FROM unnest($1::text[], $2::float8[]) AS asked (subject, gap)
ON CONFLICT (subject) DO UPDATE SET due_at =
    greatest(known.due_at, clock_timestamp()) + (excluded.due_at - clock_timestamp())
WHERE known.due_at <= clock_timestamp() + interval '1 minute'
RETURNING subject
"""
DUE = """
SELECT extract(epoch FROM max(due_at) - clock_timestamp()) - 60 FROM request_rates
WHERE subject = ANY($1)
"""
MINUTE_S = 60.0


async def take_request(connection: Connection, per_minute: dict[str, int]) -> float | None:
    """Count a request for each subject. None when all allow it, else the seconds until they do.

    Over any minute a subject gets its number of requests, all at once if it likes.
    """
    subjects = list(per_minute)
    gaps = [MINUTE_S / per_minute[subject] for subject in subjects]
    taken = await connection.fetch(TAKE, subjects, gaps)
    if len(taken) == len(subjects):
        return None
    left: float = await connection.fetchval(DUE, subjects) or 0.0
    return max(left, min(gaps))


REQUESTS = """
SELECT greatest(extract(epoch FROM due_at - clock_timestamp()), 0) FROM request_rates
WHERE subject = $1
"""


async def requests_used(connection: Connection, subject: str, per_minute: int) -> int:
    """Of the subject's requests of a minute."""
    seconds = await connection.fetchval(REQUESTS, subject)
    return math.ceil(float(seconds or 0) * per_minute / MINUTE_S)


class Uploads(Model):
    """Of the last 24 hours, deleted ones too. oldest_at: None without any."""

    count: int
    size_bytes: int
    oldest_at: datetime | None


UPLOADS = """
SELECT count(*) AS count, coalesce(sum(size_bytes), 0)::bigint AS size_bytes,
       min(created_at) AS oldest_at
FROM assets WHERE owner = $1 AND created_at > clock_timestamp() - $2::interval
"""


async def uploads_of_day(connection: Connection, owner: str) -> Uploads:
    [row] = await connection.fetch(UPLOADS, owner, DAY)
    return Uploads.model_validate(dict(row))


class Unfinished(Model):
    running: int
    waiting: int


UNFINISHED = """
SELECT count(*) FILTER (WHERE status NOT IN ('accepted', 'uploaded', 'queued')) AS running,
       count(*) FILTER (WHERE status IN ('accepted', 'uploaded', 'queued')) AS waiting
FROM jobs WHERE owner = $1 AND ended_at IS NULL
"""


async def unfinished(connection: Connection, owner: str) -> Unfinished:
    [row] = await connection.fetch(UNFINISHED, owner)
    return Unfinished.model_validate(dict(row))
