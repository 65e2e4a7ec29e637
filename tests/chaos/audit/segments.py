"""A segment that was made is safe: it is in the result, and nobody renders it again."""

from collections.abc import Iterator

from proto.job import JobStatus
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import CheckpointFact, Evidence, JobFact
from tests.chaos.wasted import SUCCESS, Run, Runs, Waste


def check_segments(evidence: Evidence) -> Iterator[Finding]:
    for job in evidence.jobs.values():
        if job.status == JobStatus.COMPLETED:
            yield from _check_frames(evidence, job)
    yield from _check_lost(evidence)
    runs = Runs(evidence)
    for run in runs.all:
        yield from _check_safe(evidence, runs, run)
    for waste in runs.wasted:
        if not _is_explained(evidence, runs, waste):
            what, proof = "a segment was rendered for nothing", _story(waste.run)
            yield Finding(Kind.REPEATED, what, waste.attempt.job_id, waste.run.prompt_id, proof)
    for failure in runs.failures():
        if failure.is_dear:
            what = f"{failure.done.fault.name} cost a job {len(failure.wastes)} segments"
            proof = ", ".join(_story(waste.run) for waste in failure.wastes)
            yield Finding(Kind.REPEATED, what, failure.job_id, "", proof)


def _check_frames(evidence: Evidence, job: JobFact) -> Iterator[Finding]:
    """The video is what its segments add up to: all that were promised, or those kept."""
    safe, output = evidence.safe_segments(job.job_id), evidence.outputs.get(job.job_id)
    if output is None or any(index not in safe for index in range(job.segments_done)):
        proof = f"{job.segments_done} segments done, stored are {sorted(safe)}"
        yield Finding(Kind.LOST, "a completed job lacks a segment", job.job_id, "", proof)
        return
    frames = sum(safe[index].frames for index in range(job.segments_done))
    whole = (job.segments_done, frames) == (job.segment_count, job.frame_count)
    proof = (
        f"{output.frame_count} frames of {job.frame_count}, {frames} in {job.segments_done} of "
        f"{job.segment_count} segments"
    )
    asked = evidence.asked_of(job.job_id)
    if output.frame_count != frames:
        what = "the video is not as long as its segments"
        yield Finding(Kind.LOST, what, job.job_id, "", proof)
    elif output.stopped_early and (whole or asked is None or not asked.keep_sent):
        what = "a video was cut short unasked"
        yield Finding(Kind.WRONG_CANCEL, what, job.job_id, "", proof)
    elif not output.stopped_early and not whole:
        yield Finding(Kind.LOST, "a video is not as long as planned", job.job_id, "", proof)


def _check_lost(evidence: Evidence) -> Iterator[Finding]:
    """No fault here destroys what is stored."""
    for row in evidence.checkpoints:
        if row.lost:
            what = f"segment {row.segment} was stored, and then taken for lost"
            yield Finding(Kind.LOST, what, row.job_id, row.prompt_id)


def _check_safe(evidence: Evidence, runs: Runs, run: Run) -> Iterator[Finding]:
    row = runs.row(run)
    for checkpoint in evidence.checkpoints:
        if _is_of(checkpoint, row.job_id, row.segment) and run.began > checkpoint.at:
            what = f"segment {row.segment} was rendered again though it was stored"
            yield Finding(Kind.REPEATED, what, row.job_id, row.prompt_id, _story(run))


def _is_of(checkpoint: CheckpointFact, job_id: str, segment: int) -> bool:
    return not checkpoint.lost and (checkpoint.job_id, checkpoint.segment) == (job_id, segment)


def _is_explained(evidence: Evidence, runs: Runs, waste: Waste) -> bool:
    """By a fault, by a setback that was noted, or by its stand-in's having died of itself."""
    run, row = waste.run, runs.row(waste.run)
    noted = row.outcome not in {None, "succeeded"}
    died = run.end is None or any(
        line.event == "restarted" and line.stand_in == run.stand_in and line.at >= run.ended
        for line in evidence.ledger
    )
    # What one prompt does twice is found among the prompts.
    again = run.end == SUCCESS and any(kept.prompt_id == run.prompt_id for kept in runs.kept)
    return waste.done is not None or noted or died or again


def _story(run: Run) -> str:
    return f"{run.end or 'killed'} after {run.seconds:.1f} s on stand-in {run.stand_in}"
