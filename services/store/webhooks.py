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
    WebhookChange,
    WebhookEvent,
    WebhookJob,
    WebhookMessage,
    WebhookRequest,
)
from services.store import jsonb
from services.store.database import Connection, Row
from services.store.page import NEWEST, Cursor

MOST = 10
"""Of one owner."""
BOTH_SIGN = timedelta(hours=24)
"""How long an old secret signs too."""
KEPT = timedelta(days=30)
"""How long the log has what is delivered or dead."""
OVERDUE = timedelta(seconds=60)
"""A message that was due for so long has no workflow that knows of it."""
BY_OWNER = "Disabled by its owner."
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {"attempts": TypeAdapter(list[DeliveryAttempt])}


class TooManyWebhooks(Exception):
    """The owner has as many as one may have."""


# Two at once count one after the other.
LOCK_OWNER = "SELECT FROM users WHERE owner = $1 FOR UPDATE"
COUNT = "SELECT count(*) FROM webhooks WHERE owner = $1"
ADD = """
INSERT INTO webhooks (webhook_id, owner, url, description, events, secret)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def add(connection: Connection, owner: str, wanted: WebhookRequest, secret: bytes) -> Webhook:
    """A new one, in the caller's transaction. Raises TooManyWebhooks."""
    await connection.execute(LOCK_OWNER, owner)
    if await connection.fetchval(COUNT, owner) >= MOST:
        raise TooManyWebhooks(owner)
    webhook_id = new_id()
    events = wanted.events or list(WebhookEvent)
    await connection.execute(
        ADD, webhook_id, owner, str(wanted.url), wanted.description, events, secret
    )
    return await get(connection, webhook_id)


SELECT = """
SELECT webhooks.*, coalesce(waits.waiting, 0) AS waiting,
       CASE WHEN disabled_at IS NOT NULL THEN 'disabled'
            WHEN waits.failing THEN 'failing' ELSE 'active' END AS state,
       CASE WHEN old_secret_until > clock_timestamp() THEN old_secret_until END AS both_until
FROM webhooks LEFT JOIN LATERAL (
    SELECT count(*) AS waiting, bool_or(tries > 0) AS failing FROM webhook_deliveries
    WHERE webhook_deliveries.webhook_id = webhooks.webhook_id AND state = 'waiting'
) AS waits ON true
"""
LIST = f"""
{SELECT}
WHERE ($1::text IS NULL OR owner = $1) AND (created_at, webhook_id) < ($2, $3)
ORDER BY created_at DESC, webhook_id DESC LIMIT $4
"""


async def list_page(
    connection: Connection, owner: str | None, after: Cursor | None, limit: int
) -> list[Webhook]:
    """Newest first. owner: None for everybody's."""
    start = after or NEWEST
    return [_webhook(row) for row in await connection.fetch(LIST, owner, start.at, start.id, limit)]


FIND = f"{SELECT} WHERE webhook_id = $1"


async def find(connection: Connection, webhook_id: str) -> Webhook | None:
    row = await connection.fetchrow(FIND, webhook_id)
    return None if row is None else _webhook(row)


async def get(connection: Connection, webhook_id: str) -> Webhook:
    """Raises LookupError."""
    webhook = await find(connection, webhook_id)
    if webhook is None:
        raise LookupError(f"no webhook {webhook_id}")
    return webhook


LOCK = "SELECT FROM webhooks WHERE webhook_id = $1 FOR UPDATE"
CHANGE = """
UPDATE webhooks SET
    url = coalesce($2, url),
    description = coalesce($3, description),
    events = coalesce($4, events),
    disabled_at = CASE WHEN $5 THEN NULL
                       WHEN NOT $5 THEN coalesce(disabled_at, clock_timestamp())
                       ELSE disabled_at END,
    reason = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN coalesce(reason, $6) ELSE reason END
WHERE webhook_id = $1
"""
TRY_NOW = """
UPDATE webhook_deliveries SET tries = 0, next_try_at = NULL
WHERE webhook_id = $1 AND state = 'waiting'
"""
WAKE = "UPDATE webhooks SET wakes = wakes + 1, gave_up = false WHERE webhook_id = $1"


async def change(connection: Connection, webhook_id: str, wanted: WebhookChange) -> Webhook:
    """In the caller's transaction. What waits for a new or enabled address is tried at once."""
    await connection.execute(LOCK, webhook_id)
    await connection.execute(
        CHANGE,
        webhook_id,
        None if wanted.url is None else str(wanted.url),
        wanted.description,
        wanted.events,
        wanted.enabled,
        BY_OWNER,
    )
    if wanted.enabled or wanted.url is not None:
        await connection.execute(TRY_NOW, webhook_id)
        await connection.execute(WAKE, webhook_id)
    return await get(connection, webhook_id)


ROTATE = """
UPDATE webhooks SET old_secret = secret, old_secret_until = clock_timestamp() + $3, secret = $2
WHERE webhook_id = $1
"""


async def rotate(connection: Connection, webhook_id: str, secret: bytes) -> Webhook:
    """Give it another secret; the one it had signs too for a while."""
    await connection.execute(ROTATE, webhook_id, secret, BOTH_SIGN)
    return await get(connection, webhook_id)


async def remove(connection: Connection, webhook_id: str) -> None:
    """With its log."""
    await connection.execute("DELETE FROM webhooks WHERE webhook_id = $1", webhook_id)


# Most owners have none, and an event costs them one look.
IS_TOLD = """
SELECT mode FROM jobs WHERE job_id = $1 AND EXISTS (
    SELECT FROM webhooks WHERE owner = $2 AND disabled_at IS NULL
)
"""


async def find_mode_to_tell(connection: Connection, owner: str, job_id: str) -> str | None:
    """The job's mode; None where nobody is told of the job."""
    mode: str | None = await connection.fetchval(IS_TOLD, job_id, owner)
    return mode


ENQUEUE = """
WITH added AS (
    INSERT INTO webhook_deliveries (delivery_id, webhook_id, message_id, event, job_id, body)
    SELECT gen_random_uuid()::text, webhook_id, $2, $3, $4, $5 FROM webhooks
    WHERE owner = $1 AND disabled_at IS NULL AND $3 = ANY (events)
      AND NOT EXISTS (SELECT FROM users WHERE users.owner = $1 AND users.disabled_at IS NOT NULL)
    RETURNING webhook_id
)
UPDATE webhooks SET wakes = wakes + 1 WHERE webhook_id IN (SELECT webhook_id FROM added)
"""


async def enqueue(
    connection: Connection, owner: str, event: WebhookEvent, job: WebhookJob, at: datetime
) -> None:
    """Have the owner's webhooks told of it, in the transaction of what is told."""
    body = WebhookMessage(type=event, timestamp=at, data=job).model_dump_json()
    await connection.execute(ENQUEUE, owner, _message_id(), event, job.job_id, body)


ENQUEUE_TEST = """
INSERT INTO webhook_deliveries (delivery_id, webhook_id, message_id, event, body)
VALUES ($1, $2, $3, $4, $5)
RETURNING *
"""


async def enqueue_test(connection: Connection, webhook_id: str, at: datetime) -> Delivery:
    """A message that says nothing of a job, whatever the webhook is told of."""
    event = WebhookEvent.WEBHOOK_TEST
    message = WebhookMessage(type=event, timestamp=at, data={"message": "It works."})
    await connection.execute(WAKE, webhook_id)
    [row] = await connection.fetch(
        ENQUEUE_TEST, new_id(), webhook_id, _message_id(), event, message.model_dump_json()
    )
    return _delivery(row)


def _message_id() -> str:
    return f"msg_{new_id().replace('-', '')}"


LIST_DELIVERIES = """
SELECT * FROM webhook_deliveries
WHERE webhook_id = $1 AND (created_at, delivery_id) < ($2, $3)
ORDER BY created_at DESC, delivery_id DESC LIMIT $4
"""


async def list_deliveries(
    connection: Connection, webhook_id: str, after: Cursor | None, limit: int
) -> list[Delivery]:
    """Newest first."""
    start = after or NEWEST
    rows = await connection.fetch(LIST_DELIVERIES, webhook_id, start.at, start.id, limit)
    return [_delivery(row) for row in rows]


REPLAY = """
UPDATE webhook_deliveries
SET state = 'waiting', position = DEFAULT, tries = 0, next_try_at = NULL, ended_at = NULL
WHERE webhook_id = $1 AND delivery_id = $2 AND state <> 'waiting'
RETURNING *
"""
FIND_DELIVERY = "SELECT * FROM webhook_deliveries WHERE webhook_id = $1 AND delivery_id = $2"


async def replay(connection: Connection, webhook_id: str, delivery_id: str) -> Delivery | None:
    """Send it once more, after what waits already. One that waits is left as it is."""
    await connection.execute(LOCK, webhook_id)
    row = await connection.fetchrow(REPLAY, webhook_id, delivery_id)
    if row is None:
        row = await connection.fetchrow(FIND_DELIVERY, webhook_id, delivery_id)
        return None if row is None else _delivery(row)
    await connection.execute(WAKE, webhook_id)
    return _delivery(row)


class Wake(Model):
    """A webhook that has something to tell. wakes: the number that its workflow is told of."""

    webhook_id: str
    owner: str
    wakes: int


TO_WAKE = """
SELECT webhook_id, owner, wakes FROM webhooks
WHERE wakes > woken OR (
    disabled_at IS NULL AND coalesce(woken_at, '-infinity') < clock_timestamp() - $1::interval
    AND EXISTS (
        SELECT FROM webhook_deliveries AS due
        WHERE due.webhook_id = webhooks.webhook_id AND state = 'waiting'
          AND coalesce(next_try_at, created_at) < clock_timestamp() - $1::interval
          AND position = (SELECT min(position) FROM webhook_deliveries AS first
                          WHERE first.webhook_id = webhooks.webhook_id AND state = 'waiting')
    )
)
ORDER BY webhook_id LIMIT $2
"""


async def list_to_wake(connection: Connection, limit: int) -> list[Wake]:
    """Those with something new to tell, and those whose workflow seems to be gone."""
    return [
        Wake.model_validate(dict(row)) for row in await connection.fetch(TO_WAKE, OVERDUE, limit)
    ]


MARK_WOKEN = """
UPDATE webhooks SET woken = greatest(woken, $2), woken_at = clock_timestamp() WHERE webhook_id = $1
"""


async def mark_woken(connection: Connection, wake: Wake) -> None:
    await connection.execute(MARK_WOKEN, wake.webhook_id, wake.wakes)


class Due(Model):
    """The first message that waits. wait_s: until its next try. secrets: one, or the old one too.

    gave_up: the message before it was given up.
    """

    delivery_id: str
    webhook_id: str
    message_id: str
    event: WebhookEvent
    body: str
    tries: int
    wait_s: float
    url: str
    secrets: list[bytes]
    gave_up: bool


NEXT = """
SELECT delivery_id, webhook_id, message_id, event, body, tries, url, gave_up,
       coalesce(extract(epoch FROM next_try_at - clock_timestamp()), 0)::float8 AS wait_s,
       CASE WHEN old_secret_until > clock_timestamp() THEN ARRAY[secret, old_secret]
            ELSE ARRAY[secret] END AS secrets
FROM webhook_deliveries JOIN webhooks USING (webhook_id)
WHERE webhook_id = $1 AND state = 'waiting' AND disabled_at IS NULL
ORDER BY position LIMIT 1
"""


async def find_due(connection: Connection, webhook_id: str) -> Due | None:
    """None while nothing waits, or the webhook is disabled or gone."""
    row = await connection.fetchrow(NEXT, webhook_id)
    return None if row is None else Due.model_validate(dict(row))


# A try that was thought dead may end after the one that took its place, and then counts for none.
END_TRY = """
UPDATE webhook_deliveries SET
    state = $3, tries = tries + 1, attempts = attempts || $4::jsonb,
    next_try_at = clock_timestamp() + $5::interval,
    ended_at = CASE WHEN $3 <> 'waiting' THEN clock_timestamp() END
WHERE delivery_id = $1 AND tries = $2 AND state = 'waiting'
"""
DELIVERED = """
UPDATE webhooks SET delivered_at = clock_timestamp(), gave_up = false WHERE webhook_id = $1
"""
FAILED = """
UPDATE webhooks SET failed_at = clock_timestamp(), gave_up = gave_up OR $2 WHERE webhook_id = $1
"""


async def end_try(
    connection: Connection,
    due: Due,
    attempt: DeliveryAttempt,
    state: DeliveryState,
    *,
    next_try_s: float | None = None,
) -> None:
    """Log a try, in the caller's transaction. next_try_s: where it still waits."""
    await connection.execute(LOCK, due.webhook_id)
    next_try = None if next_try_s is None else timedelta(seconds=next_try_s)
    ended = await connection.execute(
        END_TRY, due.delivery_id, due.tries, state, attempt.model_dump_json(), next_try
    )
    if not ended.endswith(" 1"):
        return
    if state is DeliveryState.DELIVERED:
        await connection.execute(DELIVERED, due.webhook_id)
    else:
        await connection.execute(FAILED, due.webhook_id, state is DeliveryState.DEAD)


DISABLE = """
UPDATE webhooks SET disabled_at = clock_timestamp(), reason = $2
WHERE webhook_id = $1 AND disabled_at IS NULL
"""
END_WAITING = """
UPDATE webhook_deliveries
SET state = 'dead', next_try_at = NULL, ended_at = clock_timestamp()
WHERE webhook_id = $1 AND state = 'waiting'
"""


async def disable(connection: Connection, webhook_id: str, reason: str) -> bool:
    """Tell it nothing any more; what waits is dead. Whether it was enabled."""
    disabled: str = await connection.execute(DISABLE, webhook_id, reason)
    if not disabled.endswith(" 1"):
        return False
    await connection.execute(END_WAITING, webhook_id)
    return True


FORGET = """
DELETE FROM webhook_deliveries
WHERE webhook_id = $1 AND state <> 'waiting' AND ended_at < clock_timestamp() - $2::interval
"""


async def forget_old(connection: Connection, webhook_id: str) -> None:
    await connection.execute(FORGET, webhook_id, KEPT)


def _webhook(row: Row) -> Webhook:
    return Webhook.model_validate({**dict(row), "old_secret_until": row["both_until"]})


def _delivery(row: Row) -> Delivery:
    return Delivery.model_validate(jsonb.load_row(row, JSON_COLUMNS))
