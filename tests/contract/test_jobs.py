"""/api/jobs, which newer servers have."""

from typing import Any

import pytest

from tests.contract.graphs import picture
from tests.contract.patience import until
from tests.contract.server import Server, new_id, places


@pytest.fixture(autouse=True)
def jobs(idle: Server) -> None:
    if not idle.traits.lists_jobs:
        pytest.skip("the server has no /api/jobs")


@pytest.fixture
def cancels(idle: Server) -> None:
    if not idle.traits.cancels_jobs:
        pytest.skip("the server can't cancel by job")


async def cancel(server: Server, prompt_id: str) -> bool:
    answer = await server.http.post(f"/api/jobs/{prompt_id}/cancel")
    assert answer.status_code == 200
    cancelled = answer.json()["cancelled"]
    assert isinstance(cancelled, bool)
    return cancelled


async def job(server: Server, prompt_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await server.get(f"/api/jobs/{prompt_id}")
    assert found["id"] == prompt_id
    return found


async def test_jobs_are_only_under_api(idle: Server) -> None:
    assert (await idle.http.get("/jobs")).status_code == 404


async def test_an_unknown_job_is_404_with_an_error(idle: Server) -> None:
    answer = await idle.http.get(f"/api/jobs/{new_id()}")
    assert (answer.status_code, set(answer.json())) == (404, {"error"})


async def test_the_list_comes_in_pages(idle: Server) -> None:
    prompt_ids = [await idle.submit(picture()) for _ in range(2)]
    for prompt_id in prompt_ids:
        await idle.finish(prompt_id)
    page = await idle.get("/api/jobs", limit=1)
    (newest,) = page["jobs"]
    assert (newest["id"], newest["status"]) == (prompt_ids[-1], "completed")
    assert page["pagination"].items() >= {"offset": 0, "limit": 1, "has_more": True}.items()
    assert page["pagination"]["total"] >= 2


async def test_a_job_goes_from_pending_to_in_progress_to_its_end(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
        assert (await job(idle, waiting))["status"] == "pending"
        assert (await job(idle, running))["status"] == "in_progress"
    await idle.finish(waiting)
    assert (await job(idle, waiting))["status"] == "completed"
    assert (await job(idle, running))["status"] == "cancelled"


async def test_a_finished_job_has_its_outputs(idle: Server) -> None:
    prompt_id = new_id()
    entry = await idle.run(picture(), prompt_id=prompt_id)
    found = await job(idle, prompt_id)
    assert places(found["outputs"]["save"]) == places(entry["outputs"]["save"])
    assert found["outputs_count"] == 1
    assert found["execution_end_time"] >= found["execution_start_time"]


async def test_a_failed_job_has_its_error(idle: Server) -> None:
    prompt_id = new_id()
    await idle.run(await idle.failing(), prompt_id=prompt_id)
    found = await job(idle, prompt_id)
    assert (found["status"], found["execution_error"]["node_id"]) == ("failed", "load")


@pytest.mark.usefixtures("cancels")
async def test_a_waiting_job_is_cancelled_at_once(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
        assert await cancel(idle, waiting)
        assert (await idle.line()).ids() == [running]
        assert not await cancel(idle, waiting)


@pytest.mark.usefixtures("cancels")
async def test_a_running_job_is_cancelled_by_asking_until_it_is_gone(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())

        async def gone() -> bool:
            await cancel(idle, running)
            return running not in (await idle.line()).ids()

        await until(gone)
    assert (await idle.finish(waiting))["status"]["completed"]


@pytest.mark.usefixtures("cancels")
async def test_a_finished_or_unknown_job_is_not_cancelled(idle: Server) -> None:
    finished = new_id()
    await idle.run(picture(), prompt_id=finished)
    for prompt_id in (finished, new_id()):
        assert not await cancel(idle, prompt_id)


@pytest.mark.usefixtures("cancels")
async def test_several_jobs_are_cancelled_together(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = [await idle.submit(picture()) for _ in range(2)]
        answer = await idle.http.post("/api/jobs/cancel", json={"job_ids": waiting})
        assert (answer.status_code, answer.json()) == (200, {"cancelled": True})
        assert (await idle.line()).ids() == [running]
