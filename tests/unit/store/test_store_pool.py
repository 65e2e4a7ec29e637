from services.store.database import open_pool


async def test_what_a_borrower_left_open_is_undone_before_the_next(empty_database: str) -> None:
    async with open_pool(empty_database, size=1) as pool:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN; CREATE TABLE left_open ()")
        async with pool.acquire() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT to_regclass('left_open')") is None
