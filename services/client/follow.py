"""Server-sent events, as the API sends them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

ENDS = frozenset({"completed", "failed", "cancelled"})
RECONNECTS = 20
"""In a row, without an event between them."""


@dataclass(frozen=True)
class Message:
    """One event. id: what to send as Last-Event-ID to go on after it; None where it has none."""

    event: str
    id: str | None
    data: dict[str, Any]


def follow_job(http: httpx.Client, job_id: str) -> Iterator[Message]:
    """A job's events until it has ended, through lost connections.

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
                if message.data.get("status") in ENDS:
                    return
        except httpx.TransportError:
            failures += 1
            if failures > RECONNECTS:
                raise
        else:
            # The stream of a job ends with the job.
            return


def _messages(http: httpx.Client, path: str, last: str | None) -> Iterator[Message]:
    headers = {"Last-Event-ID": last} if last else {}
    # A stream says something every 15 seconds.
    with http.stream("GET", path, headers=headers, timeout=60) as response:
        response.raise_for_status()
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
                continue
            if "event" in fields:
                yield Message(fields["event"], fields.get("id"), json.loads(fields["data"]))
            fields = {}
