import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from proto.event import Event, Hello, LinePlace, LinePlaces
from proto.job import TERMINAL
from services.gateway.jobs import find_job
from services.gateway.state import MAX_NUMBER, BearerDep, Gateway, GatewayDep, OwnerDep
from services.store import events, identity
from services.store.identity import Bearer
from services.store.jobs import JobRow

router = APIRouter(tags=["events"])
BATCH = 200
PING_EVERY_S = 15.0
# A browser can't see the comments that keep a connection open, and takes silence for its end.
PING = ServerSentEvent(event="ping", data={})

Read = Callable[[int], Awaitable[list[Event]]]


CHECK_EVERY_S = 10.0
"""A stream outlives its caller's sign-in by so long at most, and a ping."""


@dataclass
class Stream:
    """Whose events are told to whom. checked_at: by the monotonic clock."""

    gateway: Gateway
    bearer: Bearer
    owner: str
    checked_at: float = field(default_factory=time.monotonic)

    async def is_allowed(self) -> bool:
        if time.monotonic() - self.checked_at < CHECK_EVERY_S:
            return True
        self.checked_at = time.monotonic()
        async with self.gateway.pool.acquire() as connection:
            return await identity.still_valid(connection, self.bearer)


def _last_seen(
    after: Annotated[int | None, Query(ge=0, le=MAX_NUMBER)] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_NUMBER)] = None,
) -> int | None:
    """The number of the last event the client has. A reconnect's header is newer than its URL."""
    return after if last_event_id is None else last_event_id


LastSeenDep = Annotated[int | None, Depends(_last_seen)]


async def _job(job_id: str, gateway: GatewayDep, owner: OwnerDep) -> JobRow:
    async with gateway.pool.acquire() as connection:
        return await find_job(connection, owner, job_id)


@router.get("/api/jobs/{job_id}/stream", response_class=EventSourceResponse)
async def stream_job(
    gateway: GatewayDep,
    bearer: BearerDep,
    job: Annotated[JobRow, Depends(_job)],
    last_seen: LastSeenDep,
) -> AsyncIterator[ServerSentEvent]:
    """The job's events from the first or from `Last-Event-ID` on; ends when the job has ended.

    `id:` is the event's `rev`.
    """
    after = min(last_seen or 0, job.rev)
    yield _hello(start=after, newest=job.rev)

    async def read(number: int) -> list[Event]:
        async with gateway.pool.acquire() as connection:
            return await events.list_of_job(connection, job.job_id, number, BATCH)

    if job.status in TERMINAL and after >= job.rev:
        return
    stream = Stream(gateway, bearer, job.owner)
    async for batch in _follow(stream, read, lambda event: event.rev, after):
        if batch is None:
            yield PING
        for event in batch or ():
            yield _message(event, event.rev)
            # An end from before a retry is none.
            if event.status in TERMINAL and event.rev >= job.rev:
                return


@router.get("/api/events", response_class=EventSourceResponse)
async def stream_events(
    gateway: GatewayDep, bearer: BearerDep, owner: OwnerDep, last_seen: LastSeenDep
) -> AsyncIterator[ServerSentEvent]:
    """The events of all the caller's jobs, from now or from `Last-Event-ID` on.

    `id:` is the event's `position`. A `line` event, without one, tells where the caller's waiting
    jobs stand; it comes first and whenever that changes.
    """
    async with gateway.pool.acquire() as connection:
        newest = await events.last_position(connection, owner)
    after = newest if last_seen is None else min(last_seen, newest)
    yield _hello(start=after, newest=newest)

    async def read(number: int) -> list[Event]:
        async with gateway.pool.acquire() as connection:
            return await events.list_of_owner(connection, owner, number, BATCH)

    await gateway.board.read()
    told: LinePlaces | None = None
    stream = Stream(gateway, bearer, owner)
    async for batch in _follow(stream, read, lambda event: event.position, after):
        if batch is None:
            yield PING
        for event in batch or ():
            yield _message(event, event.position)
        places = _places(gateway, owner)
        if places != told:
            yield ServerSentEvent(event="line", data=places)
            told = places


@router.get("/api/line")
async def show_line(gateway: GatewayDep, owner: OwnerDep) -> LinePlaces:
    """Where the caller's waiting jobs stand now."""
    await gateway.board.read()
    return _places(gateway, owner)


async def _follow(
    stream: Stream, read: Read, number: Callable[[Event], int], after: int
) -> AsyncIterator[list[Event] | None]:
    """Every event after a number as it comes, in batches that may be empty; None after silence.

    Ends once the caller's sign-in or token does.
    """
    with stream.gateway.feed.subscribe(stream.owner) as changed:
        while await stream.is_allowed():
            changed.clear()
            batch = await read(after)
            if batch:
                after = number(batch[-1])
            yield batch
            if not batch and not await _woken(changed):
                yield None


async def _woken(changed: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(changed.wait(), _silence_s())
    except TimeoutError:
        return False
    return True


def _silence_s() -> float:
    """Streams that were opened at once, after a restart, are not to speak at once for ever."""
    return random.uniform(PING_EVERY_S / 2, PING_EVERY_S)  # noqa: S311


def _hello(*, start: int, newest: int) -> ServerSentEvent:
    return ServerSentEvent(event="hello", id=str(start), data=Hello(last_id=newest))


def _message(event: Event, number: int) -> ServerSentEvent:
    return ServerSentEvent(event=event.type, id=str(number), data=event)


def _places(gateway: Gateway, owner: str) -> LinePlaces:
    places = gateway.board.places(owner)
    return LinePlaces(
        items=[LinePlace(job_id=job_id, wait=wait) for job_id, wait in places.items()]
    )
