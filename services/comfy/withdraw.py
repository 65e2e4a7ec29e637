"""Taking a prompt back."""

import asyncio
import time

from proto.render import CancelEnd
from services.comfy import jobs, queue
from services.comfy.connection import ComfyConnection
from services.comfy.history import HistoryEntry
from services.comfy.presence import Whereabouts, find_prompt

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0


async def withdraw(
    connection: ComfyConnection, prompt_id: str, *, give_up_after_s: float
) -> CancelEnd | None:
    """Cancel a prompt until it neither waits nor runs; None when it still runs after that time.

    A node that reports no progress runs to its end whatever it is told, for minutes if need be.
    The prompt's submission must be over: one still on its way is queued after all.
    """
    deadline = time.monotonic() + give_up_after_s
    wait_s = FIRST_WAIT_S
    while True:
        await cancel(connection, prompt_id)
        place = await find_prompt(connection, prompt_id)
        if place.where is Whereabouts.ABSENT:
            return CancelEnd.GONE
        if place.entry is not None:
            return _end(place.entry)
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return None
        await asyncio.sleep(min(wait_s, left_s))
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


async def cancel(connection: ComfyConnection, prompt_id: str) -> None:
    """Tell the server once to drop a prompt, wherever it is; look whether it did."""
    if await jobs.cancel(connection, prompt_id):
        return
    # Both are needed each time: an interrupt is lost when it arrives as the prompt starts, and a
    # deletion does not touch one that runs. Neither touches another prompt.
    await queue.delete(connection, [prompt_id])
    await queue.interrupt(connection, prompt_id)


def _end(entry: HistoryEntry) -> CancelEnd:
    events = [event for event, _ in entry.status.messages]
    return CancelEnd.INTERRUPTED if "execution_interrupted" in events else CancelEnd.FINISHED
