"""The jobs of newer servers: prompts, wherever they are, in one form."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

from services.comfy_sim.boot import Boot
from services.comfy_sim.prompts import canonical
from services.comfy_sim.queue import Item
from services.comfy_sim.routes import Route

Job = dict[str, Any]

ENDS = {
    "execution_success": "completed",
    "execution_error": "failed",
    "execution_interrupted": "cancelled",
}
PREVIEWED = frozenset({"images", "video", "audio"})


class Status(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Order(StrEnum):
    CREATED = "created_at"
    DURATION = "execution_duration"


class Refused(Exception):
    """What a query asks for can't be."""


@dataclass(frozen=True)
class Jobs:
    boot: Boot

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/jobs", self.list_jobs)
        yield Route("GET", "/jobs/{job_id}", self.read)
        yield Route("POST", "/jobs/{job_id}/cancel", self.cancel)
        yield Route("POST", "/jobs/cancel", self.cancel_several)

    async def list_jobs(self, request: web.Request) -> web.Response:
        try:
            page = read_page(request.query)
        except Refused as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        jobs = [job for job in self._all() if page.wants(job)]
        jobs.sort(key=page.key, reverse=page.descending)
        shown = jobs[page.offset :][: page.limit]
        pagination = {
            "offset": page.offset,
            "limit": page.limit,
            "total": len(jobs),
            "has_more": page.offset + len(shown) < len(jobs),
        }
        return web.json_response({"jobs": shown, "pagination": pagination})

    def _all(self) -> Iterator[Job]:
        running, pending = self.boot.queue.snapshot()
        yield from (waiting_job(item, Status.IN_PROGRESS) for item in running)
        yield from (waiting_job(item, Status.PENDING) for item in pending)
        yield from map(ended_job, self.boot.queue.history(None, -1).values())

    async def read(self, request: web.Request) -> web.Response:
        job = self._find(request.match_info["job_id"])
        if job is None:
            return web.json_response({"error": "Job not found"}, status=404)
        return web.json_response(job)

    def _find(self, job_id: str) -> Job | None:
        running, pending = self.boot.queue.snapshot()
        for entry in self.boot.queue.history_of(job_id).values():
            whole = {"outputs": entry["outputs"], "execution_status": entry["status"]}
            return {**ended_job(entry), **whole, "workflow": _workflow(entry["prompt"])}
        for status, items in ((Status.IN_PROGRESS, running), (Status.PENDING, pending)):
            for item in items:
                if item[1] == job_id:
                    return {**waiting_job(item, status), "workflow": _workflow(item)}
        return None

    async def cancel(self, request: web.Request) -> web.Response:
        return web.json_response({"cancelled": self._cancel(request.match_info["job_id"])})

    async def cancel_several(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except json.JSONDecodeError:
            return web.json_response({"error": "Request body must be valid JSON"}, status=400)
        job_ids = body.get("job_ids") if isinstance(body, dict) else None
        if not isinstance(job_ids, list):
            return web.json_response({"error": "job_ids must be a list"}, status=400)
        if wrong := [job_id for job_id in job_ids if not is_canonical(job_id)]:
            refusal = {"error": "job_ids contains invalid id(s)", "invalid_ids": wrong}
            return web.json_response(refusal, status=400)
        cancelled = [self._cancel(job_id) for job_id in job_ids]
        return web.json_response({"cancelled": any(cancelled)})

    def _cancel(self, job_id: str) -> bool:
        """Whether the job waited or ran; if it ran, it may still end well before it notices."""
        queue = self.boot.queue
        if queue.delete(job_id):
            return True
        return queue.if_runs(job_id, self.boot.interrupt.set)


def is_canonical(job_id: Any) -> bool:
    try:
        canonical(job_id)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Page:
    statuses: frozenset[str]
    workflow_id: str | None
    order: Order
    descending: bool
    limit: int | None
    offset: int

    def wants(self, job: Job) -> bool:
        of_workflow = self.workflow_id in (None, job.get("workflow_id"))
        return job["status"] in self.statuses and of_workflow

    def key(self, job: Job) -> int:
        if self.order is Order.CREATED:
            return int(job.get("create_time", 0))
        return int(job.get("execution_end_time", 0) - job.get("execution_start_time", 0))


def read_page(query: Mapping[str, str]) -> Page:
    """Raises Refused."""
    statuses = {part.strip().lower() for part in query.get("status", "").split(",") if part.strip()}
    if unknown := statuses - set(Status):
        valid = ", ".join(Status)
        raise Refused(f"Invalid status value(s): {', '.join(unknown)}. Valid values: {valid}")
    order = query.get("sort_by", Order.CREATED).lower()
    if order not in set(Order):
        raise Refused("sort_by must be 'created_at' or 'execution_duration'")
    direction = query.get("sort_order", "desc").lower()
    if direction not in ("asc", "desc"):
        raise Refused("sort_order must be 'asc' or 'desc'")
    limit = _integer(query, "limit")
    if limit is not None and limit <= 0:
        raise Refused("limit must be a positive integer")
    return Page(
        statuses=frozenset(statuses or Status),
        workflow_id=query.get("workflow_id") or None,
        order=Order(order),
        descending=direction == "desc",
        limit=limit,
        offset=max(_integer(query, "offset") or 0, 0),
    )


def _integer(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    try:
        return int(query[name])
    except ValueError as error:
        raise Refused(f"{name} must be an integer") from error


def waiting_job(item: Item, status: Status) -> Job:
    counts = {"outputs_count": 0, "previewable_outputs_count": 0}
    return _pruned({**_common(item), "status": status, **counts})


def ended_job(entry: dict[str, Any]) -> Job:
    messages = dict(entry["status"]["messages"])
    [(event, end)] = [(event, messages[event]) for event in ENDS if event in messages]
    files = [
        {**file, "nodeId": node_id, "mediaType": key}
        for node_id, ui in entry["outputs"].items()
        for key, values in ui.items()
        for file in values
        if isinstance(file, dict)
    ]
    previewed = [file for file in files if file["mediaType"] in PREVIEWED]
    saved = [file for file in previewed if file["type"] == "output"]
    return _pruned(
        {
            **_common(entry["prompt"]),
            "status": ENDS[event],
            "execution_start_time": messages["execution_start"]["timestamp"],
            "execution_end_time": end["timestamp"],
            "execution_error": messages.get("execution_error"),
            "outputs_count": len(files),
            "previewable_outputs_count": len(previewed),
            "preview_output": next(iter(saved + previewed), None),
        }
    )


def _common(item: Item) -> Job:
    number, prompt_id, _, extra_data, _ = item
    workflow = extra_data.get("extra_pnginfo", {}).get("workflow", {})
    return {
        "id": prompt_id,
        "priority": number,
        "create_time": extra_data["create_time"],
        "workflow_id": workflow.get("id"),
    }


def _workflow(item: Item) -> dict[str, Any]:
    return {"prompt": item[2], "extra_data": item[3]}


def _pruned(job: Job) -> Job:
    return {key: value for key, value in job.items() if value is not None}
