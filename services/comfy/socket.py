"""The server's live messages. Hints only: nothing is replayed, and any of them can be missing."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK, InvalidStatus, WebSocketException

from proto.model import Model
from services.comfy.connection import (
    DENIED_STATUS,
    ComfyConnection,
    ComfyDenied,
    ComfyUnavailable,
    failure,
)

MAX_MESSAGE_BYTES = 64 << 20
"""Pose nodes send several megabytes in one message; the library's own limit is one."""

CLOSE_TIMEOUT_S = 2.0
"""A busy server may take long to say goodbye, and whoever closes has other things to do."""

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


async def frames(
    connection: ComfyConnection, client_id: str, *, silence_s: float | None = None
) -> AsyncGenerator[str | bytes, None]:
    """All that the server sends to `client_id`, until it closes.

    Close it before opening another: when the first of two sockets with one id closes, the server
    goes silent on the second. Raises ComfyUnavailable when the socket breaks or says nothing for
    `silence_s`.
    """
    started = time.monotonic()
    try:
        async with _opened(connection, client_id) as socket:
            while True:
                async with asyncio.timeout(silence_s):
                    frame = await socket.recv()
                yield frame
    except ConnectionClosedOK:
        return
    except InvalidStatus as error:
        status = error.response.status_code
        raised = ComfyDenied if status in DENIED_STATUS else ComfyUnavailable
        raise raised(f"GET /ws: {status}") from error
    except (OSError, WebSocketException) as error:
        raise ComfyUnavailable(f"GET /ws: {failure(error, started)}") from error


class _Straight(connect):
    """Follows no redirect: our credentials are for this server only."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _opened(connection: ComfyConnection, client_id: str) -> connect:
    url = f"{connection.url.replace('http', 'ws', 1)}/ws?clientId={quote(client_id, safe='')}"
    return _Straight(
        url,
        additional_headers=connection.access.headers(),
        ssl=connection.tls if url.startswith("wss:") else None,
        max_size=MAX_MESSAGE_BYTES,
        # A busy server answers a ping late, not never.
        ping_timeout=120,
        close_timeout=CLOSE_TIMEOUT_S,
        proxy=None,
    )


class Message(NamedTuple):
    event: str
    data: dict[str, Any]


def read_message(frame: str) -> Message | None:
    """None for what isn't a message of ComfyUI's; its extensions send all sorts."""
    try:
        message = json.loads(frame)
        event, data = message["type"], message["data"]
    except (ValueError, KeyError, TypeError):
        return None
    return Message(event, data) if isinstance(data, dict) else None


def step_or_end(message: Message) -> StepProgress | Wake | None:
    """None for a message that says nothing about a prompt's steps or end."""
    event, data = message
    try:
        if event == "progress":
            return StepProgress.model_validate(data)
        if event in WAKING or (event == "executing" and data["node"] is None):
            return Wake(prompt_id=data["prompt_id"], event=event)
    except (KeyError, ValidationError):
        return None
    return None
