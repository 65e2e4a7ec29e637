import asyncio

from temporalio import activity

from proto.render import HoldRequest, SlotGrant
from temporal.queues import HOLD_SLOT, SLOT_GRANTED

HEARTBEAT_S = 0.25
"""A holder learns with its next heartbeat that it was let go; until then its place is lost."""


class SlotActivities:
    """Run by the agent of one backend: its free places are this worker's free activity slots."""

    def __init__(self, backend_id: str) -> None:
        self._backend_id = backend_id

    @activity.defn(name=HOLD_SLOT.name)
    async def hold_slot(self, request: HoldRequest) -> None:
        """Tell the workflow that it has a place here, and keep the place until it lets go."""
        info = activity.info()
        handle = activity.client().get_workflow_handle(
            info.workflow_id or "", run_id=info.workflow_run_id
        )
        grant = SlotGrant(
            backend_id=self._backend_id, segment=request.segment, attempt=info.attempt
        )
        await handle.signal(SLOT_GRANTED, grant)
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)
