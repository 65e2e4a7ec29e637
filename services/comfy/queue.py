"""The server's line, and the three ways to touch it."""

from collections.abc import Iterable
from typing import Any

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyProtocol


class Queue(Model):
    """Prompt ids. pending: in the order they will run. The same id can occur twice.

    numbers: what the server's own counter gave to a prompt; a client can choose another number.
    """

    running: list[str]
    pending: list[str]
    numbers: dict[str, int] = {}


async def read(connection: ComfyConnection) -> Queue:
    """With every graph in it: megabytes when many wait."""
    body = await connection.get_json("/queue")
    try:
        running = [(item[0], str(item[1])) for item in body["queue_running"]]
        pending = [(item[0], str(item[1])) for item in body["queue_pending"]]
        return in_order(running, pending)
    except (KeyError, IndexError, TypeError) as error:
        raise ComfyProtocol("/queue: not a queue") from error


def in_order(running: Iterable[tuple[Any, str]], pending: Iterable[tuple[Any, str]]) -> Queue:
    """A queue of (number, id) as the server listed them.

    It lists its heap as it lies in memory, and runs the lowest (number, id) first.
    """
    running, pending = sorted(running), sorted(pending)
    return Queue(
        running=[prompt_id for _, prompt_id in running],
        pending=[prompt_id for _, prompt_id in pending],
        # The counter counts in integers; a client's number is a float, or negative for `front`.
        numbers={
            prompt_id: number
            for number, prompt_id in running + pending
            if isinstance(number, int) and number >= 0
        },
    )


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
