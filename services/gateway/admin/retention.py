"""What is stored, and what of it goes by age."""

from fastapi import APIRouter

from proto.errors import ErrorCode
from proto.retention import (
    RetentionReport,
    RetentionRequest,
    RetentionStart,
    RetentionStarted,
    StorageReport,
)
from services.gateway.errors import ApiError
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep
from services.store import retention
from temporal.client import RetentionRuns, preview_retention, start_retention

router = APIRouter()


@router.get("/storage")
async def show_storage(gateway: GatewayDep, operator: OperatorDep) -> StorageReport:
    """What is stored by kind, owner and age, how that grew in 90 days, and what runs removed."""
    async with gateway.pool.acquire() as connection:
        return await retention.read_storage(connection)


@router.post("/retention/dry-run")
async def try_retention(gateway: GatewayDep, operator: OperatorDep) -> RetentionReport:
    """What a run would remove now, by rule. Nothing goes."""
    request = RetentionRequest(who=operator.name, why="dry run", dry=True)
    return await preview_retention(gateway.temporal, request)


@router.post("/retention/run", status_code=202)
async def run_retention(
    body: RetentionStart, gateway: GatewayDep, operator: OperatorDep
) -> RetentionStarted:
    """Remove what is too old now. What went is in `/api/admin/storage`, and an audit line."""
    request = RetentionRequest(who=operator.name, why=body.reason)
    try:
        workflow_id = await start_retention(gateway.temporal, request)
    except RetentionRuns as error:
        message = "A run that was started by hand is not over yet."
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message) from error
    return RetentionStarted(workflow_id=workflow_id)
