"""What is too old, and what is needed all the same."""

from datetime import datetime, timedelta

import pytest

from proto.event import EventType
from proto.ids import new_id
from proto.render import PromptRef
from proto.retention import RetentionRule, StoredObject
from services.store import jobs, prompts, retention
from services.store.database import Connection
from services.store.retention import Mark
from tests.unit.store.store_factory import OWNER, add_asset, add_job, change

A_MOMENT = 1e-9


async def later(connection: Connection) -> datetime:
    return await retention.now(connection) + timedelta(days=1)


async def expired(connection: Connection, rule: RetentionRule, days: float = A_MOMENT) -> list[str]:
    found = await retention.list_expired(connection, rule, await later(connection), days)
    return [item.subject for item in found]


async def test_upload_of_no_video_goes_by_its_age(connection: Connection) -> None:
    asset_id = await add_asset(connection)
    await connection.execute("UPDATE assets SET state = 'ready'")
    assert await expired(connection, RetentionRule.UNUSED_UPLOADS) == [asset_id]
    assert await expired(connection, RetentionRule.UNUSED_UPLOADS, 2) == []
    assert await expired(connection, RetentionRule.UNUSED_UPLOADS, 0) == []


async def test_upload_that_is_being_read_is_left_alone(connection: Connection) -> None:
    await add_asset(connection)
    as_of = await retention.now(connection) + timedelta(hours=1)
    rule = RetentionRule.UNUSED_UPLOADS
    assert await retention.list_expired(connection, rule, as_of, A_MOMENT) == []


@pytest.mark.parametrize(("days", "goes"), [(0.0, False), (2.0, False), (0.5, True)])
async def test_days_of_an_owner_go_before_the_setting(
    connection: Connection,
    days: float,
    goes: bool,  # noqa: FBT001
) -> None:
    asset_id = await add_asset(connection)
    await connection.execute("UPDATE assets SET state = 'ready'")
    await connection.execute(
        "INSERT INTO retention_overrides VALUES ($1, 'unused_uploads', $2)", OWNER, days
    )
    found = await expired(connection, RetentionRule.UNUSED_UPLOADS, 0)
    assert found == ([asset_id] if goes else [])


async def test_video_that_waits_or_is_tried_again_keeps_its_files_and_parts(
    connection: Connection,
) -> None:
    job_id = await add_job(connection)
    await connection.execute("UPDATE assets SET state = 'ready'")
    rules = (RetentionRule.UPLOADS, RetentionRule.PARTS)
    assert [await expired(connection, rule) for rule in rules] == [[], []]
    await jobs.record(connection, job_id, change(EventType.FAILED))
    assert [len(await expired(connection, rule)) for rule in rules] == [1, 1]
    assert await jobs.reopen(connection, await jobs.get(connection, job_id))
    assert [await expired(connection, rule) for rule in rules] == [[], []]


async def test_prompt_that_may_still_write_keeps_its_job(connection: Connection) -> None:
    job_id = await add_job(connection)
    prompt = PromptRef(prompt_id=new_id(), job_id=job_id, segment=0, generation=0, backend_id="b")
    await prompts.note(connection, prompt)
    await jobs.record(connection, job_id, change(EventType.FAILED))
    assert await expired(connection, RetentionRule.PARTS) == []
    await prompts.settle(connection, prompt.prompt_id, outcome="withdrawn")
    assert await expired(connection, RetentionRule.PARTS) == [job_id]


async def test_parts_go_once_until_the_job_is_made_again(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.FAILED))
    await retention.give_up_parts(connection, job_id)
    assert await expired(connection, RetentionRule.PARTS) == []
    await jobs.reopen(connection, await jobs.get(connection, job_id))
    await jobs.record(connection, job_id, change(EventType.FAILED, key="failed again"))
    assert await expired(connection, RetentionRule.PARTS) == [job_id]


async def test_one_run_at_a_time_and_the_next_finishes_what_it_left(
    connection: Connection,
) -> None:
    assert await retention.begin(connection, "first", "ada", "disk full")
    began = await retention.begin(connection, "first", "ada", "disk full")
    assert began is not None
    file = StoredObject(key="uploads/a/original", size_bytes=3, modified_at=began)
    rule = RetentionRule.ORPHANS
    mark = Mark(run_id="first", rule=rule, subject="uploads/a/", owner=None, files=[file])
    await retention.put_mark(connection, mark)
    assert await retention.begin(connection, "second", "ada", "disk full") is None
    await connection.execute("UPDATE retention_runs SET seen_at = seen_at - interval '1 hour'")
    assert await retention.begin(connection, "second", "ada", "disk full") is not None
    [left] = await retention.list_open_marks(connection, "second")
    assert left.files == [file]
    await retention.close_mark(connection, left, left.files)
    report = await retention.report(connection, "second")
    assert (report.objects, report.size_bytes) == (1, 3)
    assert report.removals[0].examples == ["uploads/a/original"]


async def test_gone_file_is_named(connection: Connection) -> None:
    job_id = await add_job(connection)
    await connection.execute("UPDATE assets SET state = 'ready'")
    assert await retention.list_gone_files(connection, job_id) == []
    await connection.execute("UPDATE assets SET state = 'deleted'")
    [gone] = await retention.list_gone_files(connection, job_id)
    assert gone.original_filename == "face.png"
