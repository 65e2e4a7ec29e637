"""The faults that are set at present."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from services.comfy_sim.faults import Fault, Moment, TimedFault, as_json

Kind = TypeVar("Kind", bound=Fault)
Timed = TypeVar("Timed", bound=TimedFault)


@dataclass
class _Armed:
    """chances: how often it fitted so far. happened: how often it was due then."""

    fault: Fault
    chances: int = 0
    happened: int = 0

    def is_due(self) -> bool:
        self.chances += 1
        if self.chances <= self.fault.after or self.happened == self.fault.times:
            return False
        self.happened += 1
        return True


def _any(fault: Fault) -> bool:
    return True


class Faults:
    """May be asked from any thread."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._lock = Lock()
        self._armed = [_Armed(fault) for fault in faults]

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**as_json(armed.fault), "happened": armed.happened} for armed in self._armed]

    def take(self, kind: type[Kind], fits: Callable[[Kind], bool] = _any) -> Kind | None:
        """The first fault of this kind that fits and is due. It has then happened once."""
        with self._lock:
            for armed in self._armed:
                if isinstance(armed.fault, kind) and fits(armed.fault) and armed.is_due():
                    return armed.fault
        return None

    def take_at(self, kind: type[Timed], moment: Moment) -> Timed | None:
        return self.take(kind, lambda fault: fault.at is moment)
