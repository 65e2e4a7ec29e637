"""Server-sent events, as the API sends them."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

ENDS = frozenset({"completed", "failed", "cancelled"})
RETRY_S = 0.5
RECONNECTS = 60
"""In a row, without an event between them."""


@dataclass(frozen=True)
class Message:
    """One event. id: what to send as Last-Event-ID to go on after it; None where it has none."""

    event: str
    id: str | None
    data: dict[str, Any]


def follow_job(http: httpx.Client, job_id: str) -> Iterator[Message]:
    """A job's events until it has ended, through lost connections and restarts of the studio.

    http: of the client, as `client.get_httpx_client()` gives it.
    """
    last: str | None = None
    failures = 0
    while True:
        try:
            for message in _messages(http, f"/api/jobs/{job_id}/stream", last):
                failures = 0
                last = message.id or last
                yield message
            # A stream ends with its job, and with a studio that is started anew.
            if _has_ended(http, job_id):
                return
        except (httpx.TransportError, Away):
            failures += 1
            if failures > RECONNECTS:
                raise
        time.sleep(RETRY_S)


class Away(Exception):
    """The studio is reached, and does not work now."""


def _check(response: httpx.Response) -> None:
    if response.is_server_error:
        raise Away(f"{response.status_code} of {response.request.url.path}")
    response.raise_for_status()


def _has_ended(http: httpx.Client, job_id: str) -> bool:
    response = http.get(f"/api/jobs/{job_id}")
    _check(response)
    return response.json()["status"] in ENDS


def _messages(http: httpx.Client, path: str, last: str | None) -> Iterator[Message]:
    headers = {"Last-Event-ID": last} if last else {}
    # A stream says something every 15 seconds.
    with http.stream("GET", path, headers=headers, timeout=60) as response:
        _check(response)
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
                continue
            if "event" in fields:
                yield Message(fields["event"], fields.get("id"), json.loads(fields["data"]))
            fields = {}
