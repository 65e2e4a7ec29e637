"""The line, what runs, and what is remembered: in memory, each change atomic."""

import heapq
from collections.abc import Callable, Iterator
from itertools import count
from threading import Condition
from typing import Any

Graph = dict[str, Any]

Item = tuple[float, str, Graph, Any, list[str]]
"""(number, prompt_id, graph, extra_data as it was sent, output nodes to run).

Compared as it stands, like ComfyUI's: two items with the same number and id compare their graphs,
which raises TypeError after the second one is in the heap.
"""

HISTORY_MAX = 10_000
SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")


def without_secrets(extra_data: Any) -> Any:
    if not isinstance(extra_data, dict):
        return extra_data
    return {key: value for key, value in extra_data.items() if key not in SECRETS}


class PromptQueue:
    """changed: told how many run or wait after every change. record: told what happens to an item.
    Both from the thread that made the change, and before anything else can change."""

    def __init__(self, changed: Callable[[int], None], record: Callable[[str, Item], None]) -> None:
        self._report = changed
        self._record = record
        self._condition = Condition()
        self._pending: list[Item] = []
        self._running: dict[int, Item] = {}
        self._history: dict[str, dict[str, Any]] = {}
        self._tickets = count()
        self._closed = False

    def put(self, item: Item) -> None:
        with self._condition:
            self._record("accepted", item)
            heapq.heappush(self._pending, item)
            self._condition.notify()
            self._report(self.remaining())

    def take(self) -> tuple[int, Item] | None:
        """Wait for an item and move it from the line to what runs; None once closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._pending or self._closed)
            if self._closed:
                return None
            item = heapq.heappop(self._pending)
            ticket = next(self._tickets)
            self._running[ticket] = item
            self._record("started", item)
            self._report(self.remaining())
        return ticket, item

    def close(self) -> None:
        """Give nothing more out."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def finish(self, ticket: int, result: dict[str, Any], status: dict[str, Any]) -> None:
        """Move an item from what runs to the history; the same id keeps its first place there."""
        with self._condition:
            number, prompt_id, graph, extra_data, outputs = self._running.pop(ticket)
            if len(self._history) > HISTORY_MAX:
                del self._history[next(iter(self._history))]
            item = (number, prompt_id, graph, without_secrets(extra_data), outputs)
            self._history[prompt_id] = {"prompt": item, "status": status, **result}
            self._report(self.remaining())

    def snapshot(self) -> tuple[list[Item], list[Item]]:
        """What runs, and the line in heap order, which is not the order it runs in."""
        with self._condition:
            return list(self._running.values()), list(self._pending)

    def remaining(self) -> int:
        with self._condition:
            return len(self._running) + len(self._pending)

    def runs(self, prompt_id: str) -> bool:
        return any(item[1] == prompt_id for item in self.snapshot()[0])

    def if_runs(self, prompt_id: str, act: Callable[[], None]) -> bool:
        """`act` before the prompt can end. Whether it ran."""
        with self._condition:
            if not self.runs(prompt_id):
                return False
            act()
            return True

    def delete(self, prompt_id: str) -> bool:
        """Take one pending copy out of the line. Whether there was one."""
        with self._condition:
            found = next((i for i, item in enumerate(self._pending) if item[1] == prompt_id), None)
            if found is None:
                return False
            self._record("deleted", self._pending.pop(found))
            heapq.heapify(self._pending)
            self._report(self.remaining())
            return True

    def clear(self) -> None:
        with self._condition:
            for item in self._pending:
                self._record("deleted", item)
            self._pending.clear()
            self._report(self.remaining())

    def history_of(self, prompt_id: str) -> dict[str, Any]:
        with self._condition:
            return {id_: self._history[id_] for id_ in [prompt_id] if id_ in self._history}

    def history(self, max_items: int | None, offset: int) -> dict[str, Any]:
        with self._condition:
            return dict(self._window(max_items, offset))

    def _window(self, max_items: int | None, offset: int) -> Iterator[tuple[str, Any]]:
        entries = list(self._history.items())
        if max_items is None:
            yield from entries[max(offset, 0) :]
            return
        start = len(entries) - max_items if offset < 0 else offset
        # ComfyUI counts after it took one, so a window from a given offset holds at least one.
        yield from entries[max(start, 0) : max(start, 0) + max(max_items, 1)]

    def forget(self, prompt_id: str) -> None:
        with self._condition:
            self._history.pop(prompt_id, None)

    def forget_all(self) -> None:
        with self._condition:
            self._history.clear()
