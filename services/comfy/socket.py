"""The server's live messages. Hints only: nothing is replayed, and any of them can be missing."""

import json
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyUnavailable

MAX_MESSAGE_BYTES = 64 << 20
"""Pose nodes send several megabytes in one message; the library's own limit is one."""

WAKING = frozenset({"execution_success", "execution_error", "execution_interrupted"})


class StepProgress(Model):
    prompt_id: str
    node: str
    value: float
    max: float


class Wake(Model):
    """Something about this prompt ended; look at the queue and the history now."""

    prompt_id: str
    event: str


async def progress(
    connection: ComfyConnection, client_id: str
) -> AsyncGenerator[StepProgress | Wake, None]:
    """Messages about the prompts that were submitted with `client_id`, until the server closes.

    Close it before opening another: when the first of two sockets with one id closes, the server
    goes silent on the second. Raises ComfyUnavailable when the socket breaks.
    """
    url = f"{connection.url.replace('http', 'ws', 1)}/ws?clientId={quote(client_id, safe='')}"
    try:
        # A busy server answers a ping late, not never.
        async with connect(url, max_size=MAX_MESSAGE_BYTES, ping_timeout=120, proxy=None) as socket:
            async for frame in socket:
                if isinstance(frame, str) and (hint := read_hint(frame)) is not None:
                    yield hint
    except (OSError, WebSocketException) as error:
        raise ComfyUnavailable(f"/ws: {type(error).__name__}: {error}") from error


def read_hint(frame: str) -> StepProgress | Wake | None:
    """None for a message that says nothing about a prompt's steps or end."""
    try:
        message = json.loads(frame)
        return _hint(message["type"], message["data"])
    except (ValueError, KeyError, TypeError, ValidationError):
        return None


def _hint(event: str, data: dict[str, Any]) -> StepProgress | Wake | None:
    if event == "progress":
        return StepProgress.model_validate(data)
    if event in WAKING or (event == "executing" and data["node"] is None):
        return Wake(prompt_id=data["prompt_id"], event=event)
    return None
