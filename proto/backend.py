import re
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from proto.job import QualityProfile
from proto.model import Model


class BackendState(StrEnum):
    """What people and the watching agent decided about a backend.

    cordoned: gets nothing new. draining: gets nothing new, and what waits there goes back to the
    line. quarantined: as draining, because it does not work, as its agent found.
    removed: forgotten, once what it renders has ended.
    """

    OFFERED = "offered"
    CORDONED = "cordoned"
    DRAINING = "draining"
    QUARANTINED = "quarantined"
    REMOVED = "removed"


class BackendSource(StrEnum):
    CONFIGURATION = "configuration"
    CONSOLE = "console"


class Severity(StrEnum):
    """info: good to know. warning: work goes on, and it may get worse. serious: work is lost or
    waits because of it."""

    INFO = "info"
    WARNING = "warning"
    SERIOUS = "serious"


class FindingKind(StrEnum):
    DEAD_EXECUTOR = "dead_executor"
    STUCK_PROMPT = "stuck_prompt"
    OUT_OF_MEMORY = "out_of_memory"
    CLIMBING_MEMORY = "climbing_memory"
    FULL_DISK = "full_disk"
    FAILING_UPLOADS = "failing_uploads"
    SILENT_SOCKET = "silent_socket"
    CHANGED_VERSION = "changed_version"
    OTHER_VERSION = "other_version"
    OLD_VERSION = "old_version"


class Finding(Model):
    """What is wrong with a backend, since when. message, to_do: for an operator."""

    kind: FindingKind
    severity: Severity
    message: str
    to_do: str
    since: datetime


class BackendFacts(Model):
    """What a backend says of itself. vram_bytes: of its largest device."""

    version: str
    node_fingerprint: str
    simulated: bool
    vram_bytes: int


class Backend(Model):
    """One ComfyUI server as operators see it.

    answering: its agent heard from it within the last half minute. abilities: what it can render,
    `template@quality`; null until it was asked. missing: for each ability it lacks, what to add.
    lines: the task queues it takes work from now. running, pending: prompts there, whoever's.
    rev: counts the changes of its state. because: the finding for which its watcher gives it no
    work; null where people decided.
    """

    backend_id: str
    url: str
    source: BackendSource
    state: BackendState
    reason: str | None
    rev: int = 0
    answering: bool
    facts: BackendFacts | None
    abilities: list[str] | None
    missing: dict[str, list[str]]
    lines: list[str]
    running: int
    pending: int
    seen_at: datetime | None
    state_changed_at: datetime
    because: FindingKind | None = None
    findings: list[Finding] = []


def ability(template_id: str, quality: QualityProfile) -> str:
    """The name of what a backend can or can't do: a template at a quality."""
    return f"{template_id}@{quality}"


def backend_id(url: str) -> str:
    """A name that stays the same however the configuration is ordered: host, port and path."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9.:-]+", "-", f"{parts.hostname}{port}{parts.path}".lower()).strip("-")
