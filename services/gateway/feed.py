import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg
import structlog

from services.store.database import DATABASE_ERRORS
from services.store.events import CHANNEL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    from services.store.database import Row

log = structlog.get_logger()
RETRY_S = 1.0


class EventFeed:
    """Wakes the readers of an owner's events when there are new ones.

    One database connection listens for all readers of this gateway. A notification is only a hint:
    readers ask the database for what comes after the number they have, so none is missed when the
    connection is lost and everybody is woken once it is back.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._readers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log.warning("event feed lost", cause=repr(error))
            await asyncio.sleep(RETRY_S)

    @contextmanager
    def subscribe(self, owner: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the owner may have something new."""
        changed = asyncio.Event()
        self._readers[owner].add(changed)
        try:
            yield changed
        finally:
            self._readers[owner].discard(changed)
            if not self._readers[owner]:
                del self._readers[owner]

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url)
        closed = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(CHANNEL, self._on_notify)
            self._wake_all()
            await closed.wait()
        finally:
            connection.terminate()

    def _on_notify(
        self,
        _connection: "asyncpg.Connection[Row] | PoolConnectionProxy[Row]",
        _pid: int,
        _channel: str,
        payload: object,
    ) -> None:
        self.wake(str(payload))

    def wake(self, owner: str) -> None:
        for changed in self._readers.get(owner, ()):
            changed.set()

    def _wake_all(self) -> None:
        for readers in self._readers.values():
            for changed in readers:
                changed.set()
