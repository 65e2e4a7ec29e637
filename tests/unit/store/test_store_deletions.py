"""What is left of a deleted job, and until when."""

from proto.event import EventType
from proto.ids import new_id
from proto.render import PromptRef
from services.store import deletions, events, jobs, prompts
from services.store.database import Connection
from services.store.deletions import Deleted
from tests.unit.store.store_factory import OWNER, add_job, change


async def add_deleted(connection: Connection) -> Deleted:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.FAILED))
    assert await jobs.delete(connection, job_id)
    return Deleted(job_id=job_id, number=1)


async def test_deletion_is_started_once_and_ended_once(connection: Connection) -> None:
    deleted = await add_deleted(connection)
    assert await deletions.list_to_start(connection, 10) == [deleted]
    await deletions.mark_started(connection, deleted)
    assert await deletions.list_to_start(connection, 10) == []
    assert await deletions.list_to_end(connection, 10) == []
    assert await jobs.restore(connection, OWNER, deleted.job_id)
    assert await deletions.list_to_end(connection, 10) == [deleted]
    await deletions.mark_ended(connection, deleted)
    assert await deletions.list_to_end(connection, 10) == []


async def test_deletion_after_a_restore_is_started_anew(connection: Connection) -> None:
    first = await add_deleted(connection)
    await deletions.mark_started(connection, first)
    await jobs.restore(connection, OWNER, first.job_id)
    await jobs.delete(connection, first.job_id)
    second = Deleted(job_id=first.job_id, number=2)
    assert await deletions.list_to_start(connection, 10) == [second]
    await deletions.mark_started(connection, first)
    assert await deletions.list_to_start(connection, 10) == [second]


async def test_taken_back_deletion_dooms_nothing(connection: Connection) -> None:
    first = await add_deleted(connection)
    await jobs.restore(connection, OWNER, first.job_id)
    assert not await deletions.doom(connection, first)
    await jobs.delete(connection, first.job_id)
    assert not await deletions.doom(connection, first)
    assert await deletions.doom(connection, Deleted(job_id=first.job_id, number=2))


async def test_doomed_job_is_not_restored(connection: Connection) -> None:
    deleted = await add_deleted(connection)
    assert await deletions.doom(connection, deleted)
    assert not await jobs.restore(connection, OWNER, deleted.job_id)
    assert await deletions.doom(connection, deleted)


async def test_row_stays_while_a_prompt_may_still_run(connection: Connection) -> None:
    deleted = await add_deleted(connection)
    prompt = PromptRef(
        prompt_id=new_id(), job_id=deleted.job_id, segment=0, generation=0, backend_id="b"
    )
    await prompts.note(connection, prompt)
    await deletions.doom(connection, deleted)
    assert not await deletions.forget(connection, deleted.job_id)
    assert await prompts.list_left_behind(connection, 10)
    await prompts.settle(connection, prompt.prompt_id, outcome="withdrawn")
    assert await deletions.forget(connection, deleted.job_id)
    [last] = await events.list_of_job(connection, deleted.job_id, 0, 10)
    assert last.type is EventType.DELETED


async def test_deleted_job_is_not_taken_up_again(connection: Connection) -> None:
    deleted = await add_deleted(connection)
    assert not await jobs.reopen(connection, await jobs.get(connection, deleted.job_id))
