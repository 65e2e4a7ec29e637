"""Rows that only tell what was, and that nobody asks for after a while."""

from datetime import datetime

from proto.model import Model
from services.store.database import Connection

BATCH = 1000

STEPS = """
WITH ended AS (
    SELECT job_id FROM jobs
    WHERE ended_at < $1 AND (steps_forgotten_at IS NULL OR steps_forgotten_at < ended_at)
    ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED
), steps AS (
    DELETE FROM events USING ended
    WHERE events.job_id = ended.job_id AND type IN ('progress', 'grown')
)
UPDATE jobs SET steps_forgotten_at = clock_timestamp() FROM ended WHERE jobs.job_id = ended.job_id
"""
# When somebody was here last is still known.
SESSIONS = """
WITH gone AS (
    DELETE FROM sessions WHERE session_id IN (
        SELECT session_id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
    ) RETURNING owner, seen_at
), seen AS (
    UPDATE users SET seen_at = GREATEST(users.seen_at, last.seen_at)
    FROM (SELECT owner, max(seen_at) AS seen_at FROM gone GROUP BY owner) AS last
    WHERE users.owner = last.owner
)
SELECT FROM gone
"""
LINKS = """
DELETE FROM sign_in_links WHERE secret_hash IN (
    SELECT secret_hash FROM sign_in_links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
)
"""
KEYS = """
DELETE FROM idempotency_keys WHERE (owner, key) IN (
    SELECT owner, key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2
)
"""
RATES = """
DELETE FROM request_rates WHERE subject IN (
    SELECT subject FROM request_rates WHERE due_at < $1 ORDER BY due_at LIMIT $2
)
"""


class Forgotten(Model):
    """How many of each were forgotten. jobs: of which only the steps of their progress went."""

    jobs: int
    sessions: int
    links: int
    keys: int
    rates: int

    @property
    def more(self) -> bool:
        """Whether there may be more to forget."""
        return BATCH in self.model_dump().values()

    def plus(self, other: "Forgotten") -> "Forgotten":
        added = {name: count + getattr(other, name) for name, count in self.model_dump().items()}
        return Forgotten(**added)


async def forget_batch(connection: Connection, before: datetime) -> Forgotten:
    """Forget what was over before then, up to BATCH of each."""
    return Forgotten(
        jobs=await _forget(connection, STEPS, before),
        sessions=await _forget(connection, SESSIONS, before),
        links=await _forget(connection, LINKS, before),
        keys=await _forget(connection, KEYS, before),
        rates=await _forget(connection, RATES, before),
    )


async def _forget(connection: Connection, statement: str, before: datetime) -> int:
    done = await connection.execute(statement, before, BATCH)
    return int(done.split()[-1])
