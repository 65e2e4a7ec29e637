"""The one thread that runs prompts."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

from services.comfy_sim.boot import Boot, StoppedServer
from services.comfy_sim.cache import NodeCache
from services.comfy_sim.execution import EndedRun, Execution
from services.comfy_sim.faults import LateHistory, Moment
from services.comfy_sim.queue import Item

THREAD_FAULTS = (AttributeError, LookupError, TypeError)

log = logging.getLogger(__name__)


@dataclass
class Executor:
    boot: Boot
    cache: NodeCache = field(init=False)
    _thread: Thread = field(init=False)

    def start(self) -> None:
        self.cache = NodeCache(keeps_all=self.boot.profile.newer)
        self._thread = Thread(target=self._work, name="comfy_sim executor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread within a frame's or a step's time; what runs is lost."""
        self.boot.stop_executor()
        self._thread.join()

    def _work(self) -> None:
        try:
            while (taken := self.boot.queue.take()) is not None:
                self._run(*taken)
        except StoppedServer:
            return
        except THREAD_FAULTS:
            # ComfyUI doesn't guard its thread either: some requests that it accepts kill it, and
            # it goes on answering.
            log.exception("the executor is dead")

    def _run(self, ticket: int, item: Item) -> None:
        boot = self.boot
        boot.reach(Moment.STARTED)
        if boot.free.is_set():
            boot.free.clear()
            self.cache.clear()
        execution = Execution(boot, self.cache, item)
        boot.sockets.client_id, boot.sockets.node = execution.client_id, None
        with suppress(EndedRun):
            execution.run()
        boot.ledger.write(execution.end, item)
        boot.reach(Moment.ENDED)
        if late := boot.faults.take(LateHistory):
            boot.pause(late.seconds)
        boot.queue.finish(ticket, execution.result(), execution.status())
        boot.reach(Moment.REMEMBERED)
        boot.sockets.node = None
        if execution.client_id is not None:
            end = {"node": None, "prompt_id": execution.prompt_id}
            boot.sockets.post("executing", end, execution.client_id)
