"""How much an owner may do."""

from typing import Annotated

from fastapi import APIRouter, Depends

from proto.limits import LimitsReport
from services.gateway.state import BearerDep, GatewayDep

router = APIRouter()


async def _report(gateway: GatewayDep, bearer: BearerDep) -> LimitsReport:
    return LimitsReport(items=[])


LimitsDep = Annotated[LimitsReport, Depends(_report)]
