"""A browser's reader of one event stream: it always comes back, with the last number it has."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from proto.job import TERMINAL

# A stream that is silent for so long is dead: pings come more often.
TIMEOUT = httpx.Timeout(10.0, read=35.0)
FIRST_PAUSE_S = 0.3
LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True)
class Heard:
    """One event as it arrived. number: its `id:`."""

    number: int
    job_id: str
    rev: int
    type: str
    status: str


@dataclass
class Transcript:
    """All that a reader heard, in the order it came, over all its connections.

    start: the number it was to hear everything after. connections: how often it was let in.
    stays: an end of its job may not be the last one.
    """

    path: str
    start: int | None = None
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    stays: bool = False

    @property
    def job_id(self) -> str | None:
        """Of the one job it is about; None for all jobs."""
        parts = self.path.split("/")
        return parts[3] if "jobs" in parts else None

    @property
    def last(self) -> int:
        return self.heard[-1].number if self.heard else self.start or 0

    @property
    def is_over(self) -> bool:
        """A job's stream ends with the job."""
        return self.job_id is not None and not self.stays and self.has_heard(*TERMINAL)

    def has_heard(self, *statuses: str) -> bool:
        return any(heard.status in statuses for heard in self.heard)


class Reader:
    def __init__(
        self, http: httpx.AsyncClient, path: str, random: Random, *, stays: bool = False
    ) -> None:
        self.transcript = Transcript(path, stays=stays)
        self._http = http
        self._random = random

    async def run(self) -> None:
        """Until the stream has told a job's end, or for ever."""
        transcript, pause_s = self.transcript, FIRST_PAUSE_S
        while not transcript.is_over:
            before = transcript.last
            with suppress(httpx.TransportError):
                await self._read()
            heard_more = transcript.last != before
            pause_s = FIRST_PAUSE_S if heard_more else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * self._random.uniform(0.5, 1.5))

    async def _read(self) -> None:
        transcript = self.transcript
        again = transcript.start is not None
        headers = {"Last-Event-ID": str(transcript.last)} if again else {}
        async with self._http.stream(
            "GET", transcript.path, headers=headers, timeout=TIMEOUT
        ) as response:
            if not response.is_success:
                return
            transcript.connections += 1
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                self._take(fields)
                fields = {}

    def _take(self, fields: dict[str, str]) -> None:
        # Pings and places in line carry no number: they are no part of the log.
        if "id" not in fields:
            return
        number = int(fields["id"])
        if fields["event"] == "hello":
            if self.transcript.start is None:
                self.transcript.start = number
            return
        told: dict[str, Any] = json.loads(fields["data"])
        heard = Heard(
            number=number,
            job_id=told["job_id"],
            rev=told["rev"],
            type=told["type"],
            status=told["status"],
        )
        self.transcript.heard.append(heard)


class Readers:
    """All readers of a run. They go on by themselves, for their streams outlast what is told."""

    def __init__(self, http: httpx.AsyncClient, random: Random) -> None:
        self.all: list[Transcript] = []
        self._http = http
        self._random = random
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, path: str, *, stays: bool = False) -> Transcript:
        reader = Reader(self._http, path, self._random, stays=stays)
        self.all.append(reader.transcript)
        self._tasks.append(asyncio.create_task(reader.run(), name=path))
        return reader.transcript

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result
