"""How the servers we ask answer us, seen from their clients."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from services.telemetry import metrics

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

COMFY_ROUTES = frozenset(
    {"prompt", "queue", "history", "interrupt", "upload", "view", "object_info", "system_stats"}
    | {"models", "jobs", "free", "features"}
)
BEGAN = "animatrix_began"


def watch_comfy(client: httpx.AsyncClient, backend_id: str) -> None:
    """Measure the requests of a backend's client. To be called once for each."""
    prefix = client.base_url.path

    async def begin(request: httpx.Request) -> None:
        operation = _operation(request.url.path.removeprefix(prefix))
        request.extensions[BEGAN] = (operation, time.monotonic())
        request.extensions["trace"] = _failures(backend_id, operation)

    async def answered(response: httpx.Response) -> None:
        operation, began = response.request.extensions[BEGAN]
        took_s = time.monotonic() - began
        metrics.COMFY_SECONDS.labels(backend_id, operation).observe(took_s)
        if response.is_error:
            kind = str(response.status_code)
            metrics.COMFY_ERRORS.labels(backend_id, operation, kind).inc()

    client.event_hooks = {"request": [begin], "response": [answered]}


def _operation(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return first if first in COMFY_ROUTES else "other"


def _failures(backend_id: str, operation: str) -> Any:
    """Hears of each step of a request; counts the request once when one of them fails."""
    told = False

    async def hear(name: str, said: Mapping[str, Any]) -> None:
        nonlocal told
        if told or not name.endswith(".failed"):
            return
        error = said["exception"]
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            return
        told = True
        metrics.COMFY_ERRORS.labels(backend_id, operation, type(error).__name__).inc()

    return hear


def watch_s3(client: "S3Client") -> None:
    """Measure a client's requests: one look at each, however many chunks its answer has."""
    events = client.meta.events
    events.register("before-call.s3", _s3_asked)
    events.register("after-call.s3", _s3_answered)
    events.register("after-call-error.s3", _s3_failed)


def _s3_asked(params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:
    context[BEGAN] = (model.name, time.monotonic())
    body = params["body"]
    if isinstance(body, (bytes, bytearray)):
        metrics.S3_BYTES.labels("to").inc(len(body))


def _s3_answered(
    http_response: Any, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: object
) -> None:
    operation, began = context[BEGAN]
    metrics.S3_SECONDS.labels(operation).observe(time.monotonic() - began)
    metrics.S3_REQUESTS.labels(operation, str(http_response.status_code)).inc()
    if operation == "GetObject" and "ContentLength" in parsed:
        metrics.S3_BYTES.labels("from").inc(parsed["ContentLength"])


def _s3_failed(context: Mapping[str, Any], **_: object) -> None:
    operation, _began = context[BEGAN]
    metrics.S3_REQUESTS.labels(operation, "none").inc()
