import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.local.bootstrap import prepare_temporal
from services.local.checks import CannotStart
from services.local.child import Child
from services.local.children import servers, services, stores
from services.local.layout import Layout

LOOK_EVERY_S = 0.1
START_WITHIN_S = 60.0
STOP_WITHIN_S = 5.0
"""What has to outlive being killed needs no long farewell."""

STEADY_S = 5.0
"""One that serves this long has started well; dying before counts as a failed start."""
FAILED_STARTS = 20
RETRY_S = (0.0, 0.5, 1.0, 2.0, 3.0)
"""The wait before each further start in a row; the last one is for all that follow.

A service that needs another one can't start while that one is away, which is nothing to end for.
"""


@dataclass
class Kept:
    """A child, and what the stack remembers of its starts. Times are of the monotonic clock."""

    child: Child
    spawned_at: float = 0.0
    ready_at: float | None = None
    spawn_at: float | None = None
    failed_starts: int = field(default=0)

    def spawn(self) -> None:
        self.spawned_at, self.ready_at, self.spawn_at = time.monotonic(), None, None
        self.child.spawn()

    def look(self) -> bool:
        """Whether it just became ready."""
        if self.ready_at is not None or not self.child.running or not self.child.is_ready():
            return False
        self.ready_at = time.monotonic()
        return True

    def plan_restart(self) -> None:
        """Raises CannotStart when it keeps failing."""
        now = time.monotonic()
        if self.ready_at is not None and now - self.ready_at >= STEADY_S:
            self.failed_starts = 0
        if self.failed_starts >= FAILED_STARTS:
            raise CannotStart(f"the {self.child.name} keeps ending. Look into {self.child.log}")
        self.spawn_at = now + RETRY_S[min(self.failed_starts, len(RETRY_S) - 1)]
        self.failed_starts += 1

    @property
    def is_late(self) -> bool:
        return self.ready_at is None and time.monotonic() - self.spawned_at > START_WITHIN_S


class Stack:
    """The servers of one data folder: started in order, restarted when they die, stopped.

    All of it belongs to one thread: children end with the thread that spawned them.
    """

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self._layout = layout
        self._say = say
        self._groups: list[list[Kept]] = []

    def start(self) -> None:
        """Raises CannotStart when a server does not become ready."""
        self.start_servers()
        self._start_group(services(self._layout))

    def start_servers(self) -> None:
        """What others made, and the stand-ins, without anything of ours. Raises CannotStart."""
        self._start_group(servers(self._layout))
        prepare_temporal(self._layout)

    def start_stores(self) -> None:
        """Postgres and the object store alone. Raises CannotStart."""
        self._start_group(stores(self._layout))

    def keep_running(self) -> None:
        """Until interrupted; a server that dies is started again, unless it keeps dying."""
        while True:
            self.tend()
            time.sleep(LOOK_EVERY_S)

    def tend(self) -> None:
        """Look at every server once; none is waited for. Raises CannotStart."""
        for kept in self._all():
            if not kept.child.running:
                self._restart(kept)
            elif kept.is_late:
                kept.child.kill()
            elif kept.look():
                self._say(f"  {kept.child.name} is ready again")

    @property
    def pids(self) -> dict[str, int]:
        """Of the servers that run, by name."""
        return {kept.child.name: pid for kept in self._all() if (pid := kept.child.pid)}

    @property
    def ready_pids(self) -> dict[str, int]:
        """Of the servers that run and were seen ready, by name."""
        ready = [kept for kept in self._all() if kept.ready_at is not None]
        return {kept.child.name: pid for kept in ready if (pid := kept.child.pid)}

    def stop(self) -> None:
        for group in reversed(self._groups):
            until = time.monotonic() + STOP_WITHIN_S
            for kept in group:
                kept.child.ask_to_stop()
            for kept in group:
                kept.child.stop(until)
        self._groups.clear()

    def _all(self) -> list[Kept]:
        return [kept for group in self._groups for kept in group]

    def _start_group(self, children: list[Child]) -> None:
        group = [Kept(child) for child in children]
        self._groups.append(group)
        for kept in group:
            kept.spawn()
        while waiting := [kept for kept in group if kept.ready_at is None]:
            for kept in waiting:
                self._await(kept)
            time.sleep(LOOK_EVERY_S / 2)

    def _await(self, kept: Kept) -> None:
        child = kept.child
        if not child.running or kept.is_late:
            raise CannotStart(
                f"the {child.name} did not start. Its last words: {child.last_words or 'none'} "
                f"({child.log})"
            )
        if kept.look():
            self._say(f"  {child.name:<20} ready after {time.monotonic() - kept.spawned_at:.1f} s")

    def _restart(self, kept: Kept) -> None:
        if kept.spawn_at is None:
            self._say(f"  {kept.child.name} ended; starting it again")
            kept.plan_restart()
        elif time.monotonic() >= kept.spawn_at:
            kept.spawn()
