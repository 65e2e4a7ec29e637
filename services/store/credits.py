"""The ledger of what owners' jobs take of the GPUs. Entries are only ever added."""

from datetime import datetime, timedelta

from proto.errors import ErrorCode
from proto.ids import new_id
from proto.limits import CreditEntry, CreditKind
from proto.model import Model
from services.store.database import Connection
from services.store.page import NEWEST, Cursor

DAY = timedelta(days=1)

OWNERS_FAULT = frozenset(
    {
        ErrorCode.MISSING_ASSET,
        ErrorCode.INVALID_ASSET_FORMAT,
        ErrorCode.UNSUPPORTED_ASPECT_RATIO,
        ErrorCode.WRONG_ASSET_KIND,
        ErrorCode.TOO_LARGE,
        ErrorCode.TOO_LONG,
        ErrorCode.TOO_SHORT,
        ErrorCode.INVALID_REQUEST,
    }
)
"""Failures that are none of ours: what was rendered until then is charged."""

ADD = """
INSERT INTO credit_entries
    (entry_id, owner, job_id, kind, gpu_seconds, rendered_seconds, counts_at)
VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, clock_timestamp()))
"""


async def reserve(connection: Connection, owner: str, job_id: str, gpu_seconds: float) -> None:
    """Take what a run of the job is expected to need, in the transaction that accepts it."""
    kind = CreditKind.RESERVE
    await connection.execute(ADD, new_id(), owner, job_id, kind, gpu_seconds, None, None)


RENDERED = """
SELECT coalesce(sum(render_s), 0) FROM checkpoints WHERE job_id = $1 AND taken_from IS NULL
"""
STANDING = """
SELECT owner, sum(gpu_seconds) AS charged, max(counts_at) AS counts_at
FROM credit_entries WHERE job_id = $1 GROUP BY owner
"""


async def settle(connection: Connection, job_id: str, failure: ErrorCode | None) -> None:
    """Charge a job that has just ended what it rendered itself; nothing when the failure is ours.

    To be called once for each end, in the transaction that records it.
    """
    standing = await connection.fetchrow(STANDING, job_id)
    if standing is None:
        return
    rendered: float = await connection.fetchval(RENDERED, job_id)
    ours = failure is not None and failure not in OWNERS_FAULT
    owed = 0.0 if ours else rendered
    await connection.execute(
        ADD,
        new_id(),
        standing["owner"],
        job_id,
        CreditKind.REFUND if ours else CreditKind.SETTLE,
        owed - standing["charged"],
        rendered,
        standing["counts_at"],
    )


class Charge(Model):
    """What counts from one moment on."""

    counts_at: datetime
    gpu_seconds: float


CHARGES = """
SELECT counts_at, sum(gpu_seconds) AS gpu_seconds FROM credit_entries
WHERE owner = $1 AND counts_at > clock_timestamp() - $2::interval
GROUP BY counts_at HAVING sum(gpu_seconds) > 0 ORDER BY counts_at
"""


async def charges_of_day(connection: Connection, owner: str) -> list[Charge]:
    """Of the last 24 hours, oldest first."""
    rows = await connection.fetch(CHARGES, owner, DAY)
    return [Charge.model_validate(dict(row)) for row in rows]


LIST = """
SELECT entry_id, job_id, kind, gpu_seconds, rendered_seconds, at FROM credit_entries
WHERE owner = $1 AND (at, entry_id) < ($2, $3)
ORDER BY at DESC, entry_id DESC LIMIT $4
"""


async def list_page(
    connection: Connection, owner: str, after: Cursor | None, limit: int
) -> list[CreditEntry]:
    """Newest first."""
    start = after or NEWEST
    rows = await connection.fetch(LIST, owner, start.at, start.id, limit)
    return [CreditEntry.model_validate(dict(row)) for row in rows]
