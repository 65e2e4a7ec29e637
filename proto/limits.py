"""How much an owner may do, and has done."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from proto.model import Model, Request

MOST = 2**31 - 1
MOST_BYTES = 2**53


class Limits(Model):
    """0 is no limit.

    token_requests_per_minute: of each token by itself. running_jobs: rendered at once; more of them
    wait. *_per_day: in the last 24 hours.
    """

    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    token_requests_per_minute: Annotated[int, Field(ge=0)] = 0
    uploads_per_day: Annotated[int, Field(ge=0)] = 0
    upload_bytes_per_day: Annotated[int, Field(ge=0)] = 0
    running_jobs: Annotated[int, Field(ge=0)] = 0
    waiting_jobs: Annotated[int, Field(ge=0)] = 0
    gpu_seconds_per_day: Annotated[float, Field(ge=0)] = 0


class LimitName(StrEnum):
    REQUESTS = "requests_per_minute"
    UPLOADS = "uploads_per_day"
    UPLOAD_BYTES = "upload_bytes_per_day"
    RUNNING_JOBS = "running_jobs"
    WAITING_JOBS = "waiting_jobs"
    GPU_SECONDS = "gpu_seconds_per_day"


class LimitUse(Model):
    """limit: None where there is none. resets_at: when some of what is used up is free again."""

    name: LimitName
    used: float
    limit: float | None
    resets_at: datetime | None = None


class LimitsReport(Model):
    items: list[LimitUse]


class OwnerLimits(Model):
    """own: what differs for the owner from the defaults."""

    defaults: Limits
    own: dict[str, JsonValue]
    report: LimitsReport


class LimitsChange(Request):
    """What differs for one owner from the settings; None: as the settings have it."""

    requests_per_minute: Annotated[int | None, Field(ge=0, le=MOST)] = None
    token_requests_per_minute: Annotated[int | None, Field(ge=0, le=MOST)] = None
    uploads_per_day: Annotated[int | None, Field(ge=0, le=MOST)] = None
    upload_bytes_per_day: Annotated[int | None, Field(ge=0, le=MOST_BYTES)] = None
    running_jobs: Annotated[int | None, Field(ge=0, le=MOST)] = None
    waiting_jobs: Annotated[int | None, Field(ge=0, le=MOST)] = None
    gpu_seconds_per_day: Annotated[float | None, Field(ge=0, le=MOST)] = None
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]


class CreditKind(StrEnum):
    """reserve: at acceptance, what a job is expected to need. settle: at its end, what of that it
    did not use is given back, or what it used more is taken. refund: all of it, for it failed.
    """

    RESERVE = "reserve"
    SETTLE = "settle"
    REFUND = "refund"


class CreditEntry(Model):
    """gpu_seconds: above 0 is taken, below 0 given back. rendered_seconds: what GPUs worked."""

    entry_id: str
    job_id: str
    kind: CreditKind
    gpu_seconds: float
    rendered_seconds: float | None = None
    at: datetime


class CreditPage(Model):
    items: list[CreditEntry]
    next_cursor: str | None = None
