"""The figures of a run are what happened in it."""

from dataclasses import replace

from tests.chaos.audit import audit
from tests.chaos.breaker import Done
from tests.chaos.evidence import LedgerLine
from tests.chaos.factory import (
    FIRST,
    SECOND,
    make_checkpoint,
    make_fault,
    make_prompt,
    run_of,
    whole_evidence,
)
from tests.chaos.plan import FaultKind
from tests.chaos.recovery import percentile, recoveries
from tests.chaos.report import describe_costs, report
from tests.chaos.wasted import Runs


def test_report_counts_what_the_audit_found() -> None:
    evidence = whole_evidence()
    evidence.ledger += run_of(FIRST, began=42)
    evidence.readers[0].heard.pop()
    evidence.left += ["a file", "another file"]
    summary = report(evidence, audit(evidence))
    kinds = ("lost", "duplicates", "event_gaps", "wrong_cancels", "orphans")
    assert [summary[kind] for kind in kinds] == [0, 1, 1, 0, 2]
    assert summary["jobs"] == {"completed": 2}
    assert summary["recovery_s"] == {"p50": None, "p95": None, "of": 0}


def recovered(*faults: Done) -> list[float]:
    evidence = whole_evidence()
    evidence.faults = [*faults]
    return [recovery.seconds for recovery in recoveries(evidence)]


def test_recovery_lasts_until_the_target_serves_again() -> None:
    assert recovered(make_fault("files", served_after_s=0.8)) == [0.8]


def test_recovery_lasts_until_the_interrupted_work_is_followed_again() -> None:
    assert recovered(make_fault("comfy worker", followed_after_s=7.0)) == [7.0]


def test_recovery_of_a_stand_in_lasts_until_the_job_it_rendered_is_rendered_again() -> None:
    """The second job's prompt runs from 141 on."""
    evidence = whole_evidence()
    evidence.ledger[-1:] = [LedgerLine(1, 2, 145.0, "restarted", None)]
    evidence.ledger += run_of(SECOND, began=150, generation=1, boot=2)
    evidence.prompts.append(make_prompt(SECOND, generation=1))
    evidence.faults = [
        make_fault("simulated renderer", began=143, ended=143),
        make_fault("simulated renderer", began=130, ended=130),
        make_fault("simulated renderer", FaultKind.CUT, began=143, ended=143),
    ]
    assert [recovery.seconds for recovery in recoveries(evidence)] == [8.0, 0.5, 0.5]


def test_script_is_not_a_process_that_ended() -> None:
    assert recovered(make_fault("simulated renderer", FaultKind.SCRIPT, script="oom")) == []


def test_waste_is_the_time_until_the_stand_in_was_killed() -> None:
    """The second job's prompt ran for three of the usual four seconds."""
    evidence = whole_evidence()
    evidence.ledger[-1:] = [LedgerLine(1, 2, 148.0, "restarted", None)]
    evidence.ledger += run_of(SECOND, began=150, generation=1, boot=2)
    evidence.prompts[-1:] = [make_prompt(SECOND, outcome="lost"), make_prompt(SECOND, generation=1)]
    evidence.checkpoints[-1] = make_checkpoint(SECOND, generation=1)
    evidence.faults = [make_fault("simulated renderer", began=144, ended=144)]
    summary = report(evidence, [])
    assert summary["wasted_gpu_s"] == {"p50": 3.0, "p95": 3.0, "of": 1}
    assert summary["wasted_segments_max"] == 0.75
    assert summary["renders"] == {"begun": 3, "kept": 2, "wasted": 1, "stopped": 0}
    [line] = describe_costs(evidence)
    assert f"cost job {SECOND} 3.0 s, 0.75 of a segment: 0/0" in line


def test_time_in_which_a_stand_in_was_held_is_not_wasted() -> None:
    evidence = whole_evidence()
    held = make_fault("simulated renderer", FaultKind.STOP, began=142, ended=144.5)
    evidence.faults = [held]
    assert [run.seconds for run in Runs(evidence).all] == [4.0, 1.5]


def test_run_died_of_what_came_before_its_end() -> None:
    evidence = whole_evidence()
    evidence.ledger[-1] = replace(evidence.ledger[-1], event="error")
    evidence.checkpoints.pop()
    earlier, later = (
        make_fault("simulated renderer", FaultKind.SCRIPT, script=script, began=at, ended=160)
        for script, at in [("oom", 142), ("disk_full", 150)]
    )
    evidence.faults = [earlier, later]
    assert [failure.done for failure in Runs(evidence).failures()] == [earlier]


def test_success_was_lost_to_the_first_end_of_its_stand_in() -> None:
    evidence = whole_evidence()
    evidence.checkpoints.pop()
    evidence.ledger += [
        LedgerLine(1, boot, at, "restarted", None) for boot, at in [(2, 148), (3, 155)]
    ]
    first, second = (make_fault("simulated renderer", began=at, ended=at) for at in (147, 154))
    evidence.faults = [first, second]
    assert [failure.done for failure in Runs(evidence).failures()] == [first]


def test_run_that_a_customer_stopped_is_not_wasted() -> None:
    evidence = whole_evidence()
    evidence.ledger[-1] = replace(evidence.ledger[-1], event="interrupted")
    evidence.prompts[-1] = make_prompt(SECOND, withdrawn=True)
    evidence.checkpoints.pop()
    evidence.asked[1].cancel_sent = True
    runs = Runs(evidence)
    assert (len(runs.wasted), len(runs.stopped)) == (0, 1)


def test_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 21)]
    assert percentile(values, 0.5) == 11.0
    assert percentile(values, 0.95) == 20.0
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.5) is None
