"""How long the system takes to get over a fault that ended, held or cut off a process.

From the moment the fault is over (a kill at once, a stop with its SIGCONT, a cut when it is mended)
until both are true, not counting the time in which another fault lasted:
- its target serves again, asked from outside: /readyz of the gateway, a file from the ingress, a
  query, an object put and got, a count of workflows, GET /prompt of a stand-in, "ready" of a worker
  that was started anew;
- each render or file work it interrupted moved again: the next event of that job is in the log.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from proto.job import JobStatus
from tests.chaos.breaker import Done
from tests.chaos.evidence import EventFact, Evidence
from tests.chaos.plan import FaultKind

RENDERING = frozenset({JobStatus.EXECUTING})
MEDIA = frozenset({JobStatus.ACCEPTED, JobStatus.COLLECTING_OUTPUTS})
INTERRUPTS: dict[str, frozenset[JobStatus]] = {
    "comfy worker": RENDERING,
    "workflows worker": RENDERING,
    "workflow server": RENDERING,
    "database": RENDERING,
    "media worker": MEDIA,
}
"""The jobs whose work stops with a target, by status. The other targets' work is their serving."""


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
    return [
        Recovery(
            done,
            _net(evidence, done, done.served_after_s),
            max((_net(evidence, done, wait) for wait in _waits(evidence, done)), default=0.0),
        )
        for done in evidence.faults
        if done.fault.kind is not FaultKind.SCRIPT and done.served_after_s is not None
    ]


def percentile(values: list[float], share: float) -> float | None:
    """The smallest value that at least `share` of them don't exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


def _net(evidence: Evidence, done: Done, seconds: float) -> float:
    """Without the time in which another fault lasted."""
    at, until, lasted = done.ended, done.ended + seconds, 0.0
    others = [other for other in evidence.faults if other is not done and other.ended > at]
    for other in sorted(others, key=lambda other: other.began):
        begin, end = max(other.began, at), min(other.ended, until)
        if end > begin:
            lasted += end - begin
            at = end
    return seconds - lasted


def _waits(evidence: Evidence, done: Done) -> Iterator[float]:
    """From the fault's end to the next event of each job that it interrupted."""
    for job_id in _interrupted(evidence, done):
        later = [event.at for event in evidence.events_of(job_id) if event.at > done.began]
        if later:
            yield max(min(later) - done.ended, 0.0)


def _interrupted(evidence: Evidence, done: Done) -> list[str]:
    if done.fault.target.stand_in is not None:
        return _rendering_on(evidence, done.fault.target.stand_in, done.began)
    statuses = INTERRUPTS.get(done.fault.target.name, frozenset())
    return _with_status(evidence, statuses, done.began)


def _with_status(evidence: Evidence, statuses: frozenset[JobStatus], at: float) -> list[str]:
    """The jobs that had one of the statuses then."""
    last: dict[str, EventFact] = {}
    for event in evidence.events:
        if event.at <= at:
            last[event.job_id] = event
    return [job_id for job_id, event in last.items() if event.status in statuses]


def _rendering_on(evidence: Evidence, stand_in: int, at: float) -> list[str]:
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
    return [job_id for job_id in running if job_id in evidence.jobs]
