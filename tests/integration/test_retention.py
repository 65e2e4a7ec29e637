"""What is too old goes, and nothing that somebody needs goes with it."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
from temporalio.client import Client

from proto.errors import ErrorCode
from proto.ids import new_id
from proto.retention import RetentionReport
from services.local.children import settings_of
from services.local.layout import Layout, make_layout
from services.local.stack import Stack
from services.store import retention
from services.store.database import Pool, open_pool
from services.store.objects import ObjectStore, open_object_store
from temporal.client import BY_HAND_ID, RETENTION_ID, connect, keep_retention_schedule
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.integration.refusals import check_refusal, stored_keys
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, eventually

Json = dict[str, Any]

A_MOMENT = 1e-7
"""Days: what is older than some milliseconds."""
MANY = 200
WORKER = "workflows worker"
RUN_WITHIN_S = 60
LONG_S = 6


@dataclass(frozen=True)
class Shop:
    """A stack of its own, whose rules remove nothing until a test says so."""

    stack: Stack
    studio: Studio
    pool: Pool
    objects: ObjectStore
    temporal: Client
    media: Path

    async def keep(self, rule: str, days: float, owner: str = "local") -> None:
        await self.pool.execute(
            "INSERT INTO retention_overrides VALUES ($1, $2, $3)"
            " ON CONFLICT (owner, rule) DO UPDATE SET days = excluded.days",
            *(owner, rule, days),
        )

    async def keys(self, prefix: str = "") -> frozenset[str]:
        return await stored_keys(self.objects, prefix)

    async def dry_run(self) -> RetentionReport:
        response = await self.studio.http.post("/api/admin/retention/dry-run")
        assert response.status_code == 200, response.text
        return RetentionReport.model_validate_json(response.content)

    async def begin_run(self) -> None:
        body = {"reason": "the disk is full"}
        response = await self.studio.http.post("/api/admin/retention/run", json=body)
        assert response.status_code == 202, response.text

    async def end_run(self) -> RetentionReport:
        handle = self.temporal.get_workflow_handle(BY_HAND_ID, result_type=RetentionReport)
        async with asyncio.timeout(RUN_WITHIN_S):
            report: RetentionReport = await handle.result()
        return report

    async def run(self) -> RetentionReport:
        await self.begin_run()
        return await self.end_run()

    async def picture(self) -> Json:
        return await self.studio.upload("image", make_picture(self.media / f"{new_id()}.png"))

    async def clip(self, seconds: float = 1) -> Json:
        """Of its own content: inputs are shared by content."""
        path = make_clip(self.media / f"{new_id()}.mp4", seconds=seconds, size=(320, 240))
        with path.open("ab") as file:
            file.write(struct.pack(">I4s", 8 + 36, b"free") + new_id().encode())
        return await self.studio.upload("video", path)

    async def body(self, seconds: float = 1) -> Json:
        picture, clip = await self.picture(), await self.clip(seconds)
        return {
            "prompt": "She waves",
            "quality_profile": "draft",
            "ground_truth_asset_id": picture["asset_id"],
            "motion_video_asset_id": clip["asset_id"],
        }

    async def make(self, body: Json, ending: str = "completed") -> str:
        job = await self.studio.create("animate", body)
        await self.studio.until(job["job_id"], ending)
        job_id: str = job["job_id"]
        return job_id

    async def again(self, job_id: str) -> httpx.Response:
        return await self.studio.http.post(f"/api/jobs/{job_id}/segments/1/again", json={})

    async def inputs_of(self, asset_id: str) -> frozenset[str]:
        sha256 = await self.pool.fetchval("SELECT sha256 FROM assets WHERE asset_id = $1", asset_id)
        return await self.keys(f"inputs/{sha256}/")


@pytest.fixture(scope="module")
def shop_layout(data_folder: Path) -> Layout:
    return make_layout(data_folder / "retention", free_base_port(), [], 0.05)


@pytest.fixture(scope="module")
def shop_stack(shop_layout: Layout) -> Iterator[Stack]:
    running = Stack(shop_layout, lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        for rule in ("inputs", "unused_uploads", "uploads", "outputs", "parts"):
            patch.setenv(f"ANIMATRIX_KEEP_{rule.upper()}_DAYS", "0")
        patch.setenv("ANIMATRIX_KEEP_ORPHANS_DAYS", str(A_MOMENT))
        patch.setenv("ANIMATRIX_KEEP_TRANSFERS_DAYS", str(A_MOMENT))
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_shop(shop_stack: Stack, shop_layout: Layout, media: Path) -> AsyncIterator[Shop]:
    settings = settings_of(shop_layout)
    async with (
        signed_in(shop_layout) as http,
        open_pool(shop_layout.database_url) as pool,
        open_object_store(settings) as objects,
    ):
        yield Shop(
            stack=shop_stack,
            studio=Studio(http),
            pool=pool,
            objects=objects,
            temporal=await connect(settings, identity="tests"),
            media=media,
        )


@pytest_asyncio.fixture(loop_scope="session")
async def shop(open_shop: Shop) -> AsyncIterator[Shop]:
    yield open_shop
    await open_shop.pool.execute("DELETE FROM retention_overrides")


def by_rule(report: RetentionReport) -> dict[str, tuple[int, int, int]]:
    return {
        removal.rule: (removal.subjects, removal.objects, removal.size_bytes)
        for removal in report.removals
    }


async def put_orphans(shop: Shop, count: int) -> None:
    room = asyncio.Semaphore(16)

    async def put(number: int) -> None:
        async with room:
            for name in ("original", "more"):
                await shop.objects.put_bytes(
                    f"uploads/{new_id()}/{name}", b"x" * number, "image/png"
                )

    await asyncio.gather(*(put(number) for number in range(count)))


async def test_run_removes_exactly_what_the_dry_run_said(shop: Shop) -> None:
    await shop.make(await shop.body(LONG_S))
    used = await shop.make(await shop.body())
    unused = await shop.picture()
    await put_orphans(shop, 3)
    transfer = await shop.objects.client.create_multipart_upload(
        Bucket=shop.objects.bucket, Key="uploads/half/original"
    )
    for rule in ("inputs", "unused_uploads", "parts"):
        await shop.keep(rule, A_MOMENT)
    before = await shop.keys()
    said = await shop.dry_run()
    assert await shop.keys() == before
    done = await shop.run()
    assert done == said
    gone = before - await shop.keys()
    assert {*by_rule(done)} == {"orphans", "transfers", "inputs", "unused_uploads", "parts"}
    assert done.objects == len(gone) + 1
    shown = {key for removal in done.removals for key in removal.examples}
    assert shown - {"uploads/half/original"} <= gone
    assert f"uploads/{unused['asset_id']}/original" in gone
    uploads = await shop.objects.client.list_multipart_uploads(Bucket=shop.objects.bucket)
    assert transfer["UploadId"] not in str(uploads.get("Uploads"))
    assert (await shop.studio.get(used))["output"] is not None
    assert (await shop.dry_run()).removals == []


async def test_finished_video_without_its_parts_still_plays_and_says_so(shop: Shop) -> None:
    job_id = await shop.make(await shop.body(LONG_S))
    assert "again" in (await shop.studio.get(job_id))["actions"]
    await shop.keep("parts", A_MOMENT)
    await shop.run()
    job = await shop.studio.get(job_id)
    assert job["actions"] == []
    await shop.studio.fetch(job["output"]["video_url"])
    assert check_refusal(await shop.again(job_id)).code is ErrorCode.NOT_POSSIBLE_NOW
    assert not await shop.keys(f"jobs/{job_id}/segments/")
    assert not await shop.keys(f"jobs/{job_id}/growing/")
    parts = (await shop.studio.fetch_json(f"/api/jobs/{job_id}/segments"))["items"]
    assert {part["state"] for part in parts} == {"done"}


async def test_stopped_video_without_its_parts_is_made_from_its_beginning(shop: Shop) -> None:
    body = await shop.body(LONG_S)
    job = await shop.studio.create("animate", body)
    job_id = job["job_id"]

    async def has_part() -> bool:
        return bool((await shop.studio.get(job_id))["segments_done"])

    await eventually(has_part)
    await shop.studio.stop(job_id)
    await shop.keep("parts", A_MOMENT)
    await shop.run()
    job = await shop.studio.get(job_id)
    assert (job["segments_done"], job["growing"], job["actions"]) == (0, None, ["retry"])
    await shop.keep("parts", 0)
    assert (await shop.studio.http.post(f"/api/jobs/{job_id}/retry")).status_code == 202
    await shop.studio.until(job_id, "completed")
    assert "again" in (await shop.studio.get(job_id))["actions"]


async def test_parts_that_another_video_goes_on_from_stay(shop: Shop) -> None:
    first = await shop.make(await shop.body(LONG_S))
    response = await shop.again(first)
    heir = response.json()["job_id"]
    await shop.studio.until(heir, "completed")
    await shop.pool.execute("UPDATE jobs SET owner = 'keeper' WHERE job_id = $1", heir)
    await shop.keep("parts", A_MOMENT)
    said = await shop.dry_run()
    assert await shop.run() == said
    kept = await shop.keys(f"jobs/{first}/segments/")
    named = {row["key"] for row in await shop.pool.fetch(HEIRLOOMS, heir)}
    assert kept == named
    await shop.pool.execute("UPDATE jobs SET owner = 'local' WHERE job_id = $1", heir)
    said = await shop.dry_run()
    assert await shop.run() == said
    assert not await shop.keys(f"jobs/{first}/segments/")


HEIRLOOMS = "SELECT key FROM checkpoint_objects WHERE job_id = $1 AND taken_from IS NOT NULL"


async def test_first_video_and_its_heir_go_together_as_was_said(shop: Shop) -> None:
    first = await shop.make(await shop.body(LONG_S))
    heir = (await shop.again(first)).json()["job_id"]
    await shop.studio.until(heir, "completed")
    await shop.keep("outputs", A_MOMENT)
    await shop.keep("parts", A_MOMENT)
    before = await shop.keys()
    said = await shop.dry_run()
    done = await shop.run()
    assert by_rule(done) == by_rule(said)
    assert done.objects == len(before - await shop.keys())
    for job_id in (first, heir):
        assert not await shop.keys(f"jobs/{job_id}/")
        assert (await shop.studio.http.get(f"/api/jobs/{job_id}")).status_code == 404


async def test_running_and_waiting_videos_lose_nothing(shop: Shop) -> None:
    for rule in ("inputs", "unused_uploads", "uploads", "parts"):
        await shop.keep(rule, A_MOMENT, owner="busy")
    bodies = [await shop.body(LONG_S) for _ in range(3)]
    jobs = [await shop.studio.create("animate", body) for body in bodies]
    await shop.pool.execute("UPDATE retention_overrides SET owner = 'local'")
    while any([await shop.studio.find_ended(job["job_id"]) is None for job in jobs]):
        await shop.run()
    for job in jobs:
        ended = await shop.studio.until_ended(job["job_id"])
        assert ended["status"] == "completed", ended["error"]
        assert ended["warnings"] == []


@pytest.mark.parametrize("ending", ["completed", "cancelled"])
async def test_video_whose_files_went_says_which(shop: Shop, ending: str) -> None:
    body = await shop.body(LONG_S)
    job_id = (await shop.studio.create("animate", body))["job_id"]
    if ending == "completed":
        await shop.studio.until(job_id, "completed")
    else:
        await shop.studio.stop(job_id)
    await shop.keep("uploads", A_MOMENT)
    await shop.run()
    clip = f"uploads/{body['motion_video_asset_id']}/original"
    assert clip not in await shop.keys("uploads/")
    names = await shop.pool.fetch(
        "SELECT original_filename FROM assets JOIN job_assets USING (asset_id) WHERE job_id = $1",
        job_id,
    )
    asked = (
        shop.again(job_id)
        if ending == "completed"
        else shop.studio.http.post(f"/api/jobs/{job_id}/retry")
    )
    problem = check_refusal(await asked)
    assert problem.code is ErrorCode.MISSING_ASSET
    assert all(row["original_filename"] in problem.message for row in names)
    assert len(names) == 2


async def test_inputs_of_a_deleted_file_go_unless_another_upload_is_the_same(shop: Shop) -> None:
    body = await shop.body()
    path = make_clip(shop.media / "twice.mp4", seconds=1.2, size=(320, 240))
    first, second = [await shop.studio.upload("video", path) for _ in range(2)]
    await shop.make(body | {"motion_video_asset_id": first["asset_id"]})
    inputs = await shop.inputs_of(first["asset_id"])
    assert inputs
    for clip, left in ((first, inputs), (second, frozenset())):
        await shop.studio.http.delete(f"/api/assets/{clip['asset_id']}")
        await shop.run()
        assert await shop.keys(f"inputs/{first['sha256']}/") == left


async def test_owner_can_keep_for_longer_than_others(shop: Shop) -> None:
    mine, theirs = await shop.picture(), await shop.picture()
    await shop.pool.execute(
        "UPDATE assets SET owner = 'archive' WHERE asset_id = $1", theirs["asset_id"]
    )
    await shop.keep("unused_uploads", A_MOMENT)
    await shop.keep("unused_uploads", 30, owner="archive")
    await shop.run()
    left = await shop.keys("uploads/")
    assert f"uploads/{mine['asset_id']}/original" not in left
    assert f"uploads/{theirs['asset_id']}/original" in left


async def test_video_that_begins_while_its_inputs_go_is_made_all_the_same(shop: Shop) -> None:
    """It waits for the deletion, and makes them anew."""
    body = await shop.body()
    await shop.make(body)
    sha256 = await shop.pool.fetchval(
        "SELECT sha256 FROM assets WHERE asset_id = $1", body["motion_video_asset_id"]
    )
    async with shop.pool.acquire() as connection, connection.transaction():
        assert await retention.lock_inputs(connection, sha256)
        creating = asyncio.create_task(shop.studio.create("animate", body))
        await eventually(lambda: waits_for_a_lock(shop))
        await shop.objects.delete(sorted(await shop.keys(f"inputs/{sha256}/")))
        assert not creating.done()
    job = await creating
    await shop.studio.until(job["job_id"], "completed")


async def waits_for_a_lock(shop: Shop) -> bool:
    waiting: bool = await shop.pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    )
    return waiting


async def test_inputs_stay_for_a_video_that_has_just_begun(shop: Shop) -> None:
    """Its row is written and not yet committed while the inputs are looked at."""
    body = await shop.body()
    job_id = await shop.make(body)
    clip_id = body["motion_video_asset_id"]
    sha256 = await shop.pool.fetchval("SELECT sha256 FROM assets WHERE asset_id = $1", clip_id)

    async def try_to_lock() -> bool:
        async with shop.pool.acquire() as connection, connection.transaction():
            return await retention.lock_inputs(connection, sha256)

    async with shop.pool.acquire() as connection:
        beginning = connection.transaction()
        await beginning.start()
        await connection.execute("UPDATE jobs SET status = 'failed' WHERE job_id = $1", job_id)
        await connection.execute("UPDATE jobs SET status = 'accepted' WHERE job_id = $1", job_id)
        looking = asyncio.create_task(try_to_lock())
        await eventually(lambda: waits_for_a_lock(shop))
        await connection.execute(
            "UPDATE jobs SET ended_at = NULL, render_started_at = clock_timestamp(),"
            " checked_at = clock_timestamp() + interval '1 hour' WHERE job_id = $1",
            job_id,
        )
        await beginning.commit()
    assert not await looking
    await shop.pool.execute(
        "UPDATE jobs SET status = 'completed', ended_at = clock_timestamp() WHERE job_id = $1",
        job_id,
    )


async def test_videos_asked_for_during_runs_are_all_made(shop: Shop) -> None:
    body = await shop.body()
    await shop.make(body)
    await shop.keep("inputs", A_MOMENT)
    creating = asyncio.create_task(make_in_turn(shop, body, 6))
    while not creating.done():
        await shop.run()
    assert await creating == ["completed"] * 6


async def make_in_turn(shop: Shop, body: Json, count: int) -> list[str]:
    """How videos ended that were asked for as soon as the one before had been read."""
    jobs = []
    for _ in range(count):
        job = await shop.studio.create("animate", body)
        await shop.studio.until(job["job_id"], "executing", "completed")
        jobs.append(job["job_id"])
    return [(await shop.studio.until_ended(job_id))["status"] for job_id in jobs]


async def test_run_goes_on_after_its_worker_was_killed(shop: Shop) -> None:
    await put_orphans(shop, MANY)
    said = await shop.dry_run()
    assert said.objects >= 2 * MANY
    await shop.begin_run()

    async def some_are_gone() -> bool:
        return len(await shop.keys("uploads/")) < 2 * MANY - 50

    await eventually(some_are_gone)
    killed = shop.stack.pids[WORKER]
    psutil.Process(killed).kill()

    async def another_works() -> bool:
        shop.stack.tend()
        return shop.stack.ready_pids.get(WORKER, killed) != killed

    await eventually(another_works)
    assert by_rule(await shop.end_run()) == by_rule(said)
    assert (await shop.dry_run()).removals == []
    assert not await shop.pool.fetchval(
        "SELECT count(*) FROM retention_marks WHERE done_at IS NULL"
    )


async def test_growth_and_runs_are_told(shop: Shop) -> None:
    await shop.picture()
    await shop.run()
    told = await shop.studio.fetch_json("/api/admin/storage")
    stored = await shop.keys()
    assert sum(total["objects"] for total in told["totals"]) == len(stored)
    owners = {total["owner"] for total in told["totals"] if total["kind"] == "uploads"}
    assert "local" in owners
    newest = told["runs"][0]
    assert (newest["who"], newest["why"]) == ("local", "the disk is full")
    assert sum(day["objects"] for day in told["days"]) == len(stored)
    [line] = await shop.pool.fetch(
        "SELECT * FROM audit WHERE action = 'retention.run' AND subject = $1",
        f"retention/{newest['run_id']}",
    )
    assert line["why"] == "the disk is full"


async def test_two_workers_keep_one_schedule(shop: Shop) -> None:
    await asyncio.gather(*(keep_retention_schedule(shop.temporal, 12) for _ in range(4)))
    listed = [found.id async for found in await shop.temporal.list_schedules()]
    described = await shop.temporal.get_schedule_handle(RETENTION_ID).describe()
    assert listed in ([], [RETENTION_ID])
    [interval] = described.schedule.spec.intervals
    assert interval.every.total_seconds() == 12 * 3600
    assert described.schedule.spec.jitter
    await keep_retention_schedule(shop.temporal, 0)
    await keep_retention_schedule(shop.temporal, 0)
    await keep_retention_schedule(shop.temporal, 24)
