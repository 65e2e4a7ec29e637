"""What is found of a backend, and what is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proto.backend import (
    Backend,
    BackendFacts,
    BackendSource,
    BackendState,
    Finding,
    FindingKind,
    Severity,
)
from services.comfy.health import Diagnosis, Executor
from services.comfy.system import Memory
from services.doctor.memory import LOOKS, Climb, MemoryWatch
from services.doctor.signs import CHANGE_SHOWN_FOR, Change, Signs, findings_of, is_old
from services.store.backends import Failures, Peer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FACTS = BackendFacts(version="0.3.64", node_fingerprint="a", simulated=False, vram_bytes=24)
ROW = Backend(
    backend_id="gpu-1",
    url="http://gpu-1",
    source=BackendSource.CONFIGURATION,
    state=BackendState.OFFERED,
    reason=None,
    answering=True,
    facts=FACTS,
    abilities=[],
    missing={},
    lines=[],
    running=0,
    pending=0,
    seen_at=NOW,
    state_changed_at=NOW,
)
FINE = Failures(out_of_memory=0, out_of_memory_jobs=0, full_disk=0, stuck=0, stuck_jobs=0)
IDLE = Diagnosis(Executor.IDLE, None, 0, restarted=False)
WELL = Signs(row=ROW, diagnosis=IDLE, failures=FINE)
TOTAL = 100


def seen(signs: Signs) -> dict[FindingKind, Severity]:
    return {finding.kind: finding.severity for finding in findings_of(signs, NOW)}


def test_well_backend_has_no_findings() -> None:
    assert seen(replace(WELL, peers=[Peer(version="0.3.64", node_fingerprint="a", count=3)])) == {}


@pytest.mark.parametrize(
    ("prompts", "jobs", "severity"),
    [
        (1, 1, Severity.INFO),
        (2, 1, Severity.WARNING),
        (5, 1, Severity.WARNING),
        (3, 2, Severity.SERIOUS),
    ],
)
def test_memory_that_runs_out_is_serious_only_when_several_jobs_meet_it(
    prompts: int, jobs: int, severity: Severity
) -> None:
    update = {"out_of_memory": prompts, "out_of_memory_jobs": jobs}
    signs = replace(WELL, failures=FINE.model_copy(update=update))
    assert seen(signs) == {FindingKind.OUT_OF_MEMORY: severity}


def test_finding_keeps_the_time_it_began() -> None:
    signs = replace(WELL, is_silent=True)
    [first] = findings_of(signs, NOW)
    row = ROW.model_copy(update={"findings": [first]})
    [second] = findings_of(replace(signs, row=row), NOW + timedelta(minutes=5))
    assert second == first


def test_new_version_is_shown_for_a_day() -> None:
    newer = FACTS.model_copy(update={"version": "0.38.1"})
    [change] = findings_of(replace(WELL, change=Change(FACTS, newer)), NOW)
    assert "0.3.64 became 0.38.1" in change.message
    later = replace(WELL, row=ROW.model_copy(update={"findings": [change]}))
    assert findings_of(later, NOW + CHANGE_SHOWN_FOR / 2) == [change]
    assert findings_of(later, NOW + CHANGE_SHOWN_FOR) == []


def test_backend_that_differs_from_most_is_told_from_the_most() -> None:
    others = [
        Peer(version="0.38.1", node_fingerprint="b", count=3),
        Peer(version="0.3.64", node_fingerprint="a", count=1),
    ]
    assert seen(replace(WELL, peers=others)) == {FindingKind.OTHER_VERSION: Severity.INFO}
    most = ROW.model_copy(
        update={"facts": FACTS.model_copy(update={"version": "0.38.1", "node_fingerprint": "b"})}
    )
    assert seen(replace(WELL, row=most, peers=others)) == {}


def test_quarantined_backend_shows_why_though_its_line_is_empty() -> None:
    update = {
        "state": BackendState.QUARANTINED,
        "because": FindingKind.DEAD_EXECUTOR,
        "reason": "none runs",
    }
    [finding] = findings_of(replace(WELL, row=ROW.model_copy(update=update)), NOW)
    assert (finding.kind, finding.message) == (FindingKind.DEAD_EXECUTOR, "none runs")
    assert "Restart" in finding.to_do


def test_worst_finding_comes_first() -> None:
    update = {"out_of_memory": 3, "out_of_memory_jobs": 3, "full_disk": 1}
    signs = replace(WELL, failures=FINE.model_copy(update=update), change=Change(FACTS, FACTS))
    found: list[Finding] = findings_of(signs, NOW)
    assert [one.severity for one in found] == [Severity.SERIOUS, Severity.WARNING, Severity.INFO]


@pytest.mark.parametrize(
    ("version", "old"),
    [("0.3.63", True), ("0.3.64", False), ("v0.38.1", False), ("nightly", False)],
)
def test_age_of_a_version(version: str, old: bool) -> None:  # noqa: FBT001
    assert is_old(version) is old


def look(watch: MemoryWatch, *free: int) -> Climb | None:
    climb = None
    for size in free:
        climb = watch.look(Memory("memory", size, TOTAL))
    return climb


def test_memory_that_is_lost_steadily_while_idle_is_noticed_until_it_is_back() -> None:
    watch = MemoryWatch()
    climb = look(watch, 90, 88, 86, 84, 82, 80)
    assert climb is not None
    assert (climb.lost, climb.is_serious) == (10, False)
    climb = look(watch, 10)
    assert climb is not None
    assert climb.is_serious
    assert look(watch, 90) is None


@pytest.mark.parametrize(
    "free",
    [
        [90] * (2 * LOOKS),
        [90, 40, 40, 40, 40, 40, 40],
        [90, 70, 90, 70, 90, 70, 90, 70],
        [90, 89, 88, 87, 86],
        [9_000, 8_999, 8_998, 8_997, 8_996, 8_995],
    ],
    ids=["even", "one step", "up and down", "too short", "a trifle"],
)
def test_memory_that_is_used_is_not_lost(free: list[int]) -> None:
    assert look(MemoryWatch(), *free) is None


def test_what_prompts_leave_in_memory_is_not_lost() -> None:
    watch = MemoryWatch()
    for size in (90, 80, 70, 60, 50, 40, 30):
        assert look(watch, size) is None
        watch.forget()
