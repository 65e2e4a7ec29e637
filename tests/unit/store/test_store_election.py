"""Only one process is a backend's agent."""

from collections.abc import AsyncIterator

import pytest_asyncio

from services.store.database import Connection
from services.store.election import Election


@pytest_asyncio.fixture(loop_scope="session")
async def two(empty_database: str) -> AsyncIterator[tuple[Election, Election]]:
    elections = Election(empty_database), Election(empty_database)
    yield elections
    for election in elections:
        await election.close()


async def test_name_is_held_by_one_until_it_lets_go(two: tuple[Election, Election]) -> None:
    one, other = two
    assert await one.hold({"gpu-1", "gpu-2"}) == {"gpu-1", "gpu-2"}
    assert await other.hold({"gpu-1", "gpu-2"}) == set()
    assert await one.hold({"gpu-2"}) == {"gpu-2"}
    assert await other.hold({"gpu-1", "gpu-2"}) == {"gpu-1"}


async def test_name_of_a_process_that_died_is_free(
    two: tuple[Election, Election], connection: Connection
) -> None:
    one, other = two
    await one.hold({"gpu-3"})
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    assert await other.hold({"gpu-3"}) == {"gpu-3"}
    assert await one.hold({"gpu-3"}) == set()
