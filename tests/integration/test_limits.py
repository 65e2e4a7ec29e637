"""How much an owner may do, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.errors import ErrorCode, job_error
from proto.event import EventType
from proto.identity import Role
from proto.job import Stage
from services.local.layout import Layout
from services.store.database import Pool
from services.store.jobs import Change, record
from tests.access import Token, let_in, signed_in
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, eventually

NUMBERS = count()


@dataclass(frozen=True)
class Person:
    """Somebody whose limits a test sets. body: of a short job."""

    owner: str
    studio: Studio
    operator: Studio
    body: dict[str, Any]

    async def limit(self, **limits: float) -> None:
        path = f"/api/admin/users/{self.owner}/limits"
        everything = dict.fromkeys(
            (
                *("requests_per_minute", "token_requests_per_minute", "uploads_per_day"),
                *("upload_bytes_per_day", "running_jobs", "waiting_jobs", "gpu_seconds_per_day"),
            ),
            0,
        )
        asked = {**everything, **limits, "reason": "a test sets them"}
        response = await self.operator.http.put(path, json=asked)
        assert response.is_success, response.text

    async def use(self) -> dict[str, dict[str, Any]]:
        me = await self.studio.fetch_json("/api/me")
        return {use["name"]: use for use in me["limits"]["items"]}

    async def entries(self, job_id: str) -> list[dict[str, Any]]:
        """Of a job, oldest first."""
        page = await self.studio.fetch_json("/api/credits?limit=100")
        return [entry for entry in page["items"][::-1] if entry["job_id"] == job_id]

    async def order(self, **changes: Any) -> httpx.Response:
        return await self.studio.http.post("/api/jobs/animate", json={**self.body, **changes})


Meet = Callable[[], Awaitable[Person]]


@pytest_asyncio.fixture(loop_scope="session")
async def meet(studio: Studio, layout: Layout, media: Path, pool: Pool) -> AsyncIterator[Meet]:
    """Somebody new, each time; what they have asked for is stopped at the end."""
    people: list[Person] = []
    async with AsyncExitStack() as clients:

        async def meet() -> Person:
            owner = f"limited-{next(NUMBERS)}"
            http = await clients.enter_async_context(signed_in(layout, owner, Role.CREATOR))
            people.append(Person(owner, Studio(http), studio, await _body(Studio(http), media)))
            return people[-1]

        yield meet
        for person in people:
            await person.limit()
            for row in await pool.fetch("SELECT job_id FROM jobs WHERE owner = $1", person.owner):
                await studio.stop(row["job_id"])


async def _body(own: Studio, media: Path) -> dict[str, Any]:
    name = f"limited-{next(NUMBERS)}"
    picture = await own.upload("image", make_picture(media / f"{name}.png"))
    clip = make_clip(media / f"{name}.mp4", seconds=1, size=(320, 240), sound=False)
    return {
        "prompt": "She waves",
        "quality_profile": "draft",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": (await own.upload("video", clip))["asset_id"],
        "duration_override_seconds": 0.5,
    }


def check_limited(response: httpx.Response) -> int:
    """The seconds after which it would work again."""
    problem = check_refusal(response)
    assert (problem.status, problem.code) == (429, "limit_reached")
    return int(response.headers["retry-after"])


async def test_who_asks_too_often_is_told_when_to_go_on(meet: Meet) -> None:
    person, other = await meet(), await meet()
    await person.limit(requests_per_minute=30)

    async def limited() -> httpx.Response | None:
        response = await person.studio.http.get("/api/studio")
        return response if response.status_code == 429 else None

    refused: httpx.Response = await eventually(limited)
    assert 1 <= check_limited(refused) <= 60
    assert (await other.studio.http.get("/api/studio")).status_code == 200

    async def allowed() -> bool:
        return (await person.studio.http.get("/api/studio")).is_success

    await eventually(allowed)


async def test_each_token_has_a_rate_of_its_own(meet: Meet, layout: Layout) -> None:
    person = await meet()
    second = await let_in(layout.database_url, person.owner, Role.CREATOR)
    await person.limit(token_requests_per_minute=20)

    async def limited() -> bool:
        return (await person.studio.http.get("/api/studio")).status_code == 429

    await eventually(limited)
    async with httpx.AsyncClient(base_url=layout.url, auth=Token(second.token)) as http:
        assert (await http.get("/api/studio")).status_code == 200


async def test_no_more_wait_than_may_however_many_are_asked_for_at_once(meet: Meet) -> None:
    person, other = await meet(), await meet()
    await person.limit(waiting_jobs=3, running_jobs=1)
    first = (await person.order()).json()["job_id"]

    async def begun() -> bool:
        used: float = (await person.use())["waiting_jobs"]["used"]
        return used == 0

    await eventually(begun)
    answers = await asyncio.gather(*(person.order(prompt=f"Take {take}") for take in range(12)))
    taken = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code != 202]
    assert len(taken) in {3, 4}, "one may have ended meanwhile"
    assert all(check_limited(answer) for answer in refused)
    assert (await other.order()).status_code == 202
    await person.studio.stop(first)


async def test_no_more_are_made_at_once_than_may_and_all_are_made(meet: Meet, pool: Pool) -> None:
    person = await meet()
    await person.limit(running_jobs=1)
    jobs = [(await person.order(prompt=f"Take {take}")).json()["job_id"] for take in range(3)]
    at_once = """
        SELECT count(*) FROM jobs
        WHERE owner = $1 AND render_started_at IS NOT NULL AND ended_at IS NULL
    """
    most = 0

    async def over() -> bool:
        nonlocal most
        most = max(most, await pool.fetchval(at_once, person.owner))
        return all([await person.studio.find_ended(job) for job in jobs])

    await eventually(over)
    assert most == 1
    ended = [await person.studio.get(job) for job in jobs]
    assert {job["status"] for job in ended} == {"completed"}


async def test_upload_beyond_the_days_share_is_refused_and_counts_nothing(
    meet: Meet, media: Path
) -> None:
    person = await meet()
    path = make_picture(media / "one more.png")
    used = (await person.use())["uploads_per_day"]["used"]
    await person.limit(uploads_per_day=used + 1)
    await person.studio.upload("image", path)
    refused = await person.studio.try_upload("image", path.read_bytes(), "two more.png")
    assert check_limited(refused) > 3600
    assert (await person.use())["uploads_per_day"]["used"] == used + 1
    await person.limit(upload_bytes_per_day=1)
    refused = await person.studio.try_upload("image", path.read_bytes(), "two more.png")
    assert check_limited(refused)


async def test_refused_and_broken_uploads_are_not_counted(meet: Meet) -> None:
    person = await meet()
    used = (await person.use())["uploads_per_day"]["used"]
    await person.studio.try_upload("image", b"no picture", "no.png")
    assert (await person.use())["uploads_per_day"]["used"] == used


async def test_finished_video_costs_what_was_rendered(meet: Meet, pool: Pool) -> None:
    person = await meet()
    job = (await person.order()).json()["job_id"]
    await person.studio.until(job, "completed")
    reserved, settled = await person.entries(job)
    assert (reserved["kind"], settled["kind"]) == ("reserve", "settle")
    rendered = await pool.fetchval("SELECT sum(render_s) FROM checkpoints WHERE job_id = $1", job)
    assert settled["rendered_seconds"] == pytest.approx(rendered)
    assert reserved["gpu_seconds"] + settled["gpu_seconds"] == pytest.approx(rendered)
    assert (await person.use())["gpu_seconds_per_day"]["used"] == pytest.approx(rendered, abs=0.1)


async def test_same_key_is_reserved_once(meet: Meet) -> None:
    person = await meet()
    key = {"Idempotency-Key": f"once-{person.owner}"}
    path = "/api/jobs/animate"
    answers = [await person.studio.http.post(path, json=person.body, headers=key) for _ in "ab"]
    job = answers[0].json()["job_id"]
    assert answers[1].json()["job_id"] == job
    assert [entry["kind"] for entry in await person.entries(job)][:1] == ["reserve"]
    await person.studio.until(job, "completed")
    assert len(await person.entries(job)) == 2


async def test_stopped_video_costs_what_was_rendered_until_then(meet: Meet, pool: Pool) -> None:
    person = await meet()
    job = (await person.order()).json()["job_id"]
    await person.studio.stop(job)
    entries = await person.entries(job)
    rendered = await pool.fetchval(
        "SELECT coalesce(sum(render_s), 0) FROM checkpoints WHERE job_id = $1", job
    )
    assert [entry["kind"] for entry in entries] == ["reserve", "settle"]
    assert sum(entry["gpu_seconds"] for entry in entries) == pytest.approx(rendered)


async def test_retried_video_is_charged_once(meet: Meet, pool: Pool) -> None:
    person = await meet()
    job = (await person.order()).json()["job_id"]
    await person.studio.cancel(job)
    await person.studio.until_ended(job)
    again = await person.studio.http.post(f"/api/jobs/{job}/retry")
    if again.status_code == 202:
        await person.studio.until(job, "completed")
    entries = await person.entries(job)
    rendered = await pool.fetchval(
        "SELECT coalesce(sum(render_s), 0) FROM checkpoints WHERE job_id = $1", job
    )
    assert sum(entry["gpu_seconds"] for entry in entries) == pytest.approx(rendered)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(ErrorCode.GENERATION_FAILURE, "refund"), (ErrorCode.MISSING_ASSET, "settle")],
)
async def test_video_that_fails_by_our_fault_costs_nothing(
    meet: Meet, pool: Pool, code: ErrorCode, kind: str
) -> None:
    person = await meet()
    await person.limit(running_jobs=1)
    first = (await person.order()).json()["job_id"]
    held = (await person.order(prompt="Held back")).json()["job_id"]
    failed = Change(
        key="failed/1",
        type=EventType.FAILED,
        stage=Stage.READING_FILES,
        progress=0,
        error=job_error(held, code),
    )
    async with pool.acquire() as connection, connection.transaction():
        assert await record(connection, held, failed)
        assert not await record(connection, held, failed)
    entries = await person.entries(held)
    assert [entry["kind"] for entry in entries] == ["reserve", kind]
    assert sum(entry["gpu_seconds"] for entry in entries) == 0
    await person.studio.stop(first)


async def test_days_render_time_is_kept_to_and_said(meet: Meet, pool: Pool) -> None:
    person = await meet()
    job = (await person.order()).json()["job_id"]
    await person.studio.until(job, "completed")
    used = (await person.use())["gpu_seconds_per_day"]["used"]
    [reserved, _] = await person.entries(job)
    await person.limit(gpu_seconds_per_day=used + reserved["gpu_seconds"] * 0.9)
    refused = await person.order(prompt="One too many")
    assert check_limited(refused) > 3600
    await person.limit(gpu_seconds_per_day=0.01)
    too_long = await person.order(prompt="One too many")
    assert too_long.status_code == 429
    assert "retry-after" not in too_long.headers


async def test_limits_are_the_operators_to_set_and_audited(meet: Meet, studio: Studio) -> None:
    person = await meet()
    path = f"/api/admin/users/{person.owner}/limits"
    assert (await person.studio.http.put(path, json={"reason": "I want"})).status_code == 403
    await person.limit(waiting_jobs=7)
    shown = await studio.fetch_json(path)
    assert shown["own"]["waiting_jobs"] == 7
    lines = await studio.fetch_json(f"/api/admin/audit?subject=user/{person.owner}&action=limits")
    assert lines["items"][0]["after"]["waiting_jobs"] == 7
    assert (await person.use())["waiting_jobs"]["limit"] == 7
    assert (await studio.http.get("/api/admin/users/nobody/limits")).status_code == 404


async def test_ledger_is_only_added_to(meet: Meet, pool: Pool) -> None:
    person = await meet()
    job = (await person.order()).json()["job_id"]
    for change in ("DELETE FROM credit_entries", "UPDATE credit_entries SET gpu_seconds = 0"):
        with pytest.raises(Exception, match="only added to"):
            await pool.execute(f"{change} WHERE job_id = $1", job)
