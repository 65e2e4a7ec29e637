from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest_asyncio

from services.local.layout import Layout
from services.local.stack import Stack
from services.store.database import Connection, Pool, migrate, open_pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty_database(stack: Stack, layout: Layout) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, on the stack's Postgres."""
    name = f"scratch_{uuid4().hex}"
    connection = await asyncpg.connect(layout.database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(layout.database_url)._replace(path=f"/{name}"))
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(empty_database: str) -> AsyncIterator[Pool]:
    """A database of its own with all migrations applied."""
    async with open_pool(empty_database, size=8) as pool:
        async with pool.acquire() as connection:
            await migrate(connection)
        yield pool


@pytest_asyncio.fixture(loop_scope="session")
async def connection(store: Pool) -> AsyncIterator[Connection]:
    """In a transaction that is undone when the test ends."""
    async with store.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()
