"""Where a prompt is."""

from enum import StrEnum

from proto.model import Model
from services.comfy import history, queue
from services.comfy.connection import ComfyConnection
from services.comfy.history import HistoryEntry


class Whereabouts(StrEnum):
    RUNNING = "running"
    PENDING = "pending"
    ENDED = "ended"
    ABSENT = "absent"


class Place(Model):
    """entry: of an ended prompt. ahead: how many run or wait before a pending one."""

    where: Whereabouts
    entry: HistoryEntry | None = None
    ahead: int = 0


async def find_prompt(connection: ComfyConnection, prompt_id: str) -> Place:
    # The queue before the history: a prompt moves from one to the other, so in the opposite
    # order it can be missed in both.
    line = await queue.read(connection)
    if prompt_id in line.running:
        return Place(where=Whereabouts.RUNNING)
    if prompt_id in line.pending:
        ahead = len(line.running) + line.pending.index(prompt_id)
        return Place(where=Whereabouts.PENDING, ahead=ahead)
    entry = await history.find(connection, prompt_id)
    if entry is None:
        return Place(where=Whereabouts.ABSENT)
    return Place(where=Whereabouts.ENDED, entry=entry)
