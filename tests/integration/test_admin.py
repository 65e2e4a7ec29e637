"""What operators see and change through their API."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from asyncpg.exceptions import InsufficientPrivilegeError

from proto.errors import ErrorCode, Problem
from services.local.layout import Layout
from services.store import retention
from services.store.audit import OWN
from services.store.database import Pool
from tests.integration.conftest import Order
from tests.integration.fleet import Fleet
from tests.integration.trouble import Trouble, only_backend
from tests.media_factory import make_clip
from tests.studio import Studio, eventually

WHY = "asked for by a customer"
URGENT = 1
NOBODY = "http://127.0.0.1:9"
"""No server listens there."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def backend(
    studio: Studio, layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trouble]:
    folder = tmp_path_factory.mktemp("admin")
    async with only_backend(studio, layout, folder, step_seconds=0.05) as backend:
        yield backend


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(studio: Studio, backend: Trouble, move_body: dict[str, Any]) -> str:
    """The id of a video that is made."""
    job = await studio.create("animate", {**move_body, "duration_override_seconds": 0.5})
    await studio.until(job["job_id"], "completed")
    job_id: str = job["job_id"]
    return job_id


@pytest_asyncio.fixture(loop_scope="session")
async def shut(studio: Studio, backend: Trouble) -> AsyncIterator[Trouble]:
    """The only backend takes no work, so whatever is ordered waits."""
    fleet = Fleet(studio)
    await fleet.do(backend.name, "cordon")
    await fleet.until_closed(backend.name)
    yield backend
    await fleet.do(backend.name, "uncordon")


async def post(studio: Studio, path: str, **body: Any) -> dict[str, Any]:
    answer = await studio.http.post(f"/api/admin/{path}", json={"reason": WHY, **body})
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refuse(studio: Studio, path: str, **body: Any) -> Problem:
    return problem_of(
        await studio.http.post(f"/api/admin/{path}", json={"reason": WHY, **body}),
    )


def problem_of(answer: httpx.Response) -> Problem:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return Problem.model_validate_json(answer.content)


async def lines_of(studio: Studio, subject: str) -> list[dict[str, Any]]:
    """What operators changed of it, newest first."""
    page = await studio.fetch_json(f"/api/admin/audit?subject={subject}")
    return [line for line in page["items"] if line["why"] != OWN]


async def line_up(studio: Studio, order: Order, count: int) -> list[str]:
    """Jobs that wait, in their order."""
    jobs = [(await order(duration_override_seconds=0.5))["job_id"] for _ in range(count)]
    await until_waiting(studio, jobs)
    return jobs


async def until_waiting(studio: Studio, jobs: list[str]) -> None:
    async def waiting() -> bool:
        return set(jobs) <= set(await in_line(studio))

    await eventually(waiting)


async def in_line(studio: Studio) -> list[str]:
    queue = await studio.fetch_json("/api/admin/queue")
    return [job["job_id"] for job in queue["waiting"]]


async def found(studio: Studio, query: str) -> set[str]:
    page = await studio.fetch_json(f"/api/admin/jobs?limit=100&{query}")
    return {job["job_id"] for job in page["items"]}


async def test_priority_moves_a_waiting_job_and_says_who_did_it(
    studio: Studio, order: Order, shut: Trouble
) -> None:
    first, last = await line_up(studio, order, 2)
    record = await post(studio, f"jobs/{last}/priority", priority=URGENT, expected_priority=3)
    assert record["priority"] == URGENT

    async def leads() -> bool:
        return (await in_line(studio)).index(last) < (await in_line(studio)).index(first)

    await eventually(leads)
    [line] = await lines_of(studio, f"job/{last}")
    assert (line["action"], line["why"]) == ("job.priority", WHY)
    assert (line["before"]["priority"], line["after"]["priority"]) == (3, URGENT)
    assert record["audit"][0] == line


async def test_second_of_two_operators_is_told_of_the_first(
    studio: Studio, order: Order, shut: Trouble
) -> None:
    [job] = await line_up(studio, order, 1)
    await post(studio, f"jobs/{job}/priority", priority=URGENT, expected_priority=3)
    problem = await refuse(studio, f"jobs/{job}/priority", priority=5, expected_priority=3)
    assert problem.code is ErrorCode.NOT_POSSIBLE_NOW
    assert "by local at" in problem.message
    assert WHY in problem.message
    assert len(await lines_of(studio, f"job/{job}")) == 1


async def test_second_change_of_a_backend_is_told_of_the_first(
    studio: Studio, shut: Trouble
) -> None:
    seen = (await Fleet(studio).all())[shut.name]
    await post(studio, f"backends/{shut.name}/drain", expected_rev=seen.rev)
    problem = await refuse(studio, f"backends/{shut.name}/uncordon", expected_rev=seen.rev)
    assert problem.code is ErrorCode.NOT_POSSIBLE_NOW
    assert "draining" in problem.message
    assert WHY in problem.message
    newest, before, *_ = await lines_of(studio, f"backend/{shut.name}")
    assert (newest["action"], before["action"]) == ("backend.drain", "backend.cordon")
    assert (newest["before"]["state"], newest["after"]["state"]) == ("cordoned", "draining")


async def test_retry_of_a_job_that_runs_is_refused(
    studio: Studio, order: Order, shut: Trouble
) -> None:
    [job] = await line_up(studio, order, 1)
    problem = await refuse(studio, f"retry/{job}")
    assert problem.code is ErrorCode.NOT_POSSIBLE_NOW
    assert "queued" in problem.message
    assert await lines_of(studio, f"job/{job}") == []


async def test_cancelled_job_is_taken_up_again(
    studio: Studio, order: Order, backend: Trouble
) -> None:
    job = (await order(duration_override_seconds=0.5))["job_id"]
    await post(studio, f"jobs/{job}/cancel")
    await studio.until_ended(job)
    problem = await refuse(studio, f"jobs/{job}/cancel")
    assert problem.code is ErrorCode.NOT_CANCELLABLE
    await post(studio, f"retry/{job}")
    await studio.until(job, "completed")
    lines = await lines_of(studio, f"job/{job}")
    assert [line["action"] for line in lines] == ["job.retry", "job.cancel"]
    assert [line["after"]["run"] for line in lines] == [2, 1]


async def test_queue_says_who_waits_where(studio: Studio, order: Order, shut: Trouble) -> None:
    jobs = await line_up(studio, order, 2)
    queue = await studio.fetch_json("/api/admin/queue")
    assert [job["job_id"] for job in queue["waiting"] if job["job_id"] in jobs] == jobs
    assert queue["oldest"]["job_id"] == queue["waiting"][0]["job_id"]
    assert queue["gpus"] == 0
    assert queue["saturation"]["reached"]
    assert "no backend" in queue["saturation"]["message"]
    [owner] = [owner for owner in queue["owners"] if owner["owner"] == "local"]
    assert owner["waiting"] == len(queue["waiting"])
    states = {one["backend_id"]: one["state"] for one in queue["backends"]}
    assert states[shut.name] == "cordoned"


async def test_replay_makes_the_same_video_as_a_new_job(
    studio: Studio, order: Order, backend: Trouble
) -> None:
    first = (await order(duration_override_seconds=0.5, prompt="Made twice"))["job_id"]
    await studio.until(first, "completed")
    second = (await post(studio, f"jobs/{first}/replay"))["job_id"]
    assert second != first
    await studio.until(second, "completed")
    diff = await studio.fetch_json(f"/api/admin/jobs/{first}/diff/{second}")
    assert diff["differences"] == []
    [line] = await lines_of(studio, f"job/{first}")
    assert line["after"]["job_id"] == second


async def test_replay_of_a_job_whose_input_is_gone_says_which(
    studio: Studio, order: Order, backend: Trouble, pool: Pool, media: Any
) -> None:
    path = make_clip(media / "purged walk.mp4", seconds=1, size=(320, 240), sound=False)
    clip = await studio.upload("video", path)
    job = (await order(motion_video_asset_id=clip["asset_id"], duration_override_seconds=0.5))[
        "job_id"
    ]
    await studio.until(job, "completed")
    async with pool.acquire() as connection:
        await retention.delete_asset(connection, clip["asset_id"])
    record = await studio.fetch_json(f"/api/admin/jobs/{job}")
    assert not record["replayable"]["possible"]
    assert [one["purged"] for one in record["inputs"]] == [False, True]
    problem = await refuse(studio, f"jobs/{job}/replay")
    assert problem.code is ErrorCode.MISSING_ASSET
    assert "purged walk.mp4" in problem.message


async def test_replay_with_a_version_that_is_not_released_says_which_are(
    studio: Studio, made: str
) -> None:
    problem = await refuse(studio, f"jobs/{made}/replay", template_version="9.9.9")
    assert problem.field == "template_version"
    assert "1.0.0, 1.1.0" in problem.message


async def test_failed_job_is_found_by_all_that_is_known_of_it(
    studio: Studio, order: Order, backend: Trouble
) -> None:
    await backend.set({"fault": "oom", "node": "KSampler", "times": None})
    job = (await order(duration_override_seconds=0.5, prompt="Lost in the saltmarsh"))["job_id"]
    failed = await studio.until(job, "failed")
    await backend.clear()
    record = await studio.fetch_json(f"/api/admin/jobs/{job}")
    assert record["backend_id"] == backend.name
    assert "OutOfMemory" in record["cause"]
    assert record["retryable"]["possible"]
    queries = [
        f"job_id={failed['error']['reference']}",
        "search=saltmarsh lost",
        f"prompt_id={record['prompt_id']}",
        f"backend={backend.name}&error=generation_failure",
        "owner=local&status=failed&template=animate/move",
        f"since={record['job']['created_at'].replace('+', '%2B')}&error=generation_failure",
    ]
    for query in queries:
        assert job in await found(studio, query), query
    others = [
        "job_id=F-00000000",
        "search=saltmarsh found",
        "backend=nowhere",
        "error=missing_asset",
        "template=animate/mix",
        "status=completed&search=saltmarsh",
        f"until={record['job']['created_at'].replace('+', '%2B')}",
    ]
    for query in others:
        assert job not in await found(studio, query), query


async def test_pages_of_jobs_and_of_the_audit_join_without_a_gap(studio: Studio, made: str) -> None:
    for path, id_name in (("jobs", "job_id"), ("audit", "audit_id")):
        whole = await studio.fetch_json(f"/api/admin/{path}?limit=2")
        start = await studio.fetch_json(f"/api/admin/{path}?limit=1")
        rest = await studio.fetch_json(f"/api/admin/{path}?limit=1&cursor={start['next_cursor']}")
        ids = [item[id_name] for item in [*start["items"], *rest["items"]]]
        assert ids == [item[id_name] for item in whole["items"]]


async def test_audit_can_not_be_changed(studio: Studio, pool: Pool, shut: Trouble) -> None:
    for change in ("UPDATE audit SET why = ''", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(InsufficientPrivilegeError):
            await pool.execute(change)


async def test_health_names_the_backend_that_does_not_answer(studio: Studio) -> None:
    added = await post(studio, "backends", url=NOBODY)
    try:
        health = await studio.fetch_json("/api/admin/health")
        parts = {part["name"]: part for part in health["parts"]}
        assert parts[added["backend_id"]]["state"] == "down"
        assert "does not answer" in parts[added["backend_id"]]["message"]
        assert health["state"] == "limited"
        assert parts["postgres"]["state"] == parts["temporal"]["state"] == "working"
    finally:
        await post(studio, f"backends/{added['backend_id']}/remove")


@pytest.mark.parametrize(
    "path", ["retry/none", "jobs/none/cancel", "jobs/none/replay", "backends/none/cordon"]
)
async def test_change_of_what_is_not_there_is_not_found(studio: Studio, path: str) -> None:
    assert (await refuse(studio, path)).code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("reason", ["", "no", None])
async def test_change_without_a_reason_is_refused(
    studio: Studio, made: str, reason: str | None
) -> None:
    body = {} if reason is None else {"reason": reason}
    answer = await studio.http.post(f"/api/admin/jobs/{made}/replay", json=body)
    assert problem_of(answer).field == "reason"
    assert answer.status_code == 422
