from collections.abc import Awaitable

from fastapi import APIRouter, Response
from temporalio.service import RPCError

from proto.model import Model
from services.gateway.state import Gateway, GatewayDep
from services.store.database import DATABASE_ERRORS
from services.store.objects import ObjectStoreUnavailable

router = APIRouter(tags=["health"])


class Health(Model):
    status: str


class Readiness(Model):
    """What the gateway needs, each with "ok" or what is wrong."""

    ready: bool
    checks: dict[str, str]


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(gateway: GatewayDep, response: Response) -> Readiness:
    """Everything a request needs answers too."""
    checks = {
        "database": await _check(_ask_database(gateway)),
        "objects": await _check(gateway.objects.check()),
        "jobs": await _check(_ask_temporal(gateway)),
    }
    ready = set(checks.values()) == {"ok"}
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


async def _ask_database(gateway: Gateway) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.fetchval("SELECT 1")


async def _ask_temporal(gateway: Gateway) -> None:
    await gateway.temporal.service_client.check_health()


async def _check(asked: Awaitable[object]) -> str:
    try:
        await asked
    except (*DATABASE_ERRORS, RPCError, ObjectStoreUnavailable) as error:
        return type(error).__name__
    return "ok"
