"""Runs every test against the stand-in in each of its profiles, or against a server that
ANIMATRIX_CONTRACT_URL names.

ANIMATRIX_CONTRACT_TOKEN is sent to it as a bearer token. With ANIMATRIX_CONTRACT_MAY_FREE=1 the
tests may also make it drop its cache.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.exceptions import WebSocketException

from services.comfy_sim.options import MIB, SimOptions
from services.comfy_sim.profile import PROFILES
from services.comfy_sim.server import serve
from tests.contract.address import Address, read_address
from tests.contract.server import Server, new_id, reach

MAY_FREE = "ANIMATRIX_CONTRACT_MAY_FREE"
URL = os.environ.get("ANIMATRIX_CONTRACT_URL")
TARGETS = list(PROFILES) if URL is None else ["named"]


@asynccontextmanager
async def open_target(profile: str, base_dir: Path) -> AsyncIterator[Address]:
    if URL is not None:
        yield read_address(URL, os.environ.get("ANIMATRIX_CONTRACT_TOKEN"))
        return
    options = SimOptions(
        base_dir=base_dir,
        node_seconds=0.005,
        models={},
        max_upload_bytes=MIB,
        profile=profile,
    )
    async with serve(options) as sim:
        yield Address(sim.url, {})


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=TARGETS)
async def reached(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    base_dir = tmp_path_factory.mktemp("comfy")
    async with open_target(request.param, base_dir) as address, reach(address) as server:
        yield server


@pytest_asyncio.fixture
async def server(reached: Server) -> AsyncIterator[Server]:
    """For tests that queue nothing. Left as it was found, but for small files."""
    yield reached
    await reached.tidy()


@pytest_asyncio.fixture
async def idle(server: Server) -> Server:
    """The server while nobody else's work is on it."""
    if (await server.line()).ids():
        pytest.skip("the server has somebody else's work")
    return server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sockets(reached: Server) -> None:
    """Skips where no websocket gets through."""
    try:
        async with reached.follow(new_id()):
            return
    except (OSError, WebSocketException) as error:
        pytest.skip(f"no websocket to this server: {error}")


@pytest.fixture
def direct(reached: Server) -> None:
    """Skips where bytes and connections are a proxy's, not the server's."""
    if not reached.traits.direct:
        pytest.skip("a proxy answers for this server")


@pytest.fixture
def may_free() -> None:
    """Skips where a cache is not ours to drop."""
    if URL is not None and os.environ.get(MAY_FREE) != "1":
        pytest.skip(f"{MAY_FREE}=1 would allow it")
