"""One view of a server's line for all in this process who wait for its prompts."""

import asyncio
import time

from services.comfy.connection import ComfyConnection
from services.comfy.presence import Place, find_after, read_line
from services.comfy.queue import Queue


class Line:
    """Reads a server's line once for many callers.

    Sound, because a prompt only moves from the queue to running to the history: one that was in
    the line before a reading began, and isn't in it, has left it, and the history, which is asked
    after every reading, knows of it unless it is lost.

    max_age_s: how long after its start a reading may be given to further callers.
    """

    def __init__(self, connection: ComfyConnection, *, max_age_s: float = 1.0) -> None:
        self._connection = connection
        self._max_age_s = max_age_s
        self._reading: _Reading | None = None

    async def find(self, prompt_id: str, *, since: float) -> Place:
        """As find_prompt. since: a monotonic time when the prompt was already submitted."""
        return await find_after(self._connection, await self.read(since=since), prompt_id)

    async def read(self, *, since: float) -> Queue:
        """The line, from a request that was sent after `since`."""
        reading = self._reading
        if reading is None or not reading.serves(since, self._max_age_s):
            reading = self._reading = _Reading(self._connection)
        return await reading.result()


class _Reading:
    """A request for the line that many wait for. It ends when the last of them has left."""

    def __init__(self, connection: ComfyConnection) -> None:
        self._started = time.monotonic()
        self._task = asyncio.create_task(read_line(connection))
        self._waiting = 0

    def serves(self, since: float, max_age_s: float) -> bool:
        if self._started <= since:
            return False
        if not self._task.done():
            return not self._task.cancelling()
        failed = self._task.cancelled() or self._task.exception() is not None
        return not failed and time.monotonic() - self._started < max_age_s

    async def result(self) -> Queue:
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._task.cancel()
