"""The order a prompt's nodes run in."""

from collections.abc import Collection, Iterable, Iterator
from heapq import heapify, heappop, heappush

from services.comfy_sim.cache import is_link
from services.comfy_sim.queue import Graph


def run_order(
    graph: Graph, wanted: Iterable[str], cached: Collection[str], outputs: Collection[str]
) -> Iterator[str]:
    """`wanted` and what they need that is not cached, each after what it needs.

    outputs: the graph's output nodes. Of what is ready, ComfyUI takes first an output node, then
    what an output node needs, then what such a node needs: to show results early. So a saver that
    can run, has run when a later node fails.
    """
    needs = _needs(graph, wanted, cached)
    readers: dict[str, list[str]] = {node_id: [] for node_id in needs}
    for node_id, sources in needs.items():
        for source in sources:
            readers[source].append(node_id)
    rank = {
        node_id: (_distance(node_id, readers, outputs), place, node_id)
        for place, node_id in enumerate(needs)
    }
    ready = [rank[node_id] for node_id, sources in needs.items() if not sources]
    heapify(ready)
    while ready:
        _, _, chosen = heappop(ready)
        yield chosen
        for reader in readers[chosen]:
            needs[reader].remove(chosen)
            if not needs[reader]:
                heappush(ready, rank[reader])


def _needs(graph: Graph, wanted: Iterable[str], cached: Collection[str]) -> dict[str, set[str]]:
    """What each node that has to run waits for."""
    needs: dict[str, set[str]] = {}
    for output in wanted:
        waiting = [output]
        while waiting:
            node_id = waiting.pop()
            if node_id in needs:
                continue
            values = graph[node_id]["inputs"].values()
            sources = [value[0] for value in values if is_link(value) and value[0] not in cached]
            needs[node_id] = set(sources)
            waiting += sources
    return needs


def _distance(node_id: str, readers: dict[str, list[str]], outputs: Collection[str]) -> int:
    """How many steps a node is from an output node: 0, 1, 2, or 3 for more."""
    level = [node_id]
    for distance in range(3):
        if any(reader in outputs for reader in level):
            return distance
        level = [further for reader in level for further in readers[reader]]
    return 3
