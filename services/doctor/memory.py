"""Whether a server that does nothing loses memory all the same."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

from services.comfy.system import Memory

LOOKS = 6
NOTICED_SHARE = 0.05
"""Of all memory: what an idle server loses while a browser or a desktop uses its card is less."""
SCARCE_SHARE = 0.15
"""Of all memory: with less of it free, hardly any prompt gets through."""


@dataclass(frozen=True)
class Climb:
    """lost: bytes that were free when it began."""

    lost: int
    memory: Memory

    @property
    def is_serious(self) -> bool:
        return self.memory.free < SCARCE_SHARE * self.memory.total


class MemoryWatch:
    """Looked at while nothing runs, every few seconds. Prompts keep their models in memory, so what
    they leave says nothing: only a steady loss between two of them does."""

    def __init__(self) -> None:
        self._looks: deque[Memory] = deque(maxlen=LOOKS)
        self._began_at: int | None = None

    def forget(self) -> None:
        """Something runs: what is free afterwards has nothing to do with what was."""
        self._looks.clear()

    def restart(self) -> None:
        """The server is another process."""
        self.forget()
        self._began_at = None

    def look(self, memory: Memory) -> Climb | None:
        self._looks.append(memory)
        first, falls = self._looks[0], self._falls()
        if falls and first.free - memory.free > NOTICED_SHARE * memory.total:
            self._began_at = max(first.free, self._began_at or 0)
        if self._began_at is None:
            return None
        lost = self._began_at - memory.free
        if lost <= NOTICED_SHARE / 2 * memory.total:
            self._began_at = None
            return None
        return Climb(lost, memory)

    def _falls(self) -> bool:
        looks = list(self._looks)
        return len(looks) == LOOKS and all(b.free < a.free for a, b in pairwise(looks))
