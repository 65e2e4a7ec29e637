"""A small run in which all is well, for tests that then spoil it."""

from typing import Any

from proto.ids import prompt_id
from tests.chaos.breaker import Done
from tests.chaos.customer import Asked
from tests.chaos.evidence import (
    CheckpointFact,
    EventFact,
    Evidence,
    JobFact,
    LedgerLine,
    OutputFact,
    PromptFact,
)
from tests.chaos.plan import Fault, FaultKind, orders
from tests.chaos.reader import Heard, Transcript
from tests.chaos.targets import targets

FIRST, SECOND = "job-one", "job-two"
STATUSES = ["accepted", "uploaded", "queued", "executing", "collecting_outputs", "completed"]
FILE_BYTES = 100
FRAMES = 10
RUN_S = 4.0


def whole_evidence() -> Evidence:
    """Two jobs that ran one after the other, three readers, and nothing amiss."""
    evidence = Evidence()
    for number, (job_id, order) in enumerate(zip([FIRST, SECOND], orders(1, 2), strict=True)):
        key, began = f"key-{number}", 100.0 * number
        evidence.asked.append(Asked(order, key, {}, job_ids=[job_id, job_id], ended="completed"))
        evidence.keys[key] = job_id
        evidence.jobs[job_id] = make_job(job_id, created=began, ended=began + 50)
        for rev, status in enumerate(STATUSES, start=1):
            position = len(evidence.events) + 1
            evidence.events.append(
                EventFact(
                    position, job_id, rev, status, status, rev / 6, began + 10 * rev, rev // 6
                )
            )
        evidence.ledger += run_of(job_id, began=began + 40)
        evidence.prompts.append(make_prompt(job_id))
        evidence.checkpoints.append(make_checkpoint(job_id, at=began + 49))
        evidence.outputs[job_id] = OutputFact(FRAMES, stopped_early=False)
        evidence.objects[f"jobs/{job_id}/growing/0-0.mp4"] = FILE_BYTES
        evidence.grown[f"jobs/{job_id}/growing/0-0.mp4"] = job_id
        evidence.objects[f"jobs/{job_id}/video.mp4"] = FILE_BYTES
        evidence.stored[job_id] = {f"jobs/{job_id}/video.mp4": FILE_BYTES}
    evidence.objects["uploads/a/original"] = FILE_BYTES
    evidence.objects["inputs/source-a/clip.mp4"] = FILE_BYTES
    evidence.assets = {"uploads/a/original"}
    evidence.sources = {"source-a"}
    evidence.readers = [
        reader_of(evidence, "/api/events", start=0),
        reader_of(evidence, "/api/events", start=4),
        reader_of(evidence, f"/api/jobs/{SECOND}/stream", start=0),
    ]
    return evidence


def make_job(job_id: str, **changes: Any) -> JobFact:
    facts = {
        "status": "completed",
        "rev": len(STATUSES),
        "cancel_asked": False,
        "error": None,
        "cause": None,
        "created": 0.0,
        "ended": 50.0,
        "make": "animate/move draft",
        "run": 1,
        "frame_count": FRAMES,
        "segment_count": 1,
        "segments_done": 1,
    }
    return JobFact(job_id, **{**facts, **changes})


def make_prompt(job_id: str, segment: int = 0, generation: int = 0, **changes: Any) -> PromptFact:
    facts = {"outcome": "succeeded", "withdrawn": False}
    name = prompt_of(job_id, generation, segment)
    return PromptFact(name, job_id, segment, generation, **{**facts, **changes})


def make_checkpoint(
    job_id: str, segment: int = 0, generation: int = 0, **changes: Any
) -> CheckpointFact:
    facts = {"frames": FRAMES, "lost": False, "at": 49.0}
    name = prompt_of(job_id, generation, segment)
    return CheckpointFact(job_id, segment, generation, name, **{**facts, **changes})


def prompt_of(job_id: str, generation: int = 0, segment: int = 0) -> str:
    return prompt_id(job_id, segment, generation)


def run_of(
    job_id: str, *, began: float, generation: int = 0, boot: int = 1, end: str = "success"
) -> list[LedgerLine]:
    """What a stand-in writes of one prompt that ran for RUN_S."""
    told = [("accepted", began), ("started", began + 1), (end, began + 1 + RUN_S)]
    return [LedgerLine(1, boot, at, event, prompt_of(job_id, generation)) for event, at in told]


def reader_of(evidence: Evidence, path: str, *, start: int) -> Transcript:
    """One that heard everything after a number."""
    transcript = Transcript(path, start, connections=2)
    for event in evidence.events:
        one = transcript.job_id is not None
        number = event.rev if one else event.position
        if number > start and transcript.job_id in {None, event.job_id}:
            heard = Heard(number, event.job_id, event.rev, event.type, event.status)
            transcript.heard.append(heard)
    return transcript


def make_fault(
    target: str, kind: FaultKind = FaultKind.KILL, *, script: str | None = None, **facts: Any
) -> Done:
    """One that was recovered from after half a second, unless facts say otherwise."""
    [named] = [each for each in targets(1) if each.name == target]
    fault = Fault(0.0, kind, named, 0.0, {"fault": script} if script else None)
    usual = {"began": 0.0, "ended": 0.0, "served_after_s": 0.5, "followed_after_s": 0.0}
    return Done(fault, **(usual | facts))
