"""The API as a caller uses it, for tests."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from proto.job import TERMINAL

PATIENCE_S = 90.0
UNNUMBERED = frozenset({"ping", "line"})


@dataclass(frozen=True)
class Message:
    """One server-sent event."""

    event: str
    id: str | None
    data: dict[str, Any]


def new_key() -> str:
    """An Idempotency-Key that was never used."""
    return f"key-{uuid4()}"


class Studio:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def upload(self, kind: str, path: Path, name: str | None = None) -> dict[str, Any]:
        response = await self.try_upload(kind, path.read_bytes(), name or path.name)
        assert response.status_code == 201, response.text
        asset: dict[str, Any] = response.json()
        return asset

    async def until_checked(self, asset_id: str) -> dict[str, Any]:
        """The file once it was decoded from end to end."""

        async def checked() -> dict[str, Any] | None:
            asset: dict[str, Any] = await self.fetch_json(f"/api/assets/{asset_id}")
            return asset if asset["checked"] else None

        found: dict[str, Any] = await eventually(checked)
        return found

    async def try_upload(self, kind: str, content: bytes, name: str) -> httpx.Response:
        return await self.http.post(f"/api/assets/{kind}", files={"file": (name, content)})

    async def create(
        self, mode: str, body: dict[str, Any], *, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        response = await self.http.post(f"/api/jobs/{mode}", json=body, headers=headers)
        assert response.status_code == 202, response.text
        job: dict[str, Any] = response.json()
        return job

    async def preview(self, mode: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await self.http.post(f"/api/jobs/{mode}/preview", json=body)
        assert response.status_code == 200, response.text
        promise: dict[str, Any] = response.json()
        return promise

    async def get(self, job_id: str) -> dict[str, Any]:
        response = await self.http.get(f"/api/jobs/{job_id}")
        assert response.status_code == 200, response.text
        job: dict[str, Any] = response.json()
        return job

    async def find_ended(self, job_id: str) -> dict[str, Any] | None:
        """The job, if it is over."""
        job = await self.get(job_id)
        return job if job["status"] in TERMINAL else None

    async def until_ended(self, job_id: str, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        ended: dict[str, Any] = await eventually(lambda: self.find_ended(job_id), within_s=within_s)
        return ended

    async def cancel(self, job_id: str) -> dict[str, Any]:
        response = await self.http.post(f"/api/jobs/{job_id}/cancel")
        assert response.status_code == 202, response.text
        job: dict[str, Any] = response.json()
        return job

    async def stop(self, job_id: str) -> None:
        """Have the job over, whatever it was doing."""
        await self.http.post(f"/api/jobs/{job_id}/cancel")
        await eventually(lambda: self.find_ended(job_id))

    async def until(self, job_id: str, *statuses: str) -> dict[str, Any]:
        """The job once it has one of the statuses. Fails when it ends otherwise."""
        async for message in self.follow(f"/api/jobs/{job_id}/stream"):
            if message.event == "hello":
                continue
            if message.data["status"] in statuses:
                return await self.get(job_id)
            if message.data["status"] in TERMINAL:
                # It may have been retried since.
                assert await self.find_ended(job_id) is None, message.data
        raise AssertionError(f"the stream of job {job_id} ended without {statuses}")

    async def follow(self, path: str, **headers: str) -> AsyncGenerator[Message, None]:
        """A stream's numbered messages, until it ends, at most for PATIENCE_S."""
        async with aclosing(self.follow_all(path, **headers)) as messages:
            async for message in messages:
                if message.event not in UNNUMBERED:
                    yield message

    async def follow_all(self, path: str, **headers: str) -> AsyncGenerator[Message, None]:
        """All that a stream says, until it ends, at most for PATIENCE_S."""
        deadline = time.monotonic() + PATIENCE_S
        async with self.http.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                assert time.monotonic() < deadline, f"{path} went on too long"
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                if "event" in fields:
                    yield Message(fields["event"], fields.get("id"), json.loads(fields["data"]))
                fields = {}

    async def messages(self, path: str, **headers: str) -> list[Message]:
        """All of a stream that ends by itself."""
        return [message async for message in self.follow(path, **headers)]

    async def fetch(self, url: str) -> bytes:
        response = await self.http.get(url)
        assert response.status_code == 200, response.text
        return response.content

    async def fetch_json(self, url: str) -> Any:
        return json.loads(await self.fetch(url))


async def eventually(condition: Any, *, within_s: float = PATIENCE_S) -> Any:
    """What an async function gives once that is true; asks again until then."""
    async with asyncio.timeout(within_s):
        while not (result := await condition()):  # noqa: ASYNC110  nothing else tells us
            await asyncio.sleep(0.1)
        return result
