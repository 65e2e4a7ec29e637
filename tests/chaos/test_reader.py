"""A reader comes back with the last number it has, and writes down just what it was told."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import httpx

from services.local.layout import HOST
from tests.chaos.reader import Heard, Reader

PATH = "/api/jobs/job-one/stream"
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
GONE = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def told(number: int, status: str) -> str:
    data = {"job_id": "job-one", "rev": number, "type": status, "status": status}
    return f"event: {status}\nid: {number}\ndata: {json.dumps(data)}\n\n"


HELLO = 'event: hello\nid: 0\ndata: {"last_id": 3}\n\n'
UNNUMBERED = 'event: line\ndata: {"items": []}\n\nevent: ping\ndata: {}\n\n'
ANSWERS = [
    HEAD + HELLO + told(1, "accepted") + UNNUMBERED + told(2, "queued")[:-1],
    GONE,
    HEAD + HELLO.replace("id: 0", "id: 1") + told(2, "queued"),
    HEAD + HELLO.replace("id: 0", "id: 2") + told(3, "completed"),
]


@asynccontextmanager
async def serving(answers: list[str]) -> AsyncIterator[tuple[str, list[str]]]:
    """One answer for each connection; gives the URL and what each request came with."""
    asked: list[str] = []

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(answers[len(asked) - 1].encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def last_event_ids(asked: list[str]) -> list[str | None]:
    return [
        next((line[15:] for line in head.splitlines() if line.startswith("last-event-id")), None)
        for head in asked
    ]


async def test_reader_takes_up_where_it_was_cut_off() -> None:
    async with serving(ANSWERS) as (url, asked), httpx.AsyncClient(base_url=url) as http:
        reader = Reader(http, PATH, Random(1))  # noqa: S311
        await asyncio.wait_for(reader.run(), 30)
    transcript = reader.transcript
    assert last_event_ids(asked) == [None, "1", "1", "2"]
    assert (transcript.start, transcript.connections) == (0, 3)
    assert transcript.heard == [
        Heard(number, "job-one", number, status, status)
        for number, status in [(1, "accepted"), (2, "queued"), (3, "completed")]
    ]
