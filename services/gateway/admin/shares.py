"""Everybody's links to videos."""

from typing import Annotated

from fastapi import APIRouter, Query

from proto.share import SharePage
from services.gateway.operator import OperatorDep
from services.gateway.shares import end_share, no_share, page_of
from services.gateway.state import Caller, CursorDep, GatewayDep, LimitParam
from services.store import shares

router = APIRouter()


@router.get("/shares")
async def list_all_shares(
    gateway: GatewayDep,
    cursor: CursorDep,
    owner: Annotated[str | None, Query(max_length=100)] = None,
    limit: LimitParam = 50,
) -> SharePage:
    """Newest first; of one owner, or of all."""
    return await page_of(gateway, owner, cursor, limit)


@router.delete("/shares/{share_id}", status_code=204)
async def revoke_any_share(share_id: str, gateway: GatewayDep, operator: OperatorDep) -> None:
    """End a link, whoever has made it. Harmless twice."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        share = await shares.find(connection, share_id)
        if share is None:
            raise no_share()
        await end_share(connection, Caller(share.owner, operator), share)
