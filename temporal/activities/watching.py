import asyncio
import json
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

import structlog
from temporalio import activity

from proto.backend import BackendState, FindingKind
from proto.event import EventType
from proto.job import SecondsRange, Stage
from proto.model import Model
from proto.plan import PREPARATION, Plan
from proto.render import CancelEnd, PromptEnd, PromptOutcome, Watch
from services.comfy import queue
from services.comfy.connection import ComfyError
from services.comfy.hints import Hint, progress_hints
from services.comfy.history import HistoryEntry
from services.comfy.outcome import judge
from services.comfy.presence import Place, Whereabouts
from services.comfy.socket import StepProgress, Wake
from services.comfy.withdraw import withdraw
from services.store import backends, checkpoints, jobs, prompts
from services.store.backends import Treatment
from services.store.checkpoints import Alike
from services.store.database import DATABASE_ERRORS, Pool
from services.store.jobs import Change
from temporal.activities.backends import BackendLink, Backends
from temporal.activities.heartbeat import beating
from temporal.activities.outlook import Outlook

log = structlog.get_logger()

FIRST_POLL_S = 0.5
LONGEST_POLL_S = 5.0
REPORT_EVERY_S = 0.4
LONGEST_WAIT_S = 2.0
"""For progress that came too early, or while the database was away, to be told after all."""

SOCKET_SILENCE_S = 60.0
ABSENCES_TO_BE_LOST = 3
MAX_ANSWER_CHARS = 4000
TAKE_BACK_S = 10.0
STALLED_STEPS = 20
"""A render that has been stepping is taken back only after that many of its usual steps' time."""

NO_NEW_WORK = frozenset({BackendState.DRAINING, BackendState.QUARANTINED, BackendState.REMOVED})


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


@dataclass(frozen=True)
class Verdict:
    """answer: what the backend said of the end. still_there: the prompt may yet wait or run."""

    outcome: PromptOutcome
    answer: str | None = None
    still_there: bool = False


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
        self, pool: Pool, backends: Backends, watch: Watch, plan: Plan, limits: Limits
    ) -> None:
        self._pool = pool
        self._backends = backends
        self._watch = watch
        self._prompt = watch.work.prompt
        self._plan = plan
        self._steps = plan.settings.steps
        self._outlook: Outlook | None = None
        self._limits = limits
        self._seen = _last_seen()
        self._signs = Signs(self._seen.step)
        self._listener: asyncio.Task[None] | None = None
        self._began = self._answered_at = time.monotonic()
        self._poll_s = FIRST_POLL_S
        self._absences = 0
        self._told_running = False
        self._told_step = self._seen.step
        self._told_at = 0.0

    async def run(self, wanted_nodes: list[str]) -> PromptOutcome:
        async with beating(lambda: self._seen):
            link = await self._backends.link(self._prompt.backend_id)
            self._outlook = await self._look_ahead()
            try:
                verdict = await self._follow(link, wanted_nodes)
            finally:
                await self._stop_listening()
            ran = {"ran": self._seen.running_since is not None}
            verdict = replace(verdict, outcome=verdict.outcome.model_copy(update=ran))
            await self._note(verdict)
        return verdict.outcome

    async def _follow(self, link: BackendLink, wanted_nodes: list[str]) -> Verdict:
        next_poll = 0.0
        while True:
            if self._signs.look_now or time.monotonic() >= next_poll:
                verdict = await self._look(link, wanted_nodes)
                if verdict is not None:
                    return verdict
                next_poll = time.monotonic() + self._next_poll_s()
            await self._tell_progress()
            self._seen = self._seen.model_copy(update={"step": self._signs.step})
            await self._signs.wait(min(next_poll - time.monotonic(), LONGEST_WAIT_S))

    async def _look(self, link: BackendLink, wanted_nodes: list[str]) -> Verdict | None:
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

    async def _judge_unfinished(self, link: BackendLink, place: Place) -> Verdict | None:
        if place.where is Whereabouts.ABSENT:
            # A backend that restarts forgets its line and its history.
            cause = f"{link.backend_id} knows nothing of the prompt any more"
            lost = self._absences >= ABSENCES_TO_BE_LOST
            return self._verdict(PromptEnd.LOST, cause) if lost else None
        if place.ahead <= 1 and self._listener is None:
            listening = self._signs.listen(link, self._prompt.prompt_id, self._steps)
            self._listener = asyncio.create_task(listening)
        if place.where is Whereabouts.PENDING:
            return await self._move(link)
        return await self._judge_running(link)

    async def _move(self, link: BackendLink) -> Verdict | None:
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
        return self._verdict(PromptEnd.MOVED, f"{link.backend_id} is {row.state}: {row.reason}")

    async def _judge_running(self, link: BackendLink) -> Verdict | None:
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
        return self._verdict(PromptEnd.STALLED, cause, still_there=end is None)

    async def _quarantine(self, reason: str) -> None:
        """Until its agent sees it move again, or restarted."""
        treatment = Treatment(
            state=BackendState.QUARANTINED, because=FindingKind.STUCK_PROMPT, why=reason
        )
        async with self._pool.acquire() as connection:
            row = await backends.find(connection, self._prompt.backend_id)
            if row is not None:
                await backends.treat(connection, row, treatment, allowed=[BackendState.OFFERED])

    def _stall_s(self, moved_s: float) -> float:
        """How long it may be silent: a slow backend is given time by its own steps.

        moved_s: the time it ran until it fell silent.
        """
        step_s = moved_s / self._signs.step if self._signs.step else 0
        return max(self._limits.stall_s, STALLED_STEPS * step_s)

    def _judge_silence(self, error: ComfyError) -> Verdict | None:
        silent_s = time.monotonic() - self._answered_at
        log.warning("backend silent", backend=self._prompt.backend_id, cause=str(error))
        if silent_s < self._limits.silence_s:
            return None
        cause = f"{self._prompt.backend_id} was silent for {silent_s:.0f} s: {error}"
        return self._verdict(PromptEnd.UNREACHABLE, cause, still_there=True)

    def _judge_entry(self, entry: HistoryEntry, wanted_nodes: list[str]) -> Verdict:
        answer = json.dumps(entry.status.messages[-1:])[:MAX_ANSWER_CHARS]
        return Verdict(judge(entry, wanted_nodes), answer=answer)

    def _verdict(self, end: PromptEnd, cause: str, *, still_there: bool = False) -> Verdict:
        outcome = PromptOutcome(prompt_id=self._prompt.prompt_id, end=end, cause=cause)
        return Verdict(outcome, still_there=still_there)

    async def _note(self, verdict: Verdict) -> None:
        outcome = verdict.outcome
        async with self._pool.acquire() as connection:
            if verdict.still_there:
                await prompts.abandon(
                    connection, outcome.prompt_id, outcome=outcome.end, cause=outcome.cause or ""
                )
            else:
                await prompts.settle(
                    connection,
                    outcome.prompt_id,
                    outcome=outcome.end,
                    cause=outcome.cause,
                    answer=verdict.answer,
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
                    eta=self._eta(0),
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
        if self._outlook is None or self._seen.running_since is None:
            return None
        return self._outlook.left(step, time.time() - self._seen.running_since)

    async def _look_ahead(self) -> Outlook:
        settings, index = self._plan.settings, self._prompt.segment
        alike = Alike.of(self._plan.template.template_id, settings)
        try:
            async with self._pool.acquire() as connection:
                pace = await checkpoints.find_pace(connection, alike, self._prompt.backend_id)
        except DATABASE_ERRORS as error:
            log.warning("pace unknown", cause=repr(error))
            pace = None
        return Outlook(
            steps=settings.steps,
            length=0 if index == PREPARATION else self._plan.segments[index].length,
            rest_frames=self._watch.rest_frames,
            pace=pace,
        )

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
