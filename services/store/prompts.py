"""Submissions to backends, noted before they are sent: who may send, and what became of them."""

from collections.abc import Sequence
from datetime import datetime

from proto.render import PromptRef
from services.store.database import Connection, Row


class PromptRow(PromptRef):
    """posting_at, posted_at: when its one request was begun, and answered with success.

    posting_age_s: how long ago it was begun, by the database's clock.
    withdrawn_at: it must not be sent any more. abandoned_at: nobody waits for it any more.
    settled_at: it neither waits nor runs. answer: the backend's last word on it.
    """

    posting_at: datetime | None
    posting_age_s: float | None
    posted_at: datetime | None
    withdrawn_at: datetime | None
    abandoned_at: datetime | None
    settled_at: datetime | None
    outcome: str | None
    cause: str | None
    answer: str | None
    created_at: datetime

    @property
    def ref(self) -> PromptRef:
        return PromptRef.model_validate(self.model_dump())


NOTE = """
INSERT INTO prompts (prompt_id, job_id, segment, generation, backend_id)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (prompt_id) DO NOTHING
"""
COLUMNS = """
prompts.*, extract(epoch FROM clock_timestamp() - posting_at)::float8 AS posting_age_s
"""
FIND = f"SELECT {COLUMNS} FROM prompts WHERE prompt_id = $1"  # noqa: S608
GRANTED = """
UPDATE jobs SET granted_at = clock_timestamp(), backend_id = $2, prompt_id = $3
WHERE job_id = $1 AND ended_at IS NULL
"""


async def note(connection: Connection, prompt: PromptRef) -> PromptRow:
    """The prompt's row, made if need be, before anything of it is sent."""
    async with connection.transaction():
        await connection.execute(
            NOTE,
            prompt.prompt_id,
            prompt.job_id,
            prompt.segment,
            prompt.generation,
            prompt.backend_id,
        )
        await connection.execute(GRANTED, prompt.job_id, prompt.backend_id, prompt.prompt_id)
        return await get(connection, prompt.prompt_id)


async def get(connection: Connection, prompt_id: str) -> PromptRow:
    """Raises LookupError."""
    row = await connection.fetchrow(FIND, prompt_id)
    if row is None:
        raise LookupError(f"no prompt {prompt_id}")
    return _prompt(row)


CLAIM = """
UPDATE prompts SET posting_at = clock_timestamp()
WHERE prompt_id = $1 AND posting_at IS NOT DISTINCT FROM $2 AND posted_at IS NULL
  AND withdrawn_at IS NULL
RETURNING posting_at
"""
UNCLAIM = "UPDATE prompts SET posting_at = NULL WHERE prompt_id = $1 AND posting_at = $2"
POSTED = """
UPDATE prompts SET posted_at = COALESCE(posted_at, clock_timestamp()) WHERE prompt_id = $1
"""


async def claim_posting(connection: Connection, prompt: PromptRow) -> datetime | None:
    """Take the right to send it; None when another try took it, or it was withdrawn."""
    claim: datetime | None = await connection.fetchval(CLAIM, prompt.prompt_id, prompt.posting_at)
    return claim


async def drop_claim(connection: Connection, prompt_id: str, claim: datetime) -> None:
    """Give the right to send it back, after a request that certainly did not get out."""
    await connection.execute(UNCLAIM, prompt_id, claim)


async def mark_posted(connection: Connection, prompt_id: str) -> None:
    await connection.execute(POSTED, prompt_id)


WITHDRAW = f"""
INSERT INTO prompts (prompt_id, job_id, segment, generation, backend_id, withdrawn_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp())
ON CONFLICT (prompt_id) DO UPDATE
SET withdrawn_at = COALESCE(prompts.withdrawn_at, clock_timestamp())
RETURNING {COLUMNS}
"""  # noqa: S608


async def withdraw(connection: Connection, prompt: PromptRef) -> PromptRow:
    """Forbid sending it from now on. A request that was begun before may still arrive."""
    [row] = await connection.fetch(
        WITHDRAW,
        prompt.prompt_id,
        prompt.job_id,
        prompt.segment,
        prompt.generation,
        prompt.backend_id,
    )
    return _prompt(row)


SETTLE = """
UPDATE prompts SET settled_at = COALESCE(settled_at, clock_timestamp()), outcome = $2, cause = $3,
    answer = COALESCE($4, answer)
WHERE prompt_id = $1
"""
SETTLE_WITHDRAWN = """
UPDATE prompts SET settled_at = COALESCE(settled_at, clock_timestamp()),
    outcome = COALESCE(outcome, $2)
WHERE prompt_id = $1
"""
ABANDON = """
UPDATE prompts SET abandoned_at = COALESCE(abandoned_at, clock_timestamp()), outcome = $2,
    cause = $3
WHERE prompt_id = $1
"""


async def settle(
    connection: Connection,
    prompt_id: str,
    *,
    outcome: str,
    cause: str | None = None,
    answer: str | None = None,
) -> None:
    """Note that it neither waits nor runs any more."""
    await connection.execute(SETTLE, prompt_id, outcome, cause, answer)


async def settle_withdrawn(connection: Connection, prompt_id: str, *, outcome: str) -> None:
    """Note that it was taken back. Why it was given up, where that is known, stays."""
    await connection.execute(SETTLE_WITHDRAWN, prompt_id, outcome)


async def abandon(connection: Connection, prompt_id: str, *, outcome: str, cause: str) -> None:
    """Note that nobody waits for it, though it may still run: it is to be withdrawn."""
    await connection.execute(ABANDON, prompt_id, outcome, cause)


ABANDON_ALL = """
UPDATE prompts SET abandoned_at = COALESCE(abandoned_at, clock_timestamp()),
    outcome = COALESCE(outcome, 'abandoned')
WHERE job_id = $1 AND settled_at IS NULL
"""


async def abandon_all(connection: Connection, job_id: str) -> None:
    """Note that nobody waits for what the job has sent so far: it is to be withdrawn."""
    await connection.execute(ABANDON_ALL, job_id)


LEFT_BEHIND = f"""
SELECT {COLUMNS} FROM prompts JOIN jobs USING (job_id)
WHERE settled_at IS NULL AND (abandoned_at IS NOT NULL OR ended_at IS NOT NULL)
ORDER BY prompts.created_at LIMIT $1
"""  # noqa: S608
OF_JOB = f"""
SELECT {COLUMNS} FROM prompts WHERE job_id = $1 ORDER BY segment, generation
"""  # noqa: S608


async def list_left_behind(connection: Connection, limit: int) -> list[PromptRow]:
    """Prompts that may still wait or run though nobody wants them, oldest first."""
    return [_prompt(row) for row in await connection.fetch(LEFT_BEHIND, limit)]


async def list_of_job(connection: Connection, job_id: str) -> list[PromptRow]:
    return [_prompt(row) for row in await connection.fetch(OF_JOB, job_id)]


JOBS = "SELECT prompt_id, job_id FROM prompts WHERE prompt_id = ANY ($1::text[])"


async def find_jobs(connection: Connection, prompt_ids: Sequence[str]) -> dict[str, str]:
    """The jobs of those prompts that are ours, by prompt."""
    rows = await connection.fetch(JOBS, list(prompt_ids))
    return {row["prompt_id"]: row["job_id"] for row in rows}


def _prompt(row: Row) -> PromptRow:
    return PromptRow.model_validate(dict(row))
