"""An address and a file of this machine that no upload may have anybody touch."""

import asyncio
import ctypes
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.local.layout import HOST
from tests.corpus.case import Canary
from tests.media_factory import make_clip

IN_ACCESS, IN_OPEN = 0x01, 0x20
"""Of Linux' inotify(7)."""
EVENT_BYTES = 16


@dataclass
class Watch:
    """connections: to the address, so far."""

    canary: Canary
    notices: int
    connections: list[str] = field(default_factory=list)

    def visits(self) -> list[str]:
        """Those of the address, and those of the file since this was asked last."""
        try:
            count = len(os.read(self.notices, 64 * 1024)) // EVENT_BYTES
        except BlockingIOError:
            count = 0
        return [*self.connections, *(["the canary's file was opened"] if count else [])]


@asynccontextmanager
async def open_canary(folder: Path) -> AsyncIterator[Watch]:
    """The file is a clip like any other, so that whoever follows a reference would get one."""
    path = make_clip(folder / "canary.mp4", seconds=1)
    libc = ctypes.CDLL(None, use_errno=True)
    notices = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    libc.inotify_add_watch(notices, os.fsencode(path), IN_ACCESS | IN_OPEN)
    connections: list[str] = []

    async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("somebody connected to the canary's address")
        writer.close()

    server = await asyncio.start_server(note, HOST, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Watch(Canary(f"http://{HOST}:{port}", path), notices, connections)
    os.close(notices)
