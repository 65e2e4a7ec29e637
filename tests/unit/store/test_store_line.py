"""The line: who is served next, and for how long the others wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proto.event import EventType
from proto.job import SecondsRange
from proto.render import PromptRef
from services.store import backends, jobs, line, prompts
from services.store.database import Connection
from services.store.line import Kind, Line, Unfinished, Waiting, in_fair_order
from tests.unit.store.store_factory import add_job, change

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KIND = {"template_id": "animate/move", "quality": "draft", "aspect_ratio": "9:16"}
FRAMES = 100
HUNDRED_S = {Kind(**KIND): 1.0}


def waiting(name: str, age: int = 0, **fields: Any) -> Waiting:
    """The owner is the first letter of the name; the older, the higher the age."""
    facts = {
        "job_id": name,
        "owner": name[0],
        "priority": 3,
        "weight": 1.0,
        "queued_at": NOW - timedelta(seconds=age),
        "line": "gpu",
        "granted": False,
        "frames_left": FRAMES,
        **KIND,
    }
    return Waiting(**{**facts, **fields})


def order(*jobs_waiting: Waiting) -> list[str]:
    return [job.job_id for job in in_fair_order(jobs_waiting)]


def a_line(*jobs_waiting: Waiting, **fields: Any) -> Line:
    facts = {"running": [], "preparing": 0, "paces": {}, "gpus": 1, "answering": 1}
    return Line(waiting=in_fair_order(jobs_waiting), **{**facts, **fields})


def test_one_owner_is_served_by_age() -> None:
    assert order(waiting("a1", 5), waiting("a2", 9), waiting("a3", 7)) == ["a2", "a3", "a1"]


def test_priority_goes_before_age() -> None:
    assert order(waiting("a1", 9, priority=4), waiting("a2", 1, priority=2)) == ["a2", "a1"]


def test_owner_with_one_job_waits_for_one_turn_of_the_others() -> None:
    crowd = [waiting(f"a{n}", 100 - n) for n in range(10)]
    assert order(*crowd, waiting("b0", 1))[:3] == ["a0", "b0", "a1"]


def test_weight_buys_turns() -> None:
    heavy = [waiting(f"a{n}", 50 - n, weight=3.0) for n in range(6)]
    light = [waiting(f"b{n}", 50 - n) for n in range(3)]
    first = order(*heavy, *light)[:8]
    assert (first.count("b0") + first.count("b1"), sum(name[0] == "a" for name in first)) == (2, 6)


def test_job_that_has_its_place_on_a_gpu_is_next_whatever_comes() -> None:
    assert order(waiting("a1", 1, granted=True, priority=5), waiting("b1", 9, priority=1))[0] == (
        "a1"
    )


def test_place_is_exact_only_where_no_other_owner_waits() -> None:
    alone = a_line(waiting("a1", 2), waiting("a2", 1))
    assert alone.is_exact
    assert not a_line(waiting("a1", 2), waiting("b1", 1)).is_exact


def test_wait_adds_up_over_the_jobs_before() -> None:
    read = a_line(*(waiting(f"a{n}", 9 - n) for n in range(3)), paces=HUNDRED_S)
    assert read.waits()[0] == SecondsRange(low=0, high=0)
    second, third = (wait for wait in read.waits()[1:] if wait)
    assert second.low <= 100 <= second.high
    assert third.low <= 200 <= third.high


def test_more_gpus_shorten_the_wait() -> None:
    jobs_waiting = [waiting(f"a{n}", 9 - n) for n in range(4)]
    read = a_line(*jobs_waiting, paces=HUNDRED_S, gpus=2)
    assert [wait.low if wait else None for wait in read.waits()[:2]] == [0, 0]
    assert all(wait and wait.low <= 100 <= wait.high for wait in read.waits()[2:])


def test_what_already_rendered_counts_for_the_wait() -> None:
    running = Unfinished(frames_left=0.4 * FRAMES, **KIND)
    [wait] = a_line(waiting("a1"), running=[running], paces=HUNDRED_S).waits()
    assert wait is not None
    assert wait.low <= 40 <= wait.high < 100


@pytest.mark.parametrize("fields", [{"gpus": 0, "paces": HUNDRED_S}, {"paces": {}}])
def test_no_wait_is_guessed_from_nothing(fields: dict[str, Any]) -> None:
    assert a_line(waiting("a1"), **fields).waits() == [None]


def test_newcomer_takes_its_fair_place() -> None:
    crowd = a_line(*(waiting(f"a{n}", 100 - n) for n in range(5)))
    newcomer = waiting("b0", -1)
    assert crowd.joined_by(newcomer).waiting.index(newcomer) == 1


async def test_rows_become_the_line(connection: Connection) -> None:
    before = {job.job_id for job in (await line.read(connection)).waiting}
    made = [await add_job(connection, owner="eve", priority=priority) for priority in (3, 1, 3)]
    for job_id in made:
        await jobs.record(connection, job_id, change(EventType.QUEUED))
    mine = [job for job in (await line.read(connection)).waiting if job.job_id not in before]
    assert [job.job_id for job in mine] == [made[1], made[0], made[2]]
    prompt = PromptRef(
        job_id=made[2], segment=0, generation=0, prompt_id=f"p-{made[2]}", backend_id="gpu-1"
    )
    await prompts.note(connection, prompt)
    mine = [job for job in (await line.read(connection)).waiting if job.job_id not in before]
    assert (mine[0].job_id, mine[0].granted) == (made[2], True)


async def test_only_backends_that_answer_and_are_offered_count(connection: Connection) -> None:
    start = await line.read(connection)
    for name in ("gpu-a", "gpu-b", "gpu-c"):
        await backends.add(connection, name, f"http://{name}.example")
    for name in ("gpu-a", "gpu-b"):
        await backends.mark_seen(connection, name, 0, 0, [])
    await connection.execute("UPDATE backends SET state = 'cordoned' WHERE backend_id = 'gpu-b'")
    read = await line.read(connection)
    assert (read.gpus - start.gpus, read.answering - start.answering) == (1, 2)
