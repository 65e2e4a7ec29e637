"""Webhooks, and the messages to them. Secrets come and go encrypted."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from proto.ids import new_id
from proto.model import Model
from proto.webhook import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Webhook,
    WebhookEvent,
    WebhookJob,
    WebhookMessage,
)
from services.store import jsonb
from services.store.database import Connection, Row
from services.store.jobs_mode import NEWEST
from services.store.page import Cursor

MOST = 10
"""Of one owner."""
BOTH_SIGN = timedelta(hours=24)
"""How long an old secret signs too."""
KEPT = timedelta(days=30)
"""How long the log has what is delivered or dead."""
OVERDUE = timedelta(seconds=60)
"""A message that was due for so long has no workflow that knows of it."""
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {"attempts": TypeAdapter(list[DeliveryAttempt])}


class TooManyWebhooks(Exception):
    """The owner has as many as one may have."""
