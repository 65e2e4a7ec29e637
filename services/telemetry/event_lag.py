import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from proto.ids import new_id
from services.store.database import DATABASE_ERRORS, Pool
from services.store.events import CHANNEL
from services.telemetry import metrics

EVERY_S = 10.0
LONGEST_S = 30.0
TELL = "SELECT pg_notify($1, $2)"

Subscribe = Callable[[str], AbstractContextManager[asyncio.Event]]


async def watch_event_lag(pool: Pool, subscribe: Subscribe) -> None:
    """Measure, for ever, how long a change takes to wake this process's readers.

    subscribe: to the changes of an owner. There is none of the name used here.
    """
    nobody = f"lag/{new_id()}"
    while True:
        began = time.monotonic()
        with subscribe(nobody) as heard, suppress(*DATABASE_ERRORS):
            async with pool.acquire() as connection:
                await connection.execute(TELL, CHANNEL, nobody)
            await asyncio.wait_for(heard.wait(), LONGEST_S)
        metrics.EVENT_LAG.set(time.monotonic() - began)
        await asyncio.sleep(EVERY_S)
