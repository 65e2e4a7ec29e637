"""The agents of the line for GPUs: one for each ComfyUI server, wherever it runs."""

import asyncio
import math
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from proto.backend import Backend, BackendState
from services.comfy import presence, system
from services.comfy.access import Access
from services.comfy.connection import ComfyError
from services.comfy.health import Diagnosis, Pulse
from services.comfy.queue import Queue
from services.doctor.checkup import Checkup
from services.doctor.hearing import Hearing
from services.settings import Settings
from services.store import backends, jobs, prompts
from services.store.backends import Inventory
from services.store.database import DATABASE_ERRORS, Pool
from services.store.election import Election
from temporal.activities.backends import BackendLink, access_of, configured, open_link
from temporal.activities.slots import Places, SlotActivities
from temporal.client import connect
from temporal.queues import TaskQueue, line_of
from workflows_comfy.needs import Stock, lacks, model_folders
from workflows_comfy.profiles import Profiles, load_profiles

log = structlog.get_logger()

DEPTH = 2
"""Places on a backend: one prompt renders, the next one's files and prompt are already there."""
HEARTBEAT_THROTTLE = timedelta(seconds=0.3)
LOOK_EVERY_S = 2.0
FIRST_LOOKS_EVERY_S = 0.3
MISSES_TO_BE_AWAY = 5
INVENTORY_EVERY_S = 600.0
STALLED_AFTER_S = 20.0
RETRY_AFTER_S = 300.0
"""When a quarantined backend that nobody has restarted is tried again."""


@dataclass(frozen=True)
class Served:
    """A line that is served, until it is stopped or its worker ends by itself."""

    worker: Worker
    task: asyncio.Task[None]

    async def stop(self) -> None:
        await self.worker.shutdown()
        await asyncio.gather(self.task, return_exceptions=True)


class Agents:
    """Keeps an agent running for every backend that no other process has one for."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._access = access_of(settings)
        self._profiles = load_profiles(settings.profiles)
        self._election = Election(settings.database_url.get_secret_value())
        self._configured = False
        self._agents: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, Backend] = {}

    async def run(self) -> None:
        """For ever. An agent that ends by an error of ours ends all of them with it."""
        try:
            while True:
                if await self._configure():
                    await self._match()
                await asyncio.sleep(LOOK_EVERY_S if self._configured else FIRST_LOOKS_EVERY_S)
        finally:
            for task in self._agents.values():
                task.cancel()
            await asyncio.gather(*self._agents.values(), return_exceptions=True)
            await self._election.close()

    async def _configure(self) -> bool:
        """False while the database, or its schema, is not there yet."""
        if self._configured:
            return True
        try:
            async with self._pool.acquire() as connection:
                await backends.configure(connection, configured(self._settings))
        except DATABASE_ERRORS as error:
            log.warning("backends not configured", cause=repr(error))
            return False
        self._configured = True
        return True

    async def _match(self) -> None:
        """Have an agent for each backend that is ours, and for no other."""
        try:
            async with self._pool.acquire() as connection:
                rows = await backends.list_all(connection)
            self._known = {row.backend_id: row for row in rows}
        except DATABASE_ERRORS as error:
            log.warning("backends not read", cause=repr(error))
        ours = await self._election.hold(self._known)
        for backend_id in self._agents.keys() - ours:
            self._agents.pop(backend_id).cancel()
        for backend_id in ours - self._agents.keys():
            agent = Agent(
                self._settings, self._pool, self._profiles, self._access, self._known[backend_id]
            )
            self._agents[backend_id] = asyncio.create_task(agent.run())
        for task in self._agents.values():
            if task.done():
                task.result()


class Agent:
    """Watches one backend, and offers its places to the lines it can serve while it is well.

    A backend that is away, cordoned or ill gets no work: its workers stop, and the holders they had
    go to others. What already renders there is followed on by its address.
    """

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        profiles: Profiles,
        access: Mapping[str, Access],
        row: Backend,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._profiles = profiles
        self._access = access
        self._row = row
        self._places = Places(DEPTH)
        # Whether a prompt that runs gets anywhere is for its watcher to say, who hears its steps.
        self._pulse = Pulse(stalled_after_s=STALLED_AFTER_S, stuck_after_s=math.inf)
        self._ran: set[str] = set()
        self._misses = MISSES_TO_BE_AWAY
        self._took_inventory_at: float | None = None
        self._served: dict[str, Served] = {}

    async def run(self) -> None:
        async with AsyncExitStack() as stack:
            link = await open_link(stack, self._row, self._access)
            hearing = await stack.enter_async_context(Hearing(link.quick))
            checkup = Checkup(link.quick, hearing)
            # A client of its own: one client takes only one worker per line.
            identity = f"gpu-agent/{link.backend_id}"
            client = await connect(self._settings, identity=identity)
            try:
                while True:
                    await self._look(link, checkup)
                    await self._serve(client, await self._lines())
                    await asyncio.sleep(LOOK_EVERY_S)
            finally:
                await self._serve(client, set())

    async def _look(self, link: BackendLink, checkup: Checkup) -> None:
        try:
            line = await presence.read_line(link.quick)
            if self._misses >= MISSES_TO_BE_AWAY and self._took_inventory_at is not None:
                checkup.restarted()
            await checkup.examine(self._row, line)
            await self._take_inventory(link, checkup)
        except ComfyError as error:
            self._misses += 1
            if self._misses == MISSES_TO_BE_AWAY:
                log.warning("backend away", backend=link.backend_id, cause=str(error))
            return
        if self._misses >= MISSES_TO_BE_AWAY:
            log.info("backend answers", backend=link.backend_id)
        missed, self._misses = self._misses > 0, 0
        await self._observe([*line.running, *line.pending])
        diagnosis = self._pulse.observe(line, time.monotonic())
        if diagnosis.restarted:
            checkup.restarted()
        moves = bool(self._ran - set(line.running))
        self._ran = set(line.running)
        well = self._why_well(line, restarted=missed or diagnosis.restarted, moves=moves)
        await self._note(line, checkup, diagnosis, well)

    async def _observe(self, prompt_ids: list[str]) -> None:
        try:
            async with self._pool.acquire() as connection:
                jobs_of = await prompts.find_jobs(connection, prompt_ids)
        except DATABASE_ERRORS as error:
            log.warning("whose prompts unknown", cause=repr(error))
            return
        self._places.observe([jobs_of.get(prompt_id) for prompt_id in prompt_ids])

    async def _note(
        self, line: Queue, checkup: Checkup, diagnosis: Diagnosis, well: str | None
    ) -> None:
        """Tell the row, and hear from it what people decided."""
        backend_id = self._row.backend_id
        try:
            async with self._pool.acquire() as connection:
                await backends.mark_seen(
                    connection,
                    backend_id,
                    running=len(line.running),
                    pending=len(line.pending),
                    lines=sorted(self._served),
                )
                row = await backends.find(connection, backend_id) or self._row
                await checkup.note(connection, row, diagnosis, well=well)
                self._row = await backends.find(connection, backend_id) or row
        except DATABASE_ERRORS as error:
            log.warning("backend not noted", backend=backend_id, cause=repr(error))

    def _why_well(self, line: Queue, *, restarted: bool, moves: bool) -> str | None:
        """Why a quarantined backend may work again; None where nothing says so."""
        if restarted:
            return "it was away and answers again"
        if moves:
            return "its prompts move again"
        if self._may_be_tried(line):
            return f"tried again after {RETRY_AFTER_S / 60:.0f} minutes"
        return None

    def _may_be_tried(self, line: Queue) -> bool:
        if self._row.state is not BackendState.QUARANTINED:
            return False
        age_s = time.time() - self._row.state_changed_at.timestamp()
        return not line.running and not line.pending and age_s > RETRY_AFTER_S

    async def _take_inventory(self, link: BackendLink, checkup: Checkup) -> None:
        now, at = time.monotonic(), self._took_inventory_at
        anew = self._misses >= MISSES_TO_BE_AWAY or checkup.is_changed
        if at is not None and not anew and now - at < INVENTORY_EVERY_S:
            return
        found = await system.inventory(link.bulk, model_folders())
        needs = lacks(self._profiles, Stock(found.nodes, found.models, found.facts.vram_bytes))
        missing = {ability: words for ability, words in needs.items() if words}
        abilities = sorted(needs.keys() - missing.keys())
        inventory = Inventory(facts=found.facts, abilities=abilities, missing=missing)
        try:
            async with self._pool.acquire() as connection:
                await backends.set_inventory(connection, link.backend_id, inventory)
        except DATABASE_ERRORS as error:
            log.warning("inventory not noted", backend=link.backend_id, cause=repr(error))
            return
        self._took_inventory_at = now
        checkup.learned(self._row.facts, found.facts)
        if abilities != self._row.abilities:
            log.info("abilities", backend=link.backend_id, able=abilities, missing=missing)
            await self._stop_serving(set(self._served))
        found_now = {"facts": found.facts, "abilities": abilities, "missing": missing}
        self._row = self._row.model_copy(update=found_now)

    async def _lines(self) -> set[str]:
        """The task queues to serve now."""
        offered = self._row.state is BackendState.OFFERED
        if not offered or self._misses >= MISSES_TO_BE_AWAY or not self._row.abilities:
            return set()
        own = {line_of(ability) for ability in self._row.abilities}
        try:
            async with self._pool.acquire() as connection:
                wanted = await jobs.list_lines(connection)
        except DATABASE_ERRORS:
            wanted = set(self._served)
        return {TaskQueue.GPU.value} | (own & wanted)

    async def _serve(self, client: Client, lines: set[str]) -> None:
        await self._stop_serving(self._served.keys() - lines)
        for line in lines - self._served.keys():
            worker = self._worker(client, line)
            self._served[line] = Served(worker, asyncio.create_task(worker.run()))
        for line, served in list(self._served.items()):
            if served.task.done():
                # A worker ends by itself only when the workflow server is away for long.
                del self._served[line]
                log.warning("line not served", line=line, cause=repr(served.task.exception()))

    async def _stop_serving(self, lines: set[str]) -> None:
        """Those whose end is not awaited here, because the agent is stopped, stay known."""
        await asyncio.gather(*(self._served[line].stop() for line in lines))
        for line in lines:
            del self._served[line]

    def _worker(self, client: Client, line: str) -> Worker:
        abilities = self._row.abilities or []
        slots = SlotActivities(self._pool, self._row.backend_id, self._places, abilities)
        # Without grace: a hold ends when its workflow lets go, not by being waited for.
        return Worker(
            client,
            task_queue=line,
            activities=[slots.hold_slot],
            max_concurrent_activities=DEPTH,
            max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
            default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
            identity=f"gpu-agent/{self._row.backend_id}",
        )
