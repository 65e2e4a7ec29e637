"""Every request of the API: measured, named in the log, and begun traces."""

import re
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from fastapi import Request
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proto.media import AssetKind
from services.logs import subject
from services.telemetry import metrics, tracing

log = structlog.get_logger()

READING = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = READING | {"POST", "PUT", "PATCH", "DELETE"}
UPLOAD_ROUTE = "/api/assets/{kind}"
EVENT_STREAM = b"text/event-stream"
CREATED = 202
SERVER_ERROR = 500
REFUSED = 400
# How the answer to a request for a job begins, when the job is a new one.
NEW_JOB = re.compile(rb'\{"job_id":"([0-9a-f-]{36})",.{0,400}?"rev":1,', re.DOTALL)


async def bind_path_ids(request: Request) -> None:
    """Name what the request is about on every line it logs."""
    ids = {
        name: text for name, text in request.path_params.items() if name in {"job_id", "asset_id"}
    }
    structlog.contextvars.bind_contextvars(**subject(**ids))


class ObservedRequests:
    """ASGI middleware. A request that makes a job is the first span of that job's trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        exchange.begin()
        try:
            await self._app(scope, receive, exchange.send)
        finally:
            exchange.end()


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        self._began, self._began_ns = time.monotonic(), time.time_ns()
        self._status = SERVER_ERROR
        self._is_stream = False
        self._held: Message | None = None
        self._job_id: str | None = None
        self._caller = Context()
        self._span: Span = trace.INVALID_SPAN
        self._token: Any = None

    @property
    def route(self) -> str:
        """The template of the route that took the request; none took one that is unknown."""
        return str(getattr(self._scope.get("route"), "path", "none"))

    @property
    def method(self) -> str:
        method = str(self._scope["method"])
        return method if method in METHODS else "other"

    def begin(self) -> None:
        if self.method in READING:
            return
        self._caller = tracing.extracted(self._headers)
        self._span = tracing.tracer().start_span(
            self.method, self._caller, kind=SpanKind.SERVER, start_time=self._began_ns
        )
        self._token = otel_context.attach(trace.set_span_in_context(self._span, self._caller))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
            if self._status == CREATED:
                # The body says which job it is about, and the header names its trace.
                self._held = message
                return
        elif self._held is not None:
            start, self._held = self._held, None
            self._find_new_job(message.get("body", b""))
            await self._send(self._with_trace(start))
        await self._send(message)

    def end(self) -> None:
        took_s = time.monotonic() - self._began
        labels = (self.method, self.route)
        metrics.HTTP_REQUESTS.labels(*labels, str(self._status)).inc()
        if self._is_stream:
            metrics.SSE_VIEWERS.labels(self.route).dec()
        else:
            metrics.HTTP_SECONDS.labels(*labels).observe(took_s)
        if labels == ("POST", UPLOAD_ROUTE):
            self._tell_upload(took_s)
        if self._token is not None:
            otel_context.detach(self._token)
            self._end_span()

    def _start(self, message: Message) -> None:
        self._status = message["status"]
        headers: list[tuple[bytes, bytes]] = message["headers"]
        kind = next((value for name, value in headers if name == b"content-type"), b"")
        if kind.startswith(EVENT_STREAM):
            self._is_stream = True
            metrics.SSE_VIEWERS.labels(self.route).inc()
        if self._status != CREATED:
            self._job_id = self._scope.get("path_params", {}).get("job_id")
            self._with_trace(message)

    def _find_new_job(self, body: bytes) -> None:
        found = NEW_JOB.match(body)
        if found is None:
            self._job_id = self._scope.get("path_params", {}).get("job_id")
            return
        self._job_id = found[1].decode()
        with structlog.contextvars.bound_contextvars(**subject(job_id=self._job_id)):
            log.info("job accepted", route=self.route)
        self._span = tracing.begin_job(
            self._job_id,
            f"{self.method} {self.route}",
            start_ns=self._began_ns,
            caller=self._caller,
            attributes={"job_id": self._job_id},
        )

    def _with_trace(self, start: Message) -> Message:
        if self._job_id is not None and self._status < REFUSED:
            named = tracing.trace_response(self._job_id).encode()
            start["headers"] = [*start["headers"], (b"traceresponse", named)]
        return start

    def _end_span(self) -> None:
        self._span.update_name(f"{self.method} {self.route}")
        self._span.set_attributes(
            {"http.route": self.route, "http.response.status_code": self._status}
        )
        if self._job_id is not None:
            self._span.set_attribute("job_id", self._job_id)
        if self._status >= SERVER_ERROR:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def _tell_upload(self, took_s: float) -> None:
        kind = self._scope["path_params"]["kind"]
        kind = str(kind) if kind in set(AssetKind) else "other"
        metrics.UPLOADS.labels(kind, _verdict(self._status)).inc()
        metrics.UPLOAD_BYTES.labels(kind).inc(_size(self._headers))
        metrics.UPLOAD_SECONDS.labels(kind).observe(took_s)


def _verdict(status: int) -> str:
    if status >= SERVER_ERROR:
        return "failed"
    return "refused" if status >= REFUSED else "accepted"


def _size(headers: MutableMapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0
