"""The HTTP server.

A handler that fails on a bad request answers as ComfyUI does: aiohttp turns any exception into
500, a plain text, and a closed connection.
"""

import asyncio
import json
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from services.comfy_sim.catalog import Catalog, load_catalog
from services.comfy_sim.executor import Executor
from services.comfy_sim.files import FileStore
from services.comfy_sim.options import SimOptions
from services.comfy_sim.queue import PromptQueue
from services.comfy_sim.sockets import Sockets
from services.comfy_sim.transfers import Transfers
from services.comfy_sim.validation import error, validate

VERSION = "0.3.64"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MEMORY_BYTES = 24 << 30
PAGE = "<!doctype html><title>ComfyUI stand-in</title><p>Simulated ComfyUI. Nothing is generated."

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler


class Api:
    """The JSON routes."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.queue = executor.queue
        self.catalog = executor.catalog
        self.sockets = executor.sockets
        self._number = 0

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/system_stats", self.system_stats)
        yield Route("GET", "/features", self.features)
        yield Route("GET", "/queue", self.read_queue)
        yield Route("POST", "/queue", self.change_queue)
        yield Route("GET", "/prompt", self.queue_length)
        yield Route("POST", "/prompt", self.submit)
        yield Route("POST", "/interrupt", self.interrupt)
        yield Route("POST", "/free", self.free)
        yield Route("GET", "/history", self.read_history)
        yield Route("GET", "/history/{prompt_id}", self.read_entry)
        yield Route("POST", "/history", self.change_history)
        yield Route("GET", "/object_info", self.object_info)
        yield Route("GET", "/object_info/{node_class}", self.class_info)
        yield Route("GET", "/models", self.model_folders)
        yield Route("GET", "/models/{folder}", self.models)
        yield Route("GET", "/embeddings", self.embeddings)

    async def system_stats(self, request: web.Request) -> web.Response:
        system = {
            "os": "posix",
            "ram_total": MEMORY_BYTES,
            "ram_free": MEMORY_BYTES,
            "comfyui_version": VERSION,
            "python_version": sys.version,
            "pytorch_version": "none",
            "embedded_python": False,
            "argv": ["comfy_sim"],
            "simulated": True,
        }
        memory = ("vram_total", "vram_free", "torch_vram_total", "torch_vram_free")
        sizes = dict.fromkeys(memory, MEMORY_BYTES)
        device = {"name": "simulated", "type": "cpu", "index": None, **sizes}
        return web.json_response({"system": system, "devices": [device]})

    async def features(self, request: web.Request) -> web.Response:
        return web.json_response(self.sockets.features)

    async def read_queue(self, request: web.Request) -> web.Response:
        running, pending = self.queue.snapshot()
        return web.json_response({"queue_running": running, "queue_pending": pending})

    async def change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.queue.clear()
        for prompt_id in body.get("delete", []):
            self.queue.delete(prompt_id)
        return web.Response()

    async def queue_length(self, request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": self.queue.remaining()}})

    async def submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        number = self._next_number(body)
        if "prompt" not in body:
            message = "No prompt provided"
            return refuse(error("no_prompt", message, message), {})
        graph = body["prompt"]
        prompt_id = str(body.get("prompt_id", uuid.uuid4()))
        verdict = validate(graph, self.catalog, body.get("partial_execution_targets"))
        if verdict.error is not None:
            return refuse(verdict.error, verdict.node_errors)
        extra_data = body.get("extra_data", {})
        if "client_id" in body:
            extra_data["client_id"] = body["client_id"]
        self.queue.put((number, prompt_id, graph, extra_data, verdict.outputs))
        receipt = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
        return web.json_response(receipt)

    def _next_number(self, body: Any) -> float:
        if "number" in body:
            return float(body["number"])
        number = self._number
        self._number += 1
        return -number if body.get("front") else number

    async def interrupt(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except json.JSONDecodeError:
            body = {}
        prompt_id = body.get("prompt_id")
        if not prompt_id or self.queue.runs(prompt_id):
            self.executor.interrupt.set()
        return web.Response()

    async def free(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("free_memory"):
            self.executor.free.set()
        return web.Response()

    async def read_history(self, request: web.Request) -> web.Response:
        limit = request.query.get("max_items")
        offset = request.query.get("offset")
        entries = self.queue.history(
            None if limit is None else int(limit), -1 if offset is None else int(offset)
        )
        return web.json_response(entries)

    async def read_entry(self, request: web.Request) -> web.Response:
        return web.json_response(self.queue.history_of(request.match_info["prompt_id"]))

    async def change_history(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.queue.forget_all()
        for prompt_id in body.get("delete", []):
            self.queue.forget(prompt_id)
        return web.Response()

    async def object_info(self, request: web.Request) -> web.Response:
        names = self.catalog.contract
        return web.json_response({name: self.catalog.object_info(name) for name in names})

    async def class_info(self, request: web.Request) -> web.Response:
        name = request.match_info["node_class"]
        known = name in self.catalog.contract
        return web.json_response({name: self.catalog.object_info(name)} if known else {})

    async def model_folders(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.catalog.models))

    async def models(self, request: web.Request) -> web.Response:
        folder = request.match_info["folder"]
        if folder not in self.catalog.models:
            return web.Response(status=404)
        return web.json_response(self.catalog.models[folder])

    async def embeddings(self, request: web.Request) -> web.Response:
        return web.json_response([])


def refuse(reason: dict[str, Any], node_errors: dict[str, Any]) -> web.Response:
    return web.json_response({"error": reason, "node_errors": node_errors}, status=400)


async def front_page(request: web.Request) -> web.Response:
    headers = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "0"}
    return web.Response(text=PAGE, content_type="text/html", headers=headers)


async def no_file(request: web.Request) -> web.Response:
    """ComfyUI looks for its page's files under every path that is not a route."""
    return web.Response(status=404, content_type="application/octet-stream")


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of another site must not reach a server on the reader's own machine."""
    origin = urlsplit(request.headers.get("Origin", ""))
    host = urlsplit(f"//{request.host}")
    if host.hostname in LOOPBACK and origin.hostname is not None:
        ports_differ = None not in (origin.port, host.port) and origin.port != host.port
        if origin.hostname != host.hostname or ports_differ:
            return web.Response(status=403)
    if request.method == "OPTIONS":
        return web.Response()
    return await handler(request)


def build_app(api: Api, transfers: Transfers, max_upload_bytes: int) -> web.Application:
    app = web.Application(client_max_size=max_upload_bytes, middlewares=[check_origin])
    routes = [
        *api.routes(),
        Route("POST", "/upload/image", transfers.upload_image),
        Route("POST", "/upload/mask", transfers.upload_mask),
        Route("GET", "/view", transfers.view),
        Route("GET", "/ws", api.sockets.serve),
    ]
    for prefix in ("", "/api"):
        for route in routes:
            if route.method == "GET":
                app.router.add_get(prefix + route.path, route.handler)
            else:
                app.router.add_route(route.method, prefix + route.path, route.handler)
    app.router.add_get("/", front_page)
    app.router.add_get("/{path:.*}", no_file)
    return app


@dataclass(frozen=True)
class Sim:
    """A running stand-in."""

    url: str
    files: FileStore
    queue: PromptQueue
    catalog: Catalog


@asynccontextmanager
async def serve(options: SimOptions) -> AsyncIterator[Sim]:
    """Run the stand-in in this event loop. What it had queued or remembered ends with it."""
    files = FileStore(options.base_dir)
    catalog = load_catalog(options, files)
    features = {
        "supports_preview_metadata": True,
        "max_upload_size": options.max_upload_bytes,
    }
    sockets = Sockets(features)
    queue = PromptQueue(sockets.post_status)
    executor = Executor(queue, sockets, catalog, options)
    app = build_app(Api(executor), Transfers(files), options.max_upload_bytes)
    pump = asyncio.create_task(sockets.pump())
    executor.start()
    try:
        async with listening(app, options) as port:
            yield Sim(f"http://{options.host}:{port}", files, queue, catalog)
            await sockets.close()
    finally:
        await asyncio.to_thread(executor.stop)
        pump.cancel()
        with suppress(asyncio.CancelledError):
            await pump


@asynccontextmanager
async def listening(app: web.Application, options: SimOptions) -> AsyncIterator[int]:
    """Serve `app` and give the port."""
    runner = web.AppRunner(app, access_log=None, logger=_quiet(), shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _quiet() -> logging.Logger:
    """Failing handlers are part of the contract, not news."""
    logger = logging.getLogger("services.comfy_sim.quiet")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
