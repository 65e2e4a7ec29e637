"""What a ComfyUI node class takes and gives, and whether a graph keeps to it."""

from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from proto.model import Model

Graph = dict[str, Any]
"""ComfyUI's API format: node id to {"class_type": …, "inputs": {…}}."""

CONTRACT_FILE = Path(__file__).with_name("nodes.json")


class NodeInput(Model):
    """One input of a node class.

    type: INT, FLOAT, STRING, BOOLEAN and COMBO take a literal or a link; any other takes a link.
    options: what a COMBO may be. files: instead of options where it is a file name, the folder
    under models/ ("vae") or the kind of uploaded file ("input:image").
    """

    type: str
    required: bool
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    options: list[str] | None = None
    files: str | None = None
    default: bool | int | float | str | None = None


class NodeClass(Model):
    """outputs: the type of each slot. package: "core", or the custom node package it comes with."""

    inputs: dict[str, NodeInput]
    outputs: list[str]
    output_node: bool
    package: str


Contract = Mapping[str, NodeClass]


@cache
def load_contract() -> Contract:
    """The node classes our graphs and the contract suite use, by class name."""
    classes = TypeAdapter(dict[str, NodeClass]).validate_json(CONTRACT_FILE.read_bytes())
    return MappingProxyType(classes)


def check_graph(graph: Mapping[str, Any], contract: Contract) -> list[str]:
    """What is wrong with a graph, a sentence each; nothing when it can be sent.

    Stricter than ComfyUI, which ignores unknown inputs and steps, and dies of an unreachable node
    without inputs.
    """
    shape = [problem for node_id in graph for problem in _shape_problems(node_id, graph, contract)]
    if shape:
        return shape
    return [
        *(problem for node_id in graph for problem in _input_problems(node_id, graph, contract)),
        *_cycle_problems(graph),
        *_reach_problems(graph, contract),
    ]


def is_link(value: object) -> bool:
    return isinstance(value, list)


def links(node: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the nodes this node reads from."""
    return (value[0] for value in node["inputs"].values() if is_link(value))


def ancestors(graph: Mapping[str, Any], start: list[str]) -> set[str]:
    """`start` and every node they need."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        node_id = waiting.pop()
        if node_id in graph and node_id not in seen:
            seen.add(node_id)
            waiting.extend(links(graph[node_id]))
    return seen


def literal_problem(spec: NodeInput, value: object) -> str | None:
    """Why `value` can't stand in this input, or None when it can."""
    if spec.type in ("INT", "FLOAT"):
        return _number_problem(spec, value)
    if spec.type == "COMBO":
        return _choice_problem(spec, value)
    if spec.type == "BOOLEAN":
        return None if isinstance(value, bool) else f"{value!r} is not true or false"
    if spec.type == "STRING":
        return None if isinstance(value, str) else f"{value!r} is not text"
    return f"{spec.type} needs a link"


def _shape_problems(node_id: str, graph: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    node = graph[node_id]
    if not isinstance(node, Mapping) or not isinstance(node.get("inputs"), Mapping):
        yield f"{node_id}: has no inputs"
    elif node.get("class_type") not in contract:
        yield f"{node_id}: unknown class {node.get('class_type')!r}"
    else:
        for name, value in node["inputs"].items():
            if is_link(value) and not _is_whole_link(value):
                yield f"{node_id}.{name}: {value!r} is not [node, slot]"


def _is_whole_link(value: list[object]) -> bool:
    match value:
        case [str(), int() as slot] if not isinstance(slot, bool):
            return True
        case _:
            return False


def _input_problems(node_id: str, graph: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    node = graph[node_id]
    specs = contract[node["class_type"]].inputs
    for name, spec in specs.items():
        if spec.required and name not in node["inputs"]:
            yield f"{node_id}.{name}: required, and missing"
    for name, value in node["inputs"].items():
        if name not in specs:
            yield f"{node_id}.{name}: unknown input"
            continue
        spec = specs[name]
        problem = (
            _link_problem(spec, value, graph, contract)
            if is_link(value)
            else literal_problem(spec, value)
        )
        if problem:
            yield f"{node_id}.{name}: {problem}"


def _link_problem(
    spec: NodeInput, link: list[Any], graph: Mapping[str, Any], contract: Contract
) -> str | None:
    source, slot = link
    if source not in graph:
        return f"links to {source!r}, which is not in the graph"
    outputs = contract[graph[source]["class_type"]].outputs
    if not 0 <= slot < len(outputs):
        return f"links to slot {slot} of {source!r}, which has {len(outputs)}"
    if outputs[slot] != spec.type:
        return f"needs {spec.type}, and slot {slot} of {source!r} is {outputs[slot]}"
    return None


def _number_problem(spec: NodeInput, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return f"{value!r} is not a number"
    if spec.type == "INT" and not isinstance(value, int):
        return f"{value!r} is not a whole number"
    if spec.minimum is not None and value < spec.minimum:
        return f"{value} is below {spec.minimum}"
    if spec.maximum is not None and value > spec.maximum:
        return f"{value} is above {spec.maximum}"
    if off_step(spec, value):
        return f"{value} is not {spec.minimum or 0} plus a multiple of {spec.step}"
    return None


def off_step(spec: NodeInput, value: int | float) -> bool:
    """Whether a whole number lies between two steps; fractions are rounded by ComfyUI itself."""
    if spec.type != "INT" or spec.step is None:
        return False
    return (value - (spec.minimum or 0)) % spec.step != 0


def _choice_problem(spec: NodeInput, value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return f"{value!r} is not a choice"
    if spec.options is not None and value not in spec.options:
        return f"{value!r} is not one of {', '.join(spec.options)}"
    return None


def _cycle_problems(graph: Mapping[str, Any]) -> Iterator[str]:
    sorter = TopologicalSorter({node_id: set(links(node)) for node_id, node in graph.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        yield f"cycle: {' -> '.join(error.args[1])}"


def _reach_problems(graph: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    outputs = [id_ for id_, node in graph.items() if contract[node["class_type"]].output_node]
    if not outputs:
        yield "no output node"
    else:
        for node_id in graph.keys() - ancestors(graph, outputs):
            yield f"{node_id}: no output node needs it"
