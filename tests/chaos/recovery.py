"""How long the system takes to get over a fault that ended, held or cut off a process.

From the moment the fault is over (a kill at once, a stop with its SIGCONT, a cut when it is mended)
until both are true; other faults go on meanwhile, and what they cost counts:
- its target serves again, asked from outside: /readyz of the gateway, a file from the ingress, a
  query, an object put and got, a count of workflows, GET /prompt of a stand-in, "ready" of a worker
  that was started anew;
- what it interrupted is followed again: of a worker's activities, Temporal has heard anew; for a
  prompt that died with its stand-in, another one of its job has started.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.breaker import Done
from tests.chaos.evidence import Evidence
from tests.chaos.plan import FaultKind

ENDED = frozenset({FaultKind.KILL, FaultKind.RESTART})


@dataclass(frozen=True)
class Recovery:
    """served_s, followed_s: from the fault's end; the second is 0 when nothing was interrupted."""

    done: Done
    served_s: float
    followed_s: float

    @property
    def seconds(self) -> float:
        return max(self.served_s, self.followed_s)


def recoveries(evidence: Evidence) -> list[Recovery]:
    """Of the faults that were recovered from; the audit names the others."""
    return [
        Recovery(
            done, done.served_after_s, max([done.followed_after_s, *_restarts(evidence, done)])
        )
        for done in evidence.faults
        if done.fault.kind is not FaultKind.SCRIPT
        and done.served_after_s is not None
        and done.followed_after_s is not None
    ]


def percentile(values: list[float], share: float) -> float | None:
    """The smallest value that at least `share` of them don't exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


def _restarts(evidence: Evidence, done: Done) -> Iterator[float]:
    """From a stand-in's end until another prompt of each job that rendered there starts."""
    stand_in = done.fault.target.stand_in
    if stand_in is None or done.fault.kind not in ENDED:
        return
    attempts = evidence.attempts()
    starts = [line for line in evidence.ledger if line.event == "started"]
    for job_id in _rendering_on(evidence, stand_in, done.began):
        for line in sorted(starts, key=lambda line: line.at):
            attempt = attempts.get(line.prompt_id or "")
            if attempt is not None and attempt.job_id == job_id and line.at > done.began:
                yield max(line.at - done.ended, 0.0)
                break


def _rendering_on(evidence: Evidence, stand_in: int, at: float) -> set[str]:
    """The jobs whose prompt ran there then."""
    attempts = evidence.attempts()
    running: set[str] = set()
    for line in evidence.ledger:
        attempt = attempts.get(line.prompt_id or "")
        if line.stand_in != stand_in or line.at > at or attempt is None:
            continue
        if line.event == "started":
            running.add(attempt.job_id)
        else:
            running.discard(attempt.job_id)
    return running & evidence.jobs.keys()
