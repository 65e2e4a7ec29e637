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


def hello(start: int) -> str:
    return f'event: hello\nid: {start}\ndata: {{"last_id": 3}}\n\n'


UNNUMBERED = 'event: line\ndata: {"items": []}\n\nevent: ping\ndata: {}\n\n'
ANSWERS = [
    HEAD + hello(0) + told(1, "accepted") + UNNUMBERED + told(2, "queued")[:-1],
    GONE,
    HEAD + hello(1) + told(2, "queued"),
    HEAD + hello(2) + told(3, "completed"),
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


async def test_reader_that_stays_hears_of_what_follows_an_end() -> None:
    """Its job is taken up again."""
    answers = [
        HEAD + hello(0) + told(1, "accepted") + told(2, "cancelled"),
        HEAD + hello(2),
        HEAD + hello(2) + told(3, "accepted") + told(4, "completed"),
        *[HEAD + hello(4)] * 50,
    ]
    async with (
        serving(answers) as (url, _),
        httpx.AsyncClient(base_url=url) as http,
    ):
        reader = Reader(http, PATH, Random(1), stays=True)  # noqa: S311
        reading = asyncio.create_task(reader.run())
        async with asyncio.timeout(30):
            while reader.transcript.last < 4:  # noqa: ASYNC110  it has no end to wait for
                await asyncio.sleep(0.05)
        reading.cancel()
    assert [heard.number for heard in reader.transcript.heard] == [1, 2, 3, 4]
