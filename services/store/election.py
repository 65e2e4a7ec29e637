"""Which of several processes does what only one may do."""

from collections.abc import Iterable

import asyncpg

from services.store.database import DATABASE_ERRORS, Connection

CLAIM = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
RELEASE = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"
TIMEOUT_S = 5.0


class Election:
    """Names this process holds for itself, for as long as its database connection lives.

    While the database is away nobody can claim anything, so what was held is held on; it is
    claimed anew when the database is back, and lost only to a process that was faster.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: Connection | None = None
        self._held: set[str] = set()

    async def hold(self, names: Iterable[str]) -> set[str]:
        """Claim these names, let go of all others; gives those that are held now."""
        wanted = set(names)
        try:
            await self._hold(wanted)
        except (*DATABASE_ERRORS, TimeoutError):
            await self.close()
        return self._held & wanted

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _hold(self, wanted: set[str]) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=TIMEOUT_S)
            mine: set[str] = set()
        else:
            mine = self._held & wanted
            for name in self._held - wanted:
                await self._connection.fetchval(RELEASE, name, timeout=TIMEOUT_S)
        for name in wanted - mine:
            if await self._connection.fetchval(CLAIM, name, timeout=TIMEOUT_S):
                mine.add(name)
        self._held = mine
