"""What live readers heard is the log: every event once, in order, from where each began."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from proto.job import TERMINAL, JobStatus
from tests.chaos.audit.finding import Finding, Kind
from tests.chaos.evidence import EventFact, Evidence
from tests.chaos.reader import Heard, Transcript

SHOWN = 10


def check_streams(evidence: Evidence) -> Iterator[Finding]:
    yield from _check_positions(evidence)
    for job in evidence.jobs.values():
        yield from _check_log_of(evidence, job.job_id)
    for reader in evidence.readers:
        yield from _check_reader(evidence, reader)


def _check_positions(evidence: Evidence) -> Iterator[Finding]:
    positions = [event.position for event in evidence.events]
    if positions != list(range(1, len(positions) + 1)):
        missing = sorted(set(range(1, max(positions) + 1)) - set(positions))[:SHOWN]
        yield Finding(Kind.EVENT_GAP, "the log is not numbered 1, 2, 3 …", proof=f"{missing}")


def _check_log_of(evidence: Evidence, job_id: str) -> Iterator[Finding]:
    job = evidence.jobs[job_id]
    events = sorted(evidence.events_of(job_id), key=lambda event: event.rev)
    told = [event.status for event in events]
    if [event.rev for event in events] != list(range(1, job.rev + 1)):
        revs = [event.rev for event in events]
        yield Finding(Kind.EVENT_GAP, "a job's log is not numbered 1 to rev", job_id, "", f"{revs}")
    elif told[-1] != job.status or _goes_on(told) != job.run - 1:
        yield Finding(
            Kind.EVENT_GAP, "a job's log does not end with its end", job_id, "", f"{told}"
        )
    if any(after.progress < before.progress for before, after in pairwise(events)):
        told_progress = [event.progress for event in events]
        yield Finding(Kind.EVENT_GAP, "progress fell", job_id, "", f"{told_progress}")
    if any(after.segments_done < before.segments_done for before, after in pairwise(events)):
        counted = [event.segments_done for event in events]
        yield Finding(Kind.EVENT_GAP, "the count of segments fell", job_id, "", f"{counted}")


def _goes_on(told: list[str]) -> int | None:
    """How often it was taken up again after an end; None when it went on in another way."""
    after = [later for earlier, later in pairwise(told) if earlier in TERMINAL]
    return len(after) if all(status == JobStatus.ACCEPTED for status in after) else None


def _check_reader(evidence: Evidence, reader: Transcript) -> Iterator[Finding]:
    if reader.start is None:
        yield Finding(Kind.EVENT_GAP, "a stream was never opened", reader.job_id, "", reader.path)
        return
    log = {
        number: event
        for event in evidence.events
        if (number := _number(event, reader)) is not None and number > reader.start
    }
    numbers = [heard.number for heard in reader.heard]
    about = f"{reader.path} from {reader.start}, {reader.connections} connections"
    for what, wrong in [
        ("events were missed", sorted(log.keys() - set(numbers))),
        ("events came again", [number for number, n in Counter(numbers).items() if n > 1]),
        ("events came out of order", [b for a, b in pairwise(numbers) if b < a]),
        ("events are not those of the log", _wrong(reader.heard, log)),
    ]:
        if wrong:
            proof = f"{about}: {len(wrong)}, such as {wrong[:SHOWN]}"
            yield Finding(Kind.EVENT_GAP, what, reader.job_id, "", proof)


def _number(event: EventFact, reader: Transcript) -> int | None:
    """What the event is called on this stream; None when it does not belong there."""
    if reader.job_id is None:
        return event.position
    return event.rev if event.job_id == reader.job_id else None


def _wrong(heard: list[Heard], log: dict[int, EventFact]) -> list[int]:
    return [
        one.number for one in heard if one.number not in log or _told(one) != _told(log[one.number])
    ]


def _told(event: Heard | EventFact) -> tuple[str, int, str, str]:
    return event.job_id, event.rev, event.type, event.status
