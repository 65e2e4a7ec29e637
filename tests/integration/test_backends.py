"""Backends that come, rest, are emptied, or can't do everything."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from temporalio.client import Client

from proto.backend import backend_id
from proto.ids import prompt_id
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import Sim, serve
from services.local.layout import Layout
from services.settings import Settings
from temporal.client import connect, workflow_id
from tests.integration.conftest import Order
from tests.integration.fleet import REASON, Fleet
from tests.integration.refusals import check_refusal
from tests.studio import Studio, eventually

STEP_S = 0.1
NEVER_DONE_S = 4.0


@pytest_asyncio.fixture(loop_scope="session")
async def fleet(studio: Studio) -> Fleet:
    return Fleet(studio)


@pytest_asyncio.fixture(loop_scope="session")
async def first(fleet: Fleet, layout: Layout) -> AsyncIterator[str]:
    """The stack's own backend; it gets work again when the test ends."""
    name = backend_id(layout.comfy_urls[0])
    await fleet.until_known(name)
    yield name
    if (await fleet.all())[name].state != "offered":
        await fleet.do(name, "uncordon")


@pytest_asyncio.fixture(loop_scope="session")
async def sim(tmp_path: Path) -> AsyncIterator[Sim]:
    async with serve(SimOptions(base_dir=tmp_path, step_seconds=STEP_S)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def second(fleet: Fleet, sim: Sim) -> AsyncIterator[str]:
    """A backend that is added at run time, and removed when it is idle."""
    name = await fleet.add(sim.url)
    yield name
    await fleet.until_empty(name)
    await fleet.do(name, "remove")


async def segment(studio: Studio, job: dict[str, Any]) -> dict[str, Any]:
    ended = await studio.until(job["job_id"], "completed")
    manifest = await studio.fetch_json(ended["output"]["manifest_url"])
    [made] = manifest["segments"]
    found: dict[str, Any] = made
    return found


async def test_cordoned_backend_gets_nothing_and_the_job_says_why(
    studio: Studio, order: Order, fleet: Fleet, first: str
) -> None:
    await fleet.do(first, "cordon")
    job = await order(duration_override_seconds=0.5)

    async def paused() -> bool:
        wait = (await studio.get(job["job_id"]))["wait"]
        return wait is not None and wait["reason"] == "paused"

    await eventually(paused)
    shown = (await fleet.all())[first]
    assert (shown.state, shown.reason) == ("cordoned", REASON["reason"])
    await fleet.do(first, "uncordon")
    await studio.until(job["job_id"], "completed")


async def test_backend_that_is_added_gets_the_next_job(
    studio: Studio, order: Order, fleet: Fleet, first: str, second: str
) -> None:
    await fleet.do(first, "cordon")
    made = await segment(studio, await order(duration_override_seconds=0.5))
    assert made["backend"] == second


async def test_drained_backend_finishes_what_runs_and_gives_back_what_waits(
    studio: Studio, order: Order, fleet: Fleet, first: str, second: str, sim: Sim
) -> None:
    await fleet.do(first, "cordon")
    jobs = {
        prompt_id(job["job_id"], 0, 0): job
        for job in [await order(quality_profile="standard") for _ in range(2)]
    }

    async def both() -> tuple[str, str] | None:
        async with httpx.AsyncClient(base_url=sim.url) as http:
            queue = (await http.get("/queue")).json()
        running, pending = queue["queue_running"], queue["queue_pending"]
        return (running[0][1], pending[0][1]) if running and pending else None

    running, waiting = await eventually(both)
    await fleet.do(first, "uncordon")
    await fleet.do(second, "drain")
    moved = await segment(studio, jobs[waiting])
    stayed = await segment(studio, jobs[running])
    assert (moved["backend"], moved["generation"]) == (first, 1)
    assert (stayed["backend"], stayed["generation"]) == (second, 0)


async def test_job_waits_for_the_backend_that_can_render_it(
    studio: Studio, order: Order, fleet: Fleet, first: str, tmp_path: Path
) -> None:
    small = SimOptions(base_dir=tmp_path, step_seconds=STEP_S, vram_gb=16)
    async with serve(small) as sim:
        other = await fleet.add(sim.url)
        assert "animate/move@high" in (await fleet.all())[other].missing
        await fleet.do(first, "cordon")
        large = await order(quality_profile="high", duration_override_seconds=0.5)
        await studio.until(large["job_id"], "queued")
        small_job = await order(duration_override_seconds=0.5)
        assert (await segment(studio, small_job))["backend"] == other
        queue = await studio.fetch_json("/api/admin/queue")
        [waiting] = [job for job in queue["waiting"] if job["job_id"] == large["job_id"]]
        assert waiting["line"] == "gpu/animate/move@1.1.0@high"
        await fleet.do(first, "uncordon")
        assert (await segment(studio, large))["backend"] == first
        await fleet.until_empty(other)
        await fleet.do(other, "remove")


async def test_backend_with_credentials_in_its_address_is_refused(studio: Studio) -> None:
    body = {"url": "http://user:secret@gpu.example", **REASON}
    problem = check_refusal(await studio.http.post("/api/admin/backends", json=body))
    assert problem.status == 422
    assert "secret" not in problem.model_dump_json()


async def test_known_backend_is_not_added_twice(studio: Studio, layout: Layout, first: str) -> None:
    body = {"url": layout.comfy_urls[0], **REASON}
    problem = check_refusal(await studio.http.post("/api/admin/backends", json=body))
    assert first in problem.message


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal(settings: Settings) -> Client:
    return await connect(settings, identity="operator")


async def test_job_whose_workflow_is_terminated_ends_and_leaves_nothing_running(
    studio: Studio, order: Order, temporal: Client, fleet: Fleet, first: str, tmp_path: Path
) -> None:
    async with serve(SimOptions(base_dir=tmp_path, step_seconds=NEVER_DONE_S)) as sim:
        slow = await fleet.add(sim.url)
        await fleet.do(first, "cordon")
        job = await order()
        await studio.until(job["job_id"], "executing")
        await temporal.get_workflow_handle(workflow_id(job["job_id"])).terminate("by a test")
        ended = await studio.until(job["job_id"], "failed")
        assert ended["error"]["code"] == "internal"
        await fleet.until_empty(slow)
        await fleet.do(slow, "remove")
    record = await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    assert record["cause"] == "its workflow was terminated"
    [prompt] = record["prompts"]
    assert prompt["backend_id"] == slow


async def test_operator_sees_what_became_of_each_prompt(
    studio: Studio, finished: str, first: str
) -> None:
    [prompt] = (await studio.fetch_json(f"/api/admin/jobs/{finished}"))["prompts"]
    assert (prompt["outcome"], prompt["backend_id"]) == ("succeeded", first)
    assert "execution_success" in prompt["answer"]
