"""What a server lets its client hear of one prompt, for as long as it takes."""

import asyncio
import json
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from proto.model import Model
from services.comfy.connection import ComfyConnection, ComfyUnavailable
from services.comfy.socket import StepProgress, Wake, frames, read_message, step_or_end

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0

PREVIEW_WITH_METADATA = 4
EVENT = struct.Struct(">I")
METADATA_EVENT = struct.Struct(">II")


class NodeStarted(Model):
    prompt_id: str
    node: str


class SignOfLife(Model):
    """The prompt is being worked on; the message says no more than that."""

    prompt_id: str


Hint = StepProgress | NodeStarted | Wake | SignOfLife


async def progress_hints(
    connection: ComfyConnection, client_id: str, prompt_id: str, *, silence_s: float
) -> AsyncGenerator[Hint, None]:
    """Messages about a prompt that was submitted with `client_id`, without end.

    Each one is a sign that the server works on the prompt. A broken socket is opened again, and so
    is one that was silent for `silence_s`, since the server may have forgotten whose it is; the old
    one is closed first. Only one may be open for a `client_id`.
    """
    retry_s = FIRST_RETRY_S
    while True:
        with suppress(ComfyUnavailable):
            async with aclosing(frames(connection, client_id, silence_s=silence_s)) as heard:
                async for frame in heard:
                    retry_s = FIRST_RETRY_S
                    hint = read_frame(frame, prompt_id)
                    if hint is not None:
                        yield hint
        await asyncio.sleep(retry_s)
        retry_s = min(retry_s * 2, LONGEST_RETRY_S)


def read_frame(frame: str | bytes, prompt_id: str) -> Hint | None:
    """None for what isn't about the prompt."""
    if isinstance(frame, bytes):
        return SignOfLife(prompt_id=prompt_id) if _may_be_of(frame, prompt_id) else None
    message = read_message(frame)
    # A socket that comes back is told the node that runs, without a prompt id: that is what the
    # server remembers and no sign that anything moves.
    if message is None or message.data.get("prompt_id") != prompt_id:
        return None
    node = message.data.get("node")
    if message.event == "executing" and isinstance(node, str):
        return NodeStarted(prompt_id=prompt_id, node=node)
    return step_or_end(message) or SignOfLife(prompt_id=prompt_id)


def _may_be_of(frame: bytes, prompt_id: str) -> bool:
    """Whether a picture or text can be of the prompt; only one with metadata says whose it is."""
    try:
        if EVENT.unpack_from(frame)[0] != PREVIEW_WITH_METADATA:
            return True
        _, length = METADATA_EVENT.unpack_from(frame)
        start = METADATA_EVENT.size
        return bool(json.loads(frame[start : start + length])["prompt_id"] == prompt_id)
    except (struct.error, ValueError, KeyError, TypeError):
        return False
