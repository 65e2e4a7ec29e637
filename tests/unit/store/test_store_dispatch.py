"""Which job is started and cancelled next, and what such jobs take."""

from proto.event import EventType
from services.store import assets, jobs
from services.store.database import Connection, Pool
from tests.unit.store.store_factory import OWNER, add_asset, add_job, change


async def test_oldest_job_is_started_first_and_only_once(connection: Connection) -> None:
    made = [await add_job(connection) for _ in range(2)]
    started = []
    while job := await jobs.claim_to_start(connection, 0):
        await jobs.mark_render_started(connection, job.job_id)
        started.append(job.job_id)
    assert started == made


async def test_two_starters_never_claim_the_same_job(store: Pool) -> None:
    async with store.acquire() as one, store.acquire() as other:
        made = {await add_job(one) for _ in range(2)}
        async with one.transaction(), other.transaction():
            claims = [await jobs.claim_to_start(one, 0), await jobs.claim_to_start(other, 0)]
            assert {job.job_id for job in claims if job} == made
        for job_id in made:
            await jobs.record(one, job_id, change(EventType.FAILED))


async def test_ended_job_is_not_started(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.CANCELLED))
    assert await jobs.claim_to_start(connection, 0) is None


async def test_cancellation_waits_for_the_start_and_is_sent_once(connection: Connection) -> None:
    job_id = await add_job(connection)
    assert await jobs.request_cancel(connection, await jobs.get(connection, job_id))
    assert await jobs.list_to_cancel(connection, 10) == []
    await jobs.mark_render_started(connection, job_id)
    assert [job.job_id for job in await jobs.list_to_cancel(connection, 10)] == [job_id]
    await jobs.mark_cancel_sent(connection, job_id)
    assert await jobs.list_to_cancel(connection, 10) == []


async def test_cancel_of_an_ended_job_changes_nothing(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.COMPLETED, 1.0))
    assert not await jobs.request_cancel(connection, await jobs.get(connection, job_id))


async def test_retried_job_is_started_anew_as_another_run(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.mark_render_started(connection, job_id)
    await jobs.record(connection, job_id, change(EventType.FAILED, 0.4))
    assert await jobs.reopen(connection, await jobs.get(connection, job_id))
    job = await jobs.claim_to_start(connection, 0)
    assert job is not None
    assert (job.job_id, job.run, job.status, job.progress) == (job_id, 2, "accepted", 0.4)
    assert (job.error, job.ended_at) == (None, None)


async def test_job_that_runs_or_is_done_is_not_retried(connection: Connection) -> None:
    job_id = await add_job(connection)
    assert not await jobs.reopen(connection, await jobs.get(connection, job_id))
    await jobs.record(connection, job_id, change(EventType.COMPLETED, 1.0))
    assert not await jobs.reopen(connection, await jobs.get(connection, job_id))


async def test_wish_is_sent_once_and_only_to_a_job_that_runs(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.set_wish(connection, job_id, "keep")
    assert await jobs.list_wishes(connection, 10) == []
    await jobs.mark_render_started(connection, job_id)
    [wish] = await jobs.list_wishes(connection, 10)
    assert (wish.job_id, wish.run, wish.wish) == (job_id, 1, "keep")
    await jobs.mark_wish_sent(connection, wish)
    assert await jobs.list_wishes(connection, 10) == []


async def test_newer_wish_is_sent_after_the_older_one(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.mark_render_started(connection, job_id)
    await jobs.set_wish(connection, job_id, "continue")
    [older] = await jobs.list_wishes(connection, 10)
    await jobs.set_wish(connection, job_id, "keep")
    await jobs.mark_wish_sent(connection, older)
    assert [wish.wish for wish in await jobs.list_wishes(connection, 10)] == ["keep"]


async def test_upload_that_was_not_read_yet_can_not_be_used(connection: Connection) -> None:
    asset_id = await add_asset(connection)
    assert await assets.find(connection, OWNER, [asset_id]) == {}
    assert await assets.list_page(connection, OWNER, None, 10) == []
    assert not await assets.delete_unused(connection, OWNER, asset_id)
