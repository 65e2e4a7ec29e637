import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

INTERVAL_S = 2.0


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Tell the server that the activity lives while its body works in a thread or waits for I/O."""
    beat = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beat.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(INTERVAL_S)
