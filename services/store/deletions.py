"""Jobs that their owners have deleted, on their way out."""

from proto.model import Model
from services.store.database import Connection


class Deleted(Model):
    """number: 1, 2, 3 … of the job's deletions."""

    job_id: str
    number: int


# Asked for once more where its workflow may be gone with the workflow server's memory.
TO_START = """
SELECT job_id, deletion AS number FROM jobs
WHERE deleted_at IS NOT NULL
  AND (deletion_started_at IS NULL
       OR deletion_started_at < clock_timestamp() - interval '1 hour')
ORDER BY deletion_started_at NULLS FIRST LIMIT $1
"""
STARTED = """
UPDATE jobs SET deletion_started_at = clock_timestamp()
WHERE job_id = $1 AND deletion = $2 AND deleted_at IS NOT NULL
"""


async def list_to_start(connection: Connection, limit: int) -> list[Deleted]:
    """Deletions whose workflow was not started."""
    return [Deleted(**dict(row)) for row in await connection.fetch(TO_START, limit)]


async def mark_started(connection: Connection, deleted: Deleted) -> None:
    await connection.execute(STARTED, deleted.job_id, deleted.number)


TO_END = """
SELECT job_id, deletion AS number FROM jobs
WHERE deleted_at IS NULL AND deletion_started_at IS NOT NULL
ORDER BY deletion_started_at LIMIT $1
"""
ENDED = """
UPDATE jobs SET deletion_started_at = NULL
WHERE job_id = $1 AND deletion = $2 AND deleted_at IS NULL
"""


async def list_to_end(connection: Connection, limit: int) -> list[Deleted]:
    """Deletions that were taken back, whose workflow was not told."""
    return [Deleted(**dict(row)) for row in await connection.fetch(TO_END, limit)]


async def mark_ended(connection: Connection, deleted: Deleted) -> None:
    await connection.execute(ENDED, deleted.job_id, deleted.number)


LOCK = """
SELECT owner, doomed_keys FROM jobs
WHERE job_id = $1 AND deletion = $2 AND deleted_at IS NOT NULL FOR UPDATE
"""
# One owner's jobs are doomed in turn: of two that share a file, the later one is its last.
TAKE_TURN = "SELECT FROM owners WHERE owner = $1 FOR UPDATE"
DOOM = """
UPDATE jobs SET doomed_keys = ARRAY(
    SELECT key FROM checkpoint_objects AS own
    WHERE job_id = $1 AND taken_from IS NOT NULL AND NOT EXISTS (
        SELECT FROM checkpoint_objects AS other
        WHERE (other.job_id = own.taken_from OR other.taken_from = own.taken_from)
          AND other.job_id <> $1 AND other.key = own.key
    )
)
WHERE job_id = $1
"""
EMPTY = [
    "DELETE FROM checkpoints WHERE job_id = $1",
    "DELETE FROM outputs WHERE job_id = $1",
    "DELETE FROM job_assets WHERE job_id = $1",
    "DELETE FROM job_texts WHERE job_id = $1",
    "DELETE FROM idempotency_keys WHERE job_id = $1",
]


async def doom(connection: Connection, deleted: Deleted) -> bool:
    """Give up all that the job has but its row; from then on it can't be restored.

    False, and nothing is changed, when this deletion was taken back or the job is gone.
    """
    async with connection.transaction():
        job = await connection.fetchrow(LOCK, deleted.job_id, deleted.number)
        if job is None:
            return False
        if job["doomed_keys"] is None:
            await connection.execute(TAKE_TURN, job["owner"])
            await connection.execute(DOOM, deleted.job_id)
            for statement in EMPTY:
                await connection.execute(statement, deleted.job_id)
    return True


DOOMED = "SELECT unnest(doomed_keys) AS key FROM jobs WHERE job_id = $1"
TAKEN = "SELECT key FROM checkpoint_objects WHERE taken_from = $1"


async def list_doomed_keys(connection: Connection, job_id: str) -> set[str]:
    """Objects outside a doomed job's folder that nothing needs without it."""
    return {row["key"] for row in await connection.fetch(DOOMED, job_id)}


async def list_taken_keys(connection: Connection, job_id: str) -> set[str]:
    """Objects the job has made that others go on from."""
    return {row["key"] for row in await connection.fetch(TAKEN, job_id)}


UNSETTLED = "SELECT EXISTS (SELECT FROM prompts WHERE job_id = $1 AND settled_at IS NULL)"
# The newest event stays: it tells readers who were away that the job is gone.
FORGET = [
    "DELETE FROM prompts WHERE job_id = $1",
    "DELETE FROM events USING jobs WHERE events.job_id = $1 AND jobs.job_id = $1"
    " AND events.rev < jobs.rev",
    "DELETE FROM jobs WHERE job_id = $1",
]


async def forget(connection: Connection, job_id: str) -> bool:
    """Remove a doomed job's row. False while a prompt of it may still wait or run somewhere."""
    async with connection.transaction():
        if await connection.fetchval(UNSETTLED, job_id):
            return False
        for statement in FORGET:
            await connection.execute(statement, job_id)
    return True
