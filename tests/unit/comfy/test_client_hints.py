import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from services.comfy.connection import ComfyConnection
from services.comfy.hints import Hint, NodeStarted, SignOfLife, progress_hints, read_frame
from services.comfy.socket import StepProgress, Wake
from tests.unit.comfy.client_factory import serving

ALIVE = SignOfLife(prompt_id="p")
STEP = StepProgress(prompt_id="p", node="5", value=3, max=20)
HELLO = json.dumps({"type": "status", "data": {"status": {}, "sid": "c"}})
NODE = json.dumps({"type": "executing", "data": {"node": "5", "prompt_id": "p"}})
STARTED = NodeStarted(prompt_id="p", node="5")


def text(event: str, **content: Any) -> str:
    return json.dumps({"type": event, "data": {"prompt_id": "p", **content}})


def preview(prompt_id: str) -> bytes:
    metadata = json.dumps({"prompt_id": prompt_id, "node_id": "5"}).encode()
    return struct.pack(">II", 4, len(metadata)) + metadata + b"\xff\xd8"


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (text("progress", value=3, max=20, node="5"), STEP),
        (NODE, STARTED),
        (text("executing", node=None), Wake(prompt_id="p", event="executing")),
        (text("execution_error"), Wake(prompt_id="p", event="execution_error")),
        (text("execution_start"), ALIVE),
        (text("execution_cached", nodes=["1"]), ALIVE),
        (text("progress_state", nodes={}), ALIVE),
        (text("executed", node="5", output=None), ALIVE),
        (text("progress", value="many"), ALIVE),
        (struct.pack(">II", 1, 1) + b"\xff\xd8", ALIVE),
        (preview("p"), ALIVE),
    ],
)
def test_whatever_is_said_of_the_prompt_is_a_sign_of_life(frame: str | bytes, hint: Hint) -> None:
    assert read_frame(frame, "p") == hint


@pytest.mark.parametrize(
    "frame",
    [
        HELLO,
        json.dumps({"type": "executing", "data": {"node": "5"}}),
        text("progress", value=3, max=20, node="5", prompt_id="other"),
        text("executing", node=None, prompt_id="other"),
        text("progress_state", nodes={}, prompt_id="other"),
        preview("other"),
        struct.pack(">II", 4, 9) + b"{",
        b"",
        "not json",
        "[]",
        '{"type": "progress", "data": {}}',
        '{"type": "executing", "data": null}',
        '{"type": "crystools.monitor", "data": {"cpu": NaN}}',
    ],
)
def test_whatever_is_not_said_of_the_prompt_is_no_hint(frame: str | bytes) -> None:
    assert read_frame(frame, "p") is None


Act = list[str | bytes] | int | str


class Stage:
    """A websocket server that plays one act a socket, the last one over and over.

    acts: what a socket hears, or a status instead of a socket, or how its end comes: "close", and
    "vanish" without a word. most: how many were open at a time.
    """

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.open = self.most = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        if isinstance(act, int):
            return web.Response(status=act)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await self._play(request, socket, act)
            async for _ in socket:
                pass
        finally:
            self.open -= 1
        return socket

    async def _play(
        self, request: web.Request, socket: web.WebSocketResponse, act: list[str | bytes] | str
    ) -> None:
        if act == "close":
            await socket.close()
        if act == "vanish" and request.transport is not None:
            request.transport.abort()
        for frame in act if isinstance(act, list) else []:
            await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))


@asynccontextmanager
async def hearing(
    stage: Stage, *, silence_s: float = 60
) -> AsyncIterator[AsyncGenerator[Hint, None]]:
    async with (
        serving(("GET", "/ws", stage.serve)) as url,
        ComfyConnection(url) as comfy,
        aclosing(progress_hints(comfy, "c", "p", silence_s=silence_s)) as hints,
    ):
        yield hints


async def test_hints_come_in_order_and_without_those_of_others() -> None:
    step = text("progress", value=3, max=20, node="5")
    stage = Stage([HELLO, NODE, preview("other"), step, "noise"])
    async with hearing(stage) as hints:
        assert [await anext(hints) for _ in range(2)] == [STARTED, STEP]


@pytest.mark.parametrize("trouble", ["close", "vanish", 200, 401, 403, 404, 502])
async def test_socket_is_opened_again_whatever_broke_it(trouble: int | str) -> None:
    async with hearing(Stage(trouble, [HELLO, NODE])) as hints:
        assert await anext(hints) == STARTED


async def test_silent_socket_is_closed_before_the_next_is_opened() -> None:
    stage = Stage([HELLO], [], [HELLO, NODE])
    async with hearing(stage, silence_s=0.05) as hints:
        assert await anext(hints) == STARTED
    assert stage.most == 1


async def test_message_of_many_megabytes_is_heard() -> None:
    stage = Stage([text("executed", node="5", output="x" * (20 << 20)), NODE])
    async with hearing(stage) as hints:
        assert [await anext(hints) for _ in range(2)] == [ALIVE, STARTED]
