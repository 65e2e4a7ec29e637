"""The rows: one dump of one moment, by the tools of the embedded Postgres."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.local.child import postgres_program
from services.local.layout import Layout
from services.store.database import Connection

TABLES = """
SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename
"""
# Told to workflows before, in a state of theirs that may be gone: each is told once more, which
# changes nothing where it is known. Woken webhooks with nothing to tell go back to sleep.
TELL_AGAIN = (
    "UPDATE jobs SET cancel_sent_at = NULL, wish_sent_at = NULL, checked_at = NULL,"
    " priority_due = true WHERE ended_at IS NULL",
    "UPDATE jobs SET deletion_started_at = NULL WHERE deleted_at IS NOT NULL",
    "UPDATE webhooks SET woken = 0",
)


class ToolFailed(Exception):
    """A tool of Postgres did not do it; what it said."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database, which the dump is of too."""

    name: str
    migrations: list[str]
    rows: dict[str, int]


@asynccontextmanager
async def open_snapshot(layout: Layout) -> AsyncIterator[Snapshot]:
    """The moment stays for as long as the body runs."""
    connection = await asyncpg.connect(layout.database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield Snapshot(
                name=await connection.fetchval("SELECT pg_export_snapshot()"),
                migrations=await list_migrations(connection),
                rows=await count_rows(connection),
            )
    finally:
        await connection.close()


async def database_size(layout: Layout) -> int:
    """In bytes, of all files."""
    connection = await asyncpg.connect(layout.database_url)
    try:
        size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
    finally:
        await connection.close()
    return size


async def list_migrations(connection: Connection) -> list[str]:
    rows = await connection.fetch("SELECT name FROM schema_migrations ORDER BY name")
    return [row["name"] for row in rows]


async def count_rows(connection: Connection) -> dict[str, int]:
    """Of every table."""
    tables = [row[0] for row in await connection.fetch(TABLES)]
    return {
        name: await connection.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608
        for name in tables
    }


async def dump(layout: Layout, snapshot: Snapshot, path: Path) -> None:
    """Raises ToolFailed."""
    options = ("--format=custom", "--no-owner", f"--snapshot={snapshot.name}", f"--file={path}")
    await _run(layout, "pg_dump", *options)


async def load(layout: Layout, path: Path) -> dict[str, int]:
    """Fill the empty database; gives the rows of each table. Raises ToolFailed."""
    options = ("--no-owner", "--exit-on-error", "--single-transaction")
    await _run(layout, "pg_restore", *options, "--dbname=postgres", str(path))
    connection = await asyncpg.connect(layout.database_url)
    try:
        async with connection.transaction():
            for statement in TELL_AGAIN:
                await connection.execute(statement)
        return await count_rows(connection)
    finally:
        await connection.close()


async def _run(layout: Layout, tool: str, *arguments: str) -> None:
    place = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(layout.ports["postgres"]),
        "PGUSER": "animatrix",
        "PGDATABASE": "postgres",
        "PGPASSWORD": layout.secrets.database_password,
    }
    process = await asyncio.create_subprocess_exec(
        postgres_program(tool),
        *arguments,
        env=os.environ | place,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ToolFailed(f"{tool}: {lines[-1] if lines else process.returncode}")
