"""What owners may do, where it differs from the settings."""

from fastapi import APIRouter
from pydantic import JsonValue

from proto.errors import ErrorCode
from proto.limits import CreditPage, Limits, LimitsChange, OwnerLimits
from services.gateway.errors import ApiError
from services.gateway.limits import credits_of, report_of
from services.gateway.operator import OperatorDep
from services.gateway.rates import defaults
from services.gateway.state import CursorDep, Gateway, GatewayDep, LimitParam
from services.store import audit, identity, limits
from services.store.database import Connection

router = APIRouter(prefix="/users/{owner}")


@router.get("/limits")
async def show_limits(owner: str, gateway: GatewayDep) -> OwnerLimits:
    """What the owner may do, and has done."""
    async with gateway.pool.acquire() as connection:
        await _require(connection, owner)
        override = await limits.find_override(connection, owner)
    return await _shown(gateway, owner, override)


@router.put("/limits")
async def set_limits(
    owner: str, body: LimitsChange, gateway: GatewayDep, operator: OperatorDep
) -> OwnerLimits:
    """Set what differs for the owner; what is not named is as the settings have it."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        await _require(connection, owner)
        before = await limits.find_override(connection, owner)
        await limits.set_override(connection, owner, body)
        after = await limits.find_override(connection, owner)
        await audit.write(
            connection,
            who=operator,
            action="limits.set",
            subject=f"user/{owner}",
            before=_told(before),
            after=_told(after),
            why=body.reason,
        )
    return await _shown(gateway, owner, after)


@router.get("/credits")
async def list_owner_credits(
    owner: str, gateway: GatewayDep, cursor: CursorDep, limit: LimitParam = 50
) -> CreditPage:
    """What the owner's videos took of the render time, newest first."""
    async with gateway.pool.acquire() as connection:
        await _require(connection, owner)
    return await credits_of(gateway, owner, cursor, limit)


async def _require(connection: Connection, owner: str) -> None:
    if await identity.find_user(connection, owner) is None:
        raise ApiError(ErrorCode.NOT_FOUND, "There is no such person.")


async def _shown(gateway: Gateway, owner: str, override: Limits | None) -> OwnerLimits:
    return OwnerLimits(
        defaults=defaults(gateway.settings),
        own=_told(override),
        report=await report_of(gateway, owner),
    )


def _told(override: Limits | None) -> dict[str, JsonValue]:
    return {} if override is None else override.model_dump(exclude_unset=True)
