"""More processes of ours beside those of a stack, as a fleet has them."""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.local.child import Child, tethered
from services.local.children import environment
from services.local.layout import HOST, Layout
from services.local.ready import answers, says
from tests.studio import eventually

START_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0


def gateway(layout: Layout, port: int, folder: Path, **settings: str) -> Child:
    """One more, at a port of its own; folder: of its log."""
    return Child(
        f"gateway at {port}",
        tethered(sys.executable, "-m", "services.gateway", "--host", HOST, "--port", str(port)),
        env=environment(layout) | settings,
        ready=answers(port, "/readyz"),
        log=folder / f"gateway-{port}.log",
    )


def worker(layout: Layout, role: str, name: str, folder: Path, **settings: str) -> Child:
    return Child(
        name,
        tethered(sys.executable, "-m", "temporal.worker", role),
        env=environment(layout) | settings,
        ready=says("worker ready"),
        log=folder / f"{name}.log",
    )


@asynccontextmanager
async def running(*children: Child) -> AsyncIterator[None]:
    """Ready for as long as the body runs; those it has ended are left alone."""
    try:
        for child in children:
            child.spawn()
        for child in children:
            await until_ready(child)
        yield
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(time.monotonic() + STOP_WITHIN_S)


async def until_ready(child: Child) -> None:
    """Raises AssertionError when it ends instead."""

    async def ready() -> bool:
        assert child.running, child.last_words
        return child.is_ready()

    await eventually(ready, within_s=START_WITHIN_S)
