"""Which template versions render, and how they fare. Engine words are allowed here."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from proto.admin import AuditLine, Reason
from proto.job import AnimateSubmode, Mode
from proto.model import Model


class VersionState(StrEnum):
    """active: what new jobs are rendered with. canary: what a share of them are."""

    ACTIVE = "active"
    CANARY = "canary"
    RELEASED = "released"


class NeededModel(Model):
    """folder: under ComfyUI's models/, unless it starts with custom_nodes/."""

    file: str
    folder: str
    use: str


class TemplateVersion(Model):
    """A frozen version. runs, failures: of jobs that ended within the last 30 days, without those
    that people stopped and those that failed for their files or settings. last_used_at: when a job
    last began or ended with it. able: backends that can render it, at least in draft. missing: for
    each backend that can't, what to add."""

    version: str
    state: VersionState
    graph_sha256: str
    model_family: str
    notes: list[str]
    models: list[NeededModel]
    custom_nodes: list[str]
    compatible_backend_version: str
    runs: int
    failures: int
    failure_rate: float | None
    unfinished: int
    last_used_at: datetime | None
    able: list[str]
    missing: dict[str, list[str]]


class Canary(Model):
    """A version on trial. percent: of new jobs. runs, failures: since it began.

    It is taken back by itself once at least `least_runs` have ended and more than
    `most_failures` of them (a share, 0 to 1) have failed.
    """

    version: str
    percent: int
    since: datetime
    runs: int
    failures: int
    least_runs: int
    most_failures: float


class AdminTemplate(Model):
    """A template and its versions, newest first. rev: counts the changes of what is active.

    previous_version: what a roll back activates. history: newest first.
    """

    template_id: str
    mode: Mode
    submode: AnimateSubmode | None
    rev: int
    active_version: str
    previous_version: str | None
    canary: Canary | None
    versions: list[TemplateVersion]
    history: list[AuditLine]


class TemplateStanding(Model):
    """What operators decided of a template. Fields as in AdminTemplate and Canary.

    A version may be one that this release of the product does not have.
    """

    template_id: str
    active_version: str
    previous_version: str | None = None
    rev: int = 0
    canary_version: str | None = None
    canary_percent: int | None = None
    canary_since: datetime | None = None
    canary_least_runs: int | None = None
    canary_most_failures: float | None = None
    changed_at: datetime
    changed_by: str


class AdminTemplateList(Model):
    items: list[AdminTemplate]


class TemplateChange(Reason):
    """confirm: the template's id, typed by the operator. expected_rev: the `rev` that the operator
    saw; when it was changed since then, this change is refused."""

    confirm: str = Field(max_length=100)
    expected_rev: int | None = None


class Activation(TemplateChange):
    """canary_percent: of new jobs, the others go on with the active version; all when left out."""

    version: str = Field(max_length=40)
    canary_percent: int | None = Field(default=None, ge=1, le=99)
    least_runs: int = Field(default=5, ge=1, le=1000)
    most_failures: float = Field(default=0.2, ge=0, le=1)
