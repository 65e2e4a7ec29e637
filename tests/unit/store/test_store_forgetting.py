"""What rows are forgotten, and which stay."""

from datetime import UTC, datetime, timedelta

import pytest

from proto.event import EventType
from proto.identity import Role
from services.store import forgetting, idempotency, identity, jobs
from services.store.database import Connection
from tests.unit.store.store_factory import OWNER, add_job, change

AFTER_ALL = timedelta(days=40)
LONG_AGO = timedelta(days=-1)
KEPT = [EventType.ACCEPTED, EventType.EXECUTING, EventType.CANCELLED]


async def ended_job(connection: Connection) -> str:
    """One that has told of three steps."""
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.EXECUTING))
    for step in range(3):
        progress = change(EventType.PROGRESS, step / 10, key=f"step/{step}")
        await jobs.record(connection, job_id, progress)
    await jobs.record(connection, job_id, change(EventType.CANCELLED))
    return job_id


async def types(connection: Connection, job_id: str) -> list[str]:
    rows = await connection.fetch("SELECT type FROM events WHERE job_id = $1 ORDER BY rev", job_id)
    return [row["type"] for row in rows]


async def forget(connection: Connection, after: timedelta) -> forgetting.Forgotten:
    return await forgetting.forget_batch(connection, datetime.now(UTC) + after)


async def test_ended_job_keeps_what_it_went_through(connection: Connection) -> None:
    job_id = await ended_job(connection)
    assert (await forget(connection, AFTER_ALL)).jobs == 1
    assert await types(connection, job_id) == KEPT
    assert (await forget(connection, AFTER_ALL)).jobs == 0


async def test_steps_of_what_runs_or_ended_lately_stay(connection: Connection) -> None:
    lately = await ended_job(connection)
    running = await add_job(connection)
    await jobs.record(connection, running, change(EventType.PROGRESS, 0.1, key="step"))
    assert (await forget(connection, LONG_AGO)).jobs == 0
    assert EventType.PROGRESS in await types(connection, lately)
    await forget(connection, AFTER_ALL)
    assert EventType.PROGRESS in await types(connection, running)


async def test_steps_of_a_retry_go_too(connection: Connection) -> None:
    job_id = await ended_job(connection)
    await forget(connection, AFTER_ALL)
    await connection.execute(
        "UPDATE jobs SET status = 'executing', ended_at = NULL WHERE job_id = $1", job_id
    )
    await jobs.record(connection, job_id, change(EventType.PROGRESS, 0.5, key="again"))
    await jobs.record(connection, job_id, change(EventType.FAILED))
    assert (await forget(connection, AFTER_ALL)).jobs == 1
    assert await types(connection, job_id) == [*KEPT, EventType.FAILED]


async def test_request_key_and_sign_ins_go(connection: Connection) -> None:
    job_id = await add_job(connection)
    await idempotency.remember(connection, OWNER, "key", "0" * 64, job_id)
    await identity.add_user(connection, owner=OWNER, name=OWNER, role=Role.CREATOR)
    link = await identity.add_link(connection, OWNER)
    secret, _ = await identity.begin_session(connection, OWNER, browser="Firefox", address=None)
    assert not any((await forget(connection, LONG_AGO)).model_dump().values())
    assert await identity.find_by_session(connection, secret) is not None
    before = await identity.find_user(connection, OWNER)
    forgotten = await forget(connection, AFTER_ALL)
    assert (forgotten.keys, forgotten.links, forgotten.sessions) == (1, 1, 1)
    assert await identity.find_user(connection, OWNER) == before
    assert await identity.use_link(connection, link) is None
    assert await idempotency.find_job(connection, OWNER, "key", "1" * 64) is None


@pytest.mark.parametrize("many", [forgetting.BATCH, forgetting.BATCH + 1])
async def test_full_batch_says_that_there_may_be_more(connection: Connection, many: int) -> None:
    await connection.execute(
        "INSERT INTO request_rates SELECT 'owner ' || n, now() FROM generate_series(1, $1) AS n",
        many,
    )
    assert (await forget(connection, AFTER_ALL)).more
    assert not (await forget(connection, AFTER_ALL)).more
