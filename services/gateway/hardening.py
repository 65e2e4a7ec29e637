"""What a request may be before anybody looks at what it asks for."""

import asyncio
import re
import time
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proto.errors import ErrorCode
from services.gateway.errors import ApiError, answer
from services.gateway.origin import is_loopback

MAX_BODY_BYTES: Final = 1024 * 1024
"""Of every request but an upload."""
MAX_HEADERS: Final = 100
BODY_WITHIN_S: Final = 30.0
UPLOAD_BYTES_PER_S: Final = 8 * 1024
"""What an upload brings at least, on average, once BODY_WITHIN_S have passed."""
DRAIN_BYTES: Final = 4 * MAX_BODY_BYTES
DRAIN_S: Final = 5.0

UPLOAD: Final = re.compile(r"/api/assets/[^/]+")
PROBES: Final = frozenset({"/healthz", "/readyz"})
HOST: Final = re.compile(
    r"(?P<name>[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?",
    re.IGNORECASE,
)
PORTS: Final = {"http": 80, "https": 443}

MISDIRECTED: Final = 421
TOO_SLOW: Final = 408
TOO_MANY_HEADERS: Final = 431


class Refused(ApiError):
    """A request that is wrong in its form, with the status that HTTP has for it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(ErrorCode.INVALID_REQUEST, message, headers={"Connection": "close"})
        self.status = status


class SoundRequests:
    """ASGI middleware. Refuses a request for another host, or with far too many headers, and has
    no answer of the API kept by anybody.

    urls: the origins that we are known by; without any, every well-formed host is ours.
    """

    def __init__(self, app: ASGIApp, urls: Iterable[str] = ()) -> None:
        self._app = app
        self._authorities = set(map(_authority_of, urls))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        outgoing = _unkept(send) if scope["path"].startswith("/api/") else send
        if refusal is None:
            await self._app(scope, receive, outgoing)
        else:
            await answer(refusal, Request(scope))(scope, receive, outgoing)

    def _refusal(self, scope: Scope) -> Refused | None:
        if len(scope["headers"]) > MAX_HEADERS:
            return Refused(TOO_MANY_HEADERS, "This request has too many headers.")
        if scope["path"] in PROBES or self._is_ours(scope):
            return None
        return Refused(MISDIRECTED, "The studio is not at this address.")

    def _is_ours(self, scope: Scope) -> bool:
        found = HOST.fullmatch(Headers(scope=scope).get("host", ""))
        if found is None:
            return False
        name = found["name"].lower()
        if not self._authorities or is_loopback(name.strip("[]")):
            return True
        return (name, int(found["port"] or PORTS[scope["scheme"]])) in self._authorities


def _authority_of(url: str) -> tuple[str, int]:
    """Raises ValueError where the URL is no origin."""
    scheme, _, rest = url.partition("://")
    found = HOST.fullmatch(rest.rstrip("/"))
    if found is None or scheme not in PORTS:
        raise ValueError(f"{url} is no origin like https://name, as our own addresses have to be")
    return found["name"].lower(), int(found["port"] or PORTS[scheme])


def _unkept(send: Send) -> Send:
    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        await send(message)

    return outgoing


class BoundedBodies:
    """ASGI middleware. An upload has to come at some rate; every other body is small, is here
    soon, and is whole before anybody reads it.

    within_s: what soon is.
    """

    def __init__(self, app: ASGIApp, *, within_s: float = BODY_WITHIN_S) -> None:
        self._app = app
        self._within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"]):
            await self._app(scope, _Paced(receive, self._within_s), send)
            return
        try:
            messages = await _read(Request(scope), receive, self._within_s)
        except ApiError as refusal:
            if refusal.code is ErrorCode.TOO_LARGE:
                await drain(receive)
            await answer(refusal, Request(scope))(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, _Replayed(messages, receive), send)


async def _read(request: Request, receive: Receive, within_s: float) -> list[Message]:
    """The messages of the body. Raises ApiError where there are too many, or too late."""
    declared = request.headers.get("content-length")
    if declared is None and "transfer-encoding" not in request.headers:
        return []
    if declared is not None and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    messages: list[Message] = []
    size_bytes = 0
    try:
        async with asyncio.timeout(within_s):
            while not messages or messages[-1].get("more_body", False):
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                messages.append(message)
                size_bytes += len(message.get("body", b""))
                if size_bytes > MAX_BODY_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise _too_slow() from None
    return messages


async def drain(receive: Receive) -> None:
    """Read on for a moment: most clients look for an answer only once they have sent everything."""
    left = DRAIN_BYTES
    try:
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


class _Replayed:
    """The messages that were read already, then those that still come."""

    def __init__(self, messages: Iterable[Message], receive: Receive) -> None:
        self._messages = iter(messages)
        self._receive = receive

    async def __call__(self) -> Message:
        message = next(self._messages, None)
        return await self._receive() if message is None else message


class _Paced:
    """Raises ApiError while the body comes too slowly."""

    def __init__(self, receive: Receive, within_s: float) -> None:
        self._receive = receive
        self._within_s = within_s
        self._waited_s = 0.0
        self._size_bytes = 0
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        allowed_s = self._within_s + self._size_bytes / UPLOAD_BYTES_PER_S
        began = time.monotonic()
        try:
            async with asyncio.timeout(allowed_s - self._waited_s):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        # What we do with it meanwhile is not the client's time.
        self._waited_s += time.monotonic() - began
        self._size_bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message


def _too_large() -> ApiError:
    return ApiError(
        ErrorCode.TOO_LARGE,
        "This request is larger than 1 MB.",
        headers={"Connection": "close"},
    )


def _too_slow() -> Refused:
    return Refused(TOO_SLOW, "This request took too long to arrive. Send it again.")
