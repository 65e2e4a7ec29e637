"""`/healthz` and `/readyz` of a process that serves nothing else over HTTP."""

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.error import URLError

WhyNot = Callable[[], Awaitable[str | None]]
"""Gives why no work is taken now; None while it is."""

MAX_HEAD_BYTES = 16 * 1024
HEAD_WITHIN_S = 5.0
ASK_WITHIN_S = 4.0


@asynccontextmanager
async def serving_health(host: str, port: int, why_not: WhyNot) -> AsyncIterator[None]:
    """Answer probes: /healthz while the event loop turns, /readyz by what `why_not` gives."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_WITHIN_S):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _answer(head, why_not))
            await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            return
        except asyncio.LimitOverrunError:
            writer.write(_response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=MAX_HEAD_BYTES)
    try:
        yield
    finally:
        server.close()


async def _answer(head: bytes, why_not: WhyNot) -> bytes:
    method, _, rest = head.partition(b" ")
    path = rest.split(b" ", 1)[0].partition(b"?")[0]
    if method not in {b"GET", b"HEAD"}:
        return _response(HTTPStatus.METHOD_NOT_ALLOWED)
    has_body = method == b"GET"
    if path == b"/healthz":
        return _response(HTTPStatus.OK, {"status": "ok"}, has_body=has_body)
    if path != b"/readyz":
        return _response(HTTPStatus.NOT_FOUND)
    why = await why_not()
    status = HTTPStatus.OK if why is None else HTTPStatus.SERVICE_UNAVAILABLE
    return _response(status, {"ready": why is None, "why": why}, has_body=has_body)


def _response(status: HTTPStatus, content: object = None, *, has_body: bool = True) -> bytes:
    body = b"" if content is None else json.dumps(content).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (body if has_body else b"")


# A proxy of the environment is not on the way to this machine itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(path: str, port: int) -> bool:
    """Whether the process beside us, in the same container, answers with 200."""
    try:
        with _OPENER.open(f"http://127.0.0.1:{port}{path}", timeout=ASK_WITHIN_S):
            return True
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(not ask(sys.argv[1], int(os.environ["ANIMATRIX_HEALTH_PORT"])))
