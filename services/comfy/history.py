"""What the server remembers of prompts that ended; it forgets all of it when it restarts."""

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyProtocol


class Status(Model):
    """messages: [event, data] in the order they happened."""

    status_str: str = ""
    completed: bool = False
    messages: list[tuple[str, dict[str, Any]]] = []


class HistoryEntry(Model):
    """outputs: what each output node reported, by node id."""

    prompt_id: str
    outputs: dict[str, dict[str, Any] | None] = {}
    status: Status


async def find(connection: ComfyConnection, prompt_id: str) -> HistoryEntry | None:
    """The end of a prompt; None while it waits or runs, and when it was never here."""
    if not prompt_id:
        raise ValueError("a prompt without an id can't be found")
    body = await connection.get_json(f"/history/{quote(prompt_id, safe='')}")
    return read_entry(body, prompt_id)


def read_entry(body: Any, prompt_id: str) -> HistoryEntry | None:
    if not isinstance(body, dict):
        raise ComfyProtocol("/history: not a history")
    if prompt_id not in body:
        return None
    try:
        return HistoryEntry.model_validate({**body[prompt_id], "prompt_id": prompt_id})
    except (TypeError, ValidationError) as error:
        raise ComfyProtocol(f"/history/{prompt_id}: not a history entry") from error
