"""Makes an export of ComfyUI's "Save (API)" a version of a template that is not yet released:
`python -m workflows_comfy.import_graph export.json animate/move --version 1.2.0`.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflows_comfy.catalog import (
    ROOT,
    BadTemplate,
    Bindings,
    Parameter,
    Target,
    Template,
    TemplateManifest,
    read_template,
    read_templates,
    released_folders,
)
from workflows_comfy.graph_changes import Changes, class_of, compare
from workflows_comfy.nodes import Graph, is_link, load_contract
from workflows_comfy.release import Refused, folder_of

LINK = 2
"""A node's id and one of its slots."""

NEW_MANIFEST: dict[str, Any] = {
    "model_family": "",
    "required_assets": [],
    "required_models": [],
    "compatible_backend_version": ">=0.3.64",
    "notes": [],
}


@dataclass
class Report:
    """What an import found, for people. decide: what has to be settled before a release."""

    before: str | None
    folder: Path
    changed: dict[str, list[str]] = field(default_factory=dict)
    decide: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        source = f"compared with {self.before}" if self.before else "the first of its name"
        lines = [f"{self.folder}: written, {source}", ""]
        for title, items in self.changed.items():
            if items:
                lines += [title, *(f"  {item}" for item in items), ""]
        if not any(self.changed.values()):
            lines += ["Nothing has changed.", ""]
        if self.decide:
            lines += ["To decide before it is released", *(f"  {item}" for item in self.decide)]
        else:
            lines += ["Nothing is left to decide: it can be released."]
        return "\n".join(lines) + "\n"


def import_export(
    root: Path, export: Path, template_id: str, version: str, *, replace: bool = False
) -> Report:
    """Write an export as an unreleased version. Raises Refused.

    replace: whether an unreleased one may go for it.
    """
    folder = folder_of(root, f"{template_id}@{version}")
    if folder in released_folders(root):
        raise Refused(f"{template_id}@{version} is released, so it never changes")
    if folder.exists() and not replace:
        raise Refused(f"there is {folder} already; --replace writes over it")
    graph, unknown_inputs = _without_unknown_inputs(_read_export(export))
    known = read_templates(released_folders(root))
    older = [template for template in known if template.template_id == template_id]
    before = older[-1] if older else None
    changes = compare(before.graph if before else {}, graph)
    bindings, lost = _carry(before, changes.graph)
    report = Report(str(before.ref) if before else None, folder)
    manifest = _manifest(before, template_id, version, changes.graph)
    _write(folder, changes.graph, bindings, manifest)
    copied = _copy_parts(root, before, known, version)
    report.changed = _changed(before, changes, bindings) | {
        "Inputs that ComfyUI does not know, left out": unknown_inputs,
        "Parts, copied as they are": copied,
    }
    report.decide = [*lost, *_decisions(before, changes.graph, manifest)]
    # Nothing more can be said of a graph with a node that is not known.
    if not _unknown_classes(changes.graph):
        report.decide += _problems(folder)
    return report


def _read_export(path: Path) -> Graph:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"{path} can't be read: {error}") from error
    if isinstance(found, dict) and "nodes" in found and "links" in found:
        raise Refused(f'{path} is a saved workflow. Export it with "Save (API)".')
    if not isinstance(found, dict) or not found or not all(map(_is_node, found.values())):
        raise Refused(f"{path} is no graph in the API format")
    return found


def _is_node(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_type"), str)
        and isinstance(value.get("inputs"), dict)
        and all(len(link) == LINK for link in value["inputs"].values() if is_link(link))
    )


def _without_unknown_inputs(graph: Graph) -> tuple[Graph, list[str]]:
    """The editor writes its own buttons among the inputs; ComfyUI ignores them, we refuse them."""
    contract, dropped, kept = load_contract(), [], {}
    for node_id, node in graph.items():
        known = contract.get(node["class_type"])
        inputs = {
            name: value
            for name, value in node["inputs"].items()
            if known is None or name in known.inputs
        }
        dropped += [f"{node_id}.{name}" for name in node["inputs"] if name not in inputs]
        kept[node_id] = {**node, "inputs": inputs}
    return kept, dropped


def _carry(before: Template | None, graph: Graph) -> tuple[Bindings, list[str]]:
    """The bindings whose targets are still there, and what was lost."""
    if before is None:
        return Bindings(parameters={}, optional_nodes=[], outputs={}), []
    old = before.bindings
    lost = [
        f"{name} -> {target.node}.{target.input}: {problem}"
        for name, parameter in old.parameters.items()
        for target in parameter.targets
        if (problem := _target_problem(graph, target))
    ]
    lost += [
        f"optional node {one.node} is gone" for one in old.optional_nodes if one.node not in graph
    ]
    lost += [
        f"output {kind}: {node} is gone" for kind, node in old.outputs.items() if node not in graph
    ]
    return Bindings(
        parameters={name: _still_bound(graph, one) for name, one in old.parameters.items()},
        optional_nodes=[one for one in old.optional_nodes if one.node in graph],
        outputs={kind: node for kind, node in old.outputs.items() if node in graph},
    ), lost


def _still_bound(graph: Graph, parameter: Parameter) -> Parameter:
    targets = [target for target in parameter.targets if not _target_problem(graph, target)]
    return parameter.model_copy(update={"targets": targets})


def _target_problem(graph: Graph, target: Target) -> str | None:
    if target.node not in graph:
        return "the node is gone"
    inputs = graph[target.node]["inputs"]
    if target.input not in inputs:
        return f"{class_of(graph, target.node)} has no such input here"
    value = inputs[target.input]
    return f"it is wired to {value[0]} now" if is_link(value) else None


def _manifest(
    before: Template | None, template_id: str, version: str, graph: Graph
) -> TemplateManifest:
    contract = load_contract()
    classes = {node["class_type"] for node in graph.values()}
    packages = {contract[name].package for name in classes if name in contract}
    earlier = before.manifest.model_dump() if before else NEW_MANIFEST
    return TemplateManifest.model_validate(
        earlier
        | {
            "workflow_name": template_id,
            "workflow_version": version,
            "custom_nodes": sorted(packages - {"core"}),
        }
    )


def _write(folder: Path, graph: Graph, bindings: Bindings, manifest: TemplateManifest) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "graph.api.json": graph,
        "bindings.json": bindings.model_dump(mode="json", exclude_defaults=True),
        "manifest.json": manifest.model_dump(mode="json", exclude_defaults=True),
    }
    for name, content in contents.items():
        _write_json(folder / name, content)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _copy_parts(
    root: Path, before: Template | None, known: Iterable[Template], version: str
) -> list[str]:
    """A version's parts have its number, so those that stay as they are are there once more."""
    copied = []
    parts = {*before.manifest.parts.values()} if before else set()
    for part in known:
        if before is None or part.template_id not in parts or part.version != before.version:
            continue
        folder = folder_of(root, f"{part.template_id}@{version}")
        if not folder.exists():
            _write(
                folder,
                part.graph,
                part.bindings,
                part.manifest.model_copy(update={"workflow_version": version}),
            )
            copied.append(f"{part.template_id}@{version}, from {part.version}")
    return copied


def _changed(before: Template | None, changes: Changes, bindings: Bindings) -> dict[str, list[str]]:
    old = before.graph if before else {}
    bound = {
        f"{target.node}.{target.input}"
        for parameter in bindings.parameters.values()
        for target in parameter.targets
    }
    return {
        "Nodes added": [f"{name} ({class_of(changes.graph, name)})" for name in changes.added],
        "Nodes removed": [f"{name} ({class_of(old, name)})" for name in changes.removed],
        "Nodes of another class": [
            f"{name}: was {class_of(old, name)}, is {class_of(changes.graph, name)}"
            for name in changes.replaced
        ],
        "Nodes renumbered": [f"{new} is {name}" for new, name in changes.renumbered.items()],
        "Links rewired": [f"{place} {text}" for place, text in changes.rewired.items()],
        # What is bound is given by each job, whatever the export says.
        "Inputs changed": [
            f"{place} {text}" for place, text in changes.inputs.items() if place not in bound
        ],
        "Model files": list(_model_changes(before, changes.graph)),
    }


def _model_changes(before: Template | None, graph: Graph) -> Iterator[str]:
    old = set(_models(before.graph)) if before else set()
    new = set(_models(graph))
    yield from (f"added: {file} in models/{folder}" for folder, file in sorted(new - old))
    yield from (f"removed: {file} in models/{folder}" for folder, file in sorted(old - new))


def _models(graph: Graph) -> Iterator[tuple[str, str]]:
    """Folder and name of the files that nodes we know load."""
    contract = load_contract()
    for node in graph.values():
        specs = contract[node["class_type"]].inputs if node["class_type"] in contract else {}
        for name, spec in specs.items():
            file = node["inputs"].get(name)
            if spec.files and not spec.files.startswith("input:") and isinstance(file, str):
                yield spec.files, file


def _decisions(before: Template | None, graph: Graph, manifest: TemplateManifest) -> Iterator[str]:
    for name in _unknown_classes(graph):
        yield f"the node class {name} is not in nodes.json: add what it takes and gives"
    listed = {model.file for model in manifest.required_models}
    for folder, file in sorted(set(_models(graph))):
        if file not in listed:
            entry = json.dumps({"file": file, "folder": folder, "use": "always"})
            yield f"the manifest does not list a model: {entry}"
    if before is None:
        yield "bindings.json: which parameters go where, and which node's output is collected"
        yield "manifest.json: model family, the files a job has to have, notes"


def _unknown_classes(graph: Graph) -> list[str]:
    return sorted({node["class_type"] for node in graph.values()} - load_contract().keys())


def _problems(folder: Path) -> list[str]:
    """What the release would say."""
    try:
        read_template(folder)
    except BadTemplate as problem:
        return str(problem).removeprefix(f"{folder}: ").split("; ")
    return []


def main() -> int:
    parser = ArgumentParser(prog="workflows_comfy.import_graph", description=__doc__)
    parser.add_argument("export", type=Path, help='what ComfyUI wrote with "Save (API)"')
    parser.add_argument("template_id", help="for example animate/move")
    parser.add_argument("--version", required=True, help="for example 1.2.0")
    parser.add_argument("--replace", action="store_true", help="write over an unreleased version")
    asked = parser.parse_args()
    try:
        report = import_export(
            ROOT, asked.export, asked.template_id, asked.version, replace=asked.replace
        )
    except Refused as refusal:
        sys.stderr.write(f"not imported: {refusal}\n")
        return 1
    sys.stdout.write(str(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
