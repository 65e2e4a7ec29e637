import random
from datetime import UTC, datetime

import structlog
from cryptography.fernet import Fernet, InvalidToken
from temporalio import activity

from proto.webhook import DeliveryAttempt, DeliveryState, DeliveryStep, WebhookRef
from services.store import audit, webhooks
from services.store.audit import Actor
from services.store.database import Connection, Pool
from services.store.webhooks import Due
from services.telemetry.metrics import WEBHOOK_TRIES
from services.webhooks.sending import Answer, Sender
from services.webhooks.signing import signed_headers
from temporal.activities.heartbeat import beating
from temporal.queues import DELIVER_WEBHOOK, WEBHOOK_BACKOFF_S

log = structlog.get_logger()

GONE = 410
ASKS_FOR_TIME = frozenset({429, 503})
JITTER = 0.1
DISABLED_BY = Actor("webhooks")
SAID_GONE = "The receiver answered 410: there is nothing any more."
SILENT = "Nothing could be delivered for days."
UNREADABLE = "Its secret can't be read any more. Give it another one."


class WebhookActivities:
    """patience: how long failed messages wait, in parts of WEBHOOK_BACKOFF_S."""

    def __init__(self, pool: Pool, sender: Sender, sealer: Fernet, *, patience: float) -> None:
        self._pool = pool
        self._sender = sender
        self._sealer = sealer
        self._patience = patience

    @activity.defn(name=DELIVER_WEBHOOK.name)
    async def deliver_webhook(self, webhook: WebhookRef) -> DeliveryStep:
        """Send the first message that waits, if its time has come, and note how that went."""
        async with self._pool.acquire() as connection:
            due = await webhooks.find_due(connection, webhook.webhook_id)
            if due is None:
                await webhooks.forget_old(connection, webhook.webhook_id)
                return DeliveryStep(said="nothing waits")
        if due.wait_s > 0:
            return DeliveryStep(said=f"{due.message_id} waits", wait_s=due.wait_s)
        at = datetime.now(UTC)
        async with beating(lambda: due.delivery_id):
            answer = await self._send(due, at)
        attempt = DeliveryAttempt(
            at=at, status=answer.status, error=answer.error, took_ms=answer.took_ms
        )
        async with self._pool.acquire() as connection, connection.transaction():
            return await self._note(connection, due, answer, attempt)

    async def _send(self, due: Due, at: datetime) -> Answer:
        try:
            secrets = [self._sealer.decrypt(secret).decode() for secret in due.secrets]
        except InvalidToken:
            return Answer(took_ms=0, error=UNREADABLE)
        headers = signed_headers(secrets, due.message_id, due.body, at)
        return await self._sender.send(due.url, headers, due.body)

    async def _note(
        self, connection: Connection, due: Due, answer: Answer, attempt: DeliveryAttempt
    ) -> DeliveryStep:
        if answer.delivered:
            return await _end(connection, due, attempt, DeliveryState.DELIVERED)
        if answer.status == GONE:
            return await _give_up(connection, due, attempt, SAID_GONE)
        if due.gave_up:
            return await _give_up(connection, due, attempt, SILENT)
        if due.tries >= len(WEBHOOK_BACKOFF_S):
            return await _end(connection, due, attempt, DeliveryState.DEAD)
        wait_s = self._wait_s(due, answer)
        WEBHOOK_TRIES.labels("failed").inc()
        await webhooks.end_try(connection, due, attempt, DeliveryState.WAITING, next_try_s=wait_s)
        return DeliveryStep(said=f"{due.message_id}: {answer.error}", wait_s=wait_s)

    def _wait_s(self, due: Due, answer: Answer) -> float:
        """A receiver that asks for time gets it, but no more than the longest wait of ours."""
        wait_s = WEBHOOK_BACKOFF_S[due.tries]
        if answer.status in ASKS_FOR_TIME and answer.retry_after_s is not None:
            wait_s = max(wait_s, min(answer.retry_after_s, WEBHOOK_BACKOFF_S[-1]))
        spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        return wait_s * spread * self._patience


async def _end(
    connection: Connection, due: Due, attempt: DeliveryAttempt, state: DeliveryState
) -> DeliveryStep:
    """The message is delivered or dead, and the next one has its turn."""
    WEBHOOK_TRIES.labels(state.value).inc()
    await webhooks.end_try(connection, due, attempt, state)
    return DeliveryStep(said=f"{due.message_id} is {state}", wait_s=0)


async def _give_up(
    connection: Connection, due: Due, attempt: DeliveryAttempt, reason: str
) -> DeliveryStep:
    """The message is dead with all that wait, and the webhook disabled."""
    WEBHOOK_TRIES.labels("dead").inc()
    await webhooks.end_try(connection, due, attempt, DeliveryState.DEAD)
    if await webhooks.disable(connection, due.webhook_id, reason):
        log.warning("webhook disabled", webhook_id=due.webhook_id, reason=reason)
        await audit.write(
            connection,
            who=DISABLED_BY,
            action="webhook.disable",
            subject=f"webhook/{due.webhook_id}",
            before=None,
            after=None,
            why=reason,
        )
    return DeliveryStep(said=reason)
