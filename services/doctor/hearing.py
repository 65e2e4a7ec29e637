"""Whether a server's socket still speaks."""

import asyncio
from contextlib import aclosing
from types import TracebackType
from typing import Self
from uuid import uuid4

from services.comfy.connection import ComfyConnection, ComfyError
from services.comfy.queue import Queue
from services.comfy.socket import frames

UNHEARD_CHANGES = 4
"""Each change of the line is told with a message; the last one may be on its way."""
PAUSE_S = 5.0


class Hearing:
    """Listens beside those who follow prompts: a server tells every socket when its line changes.

    A socket that says nothing is opened anew, for it may be the way to the server that went dead.
    """

    def __init__(self, connection: ComfyConnection, *, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self.is_silent = False
        self._connection = connection
        self._line = (frozenset[str](), frozenset[str]())
        self._is_open = False
        self._unheard = 0
        self._again = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def observe(self, line: Queue) -> None:
        """What the line is, as the server answered when it was asked."""
        now = frozenset(line.running), frozenset(line.pending)
        if self._is_open and now != self._line:
            self._unheard += 1
        self._line = now
        if self._unheard >= UNHEARD_CHANGES:
            self.is_silent = True
            self._again.set()

    async def _listen(self) -> None:
        while True:
            hearing = asyncio.create_task(self._hear())
            again = asyncio.create_task(self._again.wait())
            try:
                await asyncio.wait({hearing, again}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                hearing.cancel()
                again.cancel()
                await asyncio.gather(hearing, again, return_exceptions=True)
            self._again.clear()
            self._is_open, self._unheard = False, 0
            await asyncio.sleep(self._pause_s)

    async def _hear(self) -> None:
        try:
            async with aclosing(frames(self._connection, str(uuid4()))) as heard:
                async for _ in heard:
                    # The first message is a greeting, which even a socket that goes dead may send.
                    if self._is_open:
                        self._unheard, self.is_silent = 0, False
                    self._is_open = True
        except ComfyError:
            # Whoever asks the server for its line is told the same, and tells.
            return
