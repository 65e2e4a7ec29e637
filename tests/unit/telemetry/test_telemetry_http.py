"""The API's middleware, with a small application behind it."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from fastapi import FastAPI, HTTPException
from prometheus_client import REGISTRY
from prometheus_client.samples import Sample

from services.telemetry.http import ObservedRequests
from services.telemetry.tracing import trace_id_of

JOB = "7a4a8db0-556b-468d-afb5-c3e3de7d84de"
REQUESTS = "animatrix_http_requests_total"


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(ObservedRequests)

    @app.get("/test/jobs/{job_id}")
    async def show(job_id: str) -> dict[str, str]:
        return {"job_id": job_id}

    @app.post("/test/jobs", status_code=202)
    async def create() -> dict[str, object]:
        return {"job_id": JOB, "mode": "animate", "rev": 1, "more": "x" * 100_000}

    @app.get("/test/broken")
    async def fail() -> None:
        raise HTTPException(503)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://studio") as client:
        yield client


def counted(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value(REQUESTS, labels) or 0


async def test_requests_are_counted_by_template(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.get(f"/test/jobs/{number}")
    assert counted("GET", "/test/jobs/{job_id}", "200") == 3


async def test_unknown_addresses_and_methods_share_a_label(client: httpx.AsyncClient) -> None:
    before = counted("GET", "none", "404")
    for number in range(3):
        await client.get(f"/nothing/{number}")
        await client.request(f"ODD{number}", "/test/jobs/1")
    assert counted("GET", "none", "404") == before + 3
    assert {sample.labels["method"] for sample in samples()} <= {"GET", "POST", "other"}


def samples() -> list[Sample]:
    return [
        sample
        for metric in REGISTRY.collect()
        if metric.name == "animatrix_http_requests"
        for sample in metric.samples
    ]


async def test_refusal_is_counted_with_its_status(client: httpx.AsyncClient) -> None:
    await client.get("/test/broken")
    assert counted("GET", "/test/broken", "503") == 1


async def test_new_job_names_its_trace_and_arrives_whole(client: httpx.AsyncClient) -> None:
    response = await client.post("/test/jobs")
    assert response.headers["traceresponse"].split("-")[1] == trace_id_of(JOB)
    assert len(response.json()["more"]) == 100_000


async def test_job_names_its_trace(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/test/jobs/{JOB}")
    assert response.headers["traceresponse"].split("-")[1] == trace_id_of(JOB)
