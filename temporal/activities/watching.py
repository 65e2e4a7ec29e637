import asyncio
import json
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass

import structlog
from temporalio import activity

from proto.backend import BackendState
from proto.event import EventType
from proto.job import SecondsRange, Stage
from proto.model import Model
from proto.render import CancelEnd, PromptEnd, PromptOutcome, Watch
from services.comfy import queue
from services.comfy.connection import ComfyError
from services.comfy.hints import Hint, progress_hints
from services.comfy.history import HistoryEntry
from services.comfy.outcome import judge
from services.comfy.presence import Place, Whereabouts
from services.comfy.socket import StepProgress, Wake
from services.comfy.withdraw import withdraw
from services.store import backends, jobs, prompts
from services.store.database import DATABASE_ERRORS, Pool
from services.store.jobs import Change
from temporal.activities.backends import BackendLink, Backends

log = structlog.get_logger()

FIRST_POLL_S = 0.5
LONGEST_POLL_S = 5.0
REPORT_EVERY_S = 0.4
HEARTBEAT_EVERY_S = 2.0
SOCKET_SILENCE_S = 60.0
ABSENCES_TO_BE_LOST = 3
MAX_ANSWER_CHARS = 4000
TAKE_BACK_S = 10.0
STALLED_STEPS = 20
"""A render that has been stepping is taken back only after that many of its usual steps' time."""
FINISHING_S = (2, 10)
"""About what follows the last step: decoding, fetching, joining."""

NO_NEW_WORK = frozenset({BackendState.DRAINING, BackendState.QUARANTINED, BackendState.REMOVED})
MACHINE_FAULTS = ("OutOfMemory", "No space left", "CUDA error", "reported no file")
"""What an error says that another backend, or the same one later, may not run into."""


@dataclass(frozen=True)
class Limits:
    """patience_s: how long it may run. stall_s: how long without a sign of life.

    silence_s: how long its backend may not answer.
    """

    patience_s: float
    stall_s: float
    silence_s: float


class Seen(Model):
    """What a watcher knew at its last heartbeat: the next one goes on from it."""

    running_since: float | None = None
    step: float = 0.0


class Signs:
    """What the backend's socket said. It decides nothing but when to look, and whether it lives."""

    def __init__(self, step: float) -> None:
        self.step = step
        self.look_now = False
        self.last_life: float | None = None
        self._news = asyncio.Event()

    async def listen(self, link: BackendLink, prompt_id: str, steps: int) -> None:
        hints = progress_hints(link.quick, prompt_id, prompt_id, silence_s=SOCKET_SILENCE_S)
        async with aclosing(hints):
            async for hint in hints:
                self._take(hint, steps)

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), max(timeout_s, 0))
        self._news.clear()

    def _take(self, hint: Hint, steps: int) -> None:
        if self.last_life is None or isinstance(hint, Wake):
            # It has started, or ended.
            self.look_now = True
            self._news.set()
        if isinstance(hint, StepProgress) and hint.max == steps:
            # Other nodes report progress too; only the one that counts the steps tells the time.
            self.step = max(self.step, hint.value)
            self._news.set()
        self.last_life = time.monotonic()


class Watcher:
    """Follows one prompt to its end by asking for the line and then for the history.

    Two that overlap do no harm: both look, and what they write is the same.
    """

    def __init__(
        self, pool: Pool, backends: Backends, watch: Watch, steps: int, limits: Limits
    ) -> None:
        self._pool = pool
        self._backends = backends
        self._watch = watch
        self._prompt = watch.work.prompt
        self._steps = steps
        self._limits = limits
        self._seen = _last_seen()
        self._signs = Signs(self._seen.step)
        self._listener: asyncio.Task[None] | None = None
        self._began = self._answered_at = time.monotonic()
        self._poll_s = FIRST_POLL_S
        self._absences = 0
        self._answer: str | None = None
        self._still_there = False
        self._told_running = False
        self._told_step = self._seen.step
        self._told_at = 0.0

    async def run(self, wanted_nodes: list[str]) -> PromptOutcome:
        link = await self._backends.link(self._prompt.backend_id)
        try:
            outcome = await self._follow(link, wanted_nodes)
        finally:
            await self._stop_listening()
        outcome = outcome.model_copy(update={"ran": self._seen.running_since is not None})
        await self._note(outcome)
        return outcome

    async def _follow(self, link: BackendLink, wanted_nodes: list[str]) -> PromptOutcome:
        next_poll = 0.0
        while True:
            if self._signs.look_now or time.monotonic() >= next_poll:
                outcome = await self._look(link, wanted_nodes)
                if outcome is not None:
                    return outcome
                next_poll = time.monotonic() + self._next_poll_s()
            await self._tell_progress()
            self._seen = self._seen.model_copy(update={"step": self._signs.step})
            activity.heartbeat(self._seen)
            await self._signs.wait(min(next_poll - time.monotonic(), HEARTBEAT_EVERY_S))

    async def _look(self, link: BackendLink, wanted_nodes: list[str]) -> PromptOutcome | None:
        # Something has just happened: what others read of the line before is too old.
        since = time.monotonic() if self._signs.look_now else self._began
        self._signs.look_now = False
        try:
            place = await link.line.find(self._prompt.prompt_id, since=since)
        except ComfyError as error:
            return self._judge_silence(error)
        self._answered_at = time.monotonic()
        self._absences = self._absences + 1 if place.where is Whereabouts.ABSENT else 0
        if place.where is Whereabouts.RUNNING or place.entry is not None:
            await self._tell_running()
        if place.entry is not None:
            return self._judge_entry(place.entry, wanted_nodes)
        return await self._judge_unfinished(link, place)

    async def _judge_unfinished(self, link: BackendLink, place: Place) -> PromptOutcome | None:
        if place.where is Whereabouts.ABSENT:
            # A backend that restarts forgets its line and its history.
            cause = f"{link.backend_id} knows nothing of the prompt any more"
            lost = self._absences >= ABSENCES_TO_BE_LOST
            return self._outcome(PromptEnd.LOST, cause) if lost else None
        if place.ahead <= 1 and self._listener is None:
            listening = self._signs.listen(link, self._prompt.prompt_id, self._steps)
            self._listener = asyncio.create_task(listening)
        if place.where is Whereabouts.PENDING:
            return await self._move(link)
        return await self._judge_running(link)

    async def _move(self, link: BackendLink) -> PromptOutcome | None:
        """Take it out of the line of a backend that gets no new work, unless it has started."""
        row = await self._backends.row(link.backend_id)
        if row.state not in NO_NEW_WORK:
            return None
        try:
            await queue.delete(link.quick, [self._prompt.prompt_id])
            place = await link.line.find(self._prompt.prompt_id, since=time.monotonic())
        except ComfyError as error:
            return self._judge_silence(error)
        if place.where is not Whereabouts.ABSENT:
            return None
        return self._outcome(PromptEnd.MOVED, f"{link.backend_id} is {row.state}: {row.reason}")

    async def _judge_running(self, link: BackendLink) -> PromptOutcome | None:
        ran_s = time.time() - (self._seen.running_since or time.time())
        quiet_s = time.monotonic() - (self._signs.last_life or time.monotonic())
        if ran_s <= self._limits.patience_s and quiet_s <= self._stall_s(ran_s - quiet_s):
            return None
        cause = f"it ran for {ran_s:.0f} s, the last {quiet_s:.0f} s of them without a sign of life"
        try:
            end = await withdraw(link.quick, self._prompt.prompt_id, give_up_after_s=TAKE_BACK_S)
        except ComfyError as error:
            return self._judge_silence(error)
        if end is CancelEnd.FINISHED:
            return None
        if end is None:
            await self._quarantine(f"prompt {self._prompt.prompt_id}: {cause}")
        return self._outcome(PromptEnd.STALLED, cause, still_there=end is None)

    async def _quarantine(self, reason: str) -> None:
        """Until its agent sees it move again, or restarted."""
        async with self._pool.acquire() as connection:
            await backends.set_state(
                connection,
                self._prompt.backend_id,
                BackendState.QUARANTINED,
                reason,
                allowed=[BackendState.OFFERED],
            )

    def _stall_s(self, moved_s: float) -> float:
        """How long it may be silent: a slow backend is given time by its own steps.

        moved_s: the time it ran until it fell silent.
        """
        step_s = moved_s / self._signs.step if self._signs.step else 0
        return max(self._limits.stall_s, STALLED_STEPS * step_s)

    def _judge_silence(self, error: ComfyError) -> PromptOutcome | None:
        silent_s = time.monotonic() - self._answered_at
        log.warning("backend silent", backend=self._prompt.backend_id, cause=str(error))
        if silent_s < self._limits.silence_s:
            return None
        cause = f"{self._prompt.backend_id} was silent for {silent_s:.0f} s: {error}"
        return self._outcome(PromptEnd.UNREACHABLE, cause, still_there=True)

    def _judge_entry(self, entry: HistoryEntry, wanted_nodes: list[str]) -> PromptOutcome:
        outcome = judge(entry, wanted_nodes)
        self._answer = json.dumps(entry.status.messages[-1:])[:MAX_ANSWER_CHARS]
        fault = any(words in (outcome.cause or "") for words in MACHINE_FAULTS)
        return outcome.model_copy(update={"machine_fault": fault})

    def _outcome(self, end: PromptEnd, cause: str, *, still_there: bool = False) -> PromptOutcome:
        self._still_there = still_there
        return PromptOutcome(prompt_id=self._prompt.prompt_id, end=end, cause=cause)

    async def _note(self, outcome: PromptOutcome) -> None:
        cause = outcome.cause or ""
        async with self._pool.acquire() as connection:
            if self._still_there:
                await prompts.abandon(
                    connection, outcome.prompt_id, outcome=outcome.end, cause=cause
                )
            else:
                await prompts.settle(
                    connection,
                    outcome.prompt_id,
                    outcome=outcome.end,
                    cause=outcome.cause,
                    answer=self._answer,
                )

    def _next_poll_s(self) -> float:
        if self._absences:
            return FIRST_POLL_S
        poll_s, self._poll_s = self._poll_s, min(self._poll_s * 1.5, LONGEST_POLL_S)
        return poll_s

    async def _tell_running(self) -> None:
        if self._seen.running_since is None:
            self._seen = self._seen.model_copy(update={"running_since": time.time()})
        if not self._told_running:
            self._told_running = await self._record(
                Change(
                    key=f"executing/{self._prompt.prompt_id}",
                    type=EventType.EXECUTING,
                    stage=Stage.ANIMATING,
                    progress=self._watch.progress_from,
                    prompt_id=self._prompt.prompt_id,
                    backend_id=self._prompt.backend_id,
                )
            )

    async def _tell_progress(self) -> None:
        step, now = self._signs.step, time.monotonic()
        if step <= self._told_step or now - self._told_at < REPORT_EVERY_S:
            return
        await self._tell_running()
        share = self._watch.progress_share * step / self._steps
        told = await self._record(
            Change(
                key=f"progress/{self._prompt.prompt_id}/{step:g}",
                type=EventType.PROGRESS,
                stage=Stage.ANIMATING,
                progress=self._watch.progress_from + share,
                eta=self._eta(step),
            )
        )
        if told:
            self._told_step, self._told_at = step, now

    def _eta(self, step: float) -> SecondsRange | None:
        """From the steps so far; the first one includes loading the models, so it says nothing."""
        if self._seen.running_since is None or step < 2:  # noqa: PLR2004
            return None
        left_s = (time.time() - self._seen.running_since) / step * (self._steps - step)
        low, high = FINISHING_S
        return SecondsRange(low=round(left_s * 0.9) + low, high=round(left_s * 1.3) + high)

    async def _record(self, change: Change) -> bool:
        """Whether it could be written. A watcher goes on without the database."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await jobs.record(connection, self._prompt.job_id, change)
        except DATABASE_ERRORS as error:
            log.warning("progress not recorded", cause=repr(error))
            return False
        return True

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)


def _last_seen() -> Seen:
    """What the try before this one knew, if there was one."""
    details = activity.info().heartbeat_details
    return Seen.model_validate(details[0]) if details else Seen()
