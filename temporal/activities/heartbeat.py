import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from temporalio import activity
from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode
from services.comfy.connection import ComfyUnavailable
from services.store.away import STORE_AWAY
from temporal.activities.failures import permanent

INTERVAL_S = 2.0
STRIKES = 6
"""How often a step may fail without a known reason, or die with its process."""


@asynccontextmanager
async def beating(details: Callable[[], object]) -> AsyncIterator[None]:
    """Heartbeat in the background, each time with what `details` gives then."""
    beat = asyncio.create_task(_beat(details))
    try:
        yield
    finally:
        beat.cancel()


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Tell the server that the activity lives while its body works in a thread or waits for I/O.

    A step is tried for as long as a store or a backend is away. Any other failure is a strike, and
    so is a try that died with its process; after too many the step fails for good. The count is
    kept in the heartbeats, where the next try finds it.
    """
    strikes = _strikes_so_far()
    try:
        async with beating(lambda: strikes + 1):
            yield
    except (asyncio.CancelledError, ApplicationError, ComfyUnavailable, *STORE_AWAY):
        activity.heartbeat(strikes)
        raise
    except Exception as error:
        if strikes + 1 >= STRIKES:
            raise permanent(ErrorCode.INTERNAL, f"failed {STRIKES} times: {error!r}") from error
        raise


def _strikes_so_far() -> int:
    details = activity.info().heartbeat_details
    strikes = int(details[0]) if details else 0
    if strikes >= STRIKES:
        raise permanent(ErrorCode.INTERNAL, f"its process ended {STRIKES} times")
    return strikes


async def _beat(details: Callable[[], object]) -> None:
    while True:
        activity.heartbeat(details())
        await asyncio.sleep(INTERVAL_S)
