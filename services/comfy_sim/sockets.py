"""The open websockets: who gets which message."""

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web


@dataclass(frozen=True)
class Message:
    """client_id: who gets it, None everybody."""

    event: str
    data: dict[str, Any]
    client_id: str | None


class Sockets:
    """remaining: prompts that run or wait. client_id, node: of the prompt that runs, told to its
    client when it comes back."""

    def __init__(self, features: dict[str, Any]) -> None:
        self.features = features
        self.remaining = 0
        self.client_id: str | None = None
        self.node: str | None = None
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._messages: asyncio.Queue[Message] = asyncio.Queue()

    def post(self, event: str, data: dict[str, Any], client_id: str | None) -> None:
        """Send a message in its turn; from any thread."""
        message = Message(event, data, client_id)
        self._loop.call_soon_threadsafe(self._messages.put_nowait, message)

    def post_status(self, remaining: int) -> None:
        self.remaining = remaining
        self.post("status", {"status": self._status()}, None)

    async def pump(self) -> None:
        while True:
            message = await self._messages.get()
            for client_id, socket in list(self._sockets.items()):
                if message.client_id in (None, client_id):
                    await _send(socket, message.event, message.data)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client_id = request.query.get("clientId", "") or uuid.uuid4().hex
        self._sockets[client_id] = socket
        try:
            await self._greet(socket, client_id)
            await self._listen(socket)
        finally:
            # By id, not by socket: of two sockets with one id, the end of the first makes the
            # second deaf. ComfyUI does the same.
            self._sockets.pop(client_id, None)
        return socket

    async def close(self) -> None:
        for socket in list(self._sockets.values()):
            await socket.close()

    def _status(self) -> dict[str, Any]:
        return {"exec_info": {"queue_remaining": self.remaining}}

    async def _greet(self, socket: web.WebSocketResponse, client_id: str) -> None:
        await _send(socket, "status", {"status": self._status(), "sid": client_id})
        if client_id == self.client_id and self.node is not None:
            await _send(socket, "executing", {"node": self.node})

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        first = True
        async for message in socket:
            if message.type is WSMsgType.TEXT and first:
                first = False
                if message.json().get("type") == "feature_flags":
                    await _send(socket, "feature_flags", self.features)


async def _send(socket: web.WebSocketResponse, event: str, data: dict[str, Any]) -> None:
    try:
        await socket.send_json({"type": event, "data": data})
    except ConnectionError:
        # The reader of this socket notices the same, and forgets it.
        return
