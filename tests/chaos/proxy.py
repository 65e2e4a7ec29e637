"""A place on the way between two processes where the connection can be cut or held."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter

from services.local.layout import HOST

CHUNK_BYTES = 1 << 16
# Closing with a linger of nothing sends a reset instead of a farewell.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Passes on what comes to `port`, to another port of this machine."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.mend()
        self.reset()
        await asyncio.gather(*self._serving)

    def reset(self) -> None:
        """End every connection at once; new ones work."""
        for writer in self._open:
            _reset(writer)

    def cut(self) -> None:
        """End every connection, and each new one, until mended."""
        self._cut = True
        self.reset()

    def stall(self) -> None:
        """Keep connections open with nothing arriving, until mended."""
        self._flows.clear()

    def mend(self) -> None:
        self._cut = False
        self._flows.set()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._connect(reader, writer)
        except OSError:
            _reset(writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        await self._flows.wait()
        if self._cut:
            raise ConnectionResetError
        server_reader, server_writer = await asyncio.open_connection(HOST, self._target)
        self._open.add(server_writer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, server_writer))
                group.create_task(self._pump(server_reader, writer))
        except* OSError:
            _reset(writer)
            _reset(server_writer)
        finally:
            self._open.discard(server_writer)
            server_writer.close()

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            await self._flows.wait()
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


def _reset(writer: StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if not writer.transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
