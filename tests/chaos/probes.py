"""Whether something serves, asked from outside and past all proxies."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import httpx
from botocore.exceptions import BotoCoreError, ClientError
from temporalio.client import Client
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
TIMEOUT_S = 2.0
PATIENCE_S = 120.0

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

        pid: of the process that was hurt. A worker that was ended serves once it says so; one that
        was only held or cut off is there all the time.
        """
        began = time.monotonic()
        probe = self._probe(fault, pid)
        while not await _passes(probe):
            if time.monotonic() - began > PATIENCE_S:
                return None
            await asyncio.sleep(POLL_S)
        return time.monotonic() - began

    def _probe(self, fault: Fault, pid: int) -> Probe:
        if fault.target.stand_in is not None:
            return partial(self._gets, f"{self._rig.renderer_url(fault.target.stand_in)}/prompt")
        return self._probes.get(fault.target.name) or partial(self._works, fault, pid)

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
