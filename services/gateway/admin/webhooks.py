"""Everybody's webhooks, and what was sent to them."""

from typing import Annotated

from fastapi import APIRouter, Query

from proto.admin import Reason
from proto.webhook import Delivery, DeliveryPage, WebhookList
from services.gateway.operator import OperatorDep
from services.gateway.state import CursorDep, GatewayDep, LimitParam
from services.gateway.webhooks import no_delivery, no_webhook, page_of
from services.store import audit, webhooks
from services.store.page import Cursor, cut_page

router = APIRouter()


@router.get("/webhooks")
async def list_all_webhooks(
    gateway: GatewayDep,
    cursor: CursorDep,
    owner: Annotated[str | None, Query(max_length=100)] = None,
    limit: LimitParam = 50,
) -> WebhookList:
    """Newest first; of one owner, or of all."""
    async with gateway.pool.acquire() as connection:
        rows = await webhooks.list_page(connection, owner, cursor, limit + 1)
    items, next_cursor = cut_page(
        rows, limit, lambda webhook: Cursor(at=webhook.created_at, id=webhook.webhook_id)
    )
    return WebhookList(items=items, next_cursor=next_cursor)


@router.get("/webhooks/{webhook_id}/deliveries")
async def list_any_deliveries(
    webhook_id: str,
    gateway: GatewayDep,
    operator: OperatorDep,
    cursor: CursorDep,
    limit: LimitParam = 50,
) -> DeliveryPage:
    """What was sent and what waits, newest first, with every try."""
    async with gateway.pool.acquire() as connection:
        webhook = await webhooks.find(connection, webhook_id)
        if webhook is None:
            raise no_webhook()
        if webhook.owner != operator.name:
            subject = f"webhook/{webhook_id}"
            await audit.note_access(connection, operator, "webhook.read", subject)
        return await page_of(connection, webhook_id, cursor, limit)


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay_any_delivery(
    webhook_id: str,
    delivery_id: str,
    body: Reason,
    gateway: GatewayDep,
    operator: OperatorDep,
) -> Delivery:
    """Send a message once more, the same as it was, after what waits already."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        delivery = await webhooks.replay(connection, webhook_id, delivery_id)
        if delivery is None:
            raise no_delivery()
        await audit.write(
            connection,
            who=operator,
            action="webhook.replay",
            subject=f"webhook/{webhook_id}",
            before=None,
            after={"delivery_id": delivery_id},
            why=body.reason,
        )
    gateway.dispatcher.wake()
    return delivery
