"""Adds node classes to nodes.json, as a ComfyUI server's `/object_info` tells of them:
`python -m workflows_comfy.learn_nodes object_info.json KSamplerAdvanced Canny`.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from workflows_comfy.nodes import CONTRACT_FILE, Contract, NodeClass, NodeInput, load_contract

LIMITS = {"min": "minimum", "max": "maximum", "step": "step", "default": "default"}
BOUNDED = ("INT", "FLOAT")
LITERAL = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
CUSTOM = "custom_nodes."


def learn(told: Mapping[str, Any], known: Contract) -> NodeClass:
    """A node class, from its entry in /object_info.

    A choice of files is known by its name: other classes call it the same.
    """
    folders = {
        name: spec.files
        for node in known.values()
        for name, spec in node.inputs.items()
        if spec.files
    }
    inputs = {
        name: _input(config, required=kind == "required", files=folders.get(name))
        for kind in ("required", "optional")
        for name, config in (told["input"].get(kind) or {}).items()
    }
    module = str(told.get("python_module", ""))
    package = module.removeprefix(CUSTOM) if module.startswith(CUSTOM) else "core"
    return NodeClass(
        inputs=inputs,
        outputs=[str(type_) for type_ in told["output"]],
        output_node=bool(told.get("output_node")),
        package=package,
    )


def dump(contract: Contract) -> str:
    """nodes.json's own form: an input a line."""
    classes = [_class_text(name, contract[name]) for name in sorted(contract)]
    return "{\n" + ",\n".join(classes) + "\n}\n"


def _input(config: list[Any], *, required: bool, files: str | None) -> NodeInput:
    kind, limits = config[0], config[1] if len(config) > 1 else {}
    options = kind if isinstance(kind, list) else limits.get("options")
    type_ = "COMBO" if isinstance(kind, list) else str(kind)
    if type_ not in LITERAL:
        return NodeInput(type=type_, required=required)
    told = {ours: limits[name] for name, ours in LIMITS.items() if name in limits}
    if type_ not in BOUNDED:
        told = {name: value for name, value in told.items() if name == "default"}
    if type_ == "COMBO" and files is None:
        told["options"] = options
    if type_ == "COMBO" and files is not None:
        told = {"files": files}
    return NodeInput(type=type_, required=required, **told)


def _class_text(name: str, node: NodeClass) -> str:
    inputs = [
        f"      {json.dumps(one)}: {json.dumps(_members(spec), ensure_ascii=False)}"
        for one, spec in node.inputs.items()
    ]
    shown = "{\n" + ",\n".join(inputs) + "\n    }" if inputs else "{}"
    return "\n".join(
        [
            f"  {json.dumps(name)}: {{",
            f'    "package": {json.dumps(node.package)},',
            f'    "output_node": {json.dumps(node.output_node)},',
            f'    "inputs": {shown},',
            f'    "outputs": {json.dumps(node.outputs)}',
            "  }",
        ]
    )


def _members(spec: NodeInput) -> dict[str, Any]:
    told = spec.model_dump(exclude_none=True)
    order = ("type", "required", "minimum", "maximum", "step", "default", "options", "files")
    return {name: told[name] for name in order if name in told}


def main() -> int:
    parser = ArgumentParser(prog="workflows_comfy.learn_nodes", description=__doc__)
    parser.add_argument("object_info", type=Path, help="what a server answers at /object_info")
    parser.add_argument("classes", nargs="+", help="the node classes to add")
    asked = parser.parse_args()
    told = TypeAdapter(dict[str, Any]).validate_json(asked.object_info.read_bytes())
    absent = sorted({*asked.classes} - told.keys())
    if absent:
        sys.stderr.write(f"The server does not have {', '.join(absent)}.\n")
        return 1
    known = load_contract()
    added = {name: learn(told[name], known) for name in asked.classes}
    CONTRACT_FILE.write_text(dump({**known, **added}), encoding="utf-8")
    for name, node in added.items():
        files = [f"{one} in {spec.files}" for one, spec in node.inputs.items() if spec.files]
        sys.stdout.write(f"{name} ({node.package}): files {', '.join(files) or 'none'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
