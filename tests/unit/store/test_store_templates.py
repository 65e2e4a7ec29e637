"""What operators decide of the templates, and the trials that end by themselves."""

import asyncio

import pytest

from proto.admin import AuditLine
from proto.errors import ErrorCode, job_error
from proto.event import EventType
from proto.template import TemplateStanding
from services.store import audit, jobs, templates
from services.store.database import Connection, Pool
from services.store.templates import EndedCanary, Trial
from tests.unit.store.store_factory import add_job, change

MOVE, OLD, NEW = "animate/move", "1.0.0", "1.1.0"
SET_VERSION = """
UPDATE jobs
SET template = template || jsonb_build_object('template_id', $2::text, 'version', $3::text)
WHERE job_id = $1
"""


async def decided(connection: Connection, template_id: str = MOVE) -> TemplateStanding:
    return await templates.lock(connection, template_id, NEW, "ada")


async def tried(
    connection: Connection, template_id: str = MOVE, *, least_runs: int = 4
) -> TemplateStanding:
    await decided(connection, template_id)
    trial = Trial(version=OLD, percent=50, least_runs=least_runs, most_failures=0.25)
    return await templates.begin_canary(connection, template_id, trial, "ada")


async def made(connection: Connection, template_id: str = MOVE, version: str = OLD) -> str:
    job_id = await add_job(connection)
    await connection.execute(SET_VERSION, job_id, template_id, version)
    return job_id


async def completed(connection: Connection, count: int, template_id: str = MOVE) -> None:
    for _ in range(count):
        job_id = await made(connection, template_id)
        await jobs.record(connection, job_id, change(EventType.COMPLETED, 1.0))


async def failed(
    connection: Connection,
    count: int,
    code: ErrorCode = ErrorCode.GENERATION_FAILURE,
    template_id: str = MOVE,
) -> None:
    for _ in range(count):
        job_id = await made(connection, template_id)
        error = job_error(job_id, code)
        await jobs.record(connection, job_id, change(EventType.FAILED, error=error))


async def history(connection: Connection, template_id: str = MOVE) -> list[AuditLine]:
    return await audit.list_of_subject(connection, templates.subject(template_id), 10)


async def test_nothing_is_decided_at_first(connection: Connection) -> None:
    assert await templates.find(connection, MOVE) is None
    assert await templates.list_all(connection) == {}


async def test_activation_keeps_what_was_active_before(connection: Connection) -> None:
    await decided(connection)
    await templates.activate(connection, MOVE, OLD, NEW, "ada")
    standing = await templates.find(connection, MOVE)
    assert standing is not None
    assert (standing.active_version, standing.previous_version) == (OLD, NEW)
    assert (standing.rev, standing.changed_by) == (1, "ada")


async def test_every_change_has_a_number_of_its_own(connection: Connection) -> None:
    await tried(connection)
    await templates.end_canary(connection, MOVE, "bob")
    standing = await templates.activate(connection, MOVE, OLD, NEW, "bob")
    assert standing.rev == 3
    assert standing.canary_version is None


async def test_trial_ends_when_too_many_of_its_runs_fail(connection: Connection) -> None:
    before = await tried(connection)
    await completed(connection, 2)
    await failed(connection, 1)
    assert await templates.end_failing_canaries(connection) == []
    await failed(connection, 1)
    ended = await templates.end_failing_canaries(connection)
    assert ended == [EndedCanary(template_id=MOVE, version=OLD, runs=4, failures=2)]
    after = await templates.find(connection, MOVE)
    assert after is not None
    assert (after.active_version, after.canary_version, after.rev) == (NEW, None, before.rev + 1)
    assert await templates.end_failing_canaries(connection) == []


async def test_the_end_of_a_trial_is_told_in_the_audit(connection: Connection) -> None:
    await tried(connection, least_runs=1)
    await failed(connection, 1)
    await templates.end_failing_canaries(connection)
    [line] = await history(connection)
    assert (line.who, line.action) == ("canary watch", "template.roll-back")
    assert line.why == "1 of 1 runs failed, and at most 25% may"
    assert line.before == {
        "active": NEW,
        "previous": None,
        "canary": {"version": OLD, "percent": 50},
        "rev": 1,
    }
    assert line.after == {"active": NEW, "previous": None, "canary": None, "rev": 2}


async def test_trial_goes_on_while_few_enough_fail(connection: Connection) -> None:
    await tried(connection)
    await completed(connection, 6)
    await failed(connection, 2)
    assert await templates.end_failing_canaries(connection) == []
    counted = await templates.count_canary(connection, MOVE)
    assert (counted.runs, counted.failures) == (8, 2)


@pytest.mark.parametrize("code", [ErrorCode.INVALID_ASSET_FORMAT, ErrorCode.TOO_LONG])
async def test_what_a_customer_gave_says_nothing_of_a_trial(
    connection: Connection, code: ErrorCode
) -> None:
    await tried(connection, least_runs=1)
    await failed(connection, 3, code)
    assert await templates.end_failing_canaries(connection) == []
    assert (await templates.count_canary(connection, MOVE)).runs == 0


async def test_stopped_jobs_say_nothing_of_a_trial(connection: Connection) -> None:
    await tried(connection, least_runs=1)
    job_id = await made(connection)
    await jobs.record(connection, job_id, change(EventType.CANCELLED))
    assert (await templates.count_canary(connection, MOVE)).runs == 0


async def test_jobs_from_before_a_trial_do_not_count(connection: Connection) -> None:
    earlier = await made(connection)
    await failed(connection, 5)
    await tried(connection, least_runs=1)
    error = job_error(earlier, ErrorCode.GENERATION_FAILURE)
    await jobs.record(connection, earlier, change(EventType.FAILED, error=error))
    assert (await templates.count_canary(connection, MOVE)).runs == 0
    assert await templates.end_failing_canaries(connection) == []


async def test_two_who_watch_end_a_trial_once(store: Pool) -> None:
    other = "audio/s2v"
    async with store.acquire() as connection, connection.transaction():
        await tried(connection, other, least_runs=1)
        await failed(connection, 1, template_id=other)

    async def watch() -> list[EndedCanary]:
        async with store.acquire() as connection:
            return await templates.end_failing_canaries(connection)

    ended = await asyncio.gather(*(watch() for _ in range(4)))
    assert sorted(map(len, ended)) == [0, 0, 0, 1]
    async with store.acquire() as connection:
        assert len(await history(connection, other)) == 1
        await connection.execute("DELETE FROM template_activations")


async def test_runs_are_counted_by_version(connection: Connection) -> None:
    await completed(connection, 3)
    await failed(connection, 1)
    waiting = await made(connection, version=NEW)
    counted = await templates.count_runs(connection, [(MOVE, OLD), (MOVE, NEW), (MOVE, "7.0.0")])
    old, new, none = (counted[MOVE, version] for version in (OLD, NEW, "7.0.0"))
    assert (old.runs, old.failures, old.unfinished) == (4, 1, 0)
    assert (new.runs, new.failures, new.unfinished) == (0, 0, 1)
    assert new.last_used_at == (await jobs.get(connection, waiting)).created_at
    assert (none.runs, none.unfinished, none.last_used_at) == (0, 0, None)


async def test_runs_of_long_ago_are_not_counted(connection: Connection) -> None:
    await failed(connection, 1)
    await connection.execute("UPDATE jobs SET ended_at = ended_at - interval '31 days'")
    counted = await templates.count_runs(connection, [(MOVE, OLD)])
    assert counted[MOVE, OLD].runs == 0
    assert counted[MOVE, OLD].last_used_at is not None
