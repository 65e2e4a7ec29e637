"""A cancelled job ends, and nothing else does."""

import asyncio
from typing import Any

import httpx
import pytest

from proto.errors import ErrorCode
from proto.ids import prompt_id
from tests.integration.conftest import Order
from tests.integration.refusals import check_refusal
from tests.studio import Studio, eventually


class Backend:
    """The stand-in's line and memory, by job."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def line(self) -> tuple[list[str], list[str]]:
        """The prompts that run and those that wait."""
        queue = (await self._http.get("/queue")).json()
        running, pending = queue["queue_running"], queue["queue_pending"]
        return [item[1] for item in running], [item[1] for item in pending]

    async def outcome(self, job: dict[str, Any]) -> list[str]:
        """The messages of the job's prompt; none when it never started."""
        prompt = prompt_id(job["job_id"], 0, 0)
        history = (await self._http.get(f"/history/{prompt}")).json()
        entries = [entry["status"]["messages"] for entry in history.values()]
        return [event for messages in entries for event, _ in messages]

    async def until_busy(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        """The jobs, all of them sent, with the one that runs first."""
        by_prompt = {prompt_id(job["job_id"], 0, 0): job for job in jobs}

        async def in_line() -> list[dict[str, Any]]:
            running, pending = await self.line()
            sent = [*running, *pending]
            return [by_prompt[name] for name in sent] if set(sent) == set(by_prompt) else []

        found: list[dict[str, Any]] = await eventually(in_line)
        return found


@pytest.fixture
def backend(comfy: httpx.AsyncClient) -> Backend:
    return Backend(comfy)


async def test_cancel_while_rendering_leaves_the_other_job_running(
    studio: Studio, order: Order, backend: Backend
) -> None:
    jobs = [await order(quality_profile="standard") for _ in range(2)]
    running, waiting = await backend.until_busy(*jobs)
    await studio.cancel(running["job_id"])
    await studio.until(running["job_id"], "cancelled")
    await studio.until(waiting["job_id"], "completed")
    assert "execution_interrupted" in await backend.outcome(running)
    assert (await backend.outcome(waiting))[-1] == "execution_success"
    assert await backend.line() == ([], [])


async def test_cancel_of_a_prompt_that_waits_leaves_the_running_one(
    studio: Studio, order: Order, backend: Backend
) -> None:
    jobs = [await order(quality_profile="standard") for _ in range(2)]
    running, waiting = await backend.until_busy(*jobs)
    await studio.cancel(waiting["job_id"])
    await studio.until(waiting["job_id"], "cancelled")
    await studio.until(running["job_id"], "completed")
    assert await backend.outcome(waiting) == []
    assert (await backend.outcome(running))[-1] == "execution_success"


async def test_job_cancelled_in_line_is_never_sent(
    studio: Studio, order: Order, backend: Backend
) -> None:
    *_, last = [await order(quality_profile="standard") for _ in range(5)]
    await studio.until(last["job_id"], "queued")
    await studio.cancel(last["job_id"])
    ended = await studio.until(last["job_id"], "cancelled")
    assert ended["comfy_prompt_id"] is None
    assert await backend.outcome(last) == []


async def test_job_cancelled_as_it_is_created_ends(studio: Studio, order: Order) -> None:
    job = await order()
    assert (await studio.cancel(job["job_id"]))["status"] == "cancelling"
    ended = await studio.until(job["job_id"], "cancelled")
    assert (ended["error"], ended["output"]) == (None, None)


async def test_cancel_in_any_state_ends_the_job(
    studio: Studio, order: Order, backend: Backend
) -> None:
    async def cancel_when(state: str) -> None:
        job_id = (await order(duration_override_seconds=0.5))["job_id"]
        await studio.until(job_id, state)
        await studio.http.post(f"/api/jobs/{job_id}/cancel")
        ended = await eventually(lambda: studio.find_ended(job_id))
        assert ended["status"] in {"cancelled", "completed"}, state
        assert ended["error"] is None, state

    states = ["accepted", "uploaded", "queued", "executing", "collecting_outputs"]
    await asyncio.gather(*(cancel_when(state) for state in states))
    assert await backend.line() == ([], [])


async def test_cancel_twice_is_one_cancellation(studio: Studio, order: Order) -> None:
    job_id = (await order())["job_id"]
    await studio.cancel(job_id)
    again = await studio.http.post(f"/api/jobs/{job_id}/cancel")
    assert again.status_code in {202, 409}
    messages = await studio.messages(f"/api/jobs/{job_id}/stream")
    assert [message.event for message in messages[-2:]] == ["cancelling", "cancelled"]
    assert (await studio.fetch_json(f"/api/jobs/{job_id}/outputs")) == {"items": []}


async def test_cancelled_job_tells_nothing_more(
    studio: Studio, order: Order, backend: Backend
) -> None:
    job = await order(quality_profile="standard")
    await backend.until_busy(job)
    await studio.cancel(job["job_id"])
    told = [m.event for m in await studio.messages(f"/api/jobs/{job['job_id']}/stream")]
    assert told[told.index("cancelling") :] == ["cancelling", "cancelled"]


async def test_cancel_of_a_finished_job_is_refused(studio: Studio, finished: str) -> None:
    before = await studio.get(finished)
    problem = check_refusal(await studio.http.post(f"/api/jobs/{finished}/cancel"))
    assert (problem.status, problem.code) == (409, ErrorCode.NOT_CANCELLABLE)
    assert (await studio.get(finished))["rev"] == before["rev"]


async def test_cancel_of_a_cancelled_job_is_refused(studio: Studio, order: Order) -> None:
    job_id = (await order())["job_id"]
    await studio.stop(job_id)
    problem = check_refusal(await studio.http.post(f"/api/jobs/{job_id}/cancel"))
    assert problem.code is ErrorCode.NOT_CANCELLABLE
