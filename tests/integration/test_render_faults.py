"""Whatever a backend does, a job ends rightly, and no prompt runs twice."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.local.layout import Layout
from tests.integration.conftest import Order
from tests.integration.fleet import Fleet
from tests.integration.trouble import Fault, Trouble, only_backend
from tests.studio import Studio, eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trouble(
    studio: Studio, layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trouble]:
    folder = tmp_path_factory.mktemp("trouble")
    async with only_backend(studio, layout, folder, step_seconds=0.1) as backend:
        yield backend


@pytest_asyncio.fixture(loop_scope="session")
async def fault(trouble: Trouble, request: pytest.FixtureRequest) -> AsyncIterator[Fault]:
    wanted: Fault = request.param
    await trouble.set(wanted)
    yield wanted
    await trouble.clear()


async def render(studio: Studio, order: Order, ending: str) -> dict[str, Any]:
    """A short job's record, once it has ended."""
    job = await order(duration_override_seconds=0.5)
    await studio.until(job["job_id"], ending)
    record: dict[str, Any] = await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    return record


def check_once(trouble: Trouble, record: dict[str, Any]) -> None:
    starts = trouble.starts()
    assert {starts[prompt["prompt_id"]] for prompt in record["prompts"]} <= {0, 1}


UNNOTICED: list[Fault] = [
    {"fault": "lost_answer"},
    {"fault": "late_accept", "seconds": 1},
    {"fault": "answer_500_queued"},
    {"fault": "late_history", "seconds": 1},
    {"fault": "silent_sockets", "at": "connected"},
    {"fault": "dropped_sockets", "at": "step"},
    {"fault": "refused_connections", "at": "step", "seconds": 2},
    {"fault": "answer_503", "times": 5},
    {"fault": "hang_http", "path": "/queue", "seconds": 2},
    {"fault": "upload_500"},
    {"fault": "slow_disk", "times": 8},
    {"fault": "truncated_file"},
    {"fault": "vanished_file"},
    {"fault": "wrong_length"},
]


@pytest.mark.parametrize("fault", UNNOTICED, indirect=True, ids=lambda fault: fault["fault"])
async def test_fault_that_costs_nothing(
    studio: Studio, order: Order, trouble: Trouble, fault: Fault
) -> None:
    record = await render(studio, order, "completed")
    assert [prompt["outcome"] for prompt in record["prompts"]] == ["succeeded"]
    check_once(trouble, record)


REPEATED: list[tuple[Fault, str]] = [
    ({"fault": "partial_valid"}, "failed"),
    ({"fault": "cached_empty"}, "failed"),
    ({"fault": "oom", "node": "KSampler"}, "failed"),
    ({"fault": "disk_full"}, "failed"),
    ({"fault": "foreign_interrupt"}, "interrupted"),
    ({"fault": "restart", "at": "step", "seconds": 1}, "lost"),
]


@pytest.mark.parametrize(
    ("fault", "first_end"),
    REPEATED,
    indirect=["fault"],
    ids=[fault["fault"] for fault, _ in REPEATED],
)
async def test_fault_that_costs_an_attempt(
    studio: Studio, order: Order, trouble: Trouble, fault: Fault, first_end: str
) -> None:
    record = await render(studio, order, "completed")
    first, second = record["prompts"]
    assert (first["outcome"], second["outcome"]) == (first_end, "succeeded")
    assert first["cause"] or first_end == "interrupted"
    check_once(trouble, record)


FATAL: list[tuple[Fault, str, str]] = [
    ({"fault": "oom", "node": "KSampler", "times": None}, "generation_failure", "OutOfMemory"),
    ({"fault": "vanished_file", "times": None}, "result_collection_failure", "404"),
    ({"fault": "upload_413", "times": None}, "comfyui_upload_failure", "413"),
]


@pytest.mark.parametrize(
    ("fault", "code", "cause"),
    FATAL,
    indirect=["fault"],
    ids=[fault["fault"] for fault, *_ in FATAL],
)
async def test_fault_that_stays_fails_the_job_with_its_cause(
    studio: Studio, order: Order, trouble: Trouble, fault: Fault, code: str, cause: str
) -> None:
    record = await render(studio, order, "failed")
    job = await studio.get(record["job_id"])
    assert job["error"]["code"] == code
    assert cause in record["cause"]
    assert cause not in job["error"]["message"]
    assert record["cause"] not in json.dumps(job)
    assert await trouble.line() == []
    check_once(trouble, record)


async def test_backend_whose_executor_died_is_left_alone_until_it_is_restarted(
    studio: Studio, order: Order, trouble: Trouble
) -> None:
    fleet = Fleet(studio)
    await trouble.set({"fault": "dead_executor"})
    job = await order(duration_override_seconds=0.5)

    async def quarantined() -> bool:
        return (await fleet.all())[trouble.name].state == "quarantined"

    await eventually(quarantined)
    assert "restart it" in ((await fleet.all())[trouble.name].reason or "")
    await eventually(lambda: _has_moved(studio, job["job_id"]))
    assert await trouble.line() == []
    await trouble.set({"fault": "restart", "seconds": 11})
    ended = await studio.until(job["job_id"], "completed")
    record = await studio.fetch_json(f"/api/admin/jobs/{ended['job_id']}")
    assert [prompt["outcome"] for prompt in record["prompts"]] == ["moved", "succeeded"]
    check_once(trouble, record)


async def _has_moved(studio: Studio, job_id: str) -> bool:
    record = await studio.fetch_json(f"/api/admin/jobs/{job_id}")
    return [prompt["outcome"] for prompt in record["prompts"]][:1] == ["moved"]


async def test_render_without_a_sign_of_life_is_taken_back_and_made_again(
    studio: Studio, order: Order, trouble: Trouble
) -> None:
    await trouble.set({"fault": "stuck_node", "node": "VAEDecode", "seconds": 25})
    record = await render(studio, order, "completed")
    first, second = record["prompts"]
    assert (second["outcome"], second["generation"]) == ("succeeded", 1)
    assert first["abandoned_at"] is not None
    check_once(trouble, record)
