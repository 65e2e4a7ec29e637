"""Addresses of other services that are told of an owner's jobs, and the log of what was sent."""

from datetime import UTC, datetime

import httpx
from fastapi import APIRouter
from pydantic import HttpUrl, JsonValue

from proto.errors import ErrorCode
from proto.webhook import (
    Delivery,
    DeliveryPage,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookRequest,
)
from services.gateway.errors import ApiError
from services.gateway.state import (
    CallerDep,
    CursorDep,
    Gateway,
    GatewayDep,
    LimitParam,
    OwnerDep,
)
from services.store import webhooks
from services.store.database import Connection
from services.store.page import Cursor, cut_page
from services.webhooks.address import Forbidden, Unresolved, judge
from services.webhooks.signing import new_secret, sealer

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


@router.get("")
async def list_webhooks(gateway: GatewayDep, owner: OwnerDep) -> WebhookList:
    """The caller's, newest first."""
    async with gateway.pool.acquire() as connection:
        return WebhookList(items=await webhooks.list_page(connection, owner, None, webhooks.MOST))


@router.post("", status_code=201)
async def create_webhook(
    body: WebhookRequest, gateway: GatewayDep, caller: CallerDep
) -> NewWebhook:
    """Tell an address what happens to the caller's videos. Its secret is shown this once."""
    await _check(gateway, body.url)
    secret = new_secret()
    async with gateway.pool.acquire() as connection, connection.transaction():
        try:
            webhook = await webhooks.add(connection, caller.owner, body, _sealed(gateway, secret))
        except webhooks.TooManyWebhooks as error:
            message = f"You have {webhooks.MOST} webhooks already. Delete one of them first."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message) from error
        await caller.note(connection, "webhook.create", webhook.webhook_id, after=_shown(webhook))
    return NewWebhook.model_validate({**webhook.model_dump(), "secret": secret})


@router.get("/{webhook_id}")
async def get_webhook(webhook_id: str, gateway: GatewayDep, owner: OwnerDep) -> Webhook:
    """One of the caller's."""
    async with gateway.pool.acquire() as connection:
        return await _own(connection, owner, webhook_id)


@router.patch("/{webhook_id}")
async def change_webhook(
    webhook_id: str, body: WebhookChange, gateway: GatewayDep, caller: CallerDep
) -> Webhook:
    """Change it, or have it enabled or disabled. What waits is tried at once when it can be."""
    async with gateway.pool.acquire() as connection:
        await _own(connection, caller.owner, webhook_id)
    if body.url is not None:
        await _check(gateway, body.url)
    async with gateway.pool.acquire() as connection, connection.transaction():
        await _own(connection, caller.owner, webhook_id)
        webhook = await webhooks.change(connection, webhook_id, body)
        await caller.note(connection, "webhook.change", webhook_id, after=_shown(webhook))
    gateway.dispatcher.wake()
    return webhook


@router.delete("/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: str, gateway: GatewayDep, caller: CallerDep) -> None:
    """Tell it nothing any more. Its log goes too."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        webhook = await _own(connection, caller.owner, webhook_id)
        await webhooks.remove(connection, webhook_id)
        await caller.note(connection, "webhook.delete", webhook_id, after=_shown(webhook))


@router.post("/{webhook_id}/secret")
async def rotate_secret(webhook_id: str, gateway: GatewayDep, caller: CallerDep) -> NewWebhook:
    """Give it another secret, which is shown this once. The old one signs too for a day."""
    secret = new_secret()
    async with gateway.pool.acquire() as connection, connection.transaction():
        await _own(connection, caller.owner, webhook_id)
        webhook = await webhooks.rotate(connection, webhook_id, _sealed(gateway, secret))
        await caller.note(connection, "webhook.rotate_secret", webhook_id)
    return NewWebhook.model_validate({**webhook.model_dump(), "secret": secret})


@router.post("/{webhook_id}/test", status_code=202)
async def test_webhook(webhook_id: str, gateway: GatewayDep, caller: CallerDep) -> Delivery:
    """Send a message that says nothing of a video, after what waits already."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        await _own(connection, caller.owner, webhook_id)
        delivery = await webhooks.enqueue_test(connection, webhook_id, datetime.now(UTC))
        await caller.note(connection, "webhook.test", webhook_id)
    gateway.dispatcher.wake()
    return delivery


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(
    webhook_id: str,
    gateway: GatewayDep,
    owner: OwnerDep,
    cursor: CursorDep,
    limit: LimitParam = 50,
) -> DeliveryPage:
    """What was sent and what waits, newest first, with every try."""
    async with gateway.pool.acquire() as connection:
        await _own(connection, owner, webhook_id)
        return await page_of(connection, webhook_id, cursor, limit)


@router.post("/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay_delivery(
    webhook_id: str, delivery_id: str, gateway: GatewayDep, caller: CallerDep
) -> Delivery:
    """Send a message once more, the same as it was, after what waits already."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        await _own(connection, caller.owner, webhook_id)
        delivery = await webhooks.replay(connection, webhook_id, delivery_id)
        if delivery is None:
            raise no_delivery()
        after: JsonValue = {"delivery_id": delivery_id}
        await caller.note(connection, "webhook.replay", webhook_id, after=after)
    gateway.dispatcher.wake()
    return delivery


async def page_of(
    connection: Connection, webhook_id: str, cursor: Cursor | None, limit: int
) -> DeliveryPage:
    rows = await webhooks.list_deliveries(connection, webhook_id, cursor, limit + 1)
    items, next_cursor = cut_page(
        rows, limit, lambda delivery: Cursor(at=delivery.created_at, id=delivery.delivery_id)
    )
    return DeliveryPage(items=items, next_cursor=next_cursor)


def no_webhook() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, "This webhook does not exist, or is not yours.")


def no_delivery() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, "This message does not exist, or is not yours.")


async def _own(connection: Connection, owner: str, webhook_id: str) -> Webhook:
    webhook = await webhooks.find(connection, webhook_id)
    if webhook is None or webhook.owner != owner:
        raise no_webhook()
    return webhook


async def _check(gateway: Gateway, url: HttpUrl) -> None:
    """Raises ApiError where nothing may be sent to it. A host that is not there yet may come."""
    try:
        await judge(str(url), gateway.settings.webhook_networks)
    except Forbidden as refusal:
        raise ApiError(ErrorCode.INVALID_REQUEST, str(refusal), field="url") from refusal
    except Unresolved:
        return


def _sealed(gateway: Gateway, secret: str) -> bytes:
    key = gateway.settings.secret_key.get_secret_value()
    return sealer(key).encrypt(secret.encode())


def _shown(webhook: Webhook) -> dict[str, JsonValue]:
    """For the audit. An address's path and query may be what lets one write to it."""
    return {
        "host": httpx.URL(webhook.url).host,
        "description": webhook.description,
        "events": [*webhook.events],
        "state": webhook.state,
    }
