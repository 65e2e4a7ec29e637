"""Nothing is left over, and nothing is missing: rows against S3, workflows, files, processes."""

from collections.abc import Iterator

from proto.job import TERMINAL
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import Evidence, JobFact


def check_remains(evidence: Evidence) -> Iterator[Finding]:
    yield from _check_stored(evidence)
    yield from _check_objects(evidence)
    for workflow_id in sorted(evidence.open_workflows):
        job = _job_of(evidence, workflow_id)
        if job is None or job.status in TERMINAL:
            yield Finding(
                Kind.ORPHAN, "a workflow still runs", job.job_id if job else None, "", workflow_id
            )
    for left in evidence.left:
        yield Finding(Kind.ORPHAN, left)


def _job_of(evidence: Evidence, workflow_id: str) -> JobFact | None:
    """A job that was taken up again has a number behind its workflow's name."""
    name = workflow_id.removeprefix("job-")
    return evidence.jobs.get(name) or evidence.jobs.get(name.rpartition("-")[0])


def _check_stored(evidence: Evidence) -> Iterator[Finding]:
    """Every file a row names is there, whole."""
    for job_id, files in evidence.stored.items():
        for key, size in files.items():
            if evidence.objects.get(key) != size:
                proof = f"{key}: {size} bytes in the row, {evidence.objects.get(key)} in S3"
                yield Finding(Kind.LOST, "a stored file is not there", job_id, "", proof)
    for key in sorted(evidence.grown.keys() - evidence.objects.keys()):
        what = "a growing video that was told of is not there"
        yield Finding(Kind.LOST, what, evidence.grown[key], "", key)
    for key in sorted(evidence.assets - evidence.objects.keys()):
        yield Finding(Kind.LOST, "an asset's file is not there", proof=key)


def _check_objects(evidence: Evidence) -> Iterator[Finding]:
    """Every object belongs to a job, or to an asset: its own, or made of its content."""
    owners = {"jobs": evidence.jobs.keys(), "inputs": evidence.sources, "chaos": {"probe"}}
    for key in sorted(evidence.objects.keys() - evidence.assets):
        folder, owner, *_ = key.split("/")
        if owner not in owners.get(folder, ()):
            yield Finding(Kind.ORPHAN, "an object belongs to nothing", proof=key)
