"""The figures of a run are what happened in it."""

from tests.chaos.audit import audit
from tests.chaos.breaker import Done
from tests.chaos.evidence import LedgerLine
from tests.chaos.factory import FIRST, SECOND, make_fault, run_of, whole_evidence
from tests.chaos.plan import FaultKind
from tests.chaos.recovery import percentile, recoveries
from tests.chaos.report import report


def test_report_counts_what_the_audit_found() -> None:
    evidence = whole_evidence()
    evidence.ledger += run_of(FIRST, began=60)
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
    evidence.faults = [
        make_fault("simulated renderer", began=143, ended=143),
        make_fault("simulated renderer", began=130, ended=130),
        make_fault("simulated renderer", FaultKind.CUT, began=143, ended=143),
    ]
    assert [recovery.seconds for recovery in recoveries(evidence)] == [8.0, 0.5, 0.5]


def test_script_is_not_a_process_that_ended() -> None:
    assert recovered(make_fault("simulated renderer", FaultKind.SCRIPT, script="oom")) == []


def test_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 21)]
    assert percentile(values, 0.5) == 11.0
    assert percentile(values, 0.95) == 20.0
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.5) is None
