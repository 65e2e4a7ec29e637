"""Where a job can go on from, and what is learned from what was made."""

from proto.event import EventType
from proto.job import JobWarning
from proto.render import PromptRef
from services.store import checkpoints, jobs, prompts
from services.store.checkpoints import Alike
from services.store.database import Connection
from tests.unit.store.store_factory import add_job, change, checkpoint


async def segments_of(connection: Connection, job_id: str) -> list[tuple[int, int]]:
    rows = await checkpoints.list_of_job(connection, job_id)
    return [(row.segment, row.generation) for row in rows]


async def test_newest_whole_one_of_each_segment_counts(connection: Connection) -> None:
    job_id = await add_job(connection)
    for segment, generation in ((1, 0), (0, 0), (0, 1), (-1, 0)):
        await checkpoints.put(connection, checkpoint(job_id, segment, generation))
    assert await segments_of(connection, job_id) == [(-1, 0), (0, 1), (1, 0)]


async def test_lost_one_counts_no_more(connection: Connection) -> None:
    job_id = await add_job(connection)
    for segment in range(3):
        await checkpoints.put(connection, checkpoint(job_id, segment))
    await checkpoints.lose(connection, job_id, 1)
    assert await segments_of(connection, job_id) == [(0, 0), (2, 0)]
    await checkpoints.put(connection, checkpoint(job_id, 1, 1))
    assert await segments_of(connection, job_id) == [(0, 0), (1, 1), (2, 0)]


async def test_generation_that_was_tried_is_not_given_again(connection: Connection) -> None:
    job_id = await add_job(connection)
    await checkpoints.put(connection, checkpoint(job_id, 0, 2))
    tried = PromptRef(
        job_id=job_id, segment=1, generation=0, prompt_id=f"p-{job_id}", backend_id="gpu-1"
    )
    await prompts.note(connection, tried)
    assert await checkpoints.next_generations(connection, job_id) == {0: 3, 1: 1}


async def test_take_over_gives_what_lies_before_and_names_its_maker(
    connection: Connection,
) -> None:
    first, second, third = [await add_job(connection) for _ in range(3)]
    for segment in range(-1, 3):
        await checkpoints.put(connection, checkpoint(first, segment))
    await checkpoints.take_over(connection, first, second, 2)
    await checkpoints.put(connection, checkpoint(second, 2))
    await checkpoints.take_over(connection, second, third, 3)
    rows = await checkpoints.list_of_job(connection, third)
    assert [(row.segment, row.taken_from) for row in rows] == [
        (-1, first),
        (0, first),
        (1, first),
        (2, second),
    ]


async def test_pace_is_learned_from_segments_alike(connection: Connection) -> None:
    job_id = await add_job(connection)
    alike = Alike(template_id=f"template-of-{job_id}", size="432x768", steps=6)
    assert await checkpoints.find_pace(connection, alike) is None
    await checkpoints.put(connection, checkpoint(job_id, 0))
    await checkpoints.put(connection, checkpoint(job_id, 1, backend_id="gpu-2", render_s=154.0))
    await checkpoints.put(connection, checkpoint(job_id, -1, render_s=9999.0))
    slow = await checkpoints.find_pace(connection, alike, "gpu-2")
    assert slow is not None
    assert (slow.low, slow.high) == (2.0, 2.0)
    new_backend = await checkpoints.find_pace(connection, alike, "gpu-3")
    assert new_backend is not None
    assert 1.0 <= new_backend.low < new_backend.high <= 2.0
    larger = alike.model_copy(update={"size": "720x1280"})
    assert await checkpoints.find_pace(connection, larger) is None


async def test_owner_is_charged_for_what_was_rendered_not_for_what_was_taken_over(
    connection: Connection,
) -> None:
    job_id, again = await add_job(connection, "zoe"), await add_job(connection, "zoe")
    await checkpoints.put(connection, checkpoint(job_id, 0))
    await checkpoints.take_over(connection, job_id, again, 1)
    assert await checkpoints.served_s(connection, "zoe", 3600) == 77.0
    assert await checkpoints.served_s(connection, "nobody", 3600) == 0.0


async def test_same_warning_is_kept_once(connection: Connection) -> None:
    job_id = await add_job(connection)
    warning = JobWarning(code="drifted", message="It looks different.", segment=2)
    for _ in range(2):
        await jobs.add_warning(connection, job_id, warning)
    assert (await jobs.get(connection, job_id)).warnings == [warning]


async def test_events_tell_how_much_is_done(connection: Connection) -> None:
    job_id = await add_job(connection)
    await jobs.set_segments_done(connection, job_id, 2)
    await jobs.record(connection, job_id, change(EventType.GROWN, 0.5))
    job = await jobs.get(connection, job_id)
    assert (job.status, job.segments_done, job.segment_count) == ("accepted", 2, 3)
