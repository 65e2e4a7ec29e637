"""Prompts: submitting, the queue, cancelling, the history."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from services.comfy_sim.boot import Boot
from services.comfy_sim.connections import cut
from services.comfy_sim.faults import Answer500Queued, LateAccept, LostAnswer, Moment, PartialValid
from services.comfy_sim.queue import Graph, without_secrets
from services.comfy_sim.routes import Route
from services.comfy_sim.validation import Verdict, error, validate


@dataclass(eq=False)
class Prompts:
    boot: Boot
    _number: int = 0
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/queue", self.read_queue)
        yield Route("POST", "/queue", self.change_queue)
        yield Route("GET", "/prompt", self.queue_length)
        yield Route("POST", "/prompt", self.submit)
        yield Route("POST", "/interrupt", self.interrupt)
        yield Route("POST", "/free", self.free)
        yield Route("GET", "/history", self.read_history)
        yield Route("GET", "/history/{prompt_id}", self.read_entry)
        yield Route("POST", "/history", self.change_history)

    async def read_queue(self, request: web.Request) -> web.Response:
        running, pending = self.boot.queue.snapshot()
        return web.json_response({"queue_running": running, "queue_pending": pending})

    async def change_queue(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.boot.queue.clear()
        for prompt_id in body.get("delete", []):
            self.boot.queue.delete(prompt_id)
        return web.Response()

    async def queue_length(self, request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": self.boot.queue.remaining()}})

    async def submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        faults = self.boot.faults
        if late := faults.take(LateAccept):
            task = asyncio.create_task(self._accept_later(body, late.seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return cut(request)
        answer = self._accept(body)
        if answer.status != web.HTTPOk.status_code:
            return answer
        self.boot.visit(Moment.ACCEPTED)
        if faults.take(LostAnswer):
            return cut(request)
        if faults.take(Answer500Queued):
            raise RuntimeError("queued, and the answer is lost")
        return answer

    async def cancel_late(self, app: web.Application) -> None:
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _accept_later(self, body: Any, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._accept(body)

    def _accept(self, body: Any) -> web.Response:
        """Queue what a body asks for. Raises anything for a body of another shape."""
        number = self._next_number(body)
        if "prompt" not in body:
            message = "No prompt provided"
            return _refuse(error("no_prompt", message, message), {})
        graph = body["prompt"]
        try:
            prompt_id = self._prompt_id(body)
        except ValueError:
            return _refuse(_wrong_id(), {})
        newer = self.boot.profile.newer
        targets = body.get("partial_execution_targets")
        verdict = validate(graph, self.boot.catalog, targets, newer=newer)
        if verdict.error is not None:
            return _refuse(verdict.error, verdict.node_errors)
        if self.boot.faults.take(PartialValid):
            verdict = _partly_valid(verdict, graph)
        extra_data = self._extra_data(body)
        self.boot.queue.put((number, prompt_id, graph, extra_data, verdict.outputs))
        receipt = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
        return web.json_response(receipt)

    def _next_number(self, body: Any) -> float:
        match body:
            case {"number": number}:
                return float(number)
            case {"front": front} if front:
                sign = -1
            case _:
                sign = 1
        number = self._number
        self._number += 1
        return sign * number

    def _prompt_id(self, body: dict[str, Any]) -> str:
        """Raises ValueError where newer servers refuse an id."""
        if not self.boot.profile.newer:
            return str(body.get("prompt_id", uuid.uuid4()))
        prompt_id = body.get("prompt_id")
        return str(uuid.uuid4()) if prompt_id is None else canonical(prompt_id)

    def _extra_data(self, body: dict[str, Any]) -> Any:
        extra_data = body.get("extra_data", {})
        if "client_id" in body:
            extra_data["client_id"] = body["client_id"]
        if self.boot.profile.newer:
            extra_data = without_secrets(extra_data)
            extra_data["create_time"] = int(time.time() * 1000)
        return extra_data

    async def interrupt(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except json.JSONDecodeError:
            body = {}
        prompt_id = body.get("prompt_id")
        if not prompt_id or self.boot.queue.runs(prompt_id):
            self.boot.interrupt.set()
        return web.Response()

    async def free(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("free_memory"):
            self.boot.free.set()
        return web.Response()

    async def read_history(self, request: web.Request) -> web.Response:
        limit = request.query.get("max_items")
        offset = request.query.get("offset")
        entries = self.boot.queue.history(
            None if limit is None else int(limit), -1 if offset is None else int(offset)
        )
        return web.json_response(entries)

    async def read_entry(self, request: web.Request) -> web.Response:
        return web.json_response(self.boot.queue.history_of(request.match_info["prompt_id"]))

    async def change_history(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("clear"):
            self.boot.queue.forget_all()
        for prompt_id in body.get("delete", []):
            self.boot.queue.forget(prompt_id)
        return web.Response()


def canonical(prompt_id: Any) -> str:
    """A prompt id as newer servers take it. Raises ValueError for any other."""
    if not isinstance(prompt_id, str) or str(uuid.UUID(prompt_id)) != prompt_id:
        raise ValueError(f"{prompt_id!r} is not a canonical UUID")
    return prompt_id


def _wrong_id() -> dict[str, Any]:
    details = (
        "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let "
        "the server generate one"
    )
    return error("invalid_prompt_id", "prompt_id must be a valid UUID", details)


def _partly_valid(verdict: Verdict, graph: Graph) -> Verdict:
    bad = verdict.outputs[-1]
    name = next(iter(graph[bad]["inputs"]))
    reason = error("required_input_missing", "Required input is missing", name, input_name=name)
    class_type = graph[bad]["class_type"]
    errors = {bad: {"errors": [reason], "dependent_outputs": [bad], "class_type": class_type}}
    return Verdict(verdict.outputs[:-1] or verdict.outputs, None, errors)


def _refuse(reason: dict[str, Any], node_errors: dict[str, Any]) -> web.Response:
    return web.json_response({"error": reason, "node_errors": node_errors}, status=400)
