from fastapi import APIRouter

from proto.studio import Studio
from services.gateway.state import GatewayDep
from services.store import backends

router = APIRouter(tags=["studio"])


@router.get("/api/studio")
async def show_studio(gateway: GatewayDep) -> Studio:
    """What the page should know before anything is made."""
    async with gateway.pool.acquire() as connection:
        known = [backend.facts for backend in await backends.list_all(connection) if backend.facts]
    return Studio(simulated=bool(known) and all(facts.simulated for facts in known))
