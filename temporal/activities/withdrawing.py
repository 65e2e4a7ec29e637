import asyncio

from proto.render import CancelEnd
from services.comfy import queue
from services.comfy.history import HistoryEntry
from services.comfy.presence import Whereabouts, find_prompt
from temporal.activities.backends import Backend

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 2.0


async def withdraw(backend: Backend, prompt_id: str) -> CancelEnd:
    """Delete and interrupt a prompt until it neither waits nor runs.

    Both are needed each time: an interrupt is lost when it arrives as the prompt starts, and a
    deletion does not touch one that runs. Neither touches another prompt.
    """
    wait_s = FIRST_WAIT_S
    while True:
        await queue.delete(backend.quick, [prompt_id])
        await queue.interrupt(backend.quick, prompt_id)
        place = await find_prompt(backend.quick, prompt_id)
        if place.where is Whereabouts.ABSENT:
            return CancelEnd.GONE
        if place.entry is not None:
            return _end(place.entry)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


def _end(entry: HistoryEntry) -> CancelEnd:
    events = [event for event, _ in entry.status.messages]
    return CancelEnd.INTERRUPTED if "execution_interrupted" in events else CancelEnd.FINISHED
