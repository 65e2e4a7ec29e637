"""Whether something serves, asked from outside and past all proxies."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import asyncpg
import httpx
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from services.local.children import environment
from services.local.layout import HOST
from services.settings import Settings
from services.store.database import DATABASE_ERRORS
from services.store.objects import (
    ObjectMissing,
    ObjectStore,
    ObjectStoreUnavailable,
    open_object_store,
)
from temporal.client import connect
from tests.chaos.plan import Fault, FaultKind
from tests.chaos.rig import Rig

PROBE_KEY = "chaos/probe"
POLL_S = 0.1
LOOK_EVERY_S = 0.5
TIMEOUT_S = 2.0
PATIENCE_S = 120.0

RENDERING = "WorkflowType = 'RenderJob' AND ExecutionStatus = 'Running'"
WORK = {"workflows worker": "workflows", "media worker": "media", "comfy worker": "comfy"}
"""The task queues of what our workers do that can be interrupted."""


@dataclass(frozen=True)
class Work:
    """An activity that runs."""

    workflow_id: str
    activity_id: str


Probe = Callable[[], Awaitable[bool]]

AWAY = (
    *DATABASE_ERRORS,
    BotoCoreError,
    ClientError,
    ObjectMissing,
    ObjectStoreUnavailable,
    RPCError,
    TimeoutError,
    httpx.TransportError,
)
"""What a server that does not serve answers with."""


class Probes:
    def __init__(
        self, rig: Rig, http: httpx.AsyncClient, temporal: Client, objects: ObjectStore
    ) -> None:
        self.http = http
        self.temporal = temporal
        self.objects = objects
        self._rig = rig
        ports = rig.layout.ports
        self._probes: dict[str, Probe] = {
            "gateway": partial(self._gets, f"http://{HOST}:{ports['gateway']}/readyz"),
            "ingress": partial(self._gets, f"http://{HOST}:{ports['http']}/samples/samples.json"),
            "database": self._has_database,
            "files": self._has_files,
            "workflow server": self._has_temporal,
        }

    async def until_served(self, fault: Fault, pid: int) -> float | None:
        """Seconds from now until the target of a fault serves again; None when it never does.

        pid: of the process that was hurt. One that was ended serves once another is there and says
        so; one that was only held or cut off is there all the time.
        """
        began = time.monotonic()
        probe = self._probe(fault, pid)
        while not await _passes(probe):
            self._rig.check()
            if time.monotonic() - began > PATIENCE_S:
                return None
            await asyncio.sleep(POLL_S)
        return time.monotonic() - began

    async def interrupted(self, fault: Fault) -> list[Work]:
        """What a worker does at the moment, by Temporal's account; nothing while that is away."""
        queue = WORK.get(fault.target.name)
        if queue is None:
            return []
        try:
            return await asyncio.wait_for(self._work(queue), TIMEOUT_S)
        except AWAY:
            return []

    async def until_followed(self, interrupted: list[Work], since: float) -> float | None:
        """Seconds from now until all of it has ended, or was heard of again by Temporal."""
        began = time.monotonic()
        while interrupted:
            self._rig.check()
            if time.monotonic() - began > PATIENCE_S:
                return None
            await asyncio.sleep(LOOK_EVERY_S)
            with suppress(*AWAY):
                going = await asyncio.wait_for(self._silent(interrupted, since), TIMEOUT_S)
                interrupted = going
        return time.monotonic() - began

    async def _work(self, queue: str) -> list[Work]:
        return [
            Work(run.id, activity.activity_id)
            async for run in self.temporal.list_workflows(RENDERING)
            for activity in await self._activities(run.id)
            if activity.activity_options.task_queue.name == queue
            and activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        ]

    async def _silent(self, interrupted: list[Work], since: float) -> list[Work]:
        silent = []
        for work in interrupted:
            for activity in await self._activities(work.workflow_id):
                heard = max(
                    _seconds(activity.last_heartbeat_time), _seconds(activity.last_started_time)
                )
                if activity.activity_id == work.activity_id and heard <= since:
                    silent.append(work)
        return silent

    async def _activities(self, workflow_id: str) -> Sequence[PendingActivityInfo]:
        """Of a workflow that runs: one that has ended keeps a list of what it left, for ever."""
        described = await self.temporal.get_workflow_handle(workflow_id).describe()
        runs = described.status is WorkflowExecutionStatus.RUNNING
        return described.raw_description.pending_activities if runs else []

    def _probe(self, fault: Fault, pid: int) -> Probe:
        probe = self._probes.get(fault.target.name)
        if fault.target.stand_in is not None:
            probe = partial(self._gets, f"{self._rig.renderer_url(fault.target.stand_in)}/prompt")
        return partial(self._serves, fault, pid, probe)

    async def _serves(self, fault: Fault, pid: int, probe: Probe | None) -> bool:
        # A process that was just killed may answer one more time.
        return await self._works(fault, pid) and (probe is None or await probe())

    async def _works(self, fault: Fault, pid: int) -> bool:
        ready = self._rig.status.ready.get(fault.target.name)
        was_ended = fault.kind in {FaultKind.KILL, FaultKind.RESTART}
        return ready is not None and not (was_ended and ready == pid)

    async def _gets(self, url: str) -> bool:
        return (await self.http.get(url)).is_success

    async def _has_database(self) -> bool:
        connection = await asyncpg.connect(self._rig.layout.database_url)
        try:
            await connection.fetchval("SELECT count(*) FROM jobs")
        finally:
            connection.terminate()
        return True

    async def _has_files(self) -> bool:
        await self.objects.put_bytes(PROBE_KEY, b"here", "text/plain")
        return await self.objects.get_bytes(PROBE_KEY) == b"here"

    async def _has_temporal(self) -> bool:
        await self.temporal.count_workflows("WorkflowType = 'RenderJob'")
        return True


def _heard(activity: PendingActivityInfo) -> float:
    """When Temporal last had a sign of it."""
    return max(_seconds(activity.last_heartbeat_time), _seconds(activity.last_started_time))


def _seconds(stamp: Timestamp) -> float:
    return stamp.seconds + stamp.nanos / 1e9


async def _passes(probe: Probe) -> bool:
    try:
        return await asyncio.wait_for(probe(), TIMEOUT_S)
    except AWAY:
        return False


@asynccontextmanager
async def open_probes(rig: Rig) -> AsyncIterator[Probes]:
    """Clients of the stack's servers that no proxy stands before."""
    prefix = "ANIMATRIX_"
    settings = Settings.model_validate(
        {
            name.removeprefix(prefix).lower(): value
            for name, value in environment(rig.layout).items()
        }
    )
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S) as http,
        open_object_store(settings) as objects,
    ):
        yield Probes(rig, http, await connect(settings, identity="chaos"), objects)
