"""A run in one object."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from proto.job import JobStatus
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import Evidence, OutputFact
from tests.chaos.recovery import percentile, recoveries
from tests.chaos.wasted import Runs


def report(evidence: Evidence, findings: list[Finding]) -> dict[str, Any]:
    counts = Counter(finding.kind for finding in findings)
    by_target: defaultdict[str, list[float]] = defaultdict(list)
    for recovery in recoveries(evidence):
        by_target[recovery.done.fault.target.name].append(recovery.seconds)
    every = [seconds for values in by_target.values() for seconds in values]
    return {
        **{str(kind): counts[kind] for kind in Kind},
        **_costs(Runs(evidence)),
        "long_jobs": _long_jobs(evidence),
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


def _costs(runs: Runs) -> dict[str, Any]:
    """What each failure cost each job that it hit: seconds of a stand-in, parts of a segment."""
    failures = runs.failures()
    segments = [failure.segments for failure in failures]
    return {
        "wasted_gpu_s": _spread([failure.seconds for failure in failures]),
        "wasted_segments": _spread(segments),
        "wasted_segments_max": round(max(segments, default=0.0), 2),
        "usual_gpu_s": _spread([run.seconds for run in runs.kept]),
        "renders": {
            "begun": len(runs.all),
            "kept": len(runs.kept),
            "wasted": len(runs.wasted),
            "stopped": len(runs.stopped),
        },
    }


def _long_jobs(evidence: Evidence) -> dict[str, int]:
    """stopped_early: with what was done then. retried: taken up again after an end."""
    jobs = [job for job in evidence.jobs.values() if job.segment_count > 1]
    early = [job for job in jobs if _is_early(evidence.outputs.get(job.job_id))]
    return {
        "of": len(jobs),
        "completed": sum(job.status == JobStatus.COMPLETED for job in jobs),
        "stopped_early": len(early),
        "retried": sum(job.run > 1 for job in jobs),
        "segments": sum(job.segment_count for job in jobs),
        "segments_done": sum(job.segments_done for job in jobs),
    }


def _is_early(output: OutputFact | None) -> bool:
    return output is not None and output.stopped_early


def describe_costs(evidence: Evidence) -> Iterator[str]:
    """One line for each failure that wasted something."""
    for failure in Runs(evidence).failures():
        done = failure.done
        parts = [f"{waste.attempt.segment}/{waste.attempt.generation}" for waste in failure.wastes]
        yield (
            f"{done.fault.name} of {done.fault.target.name} cost job {failure.job_id} "
            f"{failure.seconds:.1f} s, {failure.segments:.2f} of a segment: {', '.join(parts)}"
        )


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
