"""What a backend's signs mean, in an operator's words, and what is done about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from proto.backend import (
    Backend,
    BackendFacts,
    BackendState,
    Finding,
    FindingKind,
    Severity,
)
from services.comfy.health import Diagnosis, Executor
from services.doctor.memory import Climb
from services.store.backends import Failures, Peer

WINDOW = timedelta(minutes=30)
"""For how long a prompt's bad end is held against its backend."""
CHANGE_SHOWN_FOR = timedelta(days=1)
TOO_OFTEN = 3
"""Bad ends of that many prompts, of at least two jobs: one job may be too large for any backend."""
OLDEST_VERSION = (0, 3, 64)
"""The oldest ComfyUI that we were tried with."""
GB = 10**9

DRAINED_FOR = frozenset(
    {
        FindingKind.STUCK_PROMPT,
        FindingKind.OUT_OF_MEMORY,
        FindingKind.CLIMBING_MEMORY,
        FindingKind.FULL_DISK,
        FindingKind.FAILING_UPLOADS,
    }
)
"""When serious, and others can do what it does. A dead executor is quarantined, whoever is left."""

TO_DO = {
    FindingKind.DEAD_EXECUTOR: "Restart this ComfyUI; it gets work again by itself.",
    FindingKind.STUCK_PROMPT: "Look at its log and at nvidia-smi; restart it if this goes on.",
    FindingKind.OUT_OF_MEMORY: (
        "See what else uses its video memory (nvidia-smi). Restart it, or give it lower qualities"
        " only, by the model files it has."
    ),
    FindingKind.CLIMBING_MEMORY: "Restart it; if it comes back, look for the extension that leaks.",
    FindingKind.FULL_DISK: "Make room for its output and temp folders; Retention has a janitor.",
    FindingKind.FAILING_UPLOADS: "Look at its log, and at the room and rights of its input folder.",
    FindingKind.SILENT_SOCKET: (
        "Let WebSockets through on the way to it: /ws with upgrade and no short idle limit. Videos"
        " are made all the same; only their progress is not seen."
    ),
    FindingKind.CHANGED_VERSION: "Nothing, if you updated it. Look at the next videos it makes.",
    FindingKind.OTHER_VERSION: "Bring all backends to one version, or a job's parts may differ.",
    FindingKind.OLD_VERSION: "Update ComfyUI and its extensions.",
}


@dataclass(frozen=True)
class Change:
    """A backend that became something else than it was known as."""

    before: BackendFacts
    after: BackendFacts


@dataclass(frozen=True)
class Signs:
    """All that was seen of a backend.

    failed_uploads: of those that only try it, one after another. change: what it became just now.
    """

    row: Backend
    diagnosis: Diagnosis
    failures: Failures
    climb: Climb | None = None
    failed_uploads: int = 0
    is_silent: bool = False
    change: Change | None = None
    peers: Sequence[Peer] = field(default_factory=list)


def findings_of(signs: Signs, now: datetime) -> list[Finding]:
    """The findings, worst first. Those that were there before keep the time they began."""
    known = {finding.kind: finding for finding in signs.row.findings}
    found = [
        Finding(
            kind=kind,
            severity=severity,
            message=message,
            to_do=TO_DO[kind],
            since=known[kind].since if kind in known and not _is_news(kind) else now,
        )
        for kind, severity, message in _all(signs)
    ]
    found += _lasting(signs.row, {finding.kind for finding in found}, now)
    worst = [Severity.SERIOUS, Severity.WARNING, Severity.INFO]
    return sorted(found, key=lambda finding: worst.index(finding.severity))


def _is_news(kind: FindingKind) -> bool:
    """Whether it is found once, when it happens, and not as long as it is so."""
    return kind is FindingKind.CHANGED_VERSION


Found = tuple[FindingKind, Severity, str]


def _all(signs: Signs) -> Iterator[Found]:
    yield from _of_the_line(signs)
    yield from _of_prompts(signs)
    yield from _of_the_machine(signs)
    yield from _of_versions(signs)


def _of_the_line(signs: Signs) -> Iterator[Found]:
    """A quarantined backend has no line left to tell by: what it was quarantined for lasts."""
    row, diagnosis = signs.row, signs.diagnosis
    if row.state is BackendState.QUARANTINED:
        yield row.because or FindingKind.STUCK_PROMPT, Severity.SERIOUS, row.reason or ""
    elif diagnosis.executor is Executor.STALLED:
        words = "prompts wait and none runs, though it answers: restart it"
        yield FindingKind.DEAD_EXECUTOR, Severity.SERIOUS, words


def _of_prompts(signs: Signs) -> Iterator[Found]:
    failures, minutes = signs.failures, f"{WINDOW.total_seconds() / 60:.0f} minutes"
    if failures.out_of_memory:
        words = f"{_prompts(failures.out_of_memory)} ran out of memory within {minutes}"
        often = _severity(failures.out_of_memory, failures.out_of_memory_jobs)
        yield FindingKind.OUT_OF_MEMORY, often, words
    if failures.stuck and signs.row.state is not BackendState.QUARANTINED:
        words = f"{_prompts(failures.stuck)} ran without a sign of life within {minutes}"
        often = _severity(failures.stuck, failures.stuck_jobs)
        yield FindingKind.STUCK_PROMPT, often, words
    if failures.full_disk:
        words = f"{_prompts(failures.full_disk)} could not be saved within {minutes}: no space left"
        severity = Severity.SERIOUS if failures.full_disk > 1 else Severity.WARNING
        yield FindingKind.FULL_DISK, severity, words


def _prompts(count: int) -> str:
    return "one prompt" if count == 1 else f"{count} prompts"


def _severity(count: int, jobs: int) -> Severity:
    if count >= TOO_OFTEN and jobs > 1:
        return Severity.SERIOUS
    return Severity.WARNING if count > 1 else Severity.INFO


def _of_the_machine(signs: Signs) -> Iterator[Found]:
    if signs.climb is not None:
        memory = signs.climb.memory
        words = (
            f"it lost {signs.climb.lost / GB:.1f} GB of {memory.name} while nothing ran;"
            f" {memory.free / GB:.1f} of {memory.total / GB:.1f} GB are free"
        )
        severity = Severity.SERIOUS if signs.climb.is_serious else Severity.WARNING
        yield FindingKind.CLIMBING_MEMORY, severity, words
    if signs.failed_uploads:
        severity = Severity.SERIOUS if signs.failed_uploads > 1 else Severity.WARNING
        yield FindingKind.FAILING_UPLOADS, severity, "it answers, and takes no files"
    if signs.is_silent:
        words = "its socket connects and says nothing while prompts come and go"
        yield FindingKind.SILENT_SOCKET, Severity.WARNING, words


def _of_versions(signs: Signs) -> Iterator[Found]:
    if signs.change is not None:
        yield FindingKind.CHANGED_VERSION, Severity.INFO, _changed(signs.change)
    facts = signs.row.facts
    if facts is None:
        return
    if is_old(facts.version):
        oldest = ".".join(map(str, OLDEST_VERSION))
        words = f"ComfyUI {facts.version} is older than {oldest}, the oldest one we were tried with"
        yield FindingKind.OLD_VERSION, Severity.WARNING, words
    most = signs.peers[0] if signs.peers else None
    if most is None or (most.version, most.node_fingerprint) == _identity(facts):
        return
    same = sum(peer.count for peer in signs.peers if _identity(facts) == _identity(peer))
    if same < most.count:
        yield FindingKind.OTHER_VERSION, Severity.INFO, _differs(facts, most)


def _identity(facts: BackendFacts | Peer) -> tuple[str, str]:
    return facts.version, facts.node_fingerprint


def _changed(change: Change) -> str:
    before, after = change.before.version, change.after.version
    if before == after:
        return f"its nodes changed; it is still ComfyUI {after}"
    return f"ComfyUI {before} became {after}"


def _differs(facts: BackendFacts, most: Peer) -> str:
    if facts.version == most.version:
        return "it has other nodes, or nodes of other versions, than the other backends"
    return f"it runs ComfyUI {facts.version}; most others run {most.version}"


def is_old(version: str) -> bool:
    """False for a version that does not name numbers."""
    parts = version.removeprefix("v").split(".")
    if not all(part.isdecimal() for part in parts):
        return False
    return tuple(map(int, parts)) < OLDEST_VERSION


def _lasting(row: Backend, seen: set[FindingKind], now: datetime) -> Iterator[Finding]:
    """News of before, for a while."""
    for finding in row.findings:
        if (
            _is_news(finding.kind)
            and finding.kind not in seen
            and now - finding.since < CHANGE_SHOWN_FOR
        ):
            yield finding


def worst_to_drain_for(findings: Sequence[Finding]) -> Finding | None:
    serious = [finding for finding in findings if finding.severity is Severity.SERIOUS]
    return next((finding for finding in serious if finding.kind in DRAINED_FOR), None)


def dead_executor(findings: Sequence[Finding]) -> Finding | None:
    return next((one for one in findings if one.kind is FindingKind.DEAD_EXECUTOR), None)
