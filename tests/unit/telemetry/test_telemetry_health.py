"""The probes of a worker, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from services.local.layout import HOST
from services.telemetry.health import ask, serving_health
from tests.conftest import free_port

PORT = free_port()


class Doorman:
    """Says what the test wants it to say."""

    def __init__(self) -> None:
        self.why: str | None = None

    async def why_not(self) -> str | None:
        return self.why


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest_asyncio.fixture(loop_scope="session")
async def client(doorman: Doorman) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving_health(HOST, PORT, doorman.why_not),
        httpx.AsyncClient(base_url=f"http://{HOST}:{PORT}", trust_env=False) as client,
    ):
        yield client


async def test_readiness_says_why_no_work_is_taken(
    client: httpx.AsyncClient, doorman: Doorman
) -> None:
    assert (await client.get("/readyz")).json() == {"ready": True, "why": None}
    doorman.why = "stopping"
    refused = await client.get("/readyz")
    assert refused.status_code == 503
    assert refused.json() == {"ready": False, "why": "stopping"}


async def test_life_does_not_depend_on_readiness(
    client: httpx.AsyncClient, doorman: Doorman
) -> None:
    doorman.why = "stopping"
    assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/healthz", 405), ("HEAD", "/readyz", 200)],
)
async def test_nothing_else_is_answered(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert not response.content


async def test_endless_head_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("/healthz", headers={"x-long": "x" * 40_000})
    assert response.status_code == 431


async def test_program_in_the_image_tells_both_apart(
    client: httpx.AsyncClient, doorman: Doorman
) -> None:
    doorman.why = "starting"
    assert await asyncio.to_thread(ask, "/healthz", PORT)
    assert not await asyncio.to_thread(ask, "/readyz", PORT)


async def test_program_in_the_image_knows_when_nothing_listens() -> None:
    assert not await asyncio.to_thread(ask, "/healthz", free_port())
