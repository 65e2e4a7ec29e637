"""The parts of a video as the API shows them, from the rows there are."""

import pytest

from proto.event import EventType
from proto.job import SegmentState
from proto.plan import Outline, PlanRef
from services.gateway.views import Views
from services.local.children import settings_of
from services.local.layout import Layout
from services.store import checkpoints, jobs
from services.store.database import Connection
from services.store.objects import UrlSigner
from tests.unit.store.store_factory import FRAMES, SEGMENTS, add_job, change, checkpoint

PLAN = PlanRef(
    key="jobs/plan.json",
    sha256="0" * 64,
    width=480,
    height=832,
    frames=FRAMES,
    steps=6,
    preparation=None,
    segments=[Outline(frames=77, length=77, share=1 / SEGMENTS) for _ in range(SEGMENTS)],
)
DONE, RENDERS, WAITS = SegmentState.DONE, SegmentState.RENDERING, SegmentState.WAITING


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ([], [RENDERS, WAITS, WAITS]),
        ([0], [DONE, RENDERS, WAITS]),
        ([0, 2], [DONE, RENDERS, DONE]),
        ([0, 1, 2], [DONE, DONE, DONE]),
    ],
)
async def test_first_part_that_is_missing_renders(
    connection: Connection, layout: Layout, made: list[int], shown: list[SegmentState]
) -> None:
    job_id = await add_job(connection)
    await jobs.record(connection, job_id, change(EventType.EXECUTING))
    for segment in made:
        await checkpoints.put(connection, checkpoint(job_id, segment))
    row = (await jobs.get(connection, job_id)).model_copy(update={"plan": PLAN})
    views = Views(UrlSigner.from_settings(settings_of(layout)), "https://studio.example")
    parts = views.segments(row, await checkpoints.list_of_job(connection, job_id))
    assert [part.state for part in parts] == shown
