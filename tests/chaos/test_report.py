"""The figures of a run are what happened in it."""

import pytest

from tests.chaos.audit import audit
from tests.chaos.breaker import Done
from tests.chaos.factory import FIRST, make_fault, run_of, whole_evidence
from tests.chaos.plan import FaultKind
from tests.chaos.recovery import percentile, recoveries
from tests.chaos.report import report


def test_report_counts_what_the_audit_found() -> None:
    evidence = whole_evidence()
    evidence.ledger += run_of(FIRST, began=60)
    evidence.readers[0].heard.pop()
    evidence.left += ["a file", "another file"]
    summary = report(evidence, audit(evidence), seed=5, wall_s=1.0)
    kinds = ("runs", "lost", "duplicates", "event_gaps", "wrong_cancels", "orphans")
    assert [summary[kind] for kind in kinds] == [2, 0, 1, 1, 0, 2]
    assert summary["seed"] == 5
    assert summary["jobs"] == {"completed": 2}
    assert summary["recovery_s"] == {"p50": None, "p95": None, "of": 0}


def recovered(*faults: Done) -> list[float]:
    evidence = whole_evidence()
    evidence.faults = [*faults]
    return [recovery.seconds for recovery in recoveries(evidence)]


def test_recovery_lasts_until_the_target_serves_again() -> None:
    assert recovered(make_fault("files", served_after_s=0.8)) == [0.8]


@pytest.mark.parametrize(
    ("target", "seconds"),
    [("comfy worker", 7.0), ("simulated renderer", 7.0), ("media worker", 0.5)],
)
def test_recovery_lasts_until_the_interrupted_render_moves_again(
    target: str, seconds: float
) -> None:
    """The second job renders from 140 on, and its next event comes at 150."""
    assert recovered(make_fault(target, began=143, ended=143)) == [seconds]


def test_recovery_of_a_held_process_counts_from_when_it_was_let_go() -> None:
    assert recovered(make_fault("comfy worker", FaultKind.STOP, began=143, ended=148)) == [2.0]


def test_time_in_which_another_fault_lasted_does_not_count() -> None:
    others = [
        make_fault("files", FaultKind.STOP, began=140, ended=145),
        make_fault("gateway", FaultKind.STOP, began=144, ended=146),
    ]
    assert recovered(make_fault("comfy worker", began=143, ended=143), *others)[0] == 4.0


def test_script_is_not_a_process_that_ended() -> None:
    assert recovered(make_fault("simulated renderer", FaultKind.SCRIPT, script="oom")) == []


def test_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 21)]
    assert percentile(values, 0.5) == 11.0
    assert percentile(values, 0.95) == 20.0
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.5) is None
