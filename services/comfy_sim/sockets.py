"""The open websockets: who gets which message."""

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web


@dataclass(frozen=True)
class Message:
    """content: an event and its data, or bytes. client_id: who gets it, None everybody."""

    content: tuple[str, dict[str, Any]] | bytes
    client_id: str | None

    def frame(self) -> str | bytes:
        return self.content if isinstance(self.content, bytes) else _text(*self.content)


@dataclass(eq=False)
class Listener:
    """One open websocket. silent: nothing is sent over it any more."""

    socket: web.WebSocketResponse
    request: web.Request
    features: dict[str, Any] = field(default_factory=dict)
    silent: bool = False

    async def send(self, frame: str | bytes) -> None:
        if self.silent:
            return
        try:
            if isinstance(frame, bytes):
                await self.socket.send_bytes(frame)
            else:
                await self.socket.send_str(frame)
        except ConnectionError:
            # The reader of this socket notices the same, and forgets it.
            return


class Sockets:
    """remaining: prompts that run or wait. client_id, node: of the prompt that runs, told to its
    client when it comes back."""

    def __init__(self, features: dict[str, Any]) -> None:
        self.features = features
        self.remaining = 0
        self.client_id: str | None = None
        self.node: str | None = None
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[str, Listener] = {}
        self._messages: asyncio.Queue[Message] = asyncio.Queue()

    def post(self, event: str, data: dict[str, Any], client_id: str | None) -> None:
        """Send a message in its turn; from any thread."""
        self._post(Message((event, data), client_id))

    def post_bytes(self, content: bytes, client_id: str | None) -> None:
        self._post(Message(content, client_id))

    def _post(self, message: Message) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, message)

    def post_status(self, remaining: int) -> None:
        self.remaining = remaining
        self.post("status", {"status": self._status()}, None)

    def reads_preview_metadata(self, client_id: str | None) -> bool:
        listener = self._listeners.get(client_id or "")
        return listener is not None and listener.features.get("supports_preview_metadata") is True

    def silence(self) -> None:
        """From any thread."""
        for listener in list(self._listeners.values()):
            listener.silent = True

    def drop(self) -> None:
        """From any thread."""
        for listener in list(self._listeners.values()):
            if listener.request.transport is not None:
                self._loop.call_soon_threadsafe(listener.request.transport.abort)

    async def pump(self) -> None:
        """Send what is posted. Dies of a client id that can't be a key, and ComfyUI with it."""
        while True:
            message = await self._messages.get()
            if listeners := self._listeners_of(message.client_id):
                frame = message.frame()
                for listener in listeners:
                    await listener.send(frame)

    def _listeners_of(self, client_id: str | None) -> list[Listener]:
        if client_id is None:
            return list(self._listeners.values())
        return [self._listeners[client_id]] if client_id in self._listeners else []

    async def serve(
        self, request: web.Request, greeted: Callable[[], None]
    ) -> web.WebSocketResponse:
        """greeted: called when the socket got its first message."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        client_id = request.query.get("clientId", "") or uuid.uuid4().hex
        listener = self._listeners[client_id] = Listener(socket, request)
        try:
            await self._greet(listener, client_id)
            greeted()
            await self._listen(listener)
        finally:
            # By id, not by socket: of two sockets with one id, the end of the first makes the
            # second deaf. ComfyUI does the same.
            self._listeners.pop(client_id, None)
        return socket

    async def close(self) -> None:
        for listener in list(self._listeners.values()):
            await listener.socket.close()

    def _status(self) -> dict[str, Any]:
        return {"exec_info": {"queue_remaining": self.remaining}}

    async def _greet(self, listener: Listener, client_id: str) -> None:
        await listener.send(_text("status", {"status": self._status(), "sid": client_id}))
        if client_id == self.client_id and self.node is not None:
            await listener.send(_text("executing", {"node": self.node}))

    async def _listen(self, listener: Listener) -> None:
        first = True
        async for message in listener.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                said = message.json()
                if first and said.get("type") == "feature_flags":
                    listener.features = said.get("data", {})
                    await listener.send(_text("feature_flags", self.features))
            except (AttributeError, ValueError):
                # What is no message doesn't count as the first one either.
                continue
            first = False


def _text(event: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": event, "data": data})
