"""A worker's process as its supervisor sees it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from services.local.children import environment
from services.local.layout import HOST, Layout
from services.local.stack import Stack
from temporal.worker import ROLES
from tests.conftest import free_port
from tests.studio import eventually

STOP_S = 60


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(params=sorted(ROLES))
def worker(
    request: pytest.FixtureRequest, stack: Stack, layout: Layout, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    settings = environment(layout) | {"ANIMATRIX_HEALTH_PORT": str(port)}
    running = subprocess.Popen(
        [sys.executable, "-m", "temporal.worker", request.param],
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
    )
    yield running
    running.kill()
    running.wait()


async def test_worker_is_ready_while_it_polls_and_ends_well(
    worker: subprocess.Popen[bytes], port: int
) -> None:
    async def readiness() -> bool:
        assert worker.poll() is None
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                response = await http.get(f"http://{HOST}:{port}/readyz")
        except httpx.TransportError:
            return False
        return response.status_code == 200

    await eventually(readiness)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, STOP_S) == 0
