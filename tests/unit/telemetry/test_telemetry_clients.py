"""How other servers answer, as their clients count it."""

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from services.telemetry.clients import watch_comfy


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def refuse(request: web.Request) -> web.Response:
    return web.Response(status=500 if request.path.endswith("queue") else 200)


async def test_answers_are_measured_by_operation() -> None:
    app = web.Application()
    app.router.add_get("/prefix/{rest:.*}", refuse)
    async with (
        TestServer(app) as server,
        httpx.AsyncClient(base_url=str(server.make_url("/prefix"))) as client,
    ):
        watch_comfy(client, "counted")
        for path in ("/history/1", "/history/2", "/queue", "/odd"):
            await client.get(path)
    count = "animatrix_comfy_request_seconds_count"
    assert value(count, backend="counted", operation="history") == 2
    assert value(count, backend="counted", operation="other") == 1
    errors = "animatrix_comfy_errors_total"
    assert value(errors, backend="counted", operation="queue", kind="500") == 1


async def test_missing_answer_is_counted_once() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        watch_comfy(client, "gone")
        with pytest.raises(httpx.ConnectError):
            await client.get("/queue")
    labels = {"backend": "gone", "operation": "queue", "kind": "ConnectError"}
    assert value("animatrix_comfy_errors_total", **labels) == 1
