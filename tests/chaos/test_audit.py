"""The audit finds what is planted, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from proto.errors import ErrorCode
from tests.chaos.audit import audit
from tests.chaos.audit.finding import Kind
from tests.chaos.evidence import Evidence, LedgerLine, OutputFact, Waiting
from tests.chaos.factory import (
    FIRST,
    FRAMES,
    SECOND,
    make_checkpoint,
    make_fault,
    make_job,
    make_prompt,
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
        lambda evidence: evidence.ledger.extend(run_of(FIRST, began=42)),
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
        evidence.ledger.insert(3, LedgerLine(1, 2, 45.5, "restarted", None))
        evidence.ledger += run_of(FIRST, began=46, boot=2)

    assert found(restarted) == []


def test_attempt_that_ran_on_another_stand_in_too_is_a_duplicate() -> None:
    def ran_elsewhere(evidence: Evidence) -> None:
        evidence.ledger += [replace(line, stand_in=2) for line in run_of(FIRST, began=42)]

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
        lambda evidence: change_event(evidence, 2, segments_done=1),
    ],
    ids=["position", "rev", "other end", "event after the end", "progress falls", "count falls"],
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
        evidence.prompts[-1] = make_prompt(SECOND, withdrawn=True)

    assert found(cancel) == []


def test_attempt_that_was_given_up_for_a_later_one_may_be_stopped() -> None:
    def move_on(evidence: Evidence) -> None:
        evidence.ledger[-1] = replace(evidence.ledger[-1], event="interrupted")
        evidence.prompts[-1] = make_prompt(SECOND, outcome="stalled")
        made_again(evidence)

    assert found(move_on) == []


def made_again(evidence: Evidence) -> None:
    """A second attempt at the second job's segment is the one that was stored."""
    evidence.ledger += run_of(SECOND, began=142, generation=1)
    evidence.prompts.append(make_prompt(SECOND, generation=1))
    evidence.checkpoints[-1] = make_checkpoint(SECOND, generation=1, at=149.0)


def hit_by(kind: FaultKind, script: str | None = None, happened: int = 1) -> Spoil:
    """A segment that was made again after a fault of its stand-in."""

    def spoil(evidence: Evidence) -> None:
        made_again(evidence)
        fault = make_fault(RENDERER, kind, script=script, began=142.0, ended=142.5)
        evidence.faults.append(replace(fault, happened=happened))

    return spoil


def set_back(evidence: Evidence) -> None:
    made_again(evidence)
    evidence.prompts[1] = make_prompt(SECOND, outcome="lost")


@pytest.mark.parametrize(
    "spoil",
    [
        hit_by(FaultKind.KILL),
        hit_by(FaultKind.SCRIPT, "vanished_file"),
        set_back,
    ],
    ids=["killed", "bad file", "setback that was noted"],
)
def test_segment_that_a_fault_hit_may_be_made_again(spoil: Spoil) -> None:
    assert found(spoil) == []


def twice_for_one_fault(evidence: Evidence) -> None:
    hit_by(FaultKind.SCRIPT, "truncated_file")(evidence)
    evidence.ledger += run_of(SECOND, began=143, generation=2)
    evidence.prompts.append(make_prompt(SECOND, generation=2))


def made_again_though_stored(evidence: Evidence) -> None:
    evidence.ledger += run_of(SECOND, began=149, generation=1)
    evidence.prompts.append(make_prompt(SECOND, generation=1, outcome="interrupted"))


@pytest.mark.parametrize(
    "spoil",
    [made_again, hit_by(FaultKind.SCRIPT, "oom", 0), twice_for_one_fault, made_again_though_stored],
    ids=["no fault", "fault that never happened", "two for one fault", "stored before"],
)
def test_segment_rendered_again_without_need_is_found(spoil: Spoil) -> None:
    assert found(spoil) == [Kind.REPEATED]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda evidence: evidence.checkpoints.pop(),
        lambda evidence: evidence.checkpoints.append(
            make_checkpoint(SECOND, generation=1, lost=True)
        ),
        lambda evidence: evidence.outputs.update({SECOND: OutputFact(9, stopped_early=False)}),
        lambda evidence: set_job(evidence, SECOND, frame_count=20, segment_count=2),
        lambda evidence: evidence.objects.pop(f"jobs/{SECOND}/growing/0-0.mp4"),
    ],
    ids=["no checkpoint", "checkpoint lost", "other length", "not all of it", "growing video gone"],
)
def test_missing_segment_is_a_loss(spoil: Spoil) -> None:
    assert Kind.LOST in found(spoil)


@pytest.mark.parametrize(("wish", "kinds"), [("keep", []), (None, [Kind.WRONG_CANCEL])])
def test_video_is_cut_short_only_when_that_was_asked(wish: str | None, kinds: list[Kind]) -> None:
    def cut_short(evidence: Evidence) -> None:
        set_job(evidence, SECOND, frame_count=20, segment_count=2)
        evidence.outputs[SECOND] = OutputFact(FRAMES, stopped_early=True)
        evidence.asked[1].keep_sent = wish is not None

    assert found(cut_short) == kinds


def test_retried_job_that_does_not_complete_is_a_loss() -> None:
    def retried(evidence: Evidence) -> None:
        end_cancelled(evidence)
        evidence.asked[1].cancel_sent = True
        evidence.asked[1].retries = 1

    assert found(retried) == [Kind.LOST]


@pytest.mark.parametrize(("run", "kinds"), [(2, []), (1, [Kind.EVENT_GAP])])
def test_log_goes_on_after_an_end_only_when_the_job_was_taken_up_again(
    run: int, kinds: list[Kind]
) -> None:
    def go_on(evidence: Evidence) -> None:
        change_event(evidence, 7, type="cancelled", status="cancelled")
        change_event(evidence, 8, type="accepted", status="accepted")
        set_job(evidence, SECOND, run=run)

    assert found(go_on) == kinds


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
