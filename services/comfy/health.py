"""Whether a server's executor is at work.

The thread that runs prompts can die while the server goes on answering 200 to everything; nothing
but a restart brings it back. Only what becomes of the line tells.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.comfy.queue import Queue

SETTLED_AFTER_S = 60.0
"""Prompts that are posted together can join the line in another order than they were numbered."""


class Executor(StrEnum):
    """idle: nothing to do. stalled: prompts wait and none runs. stuck: one runs and never moves."""

    IDLE = "idle"
    WORKING = "working"
    STALLED = "stalled"
    STUCK = "stuck"


@dataclass(frozen=True)
class Diagnosis:
    """prompt_id: what runs, or waits to run next. quiet_s: how long ago anything moved.

    restarted: the server is another process than at the observation before.
    """

    executor: Executor
    prompt_id: str | None
    quiet_s: float
    restarted: bool


class Pulse:
    """Diagnoses one server from its line, looked at every few seconds. Times are monotonic.

    stalled_after_s: more than a server takes to unload models between two prompts.
    stuck_after_s: more than any node takes without a word, or any prompt where nobody listens.
    """

    def __init__(self, *, stalled_after_s: float, stuck_after_s: float) -> None:
        self._patience_s = {True: stuck_after_s, False: stalled_after_s}
        self._runs = False
        self._prompt_id: str | None = None
        self._moved_at = 0.0
        self._line = Queue(running=[], pending=[])
        self._highest: list[tuple[float, int]] = []

    def hear(self, prompt_id: str, at: float) -> None:
        """The server's socket said something of a prompt."""
        if self._runs and prompt_id == self._prompt_id:
            self._moved_at = max(self._moved_at, at)

    def observe(self, line: Queue, at: float) -> Diagnosis:
        restarted = self._counts_anew(line, at)
        runs = bool(line.running)
        prompt_id = next(iter(line.running + line.pending), None)
        if restarted or (runs, prompt_id) != (self._runs, self._prompt_id):
            self._runs, self._prompt_id, self._moved_at = runs, prompt_id, at
        self._line = line
        quiet_s = at - self._moved_at
        return Diagnosis(self._executor(quiet_s), prompt_id, quiet_s, restarted)

    def _executor(self, quiet_s: float) -> Executor:
        if self._prompt_id is None:
            return Executor.IDLE
        if quiet_s < self._patience_s[self._runs]:
            return Executor.WORKING
        return Executor.STUCK if self._runs else Executor.STALLED

    def _counts_anew(self, line: Queue, at: float) -> bool:
        """Whether a prompt that is new in the line has a number that was given out long ago."""
        settled = [number for since, number in self._highest if at - since >= SETTLED_AFTER_S]
        fresh = line.numbers.keys() - self._line.numbers.keys()
        restarted = any(line.numbers[prompt_id] <= max(settled, default=-1) for prompt_id in fresh)
        if restarted:
            self._highest = []
        elif len(settled) > 1:
            self._highest = self._highest[len(settled) - 1 :]
        highest = max(line.numbers.values(), default=-1)
        if highest > (self._highest[-1][1] if self._highest else -1):
            self._highest.append((at, highest))
        return restarted
