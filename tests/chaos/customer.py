"""Those who want videos. They know the API only, and are patient when it is away."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from proto.job import TERMINAL, JobStatus
from tests.chaos.plan import Moment, Order
from tests.chaos.reader import Readers, Transcript

TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.3
LONGEST_PAUSE_S = 4.0
POLL_S = 1.0
MOST_RETRIES = 8
RETRIED = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})
ASK_AGAIN_LATER = frozenset({408, 425, 429})


@dataclass
class Asked:
    """What became of an order, as its customer saw it.

    job_ids: every id that was answered for its key. refusal: an answer that no retry mends.
    cancel_sent: a cancellation may have arrived. cancel_answer: the status it got. keep_sent: the
    wish to end it with what is done may have arrived. retries: how often it was taken up again.
    """

    order: Order
    key: str
    body: dict[str, Any]
    job_ids: list[str] = field(default_factory=list)
    refusal: str | None = None
    cancel_sent: bool = False
    cancel_answer: int | None = None
    keep_sent: bool = False
    retries: int = 0
    ended: str | None = None

    @property
    def job_id(self) -> str:
        return self.job_ids[0]


class Customer:
    """Carries one order through to its end."""

    def __init__(
        self, http: httpx.AsyncClient, asked: Asked, readers: Readers, random: Random
    ) -> None:
        self.asked = asked
        self._http = http
        self._readers = readers
        self._stream: Transcript | None = None
        self._random = random

    async def run(self) -> None:
        if not await self._create():
            return
        order = self.asked.order
        if order.asked_twice:
            await self._create()
        if order.streamed:
            path = f"/api/jobs/{self.asked.job_id}/stream"
            self._stream = self._readers.add(path, stays=order.retries)
        await self._follow()
        while order.retries and self._may_retry():
            await self._retry()
            self.asked.ended = await self._until_ended()

    async def _follow(self) -> None:
        """Until it has ended, and nobody wants anything else of it."""
        order = self.asked.order
        async with asyncio.TaskGroup() as group:
            wishes = [group.create_task(self._change_mind())] if order.cancel else []
            if order.keep_after_s is not None:
                wishes.append(group.create_task(self._keep(order.keep_after_s)))
            self.asked.ended = await self._until_ended()
            for wish in wishes:
                wish.cancel()

    async def _create(self) -> bool:
        asked = self.asked
        path, headers = f"/api/jobs/{asked.order.mode}", {"Idempotency-Key": asked.key}
        answer = await self._answer("POST", path, json=asked.body, headers=headers)
        if answer.status_code != httpx.codes.ACCEPTED:
            asked.refusal = f"{answer.status_code} {answer.text[:300]}"
            return False
        asked.job_ids.append(answer.json()["job_id"])
        return True

    async def _change_mind(self) -> None:
        order = self.asked.order
        if order.cancel is not Moment.ANY:
            await self._until_status(str(order.cancel))
        await asyncio.sleep(order.cancel_after_s)
        path = f"/api/jobs/{self.asked.job_id}/cancel"
        self.asked.cancel_sent = True
        answer = await self._answer("POST", path)
        self.asked.cancel_answer = answer.status_code

    async def _keep(self, after_s: float) -> None:
        """From then on, as soon as there is something to keep."""
        await asyncio.sleep(after_s)
        answered: int = httpx.codes.CONFLICT
        while answered == httpx.codes.CONFLICT:
            self.asked.keep_sent = True
            answer = await self._answer("POST", f"/api/jobs/{self.asked.job_id}/keep")
            answered = answer.status_code
            await asyncio.sleep(POLL_S)

    def _may_retry(self) -> bool:
        asked = self.asked
        return asked.ended in RETRIED and asked.retries < MOST_RETRIES

    async def _retry(self) -> None:
        """A conflict is the answer to one that arrived though its answer was lost."""
        self.asked.retries += 1
        await self._answer("POST", f"/api/jobs/{self.asked.job_id}/retry")

    async def _until_status(self, status: str) -> None:
        while not (self._stream and self._stream.has_heard(status)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _until_ended(self) -> str:
        while True:
            answer = await self._answer("GET", f"/api/jobs/{self.asked.job_id}")
            status = answer.json().get("status") if answer.is_success else None
            if status in TERMINAL:
                return str(status)
            await asyncio.sleep(POLL_S * self._random.uniform(0.7, 1.3))

    async def _answer(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The first answer that is one; asks for the same thing again until there is."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                answer = await self._http.request(method, path, timeout=TIMEOUT_S, **given)
            except httpx.TransportError:
                answer = None
            if answer is not None and not _is_passing(answer):
                return answer
            await asyncio.sleep(pause_s * self._random.uniform(0.5, 1.5))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def _is_passing(answer: httpx.Response) -> bool:
    return answer.is_server_error or answer.status_code in ASK_AGAIN_LATER
