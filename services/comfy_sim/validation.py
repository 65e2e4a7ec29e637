"""What ComfyUI says about a graph before it queues it."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.comfy_sim.catalog import ANY_TYPE, Catalog
from services.comfy_sim.queue import Graph
from workflows_comfy.nodes import NodeInput

LONG_LIST = 20
LINK_LENGTH = 2
FAULTS = (AttributeError, LookupError, TypeError)
CONVERSIONS = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
LOADED = {"input:image": "image", "input:video": "video", "input:audio": "audio"}

Reason = dict[str, Any]


class Cycle(Exception):
    """Raised by 0.3.64 out of all the nodes on the way; newer servers report it as any fault."""


@dataclass(frozen=True)
class Verdict:
    """outputs: the output nodes that will run. error: why none of them will."""

    outputs: list[str]
    error: dict[str, Any] | None
    node_errors: dict[str, Any]


def validate(graph: Graph, catalog: Catalog, targets: list[str] | None, *, newer: bool) -> Verdict:
    """Check what the output nodes need, and convert its literals in place, as ComfyUI does."""
    complain = _missing_type if newer else _invalid_class
    for node_id, node in graph.items():
        if "class_type" not in node or node["class_type"] not in catalog.contract:
            return Verdict([], complain(node_id, node), {})
    outputs = [
        node_id
        for node_id, node in graph.items()
        if catalog.contract[node["class_type"]].output_node
        and (targets is None or node_id in targets)
    ]
    if not outputs:
        return Verdict([], error("prompt_no_outputs", "Prompt has no outputs", ""), {})
    return _Validation(graph, catalog, newer).verdict(outputs)


def error(kind: str, message: str, details: str, **extra_info: Any) -> Reason:
    return {"type": kind, "message": message, "details": details, "extra_info": extra_info}


def _invalid_class(node_id: str, node: dict[str, Any]) -> Reason:
    message = "Cannot execute because a node is missing the class_type property."
    if "class_type" in node:
        message = f"Cannot execute because node {node['class_type']} does not exist."
    return error("invalid_prompt", message, f"Node ID '#{node_id}'")


def _missing_type(node_id: str, node: dict[str, Any]) -> Reason:
    class_type = node.get("class_type")
    title = node.get("_meta", {}).get("title", class_type)
    message = f"Node '{title}' not found. The custom node may not be installed."
    if class_type is None:
        named = title or f"ID #{node_id}"
        message = f"Node '{named}' has no class_type. The workflow may be corrupted."
    facts = {"node_id": node_id, "class_type": class_type, "node_title": title}
    return error("missing_node_type", message, f"Node ID '#{node_id}'", **facts)


@dataclass
class _Validation:
    """reasons: of every node looked at so far. valid: the same, with its ancestors counted."""

    graph: Graph
    catalog: Catalog
    newer: bool
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    valid: dict[str, bool] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    node_errors: dict[str, Any] = field(default_factory=dict)

    def verdict(self, outputs: list[str]) -> Verdict:
        good: list[str] = []
        details: list[str] = []
        for output in outputs:
            if self._output_is_valid(output):
                good.append(output)
                continue
            details += [f"{r['message']}: {r['details']}" for r in self.reasons.get(output, [])]
            self._blame(output)
        if good:
            return Verdict(good, None, self.node_errors)
        message = "Prompt outputs failed validation"
        failure = error("prompt_outputs_failed_validation", message, "\n".join(details))
        return Verdict([], failure, self.node_errors)

    def _output_is_valid(self, output: str) -> bool:
        try:
            return self._check(output)
        except Cycle:
            self.path.clear()
            return False
        except FAULTS as fault:
            self._fail(output, _exception("exception_during_validation", "node", fault))
            return False

    def _fail(self, node_id: str, reason: Reason) -> None:
        self.path.clear()
        self.valid[node_id] = False
        self.reasons[node_id] = [reason]

    def _blame(self, output: str) -> None:
        # ComfyUI adds each failing output to every node that was found bad so far, related or not.
        for node_id, reasons in self.reasons.items():
            if reasons:
                shown = self.node_errors.setdefault(
                    node_id,
                    {
                        "errors": reasons,
                        "dependent_outputs": [],
                        "class_type": self.graph[node_id]["class_type"],
                    },
                )
                shown["dependent_outputs"].append(output)

    def _check(self, node_id: str) -> bool:
        if node_id in self.valid:
            return self.valid[node_id]
        if node_id in self.path:
            return self._reject_cycle(node_id)
        self.path.append(node_id)
        node = self.graph[node_id]
        specs = self.catalog.contract[node["class_type"]].inputs
        reasons: list[Reason] = []
        ancestors_valid = True
        for name, spec in specs.items():
            problems, ancestor_valid = self._check_input(node, name, spec)
            reasons += problems
            ancestors_valid = ancestors_valid and ancestor_valid
        self.path.pop()
        # A cycle through this node has been noted already.
        self.reasons[node_id] = self.reasons.get(node_id, []) + reasons
        self.valid[node_id] = ancestors_valid and not self.reasons[node_id]
        return self.valid[node_id]

    def _reject_cycle(self, node_id: str) -> bool:
        if not self.newer:
            raise Cycle(node_id)
        nodes = self.path[self.path.index(node_id) :]
        shown = " -> ".join(f"{id_} ({self.graph[id_]['class_type']})" for id_ in [*nodes, node_id])
        for id_ in nodes:
            facts = {"node_id": id_, "cycle_nodes": nodes}
            message = "Dependency cycle detected"
            self.reasons[id_] = [error("dependency_cycle", message, shown, **facts)]
            self.valid[id_] = False
        return False

    def _check_input(
        self, node: dict[str, Any], name: str, spec: NodeInput
    ) -> tuple[list[Reason], bool]:
        """The input's own problems, and whether what it links to is valid."""
        inputs = node["inputs"]
        if name not in inputs:
            missing = "Required input is missing"
            reason = error("required_input_missing", missing, name, input_name=name)
            return ([reason] if spec.required else []), True
        config = self.catalog.input_config(node["class_type"], spec)
        shown = {"input_name": name, "input_config": config}
        if isinstance(inputs[name], list):
            return self._check_link(inputs[name], spec, shown)
        return list(self._literal_problems(inputs, spec, shown)), True

    def _check_link(
        self, link: list[Any], spec: NodeInput, shown: dict[str, Any]
    ) -> tuple[list[Reason], bool]:
        name = shown["input_name"]
        if len(link) != LINK_LENGTH:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            return [error("bad_linked_input", message, name, **shown, received_value=link)], True
        source, slot = link
        # A tuple, for the words of what is raised at a slot that isn't there.
        received = tuple(self.catalog.contract[self.graph[source]["class_type"]].outputs)[slot]
        if spec.type not in (received, ANY_TYPE):
            message = "Return type mismatch between linked nodes"
            details = f"{name}, received_type({received}) mismatch input_type({spec.type})"
            extra = {**shown, "received_type": received, "linked_node": link}
            return [error("return_type_mismatch", message, details, **extra)], True
        depth = len(self.path)
        try:
            return [], self._check(source)
        except FAULTS as fault:
            reason = _exception("exception_during_inner_validation", "inner node", fault)
            reason["extra_info"] |= {**shown, "exception_message": str(fault), "linked_node": link}
            self.reasons[source], self.valid[source] = [reason], False
            del self.path[depth:]
            return [], False

    def _literal_problems(
        self, inputs: dict[str, Any], spec: NodeInput, shown: dict[str, Any]
    ) -> Iterator[Reason]:
        name = shown["input_name"]
        value = inputs[name]
        received = {**shown, "received_value": value}
        if spec.type == "COMBO":
            yield from self._choice_problems(value, spec, received)
            return
        try:
            inputs[name] = CONVERSIONS[spec.type](value) if spec.type in CONVERSIONS else value
        except (ValueError, TypeError, OverflowError) as fault:
            message = f"Failed to convert an input value to a {spec.type} value"
            extra = {**received, "exception_message": str(fault)}
            yield error("invalid_input_type", message, f"{name}, {value}, {fault}", **extra)
            return
        received["received_value"] = inputs[name]
        if spec.minimum is not None and inputs[name] < spec.minimum:
            message = f"Value {inputs[name]} smaller than min of {spec.minimum}"
            yield error("value_smaller_than_min", message, name, **received)
        if spec.maximum is not None and inputs[name] > spec.maximum:
            message = f"Value {inputs[name]} bigger than max of {spec.maximum}"
            yield error("value_bigger_than_max", message, name, **received)

    def _choice_problems(
        self, value: Any, spec: NodeInput, received: dict[str, Any]
    ) -> Iterator[Reason]:
        name = received["input_name"]
        if spec.files is not None and spec.files.startswith("input:"):
            # A loader tests that the file exists, in whatever folder, instead of its list.
            if not self._is_there(value):
                message = "Custom validation failed for node"
                kind = LOADED.get(spec.files, "latent")
                details = f"{name} - Invalid {kind} file: {value}"
                yield error("custom_validation_failed", message, details, input_name=name)
            return
        choices = self.catalog.choices(spec)
        if value not in choices:
            long = len(choices) > LONG_LIST
            listed = f"(list of length {len(choices)})" if long else str(choices)
            wrong = repr(value) if self.newer else f"'{value}'"
            facts = {**received, "input_config": None} if long else received
            details = f"{name}: {wrong} not in {listed}"
            yield error("value_not_in_list", "Value not in list", details, **facts)

    def _is_there(self, name: str) -> bool:
        files = self.catalog.files
        if self.newer and not files.holds_input(name):
            return False
        return files.find_input(name).exists()


def _exception(kind: str, what: str, fault: Exception) -> Reason:
    return error(
        kind,
        f"Exception when validating {what}",
        str(fault),
        exception_type=type(fault).__name__,
        traceback=traceback.format_tb(fault.__traceback__),
    )
