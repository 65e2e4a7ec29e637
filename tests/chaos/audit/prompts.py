"""What the stand-ins did is what the jobs wanted, once."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from proto.job import TERMINAL, JobStatus
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import Attempt, Evidence, LedgerLine

STOPPED = frozenset({"interrupted", "deleted"})


def check_prompts(evidence: Evidence) -> Iterator[Finding]:
    attempts = evidence.attempts()
    lines: defaultdict[str, list[LedgerLine]] = defaultdict(list)
    for line in sorted(evidence.ledger, key=lambda line: line.at):
        if line.prompt_id is not None:
            lines[line.prompt_id].append(line)
    for prompt_id, of_prompt in lines.items():
        attempt = attempts.get(prompt_id)
        if attempt is None:
            proof = _story(of_prompt)
            yield Finding(Kind.ORPHAN, "a prompt of no job", None, prompt_id, proof)
            continue
        yield from _check_starts(evidence, attempt, of_prompt)
        if not _moved_on(attempts, lines, attempt):
            yield from _check_stops(evidence, attempt, of_prompt)
    yield from _check_waiting(evidence, attempts)
    yield from _check_cancelled(evidence)


def _check_starts(
    evidence: Evidence, attempt: Attempt, lines: list[LedgerLine]
) -> Iterator[Finding]:
    """An attempt is executed once, or again where a restart made the stand-in forget it."""
    starts = [line for line in lines if line.event == "started"]
    for earlier, later in pairwise(starts):
        if not _forgot(evidence, earlier, later):
            what = "an attempt was executed again"
            yield Finding(Kind.DUPLICATE, what, attempt.job_id, later.prompt_id, _story(lines))


def _forgot(evidence: Evidence, earlier: LedgerLine, later: LedgerLine) -> bool:
    """The stand-in of the first start began a new life before the second one."""
    return any(
        line.stand_in == earlier.stand_in and line.boot > earlier.boot and line.at <= later.at
        for line in evidence.ledger
    )


def _check_stops(
    evidence: Evidence, attempt: Attempt, lines: list[LedgerLine]
) -> Iterator[Finding]:
    """A prompt is taken back only for its own job, when that wants no result of it any more."""
    job = evidence.jobs[attempt.job_id]
    unwanted = job.cancel_asked or job.status == JobStatus.FAILED or job.run > 1
    if not unwanted and any(line.event in STOPPED for line in lines):
        what = "a prompt was stopped though its job was not"
        yield Finding(Kind.WRONG_CANCEL, what, attempt.job_id, lines[0].prompt_id, _story(lines))


def _moved_on(
    attempts: dict[str, Attempt], lines: dict[str, list[LedgerLine]], attempt: Attempt
) -> bool:
    """A later attempt at the same segment was sent."""
    return any(
        other is not None
        and (other.job_id, other.segment) == (attempt.job_id, attempt.segment)
        and other.generation > attempt.generation
        for other in map(attempts.get, lines)
    )


def _check_waiting(evidence: Evidence, attempts: dict[str, Attempt]) -> Iterator[Finding]:
    for waiting in evidence.waiting:
        attempt = attempts.get(waiting.prompt_id)
        job = evidence.jobs.get(attempt.job_id) if attempt else None
        if job is None or job.status in TERMINAL:
            what = f"a prompt is left on stand-in {waiting.stand_in}"
            proof = f"its job is {job.status if job else 'unknown'}"
            yield Finding(Kind.ORPHAN, what, job.job_id if job else None, waiting.prompt_id, proof)


def _check_cancelled(evidence: Evidence) -> Iterator[Finding]:
    """A job ends as cancelled only if somebody wanted that."""
    wanted = {asked.job_ids[0] for asked in evidence.asked if asked.cancel_sent}
    for job in evidence.jobs.values():
        if job.status == JobStatus.CANCELLED and job.job_id not in wanted:
            yield Finding(Kind.WRONG_CANCEL, "a job was cancelled unasked", job.job_id)


def _story(lines: list[LedgerLine]) -> str:
    first = lines[0].at
    return ", ".join(
        f"{line.event} +{line.at - first:.1f} s ({line.stand_in}, boot {line.boot})"
        for line in lines
    )
