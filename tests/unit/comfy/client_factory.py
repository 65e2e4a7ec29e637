"""Small servers for what the stand-in is not: newer, behind an ingress, or broken."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from services.comfy.connection import ComfyConnection

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

P1, P2, P3 = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))


@asynccontextmanager
async def serving(*handlers: tuple[str, str, Handler]) -> AsyncIterator[str]:
    """The URL of a server with these (method, path, handler)."""
    app = web.Application()
    for method, path, handler in handlers:
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def ended(prompt_id: str, event: str = "execution_success") -> dict[str, Any]:
    word = "success" if event == "execution_success" else "error"
    messages = [[event, {"prompt_id": prompt_id, "timestamp": 1}]]
    status = {"status_str": word, "completed": word == "success", "messages": messages}
    return {prompt_id: {"prompt": [], "outputs": {}, "status": status}}


@dataclass
class Backend:
    """A server whose line is what a test puts there.

    newer: it has the job routes. asked: the requests it got. odd: (status, body) of the job routes,
    instead of the right one. gate: answers to /queue wait for it. deaf: cancels do nothing.
    """

    running: list[tuple[float, str]] = field(default_factory=list)
    pending: list[tuple[float, str]] = field(default_factory=list)
    history: dict[str, Any] = field(default_factory=dict)
    newer: bool = True
    odd: tuple[int, str] | None = None
    status: int = 200
    deaf: bool = False
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self._news = asyncio.Event()

    def count(self, asked: str) -> int:
        return self.asked.count(asked)

    async def was_asked(self, asked: str, times: int = 1) -> None:
        while self.count(asked) < times:
            self._news.clear()
            await self._news.wait()

    def cancel(self, prompt_id: str) -> bool:
        before = len(self.running) + len(self.pending)
        if not self.deaf:
            if self._runs(prompt_id):
                self.history |= ended(prompt_id, "execution_interrupted")
            self.running = [item for item in self.running if item[1] != prompt_id]
            self.pending = [item for item in self.pending if item[1] != prompt_id]
        return len(self.running) + len(self.pending) < before

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.append(f"{request.method} {path}")
        self._news.set()
        if path.startswith("/api/jobs"):
            return self._jobs(request)
        if self.status != 200:
            return web.Response(status=self.status)
        if path == "/queue" and request.method == "GET":
            line = {
                "queue_running": self._items(self.running),
                "queue_pending": self._items(self.pending),
            }
            await self.gate.wait()
            return web.json_response(line)
        if path == "/prompt":
            remaining = len(self.running) + len(self.pending)
            return web.json_response({"exec_info": {"queue_remaining": remaining}})
        if path.startswith("/history/"):
            prompt_id = path.rpartition("/")[2]
            known = {prompt_id: self.history[prompt_id]} if prompt_id in self.history else {}
            return web.json_response(known)
        await self._command(request)
        return web.Response()

    async def _command(self, request: web.Request) -> None:
        body = json.loads(await request.text())
        for prompt_id in body.get("delete", []):
            self.pending = [item for item in self.pending if item[1] != prompt_id or self.deaf]
        if request.path == "/interrupt" and self._runs(body["prompt_id"]):
            self.cancel(body["prompt_id"])

    def _runs(self, prompt_id: str) -> bool:
        return any(prompt_id == running for _, running in self.running)

    def _items(self, entries: list[tuple[float, str]]) -> list[list[Any]]:
        return [[number, prompt_id, {}, {}, []] for number, prompt_id in entries]

    def _jobs(self, request: web.Request) -> web.Response:
        if self.odd is not None:
            return web.Response(status=self.odd[0], text=self.odd[1])
        if not self.newer:
            return web.Response(status=404 if request.method == "GET" else 405)
        if request.method == "POST":
            return web.json_response({"cancelled": self.cancel(request.path.split("/")[3])})
        lists = {"in_progress": self.running, "pending": self.pending}
        jobs = [
            {"id": prompt_id, "status": status, "priority": number, "outputs_count": 0}
            for status in request.query["status"].split(",")
            for number, prompt_id in lists[status]
        ]
        page = {"offset": 0, "limit": None, "total": len(jobs), "has_more": False}
        return web.json_response({"jobs": jobs, "pagination": page})


@asynccontextmanager
async def newer(backend: Backend) -> AsyncIterator[ComfyConnection]:
    async with (
        serving(("*", "/{path:.*}", backend.answer)) as url,
        ComfyConnection(url) as connection,
    ):
        yield connection
