"""A run in one object."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import Evidence
from tests.chaos.recovery import percentile, recoveries


def report(evidence: Evidence, findings: list[Finding]) -> dict[str, Any]:
    counts = Counter(finding.kind for finding in findings)
    by_target: defaultdict[str, list[float]] = defaultdict(list)
    for recovery in recoveries(evidence):
        by_target[recovery.done.fault.target.name].append(recovery.seconds)
    every = [seconds for values in by_target.values() for seconds in values]
    return {
        **{str(kind): counts[kind] for kind in Kind},
        "recovery_s": _spread(every),
        "recovery_s_by_target": {name: _spread(by_target[name]) for name in sorted(by_target)},
        "faults": len(evidence.faults),
        "faults_by_kind": _counted(done.fault.name for done in evidence.faults),
        "faults_by_target": _counted(done.fault.target.name for done in evidence.faults),
        "jobs": _counted(job.status for job in evidence.jobs.values()),
        "executions": _counted(line.event for line in evidence.ledger),
        "readers": len(evidence.readers),
        "events": len(evidence.events),
    }


def describe_recoveries(evidence: Evidence) -> Iterator[str]:
    """One line for each fault that was recovered from."""
    for recovery in recoveries(evidence):
        done = recovery.done
        yield (
            f"{done.fault.name} of {done.fault.target.name} for {done.ended - done.began:.1f} s: "
            f"served after {recovery.served_s:.1f} s, followed after {recovery.followed_s:.1f} s"
        )


def _spread(values: list[float]) -> dict[str, float | int | None]:
    p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
    return {
        "p50": None if p50 is None else round(p50, 2),
        "p95": None if p95 is None else round(p95, 2),
        "of": len(values),
    }


def _counted(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
