import time
from collections.abc import Callable

from mirakuru import ExecutorError

from services.local.bootstrap import prepare_temporal
from services.local.checks import CannotStart
from services.local.child import Child
from services.local.children import servers, services
from services.local.layout import Layout

LOOK_EVERY_S = 0.5
RESTARTS = 5
RESTARTS_WITHIN_S = 60.0


class Stack:
    """The servers of one data folder: started in order, restarted when they die, stopped."""

    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self._layout = layout
        self._say = say
        self._groups: list[list[Child]] = []
        self._deaths: list[float] = []

    def start(self) -> None:
        """Raises CannotStart when a server does not become ready."""
        self._start_group(servers(self._layout))
        prepare_temporal(self._layout)
        self._start_group(services(self._layout))

    def keep_running(self) -> None:
        """Until interrupted; a server that dies is started again, unless it keeps dying."""
        while True:
            for group in self._groups:
                for child in group:
                    if not child.running():
                        self._restart(child)
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        for group in reversed(self._groups):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.stop_quietly()
        self._groups.clear()

    def _start_group(self, children: list[Child]) -> None:
        self._groups.append(children)
        started = time.monotonic()
        for child in children:
            child.spawn()
        for child in children:
            self._await(child)
            self._say(f"  {child.name:<20} ready after {time.monotonic() - started:.1f} s")

    def _await(self, child: Child) -> None:
        try:
            child.start()
        except ExecutorError as error:
            raise CannotStart(
                f"the {child.name} did not start. Its last words: {child.last_words or 'none'} "
                f"({child.log})"
            ) from error

    def _restart(self, child: Child) -> None:
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < RESTARTS_WITHIN_S] + [now]
        if len(self._deaths) > RESTARTS:
            raise CannotStart(f"the {child.name} keeps ending. Look into {child.log}")
        self._say(f"  {child.name} ended; starting it again")
        child.forget()
        child.spawn()
        self._await(child)
