"""A cut connection ends, a held one waits, and a mended one works."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.local.layout import HOST
from tests.chaos.proxy import Proxy

PATIENCE_S = 10.0
A_MOMENT_S = 0.2


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    while chunk := await reader.read(1 << 16):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that says everything again."""
    server = await asyncio.start_server(_echo, HOST, 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    await proxy.open()
    yield proxy
    await proxy.close()
    server.close()


async def answer(reader: StreamReader, writer: StreamWriter, words: bytes) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        writer.write(words)
        return await reader.readexactly(len(words))


async def test_connection_passes_everything_to_the_last_byte(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    sent = bytes(range(256)) * 8192
    reading = asyncio.create_task(reader.read(-1))
    writer.write(sent)
    writer.write_eof()
    assert await asyncio.wait_for(reading, PATIENCE_S) == sent
    writer.close()


async def test_cut_ends_open_and_new_connections_until_it_is_mended(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    assert await answer(reader, writer, b"here") == b"here"
    proxy.cut()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(reader.readexactly(1), PATIENCE_S)
    new_reader, new_writer = await asyncio.open_connection(HOST, proxy.port)
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(new_reader.readexactly(1), PATIENCE_S)
    proxy.mend()
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    assert await answer(reader, writer, b"again") == b"again"
    for each in (writer, new_writer):
        each.close()


async def test_reset_ends_open_connections_only(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    assert await answer(reader, writer, b"here") == b"here"
    proxy.reset()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(reader.readexactly(1), PATIENCE_S)
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    assert await answer(reader, writer, b"again") == b"again"
    writer.close()


async def test_stalled_bytes_arrive_once_it_is_mended(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    proxy.stall()
    writer.write(b"held")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readexactly(4), A_MOMENT_S)
    proxy.mend()
    assert await asyncio.wait_for(reader.readexactly(4), PATIENCE_S) == b"held"
    writer.close()
