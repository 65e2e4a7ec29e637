import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from proto.backend import BackendState
from proto.render import HoldRequest, SlotGrant
from services.store import backends
from services.store.database import DATABASE_ERRORS, Pool
from services.telemetry import metrics
from temporal.queues import HOLD_SLOT, SLOT_GRANTED, UNABLE

log = structlog.get_logger()

HEARTBEAT_S = 0.25
SLOWEST_HEARTBEAT_S = 2.0
HEARTBEAT_SHARE = 1 / 20
"""A holder learns with its next heartbeat that it was let go; until then its place is lost. So one
that holds for long, of whose time little is lost, asks less often."""

ROOM_WITHIN_S = 3.0
BACK_IN_LINE_FOR = timedelta(seconds=0.5)
REMEMBERED_S = 10.0
"""How long the backend's line, as it was read last, can still show a job that has left."""


class Places:
    """The places of one backend, less those that prompts of nobody's here take.

    Such are prompts from before the agent was restarted, and those of people who use the backend
    by themselves. A job has one place for all of its prompts.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._held: Counter[str] = Counter()
        self._left: dict[str, float] = {}
        self._others = 0

    @property
    def has_room(self) -> bool:
        return self._held.total() + self._others < self._depth

    def observe(self, jobs: Iterable[str | None]) -> None:
        """The jobs of the prompts that run or wait there now; None for prompts of no job."""
        now = time.monotonic()
        self._left = {job_id: at for job_id, at in self._left.items() if now - at < REMEMBERED_S}
        ours = {job_id for job_id, places in self._held.items() if places} | self._left.keys()
        self._others = sum(job_id not in ours for job_id in jobs)

    @asynccontextmanager
    async def held(self, job_id: str) -> AsyncIterator[None]:
        """Have a place, once there is room. Raises ApplicationError when there is none for long."""
        deadline = time.monotonic() + ROOM_WITHIN_S
        while not self.has_room:
            if time.monotonic() > deadline:
                raise ApplicationError("no room here now", next_retry_delay=BACK_IN_LINE_FOR)
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)
        self._held[job_id] += 1
        try:
            yield
        finally:
            self._held[job_id] -= 1
            self._left[job_id] = time.monotonic()


async def _hold() -> None:
    """Until the workflow lets go."""
    since = time.monotonic()
    while True:
        activity.heartbeat()
        await asyncio.sleep(heartbeat_s(time.monotonic() - since))


def heartbeat_s(held_s: float) -> float:
    """The wait before the next heartbeat of a holder."""
    return min(max(held_s * HEARTBEAT_SHARE, HEARTBEAT_S), SLOWEST_HEARTBEAT_S)


class SlotActivities:
    """Run by the agent of one backend, in each of the lines that it serves."""

    def __init__(
        self, pool: Pool, backend_id: str, places: Places, abilities: Iterable[str]
    ) -> None:
        self._pool = pool
        self._backend_id = backend_id
        self._places = places
        self._abilities = frozenset(abilities)

    @activity.defn(name=HOLD_SLOT.name)
    async def hold_slot(self, request: HoldRequest) -> None:
        """Tell the workflow that it has a place here, and keep the place until it lets go."""
        if request.ability not in self._abilities:
            # The line was chosen before this backend came, or lost what it needs.
            cause = f"{self._backend_id} can't render {request.ability}"
            raise ApplicationError(cause, type=UNABLE, non_retryable=True)
        async with self._places.held(request.job_id):
            with metrics.SLOTS_HELD.labels(self._backend_id).track_inprogress():
                await self._check_offered()
                await self._tell(request)
                await _hold()

    async def _check_offered(self) -> None:
        """What people decided holds at once, not only when the agent looks next."""
        try:
            async with self._pool.acquire() as connection:
                row = await backends.find(connection, self._backend_id)
        except DATABASE_ERRORS as error:
            log.warning("state unknown", backend=self._backend_id, cause=repr(error))
            return
        if row is not None and row.state is not BackendState.OFFERED:
            cause = f"{self._backend_id} is {row.state}"
            raise ApplicationError(cause, next_retry_delay=BACK_IN_LINE_FOR)

    async def _tell(self, request: HoldRequest) -> None:
        info = activity.info()
        handle = activity.client().get_workflow_handle(
            info.workflow_id or "", run_id=info.workflow_run_id
        )
        grant = SlotGrant(
            backend_id=self._backend_id, prompt_id=request.prompt_id, turn=request.turn
        )
        await handle.signal(SLOT_GRANTED, grant)
