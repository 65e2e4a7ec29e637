"""The HTTP side of one ComfyUI server, and what can go wrong with it.

ComfyError
├── ComfyUnavailable   it can't be reached, is slow or broken now: retry
│   └── ComfyDenied    the ingress before it refuses our credentials: retry, and tell the operator
├── ComfyRejected      it read the request and refused it: never retry
├── ComfyAmbiguous     a prompt was posted, and whether it is queued is unknown: look it up
└── ComfyProtocol      the answer isn't one that ComfyUI gives: wrong address or version
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

from services.comfy.access import Access, access_for, bare_url

BUSY_STATUS = frozenset({408, 425, 429})
DENIED_STATUS = frozenset({401, 403})
QUOTED_CHARS = 300


class ComfyError(Exception):
    """Anything a ComfyUI server did that stops the caller."""


class ComfyUnavailable(ComfyError):
    pass


class ComfyDenied(ComfyUnavailable):
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
    """Open connections to the server at `url`, which may carry a path prefix and a user.

    timeout_s: for one read or write; loading a model stalls the server's HTTP for seconds.
    url: as it may be shown. missing_routes: those that the server was found not to have.
    """

    def __init__(self, url: str, *, timeout_s: float = 60.0, access: Access | None = None) -> None:
        self.url = bare_url(url)
        self.access = access_for(url, access)
        self.tls = self.access.tls()
        self.missing_routes: set[str] = set()
        # An explicit transport keeps the environment's proxies out: a backend is an address of
        # our own network. Its retries stay off, a prompt that is posted twice runs twice.
        self.http = httpx.AsyncClient(
            base_url=self.url,
            headers=self.access.headers(),
            timeout=httpx.Timeout(timeout_s, connect=10.0),
            transport=httpx.AsyncHTTPTransport(verify=self.tls, retries=0),
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
        response = await self.ask("GET", path)
        self.check(response)
        return self.read_json(response)

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send a command whose answer is empty."""
        self.check(await self.ask("POST", path, json=body))

    async def post_file(
        self, path: str, fields: Mapping[str, str], file: tuple[str, BinaryIO]
    ) -> Any:
        """Send a form with one file part, `image`: (name, content)."""
        response = await self.ask("POST", path, data=fields, files={"image": file})
        self.check(response)
        return self.read_json(response)

    async def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """The answer, whatever its status. Raises ComfyUnavailable when there is none."""
        try:
            with unavailable(f"{method} {path}"):
                response = await self.http.request(method, path, **content)
        except ComfyUnavailable:
            self.missing_routes.clear()
            raise
        if response.is_server_error:
            # The ingress of a server that is being replaced says so; the next one may be newer.
            self.missing_routes.clear()
        return response

    def check(self, response: httpx.Response) -> None:
        """Raise what the caller does next about an answer that isn't a success."""
        if response.is_success:
            return
        sentence = self.describe(response)
        if response.status_code in DENIED_STATUS:
            raise ComfyDenied(f"our credentials are refused: {sentence}")
        if response.is_server_error or response.status_code in BUSY_STATUS:
            raise ComfyUnavailable(sentence)
        if response.is_client_error:
            raise ComfyRejected(sentence, status=response.status_code)
        raise ComfyProtocol(sentence)

    def read_json(self, response: httpx.Response) -> Any:
        # ComfyUI answers with Python's JSON: bare NaN and Infinity occur and must not stop us.
        try:
            return json.loads(response.content)
        except ValueError as error:
            raise ComfyProtocol(f"not JSON: {self.describe(response)}") from error

    def describe(self, response: httpx.Response) -> str:
        """What was asked and what came back, for an operator."""
        request, elapsed_s = response.request, response.elapsed.total_seconds()
        head = (
            f"{request.method} {request.url.path}: {response.status_code} after {elapsed_s:.1f} s"
        )
        if response.is_redirect:
            target = response.headers.get("Location", "").partition("?")[0]
            return self.access.hide(f"{head}, redirected to {target}")
        # Hidden before it is cut, so that no part of a secret is left at the end.
        body = self.access.hide(response.content.decode(errors="replace"))
        quote = " ".join(body.split())[:QUOTED_CHARS]
        return f"{head}: {quote}" if quote else head


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Raise ComfyUnavailable for whatever kept a request from its answer."""
    started = time.monotonic()
    try:
        yield
    except httpx.RequestError as error:
        raise ComfyUnavailable(f"{what}: {failure(error, started)}") from error


def failure(error: Exception, started: float) -> str:
    """What kept a request from its answer, and how long it took. started: monotonic."""
    name = f"{type(error).__name__}: {error}".removesuffix(": ")
    return f"{name} after {time.monotonic() - started:.1f} s"
