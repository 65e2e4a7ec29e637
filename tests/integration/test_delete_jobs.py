"""A deleted video is gone at once, comes back when asked in time, and else leaves nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from proto.errors import ErrorCode
from proto.job import Deletion
from services.gateway.dispatch import UNDO_S
from services.settings import Settings
from services.store import jobs
from services.store.database import Pool
from services.store.objects import ObjectStore
from temporal.client import connect, deletion_id, end_deletion, start_deletion
from tests.integration.conftest import Asset, Order
from tests.integration.refusals import check_refusal, stored_keys
from tests.media_factory import make_clip, make_picture
from tests.studio import Message, Studio, eventually

FIRST_TASK_EVENTS = 4
"""The events of a workflow that has begun; what it asks for comes after."""
TABLES = ["jobs", "job_assets", "job_texts", "outputs", "prompts", "checkpoints"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal(settings: Settings) -> Client:
    return await connect(settings, identity="tests")


@pytest_asyncio.fixture(loop_scope="session")
async def order(studio: Studio, move_body: dict[str, Any]) -> AsyncIterator[Order]:
    """Creates jobs; those that are still there at the end are stopped."""
    made: list[str] = []

    async def create(**changes: Any) -> dict[str, Any]:
        job = await studio.create("animate", move_body | changes)
        made.append(job["job_id"])
        return job

    yield create
    for job_id in set(made) & set(await listed(studio)):
        await studio.stop(job_id)


@pytest_asyncio.fixture(loop_scope="session")
async def ended(studio: Studio, order: Order) -> str:
    """The id of a video that is made."""
    return await make(studio, order)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_clip(studio: Studio, media: Any) -> Asset:
    path = make_clip(media / "long walk.mp4", seconds=6, size=(320, 240), sound=False)
    return await studio.upload("video", path)


@pytest_asyncio.fixture(loop_scope="session")
async def feed(studio: Studio) -> AsyncIterator[AsyncIterator[Message]]:
    """What another page of the same user is told from now on."""
    async with aclosing(studio.follow("/api/events")) as messages:
        await anext(messages)
        yield messages


async def make(studio: Studio, order: Order, **changes: Any) -> str:
    job = await order(**({"duration_override_seconds": 0.5} | changes))
    await studio.until(job["job_id"], "completed")
    job_id: str = job["job_id"]
    return job_id


async def delete(studio: Studio, job_id: str) -> None:
    response = await studio.http.delete(f"/api/jobs/{job_id}")
    assert (response.status_code, response.content) == (204, b"")


async def restore(studio: Studio, job_id: str) -> dict[str, Any]:
    response = await studio.http.post(f"/api/jobs/{job_id}/restore")
    assert response.status_code == 200, response.text
    job: dict[str, Any] = response.json()
    return job


async def until_deleting(temporal: Client, job_id: str, number: int = 1) -> None:
    """Until the minute runs in which this deletion of the video can be taken back."""

    async def runs() -> bool:
        try:
            described = await temporal.get_workflow_handle(deletion_id(job_id)).describe()
        except RPCError:
            return False
        summary = await described.static_summary()
        return described.status is WorkflowExecutionStatus.RUNNING and summary == (
            f"deletion {number} of job {job_id}"
        )

    await eventually(runs)


async def delete_for_good(studio: Studio, temporal: Client, job_id: str, number: int = 1) -> None:
    """Delete the video, and have the minute be over at once."""
    await delete(studio, job_id)
    # The dispatcher's own start must be over: a later one would end ours.
    await until_deleting(temporal, job_id, number)
    await start_deletion(temporal, Deletion(job_id=job_id, number=number, undo_s=0.1))
    await temporal.get_workflow_handle(deletion_id(job_id)).result()


async def listed(studio: Studio, query: str = "") -> list[str]:
    page = await studio.fetch_json(f"/api/jobs?limit=100{query}")
    return [job["job_id"] for job in page["items"]]


async def files_of(objects: ObjectStore, job_id: str) -> set[str]:
    """Every object in the bucket that tells of the job."""
    return {key for key in await stored_keys(objects, "") if job_id in key}


async def test_deleted_video_is_in_no_answer(studio: Studio, ended: str) -> None:
    await delete(studio, ended)
    for path in ["", "/events", "/outputs", "/segments", "/stream"]:
        problem = check_refusal(await studio.http.get(f"/api/jobs/{ended}{path}"))
        assert problem.code is ErrorCode.NOT_FOUND
    for path in ["cancel", "retry", "keep", "segments/0/again"]:
        response = await studio.http.post(f"/api/jobs/{ended}/{path}", json={})
        assert check_refusal(response).code is ErrorCode.NOT_FOUND
    for query in ["", "&search=she", "&mode=animate", "&status=completed"]:
        assert ended not in await listed(studio, query)
    again = await studio.http.delete(f"/api/jobs/{ended}")
    assert check_refusal(again).code is ErrorCode.NOT_FOUND


async def test_restored_video_is_as_it_was(studio: Studio, temporal: Client, ended: str) -> None:
    before = await studio.get(ended)
    await delete(studio, ended)
    await until_deleting(temporal, ended)
    after = await restore(studio, ended)
    assert after["rev"] == before["rev"] + 2
    for job in (before, after):
        del job["rev"], job["updated_at"]
    assert after == before
    assert ended in await listed(studio)
    # It ends without its minute being over.
    async with asyncio.timeout(UNDO_S / 2):
        await temporal.get_workflow_handle(deletion_id(ended)).result()
    assert await studio.fetch((await studio.get(ended))["output"]["video_url"])


async def test_video_that_is_there_is_restored_as_it_is(studio: Studio, ended: str) -> None:
    before = await studio.get(ended)
    assert await restore(studio, ended) == before


async def test_video_deleted_for_good_leaves_nothing(
    studio: Studio, temporal: Client, pool: Pool, objects: ObjectStore, ended: str
) -> None:
    assert await files_of(objects, ended)
    request = (await studio.get(ended))["settings_json"]
    await delete_for_good(studio, temporal, ended)
    assert await files_of(objects, ended) == set()
    for table in TABLES:
        count = f"SELECT count(*) FROM {table} WHERE job_id = $1"  # noqa: S608
        assert await pool.fetchval(count, ended) == 0, table
    gone = await studio.http.post(f"/api/jobs/{ended}/restore")
    assert check_refusal(gone).code is ErrorCode.NOT_FOUND
    for name in ("ground_truth_asset_id", "motion_video_asset_id"):
        asset = await studio.fetch_json(f"/api/assets/{request[name]}")
        assert await studio.fetch(asset["storage_url"])


async def test_deleted_again_after_a_restore_goes_for_good(
    studio: Studio, temporal: Client, objects: ObjectStore, ended: str
) -> None:
    await delete(studio, ended)
    await until_deleting(temporal, ended)
    await restore(studio, ended)
    await delete(studio, ended)
    # The word that the first deletion was taken back must not end the second one.
    await until_deleting(temporal, ended, number=2)
    await end_deletion(temporal, ended, number=1)
    await restore(studio, ended)
    assert await files_of(objects, ended)
    await delete_for_good(studio, temporal, ended, number=3)
    assert await files_of(objects, ended) == set()


async def test_late_timer_of_a_restored_video_deletes_nothing(
    studio: Studio, temporal: Client, objects: ObjectStore, ended: str
) -> None:
    await delete(studio, ended)
    await until_deleting(temporal, ended)
    await restore(studio, ended)
    await temporal.get_workflow_handle(deletion_id(ended)).result()
    before = await files_of(objects, ended)
    await start_deletion(temporal, Deletion(job_id=ended, number=1, undo_s=0.1))
    await temporal.get_workflow_handle(deletion_id(ended)).result()
    assert await files_of(objects, ended) == before
    assert (await studio.get(ended))["status"] == "completed"


@pytest.mark.parametrize("ending", ["running", "stopped"])
async def test_only_a_video_that_has_ended_is_deleted(
    studio: Studio, order: Order, ending: str
) -> None:
    job_id = (await order())["job_id"]
    problem = check_refusal(await studio.http.delete(f"/api/jobs/{job_id}"))
    assert problem.code is ErrorCode.NOT_POSSIBLE_NOW
    assert problem.message == "Stop this video first."
    assert job_id in await listed(studio)
    await studio.stop(job_id)
    if ending == "stopped":
        await delete(studio, job_id)
        assert job_id not in await listed(studio)
        await restore(studio, job_id)


async def test_parts_that_another_video_goes_on_from_are_kept(
    studio: Studio,
    order: Order,
    temporal: Client,
    objects: ObjectStore,
    long_clip: Asset,
) -> None:
    clip = {"motion_video_asset_id": long_clip["asset_id"], "duration_override_seconds": None}
    first = await make(studio, order, **clip)
    heirs = [await make_again(studio, first) for _ in range(2)]
    await delete_for_good(studio, temporal, first)
    kept = await files_of(objects, first)
    assert kept
    assert all("/segments/" in key for key in kept)
    # What is left of the first one is enough to go on from once more.
    heirs.append(await make_again(studio, heirs[0]))
    await delete_for_good(studio, temporal, heirs[0])
    assert await files_of(objects, first) == kept
    await asyncio.gather(*(delete_for_good(studio, temporal, heir) for heir in heirs[1:]))
    for job_id in [first, *heirs]:
        assert await files_of(objects, job_id) == set()


async def make_again(studio: Studio, job_id: str) -> str:
    response = await studio.http.post(f"/api/jobs/{job_id}/segments/1/again", json={})
    assert response.status_code == 202, response.text
    again: str = response.json()["job_id"]
    await studio.until(again, "completed")
    return again


async def test_other_pages_are_told(
    studio: Studio, feed: AsyncIterator[Message], ended: str
) -> None:
    rev = (await studio.get(ended))["rev"]
    await delete(studio, ended)
    await restore(studio, ended)
    told = [message async for message in until_restored(feed, ended)]
    for message, type_, number in zip(told[-2:], ["deleted", "restored"], [1, 2], strict=True):
        event = message.data
        assert (message.event, event["type"], event["rev"]) == (type_, type_, rev + number)
        assert (event["status"], event["progress"]) == ("completed", 1.0)
        assert message.id == str(event["position"])
    page = await studio.fetch_json(f"/api/jobs/{ended}/events?after={rev}")
    assert page["items"] == [message.data for message in told[-2:]]


async def until_restored(feed: AsyncIterator[Message], job_id: str) -> AsyncIterator[Message]:
    async for message in feed:
        if message.data["job_id"] == job_id:
            yield message
            if message.event == "restored":
                return


async def test_stream_of_a_restored_video_still_ends(studio: Studio, ended: str) -> None:
    await delete(studio, ended)
    await restore(studio, ended)
    messages = await studio.messages(f"/api/jobs/{ended}/stream")
    assert [message.event for message in messages[-3:]] == ["completed", "deleted", "restored"]


async def test_page_that_was_away_learns_what_is_gone_for_good(
    studio: Studio, temporal: Client, ended: str
) -> None:
    page = await studio.fetch_json(f"/api/jobs/{ended}/events?limit=100")
    last = page["items"][-1]["position"]
    await delete_for_good(studio, temporal, ended)
    async with aclosing(studio.follow(f"/api/events?after={last}")) as messages:
        await anext(messages)
        async for message in messages:
            if message.data["job_id"] == ended:
                assert message.event == "deleted"
                return


async def test_gateway_that_died_after_the_answer_left_no_files(
    studio: Studio, temporal: Client, pool: Pool, ended: str
) -> None:
    """The row alone is what such a gateway leaves."""
    async with pool.acquire() as connection, connection.transaction():
        assert await jobs.delete(connection, ended)
    await until_deleting(temporal, ended)
    handle = temporal.get_workflow_handle(deletion_id(ended))

    async def begun() -> Any:
        history = await handle.fetch_history()
        return history if len(history.events) > FIRST_TASK_EVENTS else None

    history = await eventually(begun)
    timers = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToSeconds()
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]
    assert timers == [UNDO_S]
    await restore(studio, ended)


async def test_file_of_a_deleted_video_can_be_deleted(
    studio: Studio, order: Order, media: Any
) -> None:
    picture = await studio.upload("image", make_picture(media / "of deleted.png"))
    job_id = (await order(ground_truth_asset_id=picture["asset_id"]))["job_id"]
    in_use = await studio.http.delete(f"/api/assets/{picture['asset_id']}")
    assert check_refusal(in_use).code is ErrorCode.ASSET_IN_USE
    await studio.stop(job_id)
    await delete(studio, job_id)
    response = await studio.http.delete(f"/api/assets/{picture['asset_id']}")
    assert response.status_code == 204
    await restore(studio, job_id)


async def test_nobody_else_deletes_or_restores_a_video(
    studio: Studio, stranger: httpx.AsyncClient, ended: str
) -> None:
    assert check_refusal(await stranger.delete(f"/api/jobs/{ended}")).status == 404
    await delete(studio, ended)
    assert check_refusal(await stranger.post(f"/api/jobs/{ended}/restore")).status == 404
    assert (await restore(studio, ended))["job_id"] == ended


async def test_demo_studio_says_that_it_is_one(studio: Studio) -> None:
    async def known() -> bool:
        listed = await studio.fetch_json("/api/admin/backends")
        return any(backend["facts"] for backend in listed["items"])

    await eventually(known)
    assert await studio.fetch_json("/api/studio") == {"simulated": True}
