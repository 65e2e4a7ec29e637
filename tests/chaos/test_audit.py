"""The audit finds what is planted, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from proto.errors import ErrorCode
from tests.chaos.audit import audit
from tests.chaos.audit.finding import Kind
from tests.chaos.evidence import Evidence, LedgerLine, Waiting
from tests.chaos.factory import (
    FIRST,
    SECOND,
    make_fault,
    make_job,
    prompt_of,
    reader_of,
    run_of,
    whole_evidence,
)
from tests.chaos.plan import FaultKind
from tests.chaos.reader import Heard, Transcript

Spoil = Callable[[Evidence], object]
RENDERER = "simulated renderer"


def found(spoil: Spoil) -> list[Kind]:
    evidence = whole_evidence()
    spoil(evidence)
    return [finding.kind for finding in audit(evidence)]


def test_run_in_which_all_is_well_has_no_finding() -> None:
    assert audit(whole_evidence()) == []


def set_job(evidence: Evidence, job_id: str, **changes: object) -> None:
    evidence.jobs[job_id] = make_job(job_id, **changes)


def not_ended(evidence: Evidence) -> None:
    """As far as it went, its log and its readers agree."""
    set_job(evidence, SECOND, status="executing", rev=4)
    evidence.asked[1].ended = None
    evidence.events = evidence.events[:10]
    evidence.readers = [reader_of(evidence, "/api/events", start=0)]


def failed(evidence: Evidence, error: ErrorCode) -> None:
    set_job(evidence, SECOND, status="failed", error=error, created=100.0, ended=150.0)
    evidence.asked[1].ended = "failed"
    last = evidence.events[-1]
    evidence.events[-1] = replace(last, type="failed", status="failed")
    evidence.readers = [reader_of(evidence, "/api/events", start=0)]


@pytest.mark.parametrize(
    "spoil",
    [
        not_ended,
        lambda evidence: failed(evidence, ErrorCode.INTERNAL),
        lambda evidence: setattr(evidence.asked[0], "ended", "cancelled"),
        lambda evidence: evidence.flaws.update({FIRST: ["it does not play"]}),
        lambda evidence: evidence.objects.pop(f"jobs/{FIRST}/video.mp4"),
        lambda evidence: evidence.objects.update({f"jobs/{FIRST}/video.mp4": 7}),
        lambda evidence: evidence.objects.pop("uploads/a/original"),
        lambda evidence: evidence.faults.append(make_fault("database", served_after_s=None)),
        lambda evidence: evidence.faults.append(make_fault("database", followed_after_s=None)),
    ],
    ids=[
        "not ended",
        "failed for a reason of ours",
        "end taken back",
        "flawed file",
        "file not stored",
        "file cut short",
        "asset gone",
        "server that never came back",
        "work that was never taken up again",
    ],
)
def test_loss_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.LOST]


@pytest.mark.parametrize("refusal", ["422", None])
def test_order_that_was_refused_or_never_answered_is_lost(refusal: str | None) -> None:
    evidence = whole_evidence()
    evidence.asked.append(replace(evidence.asked[0], key="x", job_ids=[], refusal=refusal))
    assert [finding.kind for finding in audit(evidence)] == [Kind.LOST]


def test_accepted_job_without_a_row_is_lost() -> None:
    evidence = whole_evidence()
    evidence.asked.append(replace(evidence.asked[0], key="x", job_ids=["job-gone"]))
    assert [finding.kind for finding in audit(evidence)] == [Kind.LOST]


def test_failure_that_a_fault_explains_is_no_finding() -> None:
    def died_of_memory(evidence: Evidence) -> None:
        failed(evidence, ErrorCode.GENERATION_FAILURE)
        evidence.ledger[-1] = replace(evidence.ledger[-1], event="error")
        fault = make_fault(RENDERER, FaultKind.SCRIPT, began=90, ended=160, script="oom")
        evidence.faults.append(fault)

    assert found(died_of_memory) == []


@pytest.mark.parametrize(
    ("script", "began", "died"),
    [("oom", 90, FIRST), ("oom", 500, SECOND), ("lost_answer", 90, SECOND)],
    ids=["another job's prompt died", "fault came later", "fault to survive"],
)
def test_failure_that_the_fault_does_not_explain_is_a_loss(
    script: str, began: float, died: str
) -> None:
    def fail(evidence: Evidence) -> None:
        failed(evidence, ErrorCode.GENERATION_FAILURE)
        evidence.ledger.append(LedgerLine(1, 1, 146.0, "error", prompt_of(died)))
        evidence.faults.append(
            make_fault(RENDERER, FaultKind.SCRIPT, began=began, ended=began + 70, script=script)
        )

    assert found(fail) == [Kind.LOST]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: evidence.ledger.extend(run_of(FIRST, began=60)),
        lambda evidence: evidence.asked[0].job_ids.append(SECOND),
    ],
    ids=["attempt executed twice", "key answered with two jobs"],
)
def test_duplicate_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.DUPLICATE]


def test_second_job_of_a_lost_answer_is_a_duplicate() -> None:
    evidence = whole_evidence()
    del evidence.asked[1]
    assert [finding.kind for finding in audit(evidence)] == [Kind.DUPLICATE]
    evidence.keys.pop("key-1")
    assert [finding.kind for finding in audit(evidence)] == [Kind.DUPLICATE]


def test_attempt_sent_again_to_a_stand_in_that_forgot_it_is_no_duplicate() -> None:
    def restarted(evidence: Evidence) -> None:
        evidence.ledger.insert(3, LedgerLine(1, 2, 55.0, "restarted", None))
        evidence.ledger += run_of(FIRST, began=60, boot=2)

    assert found(restarted) == []


def test_attempt_that_ran_on_another_stand_in_too_is_a_duplicate() -> None:
    def ran_elsewhere(evidence: Evidence) -> None:
        evidence.ledger += [replace(line, stand_in=2) for line in run_of(FIRST, began=60)]

    assert found(ran_elsewhere) == [Kind.DUPLICATE]


def hear_wrongly(evidence: Evidence) -> None:
    heard = evidence.readers[0].heard
    heard[3] = Heard(heard[3].number, SECOND, heard[3].rev, heard[3].type, heard[3].status)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: evidence.readers[0].heard.pop(3),
        lambda evidence: evidence.readers[0].heard.pop(),
        lambda evidence: evidence.readers[2].heard.pop(0),
        lambda evidence: evidence.readers[1].heard.insert(3, evidence.readers[1].heard[2]),
        lambda evidence: evidence.readers.append(Transcript("/api/events")),
        hear_wrongly,
    ],
    ids=["one missed", "end missed", "first missed", "one again", "never opened", "another's"],
)
def test_gap_in_what_a_reader_heard_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.EVENT_GAP]


def test_events_out_of_order_are_found() -> None:
    def swap(evidence: Evidence) -> None:
        heard = evidence.readers[0].heard
        heard[3], heard[4] = heard[4], heard[3]

    assert found(swap) == [Kind.EVENT_GAP]


def change_event(evidence: Evidence, index: int, **changes: object) -> None:
    event = replace(evidence.events[index], **changes)  # type: ignore[arg-type]
    evidence.events[index] = event
    evidence.readers = []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: change_event(evidence, 11, position=13),
        lambda evidence: change_event(evidence, 5, rev=7),
        lambda evidence: change_event(evidence, 5, status="executing"),
        lambda evidence: change_event(evidence, 2, status="completed"),
        lambda evidence: change_event(evidence, 2, progress=0.9),
    ],
    ids=["position", "rev", "other end", "event after the end", "progress falls"],
)
def test_log_that_is_not_sound_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.EVENT_GAP]


def end_cancelled(evidence: Evidence) -> None:
    set_job(evidence, SECOND, status="cancelled")
    evidence.asked[1].ended = "cancelled"
    change_event(evidence, 11, type="cancelled", status="cancelled")


@pytest.mark.parametrize(
    "spoil",
    [
        end_cancelled,
        lambda evidence: evidence.ledger.extend(run_of(FIRST, began=0, end="interrupted")[2:]),
        lambda evidence: evidence.ledger.extend(run_of(FIRST, began=0, end="deleted")[2:]),
    ],
    ids=["job", "interrupted prompt", "deleted prompt"],
)
def test_wrong_cancel_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.WRONG_CANCEL]


def test_cancelled_job_may_be_stopped() -> None:
    def cancel(evidence: Evidence) -> None:
        end_cancelled(evidence)
        set_job(evidence, SECOND, status="cancelled", cancel_asked=True)
        evidence.asked[1].cancel_sent = True
        evidence.ledger[-1] = replace(evidence.ledger[-1], event="interrupted")

    assert found(cancel) == []


def test_attempt_that_was_given_up_for_a_later_one_may_be_stopped() -> None:
    def move_on(evidence: Evidence) -> None:
        evidence.ledger[-1] = replace(evidence.ledger[-1], event="interrupted")
        evidence.ledger += run_of(SECOND, began=150, generation=1)

    assert found(move_on) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: evidence.waiting.append(Waiting(1, prompt_of(FIRST))),
        lambda evidence: evidence.waiting.append(Waiting(1, "prompt-of-nobody")),
        lambda evidence: evidence.ledger.append(LedgerLine(1, 1, 9.0, "started", "nobody's")),
        lambda evidence: evidence.objects.update({"jobs/job-nine/plan.json": 3}),
        lambda evidence: evidence.objects.update({"uploads/b/original": 3}),
        lambda evidence: evidence.objects.update({"inputs/source-b/clip.mp4": 3}),
        lambda evidence: evidence.open_workflows.add(f"job-{FIRST}"),
        lambda evidence: evidence.open_workflows.add("withdraw-something"),
        lambda evidence: evidence.left.append("a temporary file"),
    ],
    ids=[
        "prompt of an ended job",
        "prompt in line of no job",
        "prompt of no job",
        "object of no job",
        "upload of no asset",
        "input made of no asset",
        "workflow of an ended job",
        "workflow of no job",
        "temporary file",
    ],
)
def test_orphan_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.ORPHAN]
