"""A template and its values, made into the graph that is sent."""

import re
from collections.abc import Mapping
from copy import deepcopy
from math import isfinite

from workflows_comfy.catalog import OptionalNode, Parameter, Template
from workflows_comfy.nodes import (
    Graph,
    NodeInput,
    check_graph,
    is_link,
    literal_problem,
    load_contract,
)

Value = int | float | str | None


class BindingFailure(ValueError):
    """The values do not fit the template. The same values never will."""

    def __init__(self, template: Template, parameter: str, reason: str) -> None:
        super().__init__(f"{template.ref}: {parameter}: {reason}")
        self.parameter = parameter


def bind(template: Template, values: Mapping[str, Value]) -> Graph:
    """A fresh graph with every parameter in its place, optional nodes left out where null.

    Raises BindingFailure for a parameter that is unknown, missing, wrong-typed or out of range.
    """
    _check_names(template, values)
    graph = deepcopy(template.graph)
    for name, parameter in template.bindings.parameters.items():
        problem = _value_problem(parameter, values[name])
        if problem:
            raise BindingFailure(template, name, problem)
        _place(template, graph, name, values[name])
    for optional in template.bindings.optional_nodes:
        if values[optional.parameter] is None:
            _bypass(graph, optional)
    _check_bound(template, graph)
    return graph


def _check_names(template: Template, values: Mapping[str, Value]) -> None:
    parameters = template.bindings.parameters
    for name in sorted(values.keys() - parameters.keys()):
        raise BindingFailure(template, name, "the template has no such parameter")
    for name in sorted(parameters.keys() - values.keys()):
        raise BindingFailure(template, name, "missing")


def _value_problem(parameter: Parameter, value: Value) -> str | None:
    if value is None:
        return None if parameter.nullable else "can't be null"
    if parameter.type == "string":
        return _string_problem(parameter, value)
    return _number_problem(parameter, value)


def _string_problem(parameter: Parameter, value: Value) -> str | None:
    if not isinstance(value, str):
        return f"{value!r} is not text"
    if parameter.pattern and not re.fullmatch(parameter.pattern, value):
        return f"{value!r} does not match {parameter.pattern}"
    return None


def _number_problem(parameter: Parameter, value: Value) -> str | None:
    kinds = (int,) if parameter.type == "integer" else (int, float)
    # True is an int to Python.
    if isinstance(value, bool) or not isinstance(value, kinds) or not isfinite(value):
        return f"{value!r} is not {'an integer' if parameter.type == 'integer' else 'a number'}"
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{value} is not in {low}..{high}"
    if parameter.step and (value - (low or 0)) % parameter.step:
        return f"{value} is not {low} plus a multiple of {parameter.step}"
    return None


def _place(template: Template, graph: Graph, name: str, value: Value) -> None:
    parameter = template.bindings.parameters[name]
    for target in parameter.targets:
        inputs = graph[target.node]["inputs"]
        if value is None:
            del inputs[target.input]
            continue
        inputs[target.input] = float(value) if parameter.type == "number" else value
        spec = _spec(graph, target.node, target.input)
        problem = literal_problem(spec, inputs[target.input])
        if problem:
            raise BindingFailure(template, name, problem)


def _spec(graph: Graph, node: str, name: str) -> NodeInput:
    return load_contract()[graph[node]["class_type"]].inputs[name]


def _bypass(graph: Graph, optional: OptionalNode) -> None:
    inputs = graph.pop(optional.node)["inputs"]
    if optional.through is None:
        return
    source = inputs[optional.through]
    for node in graph.values():
        for name, value in node["inputs"].items():
            if is_link(value) and value[0] == optional.node:
                node["inputs"][name] = list(source)


def _check_bound(template: Template, graph: Graph) -> None:
    problems = check_graph(graph, load_contract())
    if problems:
        raise BindingFailure(template, "graph", "; ".join(problems))
