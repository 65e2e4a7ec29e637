"""Links to videos. Their secret parts are kept as hashes only."""

import secrets
from datetime import timedelta

from proto.ids import new_id
from proto.share import NewShare, Share, ShareRequest
from services.store.database import Connection, Row
from services.store.identity import hash_of
from services.store.page import NEWEST, Cursor

MOST_LIVE = 20
"""Of one video."""
HINT_CHARS = 6
LIVE = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())"


class TooManyShares(Exception):
    """The video has as many links that work as it may have."""


LOCK = "SELECT FROM jobs WHERE job_id = $1 FOR UPDATE"
COUNT = f"SELECT count(*) FROM shares WHERE job_id = $1 AND {LIVE}"  # noqa: S608
ADD = """
INSERT INTO shares (share_id, job_id, owner, secret_hash, hint, show_prompt, show_inputs,
                    allow_download, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10::interval)
RETURNING *
"""


async def add(
    connection: Connection, job_id: str, owner: str, wanted: ShareRequest, *, by: str, origin: str
) -> NewShare:
    """A new link, in the caller's transaction. Raises TooManyShares. origin: of its address."""
    await connection.execute(LOCK, job_id)
    if await connection.fetchval(COUNT, job_id) >= MOST_LIVE:
        raise TooManyShares(job_id)
    secret = secrets.token_urlsafe(32)
    [row] = await connection.fetch(
        ADD,
        new_id(),
        job_id,
        owner,
        hash_of(secret),
        secret[:HINT_CHARS],
        wanted.show_prompt,
        wanted.show_inputs,
        wanted.allow_download,
        by,
        None if wanted.days is None else timedelta(days=wanted.days),
    )
    return NewShare.model_validate({**dict(row), "url": f"{origin}/s/{secret}"})


OF_JOB = "SELECT * FROM shares WHERE job_id = $1 ORDER BY created_at DESC"


async def list_of_job(connection: Connection, job_id: str) -> list[Share]:
    return [_share(row) for row in await connection.fetch(OF_JOB, job_id)]


LIST = """
SELECT * FROM shares
WHERE ($1::text IS NULL OR owner = $1) AND (created_at, share_id) < ($2, $3)
ORDER BY created_at DESC, share_id DESC LIMIT $4
"""


async def list_page(
    connection: Connection, owner: str | None, after: Cursor | None, limit: int
) -> list[Share]:
    """Newest first. owner: None for everybody's."""
    start = after or NEWEST
    return [_share(row) for row in await connection.fetch(LIST, owner, start.at, start.id, limit)]


async def find(connection: Connection, share_id: str) -> Share | None:
    row = await connection.fetchrow("SELECT * FROM shares WHERE share_id = $1", share_id)
    return None if row is None else _share(row)


REVOKE = """
UPDATE shares SET revoked_at = clock_timestamp() WHERE share_id = $1 AND revoked_at IS NULL
"""


async def revoke(connection: Connection, share_id: str) -> bool:
    """Whether it was not revoked before."""
    done: str = await connection.execute(REVOKE, share_id)
    return done.endswith(" 1")


OPEN = f"""
SELECT shares.* FROM shares
JOIN jobs USING (job_id) JOIN users ON users.owner = jobs.owner
WHERE secret_hash = $1 AND {LIVE} AND jobs.deleted_at IS NULL AND jobs.status = 'completed'
  AND users.disabled_at IS NULL
"""  # noqa: S608


async def find_open(connection: Connection, secret: str) -> Share | None:
    """The link with this secret, while it works and what it shows is there."""
    row = await connection.fetchrow(OPEN, hash_of(secret))
    return None if row is None else _share(row)


SEE = "UPDATE shares SET views = views + 1, viewed_at = clock_timestamp() WHERE share_id = $1"


async def count_view(connection: Connection, share_id: str) -> None:
    await connection.execute(SEE, share_id)


def _share(row: Row) -> Share:
    return Share.model_validate(dict(row))
