from fastapi import APIRouter

from proto.template import Activation, AdminTemplate, AdminTemplateList, TemplateChange
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep

router = APIRouter()


@router.get("/workflows")
async def list_templates(gateway: GatewayDep, operator: OperatorDep) -> AdminTemplateList:
    """The templates, what renders with them and how they fare."""
    raise NotImplementedError


@router.post("/workflows/{family}/{variant}/activate")
async def activate(
    family: str, variant: str, body: Activation, gateway: GatewayDep, operator: OperatorDep
) -> AdminTemplate:
    """Have new jobs rendered with a version, or a share of them as a trial."""
    raise NotImplementedError


@router.post("/workflows/{family}/{variant}/roll-back")
async def roll_back(
    family: str, variant: str, body: TemplateChange, gateway: GatewayDep, operator: OperatorDep
) -> AdminTemplate:
    """End a trial, or else go back to the version before."""
    raise NotImplementedError
