"""The HTTP side of one ComfyUI server, and what can go wrong with it.

ComfyError
├── ComfyUnavailable   it can't be reached, is slow or broken now: retry
├── ComfyRejected      it read the request and refused it: never retry
├── ComfyAmbiguous     a prompt was posted, and whether it is queued is unknown: look it up
└── ComfyProtocol      the answer isn't one that ComfyUI gives: wrong address or version
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

BUSY_STATUS = frozenset({408, 425, 429})


class ComfyError(Exception):
    """Anything a ComfyUI server did that stops the caller."""


class ComfyUnavailable(ComfyError):
    pass


class ComfyAmbiguous(ComfyError):
    pass


class ComfyProtocol(ComfyError):
    pass


class ComfyRejected(ComfyError):
    """queued: the server complained, yet has the prompt in its line; cancel it."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        error_type: str | None = None,
        details: str = "",
        node_errors: Mapping[str, Any] | None = None,
        queued: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.details = details
        self.node_errors: Mapping[str, Any] = {} if node_errors is None else node_errors
        self.queued = queued


class ComfyConnection:
    """Open connections to the server at `url`, which may carry a path prefix.

    timeout_s: for one read or write; loading a model stalls the server's HTTP for seconds.
    """

    def __init__(self, url: str, *, timeout_s: float = 60.0) -> None:
        self.url = url.rstrip("/")
        # An explicit transport keeps the environment's proxies out: a backend is an address of
        # our own network. Its retries stay off, a prompt that is posted twice runs twice.
        self.http = httpx.AsyncClient(
            base_url=self.url,
            timeout=httpx.Timeout(timeout_s, connect=10.0),
            transport=httpx.AsyncHTTPTransport(retries=0),
        )

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.http.__aexit__(kind, error, traceback)

    async def get_json(self, path: str) -> Any:
        with unavailable(f"GET {path}"):
            response = await self.http.get(path)
        check(response)
        return read_json(response)

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send a command whose answer is empty."""
        with unavailable(f"POST {path}"):
            response = await self.http.post(path, json=body)
        check(response)

    async def post_file(
        self, path: str, fields: Mapping[str, str], file: tuple[str, BinaryIO]
    ) -> Any:
        """Send a form with one file part, `image`: (name, content)."""
        with unavailable(f"POST {path}"):
            response = await self.http.post(path, data=fields, files={"image": file})
        check(response)
        return read_json(response)


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Raise ComfyUnavailable for whatever kept a request from its answer."""
    try:
        yield
    except httpx.RequestError as error:
        raise ComfyUnavailable(f"{what}: {type(error).__name__}: {error}") from error


def check(response: httpx.Response) -> None:
    """Raise what the caller does next about an answer that isn't a success."""
    if response.is_success:
        return
    request = response.request
    sentence = f"{request.method} {request.url.path}: {response.status_code}"
    if response.is_server_error or response.status_code in BUSY_STATUS:
        raise ComfyUnavailable(sentence)
    if response.is_client_error:
        raise ComfyRejected(sentence, status=response.status_code)
    raise ComfyProtocol(sentence)


def read_json(response: httpx.Response) -> Any:
    # ComfyUI answers with Python's JSON: bare NaN and Infinity occur and must not stop us.
    try:
        return json.loads(response.content)
    except ValueError as error:
        url = response.request.url.path
        raise ComfyProtocol(f"{url}: the answer is not JSON") from error
