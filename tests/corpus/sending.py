"""An upload as a browser sends it, and the time its verdict takes."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import httpx

from tests.corpus.case import Case

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Verdict:
    """verdict_ms: from the last byte that was sent to the answer."""

    answer: httpx.Response
    verdict_ms: float


async def send(http: httpx.AsyncClient, case: Case, content: bytes) -> Verdict:
    edge = uuid4().hex
    named = f'Content-Disposition: form-data; name="file"; filename="{_quoted(case.filename)}"'
    head = f"--{edge}\r\n{named}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
    tail = f"\r\n--{edge}--\r\n".encode()
    sent_at = 0.0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent_at
        yield head
        for at in range(0, len(content), CHUNK):
            yield content[at : at + CHUNK]
        sent_at = time.monotonic()
        yield tail

    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Content-Length": str(len(head) + len(content) + len(tail)),
    }
    answer = await http.post(f"/api/assets/{case.kind}", content=body(), headers=headers)
    return Verdict(answer, (time.monotonic() - sent_at) * 1000)


def _quoted(name: str) -> str:
    """As browsers do (HTML, multipart form data)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
