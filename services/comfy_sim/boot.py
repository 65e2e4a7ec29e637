"""One life of the server process."""

from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from services.comfy_sim.armed import Faults
from services.comfy_sim.catalog import Catalog
from services.comfy_sim.faults import (
    DeadExecutor,
    DroppedSockets,
    Exit,
    ForeignInterrupt,
    Moment,
    RefusedConnections,
    Restart,
    SilentSockets,
)
from services.comfy_sim.ledger import Ledger
from services.comfy_sim.options import SimOptions
from services.comfy_sim.profile import PROFILES, Profile
from services.comfy_sim.queue import PromptQueue
from services.comfy_sim.sockets import Sockets


class StoppedServer(Exception):
    """The server is going down; nothing of what it does is remembered."""


class Machine(Protocol):
    """What a process can have done to it from outside, from any thread."""

    def end(self, seconds: float | None) -> None:
        """Kill the process, and start it again after `seconds`; never for None."""

    def refuse(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Boot:
    """What the process holds. All of it ends with the process, but the files and the ledger.

    interrupt: looked at when a node starts or moves on, and forgotten when a prompt starts.
    free: a wish to drop the cache, granted before the next prompt.
    stopping: the executor's thread is to end. ending: the process is. leaks: gigabytes, one by one.
    """

    options: SimOptions
    catalog: Catalog
    faults: Faults
    ledger: Ledger
    machine: Machine
    sockets: Sockets
    queue: PromptQueue
    interrupt: Event = field(default_factory=Event)
    free: Event = field(default_factory=Event)
    stopping: Event = field(default_factory=Event)
    ending: Event = field(default_factory=Event)
    leaks: list[float] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        return PROFILES[self.options.profile]

    def stop_executor(self) -> None:
        """What runs stays where it is, and nothing starts any more."""
        self.stopping.set()
        self.queue.close()

    def pause(self, seconds: float) -> None:
        """Wait, deaf to interrupts. Raises StoppedServer."""
        if self.stopping.wait(seconds):
            raise StoppedServer

    def visit(self, moment: Moment) -> None:
        """Let happen what is set for this moment. Raises StoppedServer when the process dies."""
        faults = self.faults
        if faults.take_at(ForeignInterrupt, moment):
            self.interrupt.set()
        if faults.take_at(SilentSockets, moment):
            self.sockets.silence()
        if faults.take_at(DroppedSockets, moment):
            self.sockets.drop()
        if faults.take_at(DeadExecutor, moment):
            self.stop_executor()
        if refused := faults.take_at(RefusedConnections, moment):
            self.machine.refuse(refused.seconds)
        if restart := faults.take_at(Restart, moment):
            self.end(restart.seconds)
            raise StoppedServer
        if faults.take_at(Exit, moment):
            self.end(None)
            raise StoppedServer

    def reach(self, moment: Moment) -> None:
        """Visit a moment of the executor's. Raises StoppedServer when its thread is to end."""
        self.visit(moment)
        self.pause(0)

    def visit_now(self) -> None:
        """Let happen what is set for no moment in particular."""
        with suppress(StoppedServer):
            self.visit(Moment.NOW)

    def end(self, seconds: float | None) -> None:
        """End the process, and start it again after `seconds`; never for None."""
        if not self.ending.is_set():
            self.ending.set()
            self.stop_executor()
            self.machine.end(seconds)
