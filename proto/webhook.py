"""Messages to other services about what happens to an owner's jobs (Standard Webhooks)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, StringConstraints

from proto.model import Model, Request


class WebhookEvent(StrEnum):
    """The `type` of a message."""

    JOB_ACCEPTED = "job.accepted"
    JOB_EXECUTING = "job.executing"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    WEBHOOK_TEST = "webhook.test"


class WebhookState(StrEnum):
    """failing: a delivery is being tried again. disabled: by its owner, or because nothing was
    delivered for days.
    """

    ACTIVE = "active"
    FAILING = "failing"
    DISABLED = "disabled"


Description = Annotated[str, StringConstraints(max_length=200)]
Events = Annotated[list[WebhookEvent], Field(min_length=1, max_length=len(WebhookEvent))]


class WebhookRequest(Request):
    """url: https. events: of which to tell; None for all."""

    url: HttpUrl
    description: Description = ""
    events: Events | None = None


class WebhookChange(Request):
    """What is to be different; None as it is."""

    url: HttpUrl | None = None
    description: Description | None = None
    events: Events | None = None
    enabled: bool | None = None


class Webhook(Model):
    """An address that is told. old_secret_until: until then messages carry two signatures, of the
    new and of the old secret.
    """

    webhook_id: str
    owner: str
    url: str
    description: str
    events: list[WebhookEvent]
    state: WebhookState
    reason: str | None = None
    waiting: int = 0
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    old_secret_until: datetime | None = None
    created_at: datetime


class NewWebhook(Webhook):
    """secret: `whsec_…`, shown this once."""

    secret: str


class WebhookList(Model):
    items: list[Webhook]
    next_cursor: str | None = None


class DeliveryState(StrEnum):
    """dead: given up after days of tries; it can be replayed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class DeliveryAttempt(Model):
    """status: of the receiver's answer; None where none came, and error says why."""

    at: datetime
    status: int | None = None
    error: str | None = None
    took_ms: int


class Delivery(Model):
    """A message to one address. message_id: its `webhook-id`, the same in every try.

    next_try_at: None once it is delivered or dead, or while it waits for an earlier one.
    """

    delivery_id: str
    webhook_id: str
    message_id: str
    event: WebhookEvent
    job_id: str | None = None
    state: DeliveryState
    attempts: list[DeliveryAttempt] = []
    next_try_at: datetime | None = None
    created_at: datetime
    ended_at: datetime | None = None


class DeliveryPage(Model):
    items: list[Delivery]
    next_cursor: str | None = None


class WebhookRef(Model):
    webhook_id: str


class DeliveryStep(Model):
    """What came of the first message that waits. wait_s: until something is to be done; None
    where nothing waits.
    """

    said: str
    wait_s: float | None = None


class WebhookJob(Model):
    """What a message says of a job: nothing that was written or uploaded, no address of a file.

    path: of the job in the API, below the studio's origin.
    """

    job_id: str
    status: str
    mode: str
    progress: float
    error_code: str | None = None
    reference: str | None = None
    path: str


class WebhookMessage(Model):
    """The body of a message. timestamp: when it happened."""

    type: WebhookEvent
    timestamp: datetime
    data: WebhookJob | dict[str, Literal["It works."]]
