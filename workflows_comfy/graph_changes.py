"""What changed from one version of a graph to another, whatever its nodes are called in each."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows_comfy.nodes import Graph, is_link

ONLY_ONE = 100
"""Of a class that both graphs have once, more than all that its neighbours can say."""
SAME_NEIGHBOUR = 3


@dataclass(frozen=True)
class Changes:
    """From an old graph to a new one whose nodes have the old one's ids where they are the same.

    graph: the new one. renumbered: from the id in the file to the one here. replaced: nodes of
    another class in an old one's place. inputs: by node.input. rewired: links, and values that
    became links or the other way round.
    """

    graph: Graph
    renumbered: dict[str, str]
    added: list[str]
    removed: list[str]
    replaced: list[str]
    inputs: dict[str, str]
    rewired: dict[str, str]


def compare(old: Graph, new: Graph) -> Changes:
    """Match the nodes by id and class, else by class and place in the graph."""
    matches = match(old, new)
    graph = rename(new, {**matches, **_names_of_added(old, new, matches)})
    kept = [node_id for node_id in graph if node_id in old]
    sentences = dict(_input_changes(old, graph, kept))
    wired = {place for place in sentences if _is_wired(old, place) or _is_wired(graph, place)}
    return Changes(
        graph={node_id: graph[node_id] for node_id in [*_in_order(old, graph)]},
        renumbered={theirs: ours for theirs, ours in matches.items() if theirs != ours},
        added=[node_id for node_id in graph if node_id not in old],
        removed=[node_id for node_id in old if node_id not in graph],
        replaced=[
            node_id for node_id in kept if old[node_id]["class_type"] != class_of(graph, node_id)
        ],
        inputs={place: text for place, text in sentences.items() if place not in wired},
        rewired={place: text for place, text in sentences.items() if place in wired},
    )


def match(old: Graph, new: Graph) -> dict[str, str]:
    """The old node that each new one is, as far as there is one."""
    pairs = {
        node_id: node_id
        for node_id in new
        if node_id in old and class_of(old, node_id) == class_of(new, node_id)
    }
    _add_likeliest(old, new, pairs, alike=True)
    _add_likeliest(old, new, pairs, alike=False)
    return pairs


def rename(graph: Graph, names: Mapping[str, str]) -> Graph:
    """The graph with other ids, and of each node only what is sent."""
    return {
        names[node_id]: {
            "class_type": node["class_type"],
            "inputs": {name: _renamed(value, names) for name, value in node["inputs"].items()},
        }
        for node_id, node in graph.items()
    }


def class_of(graph: Graph, node_id: str) -> str:
    name: str = graph[node_id]["class_type"]
    return name


def _add_likeliest(old: Graph, new: Graph, pairs: dict[str, str], *, alike: bool) -> None:
    """Pair what is left, the likeliest first, for each pair tells more of its neighbours.

    alike: nodes of the same class; else such as stand in the same place.
    """
    while True:
        left = [node_id for node_id in new if node_id not in pairs]
        free = [node_id for node_id in old if node_id not in pairs.values()]
        scores = {
            (theirs, ours): _likeness(old, new, pairs, theirs, ours)
            for theirs in left
            for ours in free
            if (class_of(new, theirs) == class_of(old, ours)) == alike
        }
        if not alike:
            scores = {pair: score for pair, score in scores.items() if score >= SAME_NEIGHBOUR}
        if not scores:
            return
        theirs, ours = max(scores, key=lambda pair: scores[pair])
        pairs[theirs] = ours


def _likeness(old: Graph, new: Graph, pairs: Mapping[str, str], theirs: str, ours: str) -> int:
    score = SAME_NEIGHBOUR * len(
        {_matched(reader, pairs) for reader in _readers(new, theirs)} & {*_readers(old, ours)}
    )
    if class_of(new, theirs) != class_of(old, ours):
        return score + SAME_NEIGHBOUR * (theirs == ours)
    if _count(new, theirs) == _count(old, ours) == 1:
        score += ONLY_ONE
    before = old[ours]["inputs"]
    for name, value in new[theirs]["inputs"].items():
        if name in before and _renamed(value, pairs) == before[name]:
            score += SAME_NEIGHBOUR if is_link(value) else 1
    return score


Reader = tuple[str, str, int]
"""A node, the input of it that reads, and the slot it reads."""


def _readers(graph: Graph, node_id: str) -> Iterator[Reader]:
    for reader, node in graph.items():
        for name, value in node["inputs"].items():
            if is_link(value) and value[0] == node_id:
                yield reader, name, value[1]


def _matched(reader: Reader, pairs: Mapping[str, str]) -> Reader | None:
    node_id, name, slot = reader
    return (pairs[node_id], name, slot) if node_id in pairs else None


def _count(graph: Graph, node_id: str) -> int:
    return sum(class_of(graph, other) == class_of(graph, node_id) for other in graph)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if is_link(value):
        return [names.get(value[0], f"unknown {value[0]}"), *value[1:]]
    return value


def _names_of_added(old: Graph, new: Graph, matches: Mapping[str, str]) -> dict[str, str]:
    """A readable id for each new node: of its title, else of its class."""
    taken, names = {*old, *matches.values()}, {}
    for node_id, node in new.items():
        if node_id in matches:
            continue
        title = node.get("_meta", {}).get("title") or node["class_type"]
        name = plain = _slug(title)
        number = 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        names[node_id] = name
    return names


def _slug(title: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", title)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "node"


def _in_order(old: Graph, graph: Graph) -> Iterator[str]:
    """As the old one, what is new at the end."""
    yield from (node_id for node_id in old if node_id in graph)
    yield from (node_id for node_id in graph if node_id not in old)


def _input_changes(old: Graph, new: Graph, kept: list[str]) -> Iterator[tuple[str, str]]:
    for node_id in kept:
        before, after = old[node_id]["inputs"], new[node_id]["inputs"]
        for name in {**before, **after}:
            if name not in after:
                yield f"{node_id}.{name}", f"was {_said(before[name])}, is gone"
            elif name not in before:
                yield f"{node_id}.{name}", f"is new: {_said(after[name])}"
            elif before[name] != after[name]:
                yield f"{node_id}.{name}", f"was {_said(before[name])}, is {_said(after[name])}"


def _is_wired(graph: Graph, place: str) -> bool:
    node_id, _, name = place.partition(".")
    return is_link(graph[node_id]["inputs"].get(name))


def _said(value: Any) -> str:
    if is_link(value):
        return f"slot {value[1]} of {value[0]}"
    return json.dumps(value, ensure_ascii=False)
