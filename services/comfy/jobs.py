"""The job routes of newer servers: the line without its graphs, and a cancel in one request.

Shortcuts only. Whatever they answer but plain success is taken as if they weren't there, and no
prompt is called absent or ended on their word.
"""

from typing import Literal
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from proto.model import Model
from services.comfy import queue
from services.comfy.connection import ComfyConnection, ComfyProtocol
from services.comfy.queue import Queue

LIST = "/api/jobs"
CANCEL = "/api/jobs/{id}/cancel"
NO_ROUTE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED})


class Job(Model):
    """priority: the number of its queue item."""

    id: str
    status: Literal["pending", "in_progress"]
    priority: int | float


class Pagination(Model):
    has_more: bool


class Listing(Model):
    jobs: list[Job]
    pagination: Pagination


class Cancelled(Model):
    cancelled: bool


async def read_line(connection: ComfyConnection) -> Queue | None:
    """What /queue tells, graphs left out; None from a server that doesn't tell it this way."""
    if LIST in connection.missing_routes:
        return None
    response = await connection.ask("GET", LIST, params={"status": "pending,in_progress"})
    if not _answered(connection, LIST, response):
        return None
    try:
        listing = Listing.model_validate(connection.read_json(response))
    except (ComfyProtocol, ValidationError):
        return None
    return None if listing.pagination.has_more else _queue(listing.jobs)


def _queue(jobs: list[Job]) -> Queue:
    return queue.in_order(
        [(job.priority, job.id) for job in jobs if job.status == "in_progress"],
        [(job.priority, job.id) for job in jobs if job.status == "pending"],
    )


async def cancel(connection: ComfyConnection, prompt_id: str) -> bool:
    """Take a prompt out of the line, or interrupt it if it runs; whether the server did."""
    if not prompt_id:
        raise ValueError("a prompt without an id can't be cancelled")
    if CANCEL in connection.missing_routes:
        return False
    response = await connection.ask("POST", CANCEL.format(id=quote(prompt_id, safe="")))
    if not _answered(connection, CANCEL, response):
        return False
    try:
        return Cancelled.model_validate(connection.read_json(response)).cancelled
    except (ComfyProtocol, ValidationError):
        return False


def _answered(connection: ComfyConnection, route: str, response: httpx.Response) -> bool:
    if response.status_code in NO_ROUTE:
        connection.missing_routes.add(route)
    return response.is_success
