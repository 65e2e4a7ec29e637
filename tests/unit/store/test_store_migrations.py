import asyncio

import asyncpg
import pytest

from services.store.database import MIGRATIONS, MigrationChanged, migrate, open_pool

NAMES = sorted(path.name for path in MIGRATIONS.glob("*.sql"))


async def test_migrations_are_applied_once_by_whoever_comes_first(empty_database: str) -> None:
    async with open_pool(empty_database, size=4) as pool:

        async def one_process() -> list[str]:
            async with pool.acquire() as connection:
                return await migrate(connection)

        applied = await asyncio.gather(*(one_process() for _ in range(4)))
        assert sorted(applied, key=len) == [[], [], [], NAMES]
        assert await one_process() == []
        recorded = await pool.fetch("SELECT name FROM schema_migrations ORDER BY applied_at")
        assert [row["name"] for row in recorded] == NAMES


async def test_migration_changed_after_it_was_applied_is_refused(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        changed = connection.transaction()
        await changed.start()
        await connection.execute("UPDATE schema_migrations SET sha256 = 'of another file'")
        with pytest.raises(MigrationChanged, match=NAMES[0]):
            await migrate(connection)
        await changed.rollback()
        assert await migrate(connection) == []


async def test_schema_of_a_newer_release_is_left_as_it_is(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        upgraded = connection.transaction()
        await upgraded.start()
        await connection.execute("INSERT INTO schema_migrations VALUES ('9999_later.sql', 'of it')")
        assert await migrate(connection) == []
        await upgraded.rollback()


def test_migrations_are_numbered_without_gaps() -> None:
    assert [int(name[:4]) for name in NAMES] == list(range(1, len(NAMES) + 1))
