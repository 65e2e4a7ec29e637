"""The server's line, and the three ways to touch it."""

from typing import Any

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyProtocol


class Queue(Model):
    """Prompt ids. pending: in the order they will run. The same id can occur twice."""

    running: list[str]
    pending: list[str]


async def read(connection: ComfyConnection) -> Queue:
    body = await connection.get_json("/queue")
    try:
        running = _ids(body["queue_running"])
        pending = _ids(body["queue_pending"])
    except (KeyError, IndexError, TypeError) as error:
        raise ComfyProtocol("/queue: not a queue") from error
    return Queue(running=running, pending=pending)


def _ids(items: list[list[Any]]) -> list[str]:
    # The server lists its heap as it lies in memory; it runs the lowest (number, id) first.
    return [str(item[1]) for item in sorted(items, key=lambda item: (item[0], item[1]))]


async def delete(connection: ComfyConnection, prompt_ids: list[str]) -> None:
    """Take pending prompts out of the line, one copy per listed id.

    What runs or is unknown is not touched, and nothing says which it was.
    """
    await connection.post("/queue", {"delete": prompt_ids})


async def interrupt(connection: ComfyConnection, prompt_id: str) -> None:
    """Stop a prompt if it runs at this instant; it can be lost, so repeat until it is gone."""
    if not prompt_id:
        raise ValueError("an interrupt without an id stops whatever runs, whoever owns it")
    await connection.post("/interrupt", {"prompt_id": prompt_id})
