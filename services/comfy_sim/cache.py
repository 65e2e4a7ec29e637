"""What nodes gave before, by what they were given."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from services.comfy_sim.queue import Graph

Key = str


@dataclass(frozen=True)
class Cached:
    """values: by output slot. ui: what an output node reported. meta: of the node that ran."""

    values: tuple[Any, ...]
    ui: dict[str, Any] | None
    meta: dict[str, Any]


@dataclass
class NodeCache:
    """keeps_all: entries live until memory is short, which it never is here. Otherwise the cache
    holds only what the latest prompt has a node for."""

    keeps_all: bool
    entries: dict[Key, Cached] = field(default_factory=dict)

    def keep_only(self, keys: Iterable[Key]) -> None:
        if self.keeps_all:
            return
        wanted = set(keys)
        self.entries = {key: entry for key, entry in self.entries.items() if key in wanted}

    def clear(self) -> None:
        self.entries = {}


def node_keys(graph: Graph, file_state: Callable[[dict[str, Any]], str]) -> dict[str, Key]:
    """Each node's key: its class, its values, its ancestors' keys. Ids and job are not in it.

    file_state: what stands for the contents of the file a loader node reads.
    """
    keys: dict[str, Key] = {}
    for node_id in graph:
        _key(node_id, graph, keys, file_state)
    return keys


def _key(
    node_id: str, graph: Graph, keys: dict[str, Key], file_state: Callable[[dict[str, Any]], str]
) -> Key:
    if node_id in keys or node_id not in graph:
        return keys.get(node_id, "missing")
    # An unreachable cycle must not recurse for ever.
    keys[node_id] = "cycle"
    node = graph[node_id]
    values = {
        name: [_key(value[0], graph, keys, file_state), value[1]] if is_link(value) else value
        for name, value in node["inputs"].items()
    }
    parts = [node["class_type"], values, file_state(node)]
    keys[node_id] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return keys[node_id]


def is_link(value: Any) -> bool:
    match value:
        case [str(), int() | float()]:
            return True
        case _:
            return False
