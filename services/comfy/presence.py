"""Where a prompt is."""

from enum import StrEnum

from proto.model import Model
from services.comfy import history, jobs, queue
from services.comfy.connection import ComfyConnection
from services.comfy.history import HistoryEntry
from services.comfy.queue import Queue


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


async def read_line(connection: ComfyConnection) -> Queue:
    """The line, the cheapest way the server offers."""
    line = await jobs.read_line(connection)
    return await queue.read(connection) if line is None else line


async def find_prompt(connection: ComfyConnection, prompt_id: str) -> Place:
    return await find_after(connection, await read_line(connection), prompt_id)


async def find_after(connection: ComfyConnection, line: Queue, prompt_id: str) -> Place:
    """Where a prompt is, given a line that was read before this call."""
    place = await _look(connection, line, prompt_id)
    if place.where is Whereabouts.ABSENT and jobs.LIST not in connection.missing_routes:
        # The line may be a newer server's own account of it; a prompt that is wrongly called
        # absent is rendered twice, so the way that was measured has the last word.
        return await _look(connection, await queue.read(connection), prompt_id)
    return place


async def _look(connection: ComfyConnection, line: Queue, prompt_id: str) -> Place:
    # The queue before the history: a prompt moves from one to the other, so in the opposite
    # order it can be missed in both.
    if prompt_id in line.running:
        return Place(where=Whereabouts.RUNNING)
    if prompt_id in line.pending:
        ahead = len(line.running) + line.pending.index(prompt_id)
        return Place(where=Whereabouts.PENDING, ahead=ahead)
    entry = await history.find(connection, prompt_id)
    if entry is None:
        return Place(where=Whereabouts.ABSENT)
    return Place(where=Whereabouts.ENDED, entry=entry)
