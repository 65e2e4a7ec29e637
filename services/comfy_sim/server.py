"""Running the stand-in: its starts, its ends, and what outlives them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web

from services.comfy_sim.armed import Faults
from services.comfy_sim.boot import Boot
from services.comfy_sim.catalog import load_catalog
from services.comfy_sim.executor import Executor
from services.comfy_sim.faults import Fault
from services.comfy_sim.files import FileStore
from services.comfy_sim.http import build_app
from services.comfy_sim.ledger import Ledger
from services.comfy_sim.listing import features
from services.comfy_sim.options import SimOptions
from services.comfy_sim.queue import PromptQueue
from services.comfy_sim.sockets import Sockets

log = logging.getLogger(__name__)


class Process:
    """A boot and what runs it: a thread, a task, and connections."""

    def __init__(self, boot: Boot) -> None:
        self.boot = boot
        self._executor = Executor(boot)
        self._runner = web.AppRunner(
            build_app(boot), access_log=None, logger=_quiet(), shutdown_timeout=0.2
        )
        self._site: web.TCPSite | None = None

    async def start(self, port: int) -> int:
        """Gives the port, which is a free one for 0."""
        self._executor.start()
        self._pump = asyncio.create_task(self.boot.sockets.pump())
        self._pump.add_done_callback(self._pump_ended)
        await self._runner.setup()
        await self.listen(port)
        return int(self._runner.addresses[0][1])

    async def listen(self, port: int) -> None:
        self._site = web.TCPSite(self._runner, self.boot.options.host, port)
        await self._site.start()

    async def stop_listening(self) -> None:
        """Refuse new connections and cut those there are."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server
        for connection in server.connections if server else ():
            if connection.transport is not None:
                connection.transport.abort()

    async def stop(self) -> None:
        """Nothing of it runs any more afterwards."""
        self.boot.ending.set()
        await self._runner.cleanup()
        await asyncio.to_thread(self._executor.stop)
        self._pump.cancel()
        with suppress(asyncio.CancelledError, TypeError):
            await self._pump

    def _pump_ended(self, pump: asyncio.Task[None]) -> None:
        """ComfyUI's process ends with the task that sends its messages."""
        if not pump.cancelled():
            log.error("the whole server ends", exc_info=pump.exception())
            self.boot.end(None)


class Sim:
    """A running stand-in. files, faults: outlive its restarts. exited: it ended for good."""

    def __init__(self, options: SimOptions) -> None:
        self.files = FileStore(options.base_dir)
        self.faults = Faults(options.faults)
        self.exited = asyncio.Event()
        self._options = options
        self._catalog = load_catalog(options, self.files)
        self._ledger = Ledger(self.files.base / "ledger.jsonl")
        self._loop = asyncio.get_running_loop()
        self._port = options.port
        self._process: Process | None = None
        self._closing = asyncio.Event()
        self._changing = asyncio.Lock()
        self._changes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://{self._options.host}:{self._port}"

    def set_fault(self, fault: Fault) -> None:
        self.faults.add(fault)
        if self._process is not None:
            self._process.boot.visit_now()

    def end(self, seconds: float | None) -> None:
        self._loop.call_soon_threadsafe(self._change, self._restart, seconds)

    def refuse(self, seconds: float) -> None:
        self._loop.call_soon_threadsafe(self._change, self._refuse, seconds)

    async def start(self) -> None:
        self.files.empty_temp()
        self._ledger.open_boot()
        self._process = Process(self._new_boot())
        self._port = await self._process.start(self._port)
        self._process.boot.visit_now()

    async def close(self) -> None:
        # Not cancelled: a start that breaks off leaves an open socket behind.
        self._closing.set()
        await asyncio.gather(*self._changes)
        if self._process is not None:
            await self._process.boot.sockets.close()
            await self._process.stop()
        self._ledger.close()

    def _new_boot(self) -> Boot:
        sockets = Sockets(features(self._options))
        return Boot(
            options=self._options,
            catalog=self._catalog,
            faults=self.faults,
            ledger=self._ledger,
            machine=self,
            sockets=sockets,
            queue=PromptQueue(sockets.post_status, self._ledger.write),
        )

    def _change(
        self, make: Callable[[Any], Coroutine[Any, Any, None]], seconds: float | None
    ) -> None:
        if self._closing.is_set():
            return
        change = self._loop.create_task(make(seconds))
        self._changes.add(change)
        change.add_done_callback(self._changed)

    def _changed(self, change: asyncio.Task[None]) -> None:
        self._changes.discard(change)
        if (error := change.exception()) is not None:
            log.error("the server does not come back", exc_info=error)
            self.exited.set()

    async def _restart(self, seconds: float | None) -> None:
        async with self._changing:
            if self._process is not None:
                await self._process.stop_listening()
                await self._process.stop()
                self._process = None
            if seconds is None:
                self.exited.set()
            elif await self._stay_away(seconds):
                await self.start()

    async def _refuse(self, seconds: float) -> None:
        async with self._changing:
            if self._process is not None:
                await self._process.stop_listening()
                if await self._stay_away(seconds):
                    await self._process.listen(self._port)

    async def _stay_away(self, seconds: float) -> bool:
        """Whether to come back then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return not self._closing.is_set()


@asynccontextmanager
async def serve(options: SimOptions) -> AsyncIterator[Sim]:
    """Run the stand-in in this event loop. What it had queued or remembered ends with it."""
    sim = Sim(options)
    try:
        await sim.start()
        yield sim
    finally:
        await sim.close()


def _quiet() -> logging.Logger:
    """Failing handlers are part of the contract, not news."""
    logger = logging.getLogger("services.comfy_sim.quiet")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
