"""Every job that was accepted ends, well or for a true reason, and there is one for each order."""

from collections.abc import Iterator

from proto.errors import ErrorCode
from proto.job import TERMINAL, JobStatus
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.customer import Asked
from tests.chaos.evidence import Evidence, JobFact
from tests.chaos.scripts import EXPLAINS


def check_jobs(evidence: Evidence) -> Iterator[Finding]:
    for asked in evidence.asked:
        yield from _check_order(evidence, asked)
    for job in evidence.jobs.values():
        yield from _check_end(evidence, job)
    yield from _check_strangers(evidence)
    for done in evidence.faults:
        about = f"{done.fault.name} of {done.fault.target.name}"
        if done.served_after_s is None:
            yield Finding(Kind.LOST, f"it did not serve again after {about}")
        if done.followed_after_s is None:
            yield Finding(Kind.LOST, f"its work was not taken up again after {about}")


def _check_order(evidence: Evidence, asked: Asked) -> Iterator[Finding]:
    order = f"order {asked.order.number}, key {asked.key}"
    if asked.refusal is not None:
        yield Finding(Kind.LOST, "an order was refused", proof=f"{order}: {asked.refusal}")
        return
    if not asked.job_ids:
        yield Finding(Kind.LOST, "an order was never accepted", proof=order)
        return
    if len(set(asked.job_ids)) > 1:
        proof = f"{order}: {', '.join(asked.job_ids)}"
        yield Finding(Kind.DUPLICATE, "one key made two jobs", asked.job_id, proof=proof)
    job = evidence.jobs.get(asked.job_id)
    if job is None:
        yield Finding(Kind.LOST, "an accepted job has no row", asked.job_id, proof=order)
    elif asked.ended is not None and asked.ended != job.status:
        proof = f"its customer saw {asked.ended}, its row says {job.status}"
        yield Finding(Kind.LOST, "a job's end was taken back", asked.job_id, proof=proof)
    elif asked.retries and job.status != JobStatus.COMPLETED:
        what = "a job that was taken up again did not complete"
        yield Finding(Kind.LOST, what, asked.job_id, proof=f"{job.status}, run {job.run}")


def _check_end(evidence: Evidence, job: JobFact) -> Iterator[Finding]:
    if job.status not in TERMINAL:
        proof = f"status {job.status}, rev {job.rev}"
        yield Finding(Kind.LOST, "a job did not end", job.job_id, proof=proof)
    elif job.status == JobStatus.FAILED and not _is_explained(evidence, job):
        proof = f"{job.error}: {job.cause}"
        yield Finding(Kind.LOST, "a job failed of what it should survive", job.job_id, proof=proof)
    for flaw in evidence.flaws.get(job.job_id, []):
        yield Finding(
            Kind.LOST, "a completed job's files are not as promised", job.job_id, "", flaw
        )


def _is_explained(evidence: Evidence, job: JobFact) -> bool:
    """A stand-in was told to do what such a failure comes of, while the job lived."""
    told = any(
        done.happened
        and job.error in EXPLAINS.get(done.fault.script_name or "", ())
        and done.began <= (job.ended or done.began)
        and done.ended >= job.created
        for done in evidence.faults
    )
    return told and (job.error is not ErrorCode.GENERATION_FAILURE or _has_error(evidence, job))


def _has_error(evidence: Evidence, job: JobFact) -> bool:
    """A prompt of its own died."""
    attempts = evidence.attempts()
    return any(
        line.event == "error"
        and line.prompt_id in attempts
        and attempts[line.prompt_id].job_id == job.job_id
        for line in evidence.ledger
    )


def _check_strangers(evidence: Evidence) -> Iterator[Finding]:
    """A job nobody was told of is the second one of an answer that got lost."""
    known = {job_id for asked in evidence.asked for job_id in asked.job_ids}
    unanswered = {asked.key for asked in evidence.asked if not asked.job_ids}
    for key, job_id in evidence.keys.items():
        if job_id not in known and key not in unanswered:
            yield Finding(
                Kind.DUPLICATE, "a key has another job than was answered", job_id, "", key
            )
    for job_id in evidence.jobs.keys() - known - set(evidence.keys.values()):
        yield Finding(Kind.DUPLICATE, "a job that nobody was told of", job_id)
