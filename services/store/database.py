import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, as long as every process that migrates asks for the same one.
MIGRATION_LOCK = 4_207_301_881
TIMEOUT_S = 15.0
"""For a connection and for a query: a server that hangs must not hang us."""

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Row: TypeAlias = asyncpg.Record
    Connection: TypeAlias = asyncpg.Connection[Row] | PoolConnectionProxy[Row]
    Pool: TypeAlias = asyncpg.Pool[Row]
else:
    Row = asyncpg.Record
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool


DATABASE_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a query can meet when the server restarts, is cut off or refuses."""


class MigrationChanged(Exception):
    """A migration that was already applied here is not the file that was applied."""


@asynccontextmanager
async def open_pool(url: str, *, size: int = 10) -> AsyncIterator[Pool]:
    pool = asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        timeout=TIMEOUT_S,
        command_timeout=TIMEOUT_S,
        reset=_keep_session,
    )
    async with pool:
        yield pool


async def _keep_session(_: "asyncpg.Connection[Row]") -> None:
    """Instead of a round trip that resets what a borrower has set for its whole session.

    Nobody may set any: settings and locks are a transaction's. What was left open of one is rolled
    back without us.
    """


async def migrate(connection: Connection) -> list[str]:
    """Apply what is missing, in order, one process at a time. Gives the names applied.

    Those that only a newer release has are left alone: the release before has to run on them
    (docs/upgrades.md).
    """
    await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
    try:
        return await _apply_missing(connection)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", MIGRATION_LOCK)


async def _apply_missing(connection: Connection) -> list[str]:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " name text PRIMARY KEY, sha256 text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    rows = await connection.fetch("SELECT name, sha256 FROM schema_migrations")
    applied = {row["name"]: row["sha256"] for row in rows}
    new = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(sql.encode()).hexdigest()
        if path.name not in applied:
            await _apply(connection, path.name, sql, digest)
            new.append(path.name)
        elif applied[path.name] != digest:
            raise MigrationChanged(f"{path.name} was changed after it was applied")
    return new


async def _apply(connection: Connection, name: str, sql: str, digest: str) -> None:
    async with connection.transaction():
        await connection.execute(sql)
        await connection.execute(
            "INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", name, digest
        )
