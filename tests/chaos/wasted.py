"""What a fault costs of the GPUs: the runs that left nothing that could be gone on from.

A run is one execution of a prompt, from the ledger's "started" until its end there, or until its
stand-in was killed; the time in which the stand-in was held by a SIGSTOP is none of it. It left
something when its prompt has a checkpoint. What a customer stopped is not wasted.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from tests.chaos.breaker import Done
from tests.chaos.evidence import Attempt, Evidence, LedgerLine, PromptFact
from tests.chaos.plan import FaultKind

SUCCESS = "success"
ENDS = frozenset({SUCCESS, "error", "interrupted"})
FATAL = frozenset({"exit", "restart", "dead_executor"})
"""Scripts that end a stand-in, which then can't say that they happened."""

DEADLY = frozenset({*FATAL, FaultKind.KILL, FaultKind.RESTART})
STRIKES = {
    None: DEADLY,
    SUCCESS: frozenset({"vanished_file", "truncated_file", "wrong_length", *DEADLY}),
    "error": frozenset({"oom", "disk_full"}),
    "interrupted": frozenset({"foreign_interrupt"}),
}
"""What first comes to mind of a run that ended so."""

NOTICED_WITHIN_S = 30.0
"""A run that succeeded can still be lost: until that was seen, and its files were fetched."""


@dataclass(frozen=True)
class Run:
    """end: as the ledger has it; None of one that died with its stand-in."""

    prompt_id: str
    stand_in: int
    began: float
    ended: float
    end: str | None
    seconds: float


@dataclass(frozen=True)
class Waste:
    """A run that left nothing. usual_s: what others like it take. done: the fault it is down to."""

    run: Run
    attempt: Attempt
    usual_s: float
    done: Done | None

    @property
    def segments(self) -> float:
        """A run makes no more than its segment, however slow it was."""
        return min(self.run.seconds / self.usual_s, 1.0)


@dataclass(frozen=True)
class Failure:
    """What one happening of a fault cost one job."""

    job_id: str
    done: Done
    wastes: list[Waste]

    @property
    def seconds(self) -> float:
        return sum(waste.run.seconds for waste in self.wastes) / self._times

    @property
    def segments(self) -> float:
        return sum(waste.segments for waste in self.wastes) / self._times

    @property
    def is_dear(self) -> bool:
        """It cost more than the segment that it hit."""
        return len(self.wastes) > self._times

    @property
    def _times(self) -> int:
        return max(1, min(self.done.happened, len(self.wastes)))


class Runs:
    """All runs, and what became of each."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._attempts = evidence.attempts()
        self._rows = {row.prompt_id: row for row in evidence.prompts}
        self.all = [run for run in _runs(evidence) if run.prompt_id in self._attempts]

    @cached_property
    def kept(self) -> list[Run]:
        """Those that checkpoints are made of."""
        stored = {row.prompt_id for row in self._evidence.checkpoints}
        newest = {run.prompt_id: run for run in self.all if run.end == SUCCESS}
        return [run for prompt_id, run in newest.items() if prompt_id in stored]

    @cached_property
    def wasted(self) -> list[Waste]:
        kept = set(self.kept)
        return [
            Waste(run, self._attempts[run.prompt_id], self._usual_s(run), self._cause(run))
            for run in self.all
            if run not in kept and not self._is_stopped(run)
        ]

    @property
    def stopped(self) -> list[Run]:
        """By customers."""
        return [run for run in self.all if run not in set(self.kept) and self._is_stopped(run)]

    def row(self, run: Run) -> PromptFact:
        return self._rows[run.prompt_id]

    def failures(self) -> list[Failure]:
        costs: defaultdict[tuple[str, int], list[Waste]] = defaultdict(list)
        for waste in self.wasted:
            if waste.done is not None:
                costs[waste.attempt.job_id, id(waste.done)].append(waste)
        return [
            Failure(job_id, wastes[0].done, wastes)
            for (job_id, _), wastes in costs.items()
            if wastes[0].done is not None
        ]

    def _is_stopped(self, run: Run) -> bool:
        asked = self._evidence.asked_of(self._attempts[run.prompt_id].job_id)
        if asked is None or not asked.cancel_sent:
            return False
        return run.end == SUCCESS or (run.end is not None and self.row(run).withdrawn)

    @cached_property
    def _usual(self) -> dict[tuple[str, int], float]:
        """Seconds by what makes runs alike."""
        took: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        for run in self.kept:
            took[self._kind(run)].append(run.seconds)
        return {kind: median(seconds) for kind, seconds in took.items()}

    def _usual_s(self, run: Run) -> float:
        return self._usual.get(self._kind(run), run.seconds)

    def _kind(self, run: Run) -> tuple[str, int]:
        """Preparation, the first segment and further ones are different graphs."""
        attempt = self._attempts[run.prompt_id]
        return self._evidence.jobs[attempt.job_id].make, min(attempt.segment, 1)

    def _cause(self, run: Run) -> Done | None:
        """The last one that hit its stand-in in time; what ends runs so goes before others."""
        until = _lost_by(self._evidence, run)
        near = [done for done in self._evidence.faults if _may_have_hit(done, run, until)]
        ours = [done for done in near if done.fault.target.stand_in == run.stand_in]
        likely = [done for done in ours if _name(done) in STRIKES[run.end]]
        for candidates in (likely, ours, near):
            if candidates:
                return max(candidates, key=lambda done: done.began)
        return None


def _name(done: Done) -> str:
    return done.fault.script_name or str(done.fault.kind)


def _lost_by(evidence: Evidence, run: Run) -> float:
    """When nothing was left of it: a stand-in that lives anew has forgotten what succeeded."""
    if run.end != SUCCESS:
        return run.ended
    reborn = [
        line.at
        for line in evidence.ledger
        if line.event == "restarted" and line.stand_in == run.stand_in and line.at >= run.ended
    ]
    return min([*reborn, run.ended + NOTICED_WITHIN_S])


def _may_have_hit(done: Done, run: Run, until: float) -> bool:
    over = max(done.began, done.ended)
    happened = bool(done.happened) or done.fault.script_name in FATAL
    return happened and done.began <= until and over >= run.began


def _runs(evidence: Evidence) -> Iterator[Run]:
    lines = sorted(evidence.ledger, key=lambda line: line.at)
    for number, line in enumerate(lines):
        if line.event != "started" or line.prompt_id is None:
            continue
        end = next((later for later in lines[number:] if _ends(line, later)), None)
        ended = _death(evidence, line, end) if end is None or end.event not in ENDS else end.at
        yield Run(
            line.prompt_id,
            line.stand_in,
            line.at,
            ended,
            end.event if end is not None and end.event in ENDS else None,
            ended - line.at - _held_s(evidence, line.stand_in, line.at, ended),
        )


def _ends(start: LedgerLine, later: LedgerLine) -> bool:
    """The run's own end, or a new life of its stand-in."""
    if later.stand_in != start.stand_in:
        return False
    own = later.boot == start.boot and later.prompt_id == start.prompt_id and later.event in ENDS
    return own or later.boot > start.boot


def _death(evidence: Evidence, start: LedgerLine, reborn: LedgerLine | None) -> float:
    """When the stand-in was killed; when it lived again, where nobody knows."""
    reborn_at = reborn.at if reborn is not None else start.at
    kills = [
        done.began
        for done in evidence.faults
        if done.fault.target.stand_in == start.stand_in
        and done.fault.kind in {FaultKind.KILL, FaultKind.RESTART}
        and start.at <= done.began <= reborn_at
    ]
    return min(kills, default=reborn_at)


def _held_s(evidence: Evidence, stand_in: int, began: float, ended: float) -> float:
    return sum(
        max(0.0, min(done.ended, ended) - max(done.began, began))
        for done in evidence.faults
        if done.fault.kind is FaultKind.STOP and done.fault.target.stand_in == stand_in
    )
