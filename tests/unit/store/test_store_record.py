"""A job's row and its events change together, forward only."""

import asyncio

import pytest

from proto.errors import ErrorCode, JobError
from proto.event import EventType
from proto.job import TERMINAL, JobStatus
from services.store import events, jobs
from services.store.database import Connection, Pool
from tests.unit.store.store_factory import OWNER, add_job, change

FOR_ALL = 1_000
ONWARD = [EventType.UPLOADED, EventType.EXECUTING, EventType.PROGRESS, EventType.QUEUED]
ENDINGS = [EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED]


async def types(connection: Connection, job_id: str) -> list[str]:
    return [event.type for event in await events.list_of_job(connection, job_id, 0, FOR_ALL)]


async def test_new_job_is_accepted_in_its_first_event(connection: Connection) -> None:
    job_id = await add_job(connection)
    job = await jobs.get(connection, job_id)
    [event] = await events.list_of_job(connection, job_id, 0, FOR_ALL)
    assert (job.status, job.rev, job.progress) == (JobStatus.ACCEPTED, 1, 0.0)
    assert (event.type, event.rev, event.status) == (EventType.ACCEPTED, 1, job.status)


async def test_change_is_in_the_row_and_in_one_event(connection: Connection) -> None:
    job_id = await add_job(connection)
    step = change(EventType.EXECUTING, 0.2, prompt_id="p", backend_id="b")
    assert await jobs.record(connection, job_id, step)
    job = await jobs.get(connection, job_id)
    *_, event = await events.list_of_job(connection, job_id, 0, FOR_ALL)
    assert (job.status, job.rev, job.progress) == (JobStatus.EXECUTING, 2, 0.2)
    assert (job.prompt_id, job.backend_id) == ("p", "b")
    assert (event.rev, event.status, event.progress) == (2, job.status, job.progress)


async def test_same_step_twice_is_one_event(connection: Connection) -> None:
    job_id = await add_job(connection)
    step = change(EventType.PROGRESS, 0.5, key="progress/p/3")
    assert await jobs.record(connection, job_id, step)
    assert not await jobs.record(connection, job_id, step)
    assert await types(connection, job_id) == ["accepted", "progress"]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_ended_job_never_changes(connection: Connection, ending: EventType) -> None:
    job_id = await add_job(connection)
    assert await jobs.record(connection, job_id, change(ending, 1.0))
    ended = await jobs.get(connection, job_id)
    for later in [*ONWARD, EventType.CANCELLING, *ENDINGS]:
        assert not await jobs.record(connection, job_id, change(later, 1.0, key="later"))
    assert await jobs.get(connection, job_id) == ended
    assert ended.ended_at is not None


async def test_job_being_cancelled_can_only_end(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.CANCELLING))
    for onward in ONWARD:
        assert not await jobs.record(connection, job_id, change(onward, 0.9))
    assert (await jobs.get(connection, job_id)).status is JobStatus.CANCELLING
    assert await jobs.record(connection, job_id, change(EventType.CANCELLED))
    assert await types(connection, job_id) == ["accepted", "cancelling", "cancelled"]


async def test_progress_never_falls(connection: Connection) -> None:
    job_id = await add_job(connection)
    for number, progress in enumerate([0.3, 0.6, 0.1, 0.0]):
        step = change(EventType.PROGRESS, progress, key=f"progress/{number}")
        assert await jobs.record(connection, job_id, step)
    told = [e.progress for e in await events.list_of_job(connection, job_id, 1, FOR_ALL)]
    assert told == [0.3, 0.6, 0.6, 0.6]
    assert (await jobs.get(connection, job_id)).progress == 0.6


async def test_progress_leaves_the_status_as_it_is(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.EXECUTING))
    await jobs.record(connection, job_id, change(EventType.PROGRESS, 0.4))
    assert (await jobs.get(connection, job_id)).status is JobStatus.EXECUTING


async def test_failure_is_told_in_words_and_kept_exact(connection: Connection) -> None:
    job_id = await add_job(connection)
    error = JobError(code=ErrorCode.INTERNAL, message="Try again.", reference="F-1")
    step = change(EventType.FAILED, error=error, cause="the exact reason")
    await jobs.record(connection, job_id, step)
    job = await jobs.get(connection, job_id)
    *_, event = await events.list_of_job(connection, job_id, 0, FOR_ALL)
    assert (job.error, job.cause, event.error) == (error, "the exact reason", error)
    assert "exact reason" not in event.model_dump_json()


async def test_change_that_is_undone_leaves_no_event(store: Pool) -> None:
    async with store.acquire() as connection:
        job_id = await add_job(connection)
        undone = connection.transaction()
        await undone.start()
        await jobs.record(connection, job_id, change(EventType.EXECUTING))
        await undone.rollback()
        assert await types(connection, job_id) == ["accepted"]
        assert (await jobs.get(connection, job_id)).rev == 1


async def test_writers_at_once_leave_no_gap(store: Pool) -> None:
    async with store.acquire() as connection:
        made = [await add_job(connection, "grace") for _ in range(2)]

    async def write(number: int) -> None:
        async with store.acquire() as connection, connection.transaction():
            step = change(EventType.PROGRESS, 0.5, key=f"progress/{number}")
            await jobs.record(connection, made[number % 2], step)

    await asyncio.gather(*(write(number) for number in range(30)))
    async with store.acquire() as connection:
        of_owner = await events.list_of_owner(connection, "grace", 0, FOR_ALL)
        revs = [e.rev for e in await events.list_of_job(connection, made[0], 0, FOR_ALL)]
    assert [event.position for event in of_owner] == list(range(1, 33))
    assert revs == list(range(1, 17))


async def test_owners_are_numbered_apart(connection: Connection) -> None:
    await add_job(connection, "mary")
    await add_job(connection, "joan")
    await add_job(connection, "mary")
    assert await events.last_position(connection, "mary") == 2
    assert await events.last_position(connection, "joan") == 1
    assert await events.last_position(connection, "nobody") == 0


async def test_readers_are_woken_when_a_change_is_committed(store: Pool) -> None:
    told: asyncio.Queue[object] = asyncio.Queue()
    async with store.acquire() as reader, store.acquire() as writer:
        await reader.add_listener(events.CHANNEL, lambda *call: told.put_nowait(call[-1]))
        async with writer.transaction():
            await add_job(writer, "hedy")
            assert told.empty()
        assert await asyncio.wait_for(told.get(), 10) == "hedy"
        await reader.reset()


async def test_unknown_job_is_an_error(connection: Connection) -> None:
    with pytest.raises(LookupError, match="no-such-job"):
        await jobs.record(connection, "no-such-job", change(EventType.EXECUTING))
    with pytest.raises(LookupError, match="no-such-job"):
        await jobs.get(connection, "no-such-job")


async def test_job_is_found_by_its_owner_only(connection: Connection) -> None:
    job_id = await add_job(connection)
    assert await jobs.find(connection, OWNER, job_id)
    assert await jobs.find(connection, "somebody else", job_id) is None


def test_every_ending_is_terminal() -> None:
    assert {JobStatus(ending) for ending in ENDINGS} == TERMINAL
