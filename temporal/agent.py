import asyncio
from datetime import timedelta

import structlog
from temporalio.worker import Worker

from services.comfy import system
from services.settings import Settings
from temporal.activities.backends import Backend
from temporal.activities.slots import SlotActivities
from temporal.client import connect
from temporal.queues import TaskQueue

log = structlog.get_logger()

DEPTH = 2
"""Places on a backend: one prompt renders, the next one's files and prompt are already there."""
HEARTBEAT_THROTTLE = timedelta(seconds=0.3)
PROBE_EVERY_S = 2.0
PROBES_TO_BE_AWAY = 5


async def run_agent(settings: Settings, backend: Backend) -> None:
    """Offer the backend's places to the line for GPUs for as long as the backend answers.

    A backend that is away gets no work: its worker stops polling, and the holders it had are told
    to others. What already renders there is followed on by its address.
    """
    while True:
        while not await system.reachable(backend.quick):  # noqa: ASYNC110  it can't tell us
            await asyncio.sleep(PROBE_EVERY_S)
        log.info("backend offered", backend=backend.backend_id)
        await _offer(settings, backend)
        log.warning("backend away", backend=backend.backend_id)


async def _offer(settings: Settings, backend: Backend) -> None:
    # A client of its own: one client takes only one worker per queue.
    client = await connect(settings, identity=f"gpu-agent/{backend.backend_id}")
    async with Worker(
        client,
        task_queue=TaskQueue.GPU,
        activities=[SlotActivities(backend.backend_id).hold_slot],
        max_concurrent_activities=DEPTH,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        identity=f"gpu-agent/{backend.backend_id}",
    ):
        await _until_away(backend)


async def _until_away(backend: Backend) -> None:
    misses = 0
    while misses < PROBES_TO_BE_AWAY:
        await asyncio.sleep(PROBE_EVERY_S)
        misses = 0 if await system.reachable(backend.quick) else misses + 1
