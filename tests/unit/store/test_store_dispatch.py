"""Which job is started and cancelled next, and what such jobs take."""

from proto.event import EventType
from services.store import assets, jobs
from services.store.database import Connection, Pool
from tests.unit.store.store_factory import OWNER, add_asset, add_job, change


async def test_oldest_job_is_started_first_and_only_once(connection: Connection) -> None:
    made = [await add_job(connection) for _ in range(2)]
    started = []
    while job := await jobs.claim_to_start(connection):
        await jobs.mark_render_started(connection, job.job_id)
        started.append(job.job_id)
    assert started == made


async def test_two_starters_never_claim_the_same_job(store: Pool) -> None:
    async with store.acquire() as one, store.acquire() as other:
        made = {await add_job(one) for _ in range(2)}
        async with one.transaction(), other.transaction():
            claims = [await jobs.claim_to_start(one), await jobs.claim_to_start(other)]
            assert {job.job_id for job in claims if job} == made
        for job_id in made:
            await jobs.record(one, job_id, change(EventType.FAILED))


async def test_ended_job_is_not_started(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.CANCELLED))
    assert await jobs.claim_to_start(connection) is None


async def test_cancellation_waits_for_the_start_and_is_sent_once(connection: Connection) -> None:
    job_id = await add_job(connection)
    assert await jobs.request_cancel(connection, await jobs.get(connection, job_id))
    assert await jobs.list_to_cancel(connection, 10) == []
    await jobs.mark_render_started(connection, job_id)
    assert await jobs.list_to_cancel(connection, 10) == [job_id]
    await jobs.mark_cancel_sent(connection, job_id)
    assert await jobs.list_to_cancel(connection, 10) == []


async def test_cancel_of_an_ended_job_changes_nothing(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.COMPLETED, 1.0))
    assert not await jobs.request_cancel(connection, await jobs.get(connection, job_id))


async def test_time_is_guessed_only_from_runs_alike(connection: Connection) -> None:
    job_id = await add_job(connection)
    job = await jobs.get(connection, job_id)
    assert await jobs.estimate(connection, job.template, job.settings) is None
    for step in (EventType.EXECUTING, EventType.COMPLETED):
        await jobs.record(connection, job_id, change(step, 1.0))
    guess = await jobs.estimate(connection, job.template, job.settings)
    assert guess is not None
    assert 0 <= guess.low <= guess.high <= 1
    square = job.settings.model_copy(update={"aspect_ratio": "1:1"})
    assert await jobs.estimate(connection, job.template, square) is None


async def test_upload_that_was_not_read_yet_can_not_be_used(connection: Connection) -> None:
    asset_id = await add_asset(connection)
    assert await assets.find(connection, OWNER, [asset_id]) == {}
    assert await assets.list_page(connection, OWNER, None, 10) == []
    assert not await assets.delete_unused(connection, OWNER, asset_id)
