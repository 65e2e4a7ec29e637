from services.store.database import Connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
FIND = "SELECT job_id, body_sha256 FROM idempotency_keys WHERE owner = $1 AND key = $2"
INSERT = """
INSERT INTO idempotency_keys (owner, key, body_sha256, job_id) VALUES ($1, $2, $3, $4)
"""


class KeyReused(Exception):
    """The key was used before, for another request."""


async def find_job(connection: Connection, owner: str, key: str, body_sha256: str) -> str | None:
    """The job an earlier request with this key made; holds the key until the transaction ends.

    Raises KeyReused when that request said something else.
    """
    await connection.execute(LOCK, f"{owner}\n{key}")
    row = await connection.fetchrow(FIND, owner, key)
    if row is None:
        return None
    if row["body_sha256"] != body_sha256:
        raise KeyReused(key)
    job_id: str = row["job_id"]
    return job_id


async def remember(
    connection: Connection, owner: str, key: str, body_sha256: str, job_id: str
) -> None:
    await connection.execute(INSERT, owner, key, body_sha256, job_id)
