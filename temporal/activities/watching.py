import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import structlog
from temporalio import activity

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import SecondsRange, Stage
from proto.render import PromptEnd, PromptOutcome, Watch
from services.comfy.connection import ComfyUnavailable
from services.comfy.outcome import judge
from services.comfy.presence import Place, Whereabouts, find_prompt
from services.comfy.socket import StepProgress, progress
from services.store import jobs
from services.store.database import Pool
from services.store.jobs import Change
from temporal.activities.backends import Backend
from temporal.activities.failures import permanent

log = structlog.get_logger()

FIRST_POLL_S = 0.5
LONGEST_POLL_S = 5.0
REPORT_EVERY_S = 0.4
SOCKET_RETRY_S = 2.0
ABSENCES_TO_BE_LOST = 3
FINISHING_S = (2, 10)
"""About what follows the last step: decoding, fetching, joining."""


class Hints:
    """What the backend's socket said last. The socket never decides anything."""

    def __init__(self) -> None:
        self.step = 0.0
        self.ended = False
        self._news = asyncio.Event()

    async def listen(self, backend: Backend, watch: Watch, steps: int) -> None:
        while True:
            with suppress(ComfyUnavailable):
                async with aclosing(progress(backend.quick, watch.prompt_id)) as hints:
                    async for hint in hints:
                        if hint.prompt_id == watch.prompt_id:
                            self._take(hint if isinstance(hint, StepProgress) else None, steps)
            await asyncio.sleep(SOCKET_RETRY_S)

    def _take(self, hint: StepProgress | None, steps: int) -> None:
        if hint is None:
            self.ended = True
        elif hint.max == steps:
            # Other nodes report progress too; only the one that counts the steps tells the time.
            self.step = max(self.step, hint.value)
        self._news.set()

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), max(timeout_s, 0))
        self._news.clear()


class Watcher:
    """Follows one prompt to its end by asking for the line and then for the history."""

    def __init__(self, pool: Pool, backend: Backend, watch: Watch, steps: int) -> None:
        self._pool = pool
        self._backend = backend
        self._watch = watch
        self._steps = steps
        self._hints = Hints()
        self._poll_s = FIRST_POLL_S
        self._absences = 0
        self._running_since: float | None = None
        self._reported_step = 0.0
        self._reported_at = 0.0

    async def run(self, wanted_nodes: list[str]) -> PromptOutcome:
        """Raises a permanent generation_timeout when the deadline passes."""
        next_poll = 0.0
        async with self._listening():
            while time.time() < self._watch.deadline:
                if self._hints.ended or time.monotonic() >= next_poll:
                    outcome = await self._look(wanted_nodes)
                    if outcome is not None:
                        return outcome
                    next_poll = time.monotonic() + self._next_poll_s()
                await self._report()
                activity.heartbeat(self._hints.step)
                await self._hints.wait(next_poll - time.monotonic())
        cause = f"prompt {self._watch.prompt_id} did not end in time on {self._backend.backend_id}"
        raise permanent(ErrorCode.GENERATION_TIMEOUT, cause)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._hints.listen(self._backend, self._watch, self._steps))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look(self, wanted_nodes: list[str]) -> PromptOutcome | None:
        self._hints.ended = False
        try:
            place = await find_prompt(self._backend.quick, self._watch.prompt_id)
        except ComfyUnavailable as error:
            log.warning("backend silent", backend=self._backend.backend_id, cause=str(error))
            return None
        if place.where in {Whereabouts.RUNNING, Whereabouts.ENDED}:
            await self._report_running()
        if place.entry is not None:
            return judge(place.entry, wanted_nodes)
        return self._judge_absence(place)

    def _judge_absence(self, place: Place) -> PromptOutcome | None:
        # A backend that restarts forgets its line and its history.
        self._absences = self._absences + 1 if place.where is Whereabouts.ABSENT else 0
        if self._absences < ABSENCES_TO_BE_LOST:
            return None
        return PromptOutcome(
            prompt_id=self._watch.prompt_id,
            end=PromptEnd.LOST,
            cause=f"{self._backend.backend_id} knows nothing of the prompt any more",
        )

    def _next_poll_s(self) -> float:
        if self._absences:
            return FIRST_POLL_S
        poll_s, self._poll_s = self._poll_s, min(self._poll_s * 1.5, LONGEST_POLL_S)
        return poll_s

    async def _report_running(self) -> None:
        if self._running_since is not None:
            return
        self._running_since = time.monotonic()
        await self._record(
            Change(
                key=f"executing/{self._watch.prompt_id}",
                type=EventType.EXECUTING,
                stage=Stage.ANIMATING,
                progress=self._watch.progress_from,
                prompt_id=self._watch.prompt_id,
                backend_id=self._backend.backend_id,
            )
        )

    async def _report(self) -> None:
        step, now = self._hints.step, time.monotonic()
        if step <= self._reported_step or now - self._reported_at < REPORT_EVERY_S:
            return
        await self._report_running()
        done = step / self._steps
        await self._record(
            Change(
                key=f"progress/{self._watch.prompt_id}/{step:g}",
                type=EventType.PROGRESS,
                stage=Stage.ANIMATING,
                progress=self._watch.progress_from + self._watch.progress_share * done,
                eta=self._eta(step, now),
            )
        )
        self._reported_step, self._reported_at = step, now

    def _eta(self, step: float, now: float) -> SecondsRange | None:
        """From the steps so far; the first one includes loading the models, so it says nothing."""
        if self._running_since is None or step < 2:  # noqa: PLR2004
            return None
        left_s = (now - self._running_since) / step * (self._steps - step)
        low, high = FINISHING_S
        return SecondsRange(low=round(left_s * 0.9) + low, high=round(left_s * 1.3) + high)

    async def _record(self, change: Change) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await jobs.record(connection, self._watch.work.job_id, change)
