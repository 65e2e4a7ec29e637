"""Which node classes and model files this server has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.comfy_sim.files import FileStore
from services.comfy_sim.options import SimOptions
from workflows_comfy.catalog import templates
from workflows_comfy.nodes import Contract, NodeClass, NodeInput, load_contract

FOLDERS = (
    "checkpoints",
    "configs",
    "loras",
    "vae",
    "text_encoders",
    "diffusion_models",
    "clip_vision",
    "style_models",
    "embeddings",
    "diffusers",
    "vae_approx",
    "controlnet",
    "gligen",
    "upscale_models",
    "custom_nodes",
    "hypernetworks",
    "photomaker",
    "classifiers",
    "model_patches",
    "audio_encoders",
)
SUFFIXES = {
    "input:image": (".png", ".jpg", ".jpeg", ".webp"),
    "input:video": (".mp4", ".webm", ".mov", ".mkv"),
    "input:audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a", ".mp4", ".webm"),
    "input:latent": (".latent",),
}
INPUT_KEYS = {"minimum": "min", "maximum": "max", "step": "step", "default": "default"}
CORE_FILE = Path(__file__).with_name("core_nodes.json")

NAMED_COMBOS = frozenset({"LoadVideo", "SaveVideo"})
"""Classes whose choices are an input's option, not its type."""

ANY_TYPE = "*"


@cache
def core_nodes() -> Contract:
    """Core classes that our graphs don't use, for who tries a server."""
    return TypeAdapter(dict[str, NodeClass]).validate_json(CORE_FILE.read_bytes())


@dataclass(frozen=True)
class Catalog:
    """models: folder under models/ to file names."""

    contract: Contract
    models: Mapping[str, list[str]]
    files: FileStore

    def choices(self, spec: NodeInput) -> list[str]:
        """What a COMBO offers now."""
        if spec.options is not None:
            return spec.options
        if spec.files in SUFFIXES:
            return [name for name in self.files.inputs() if name.endswith(SUFFIXES[spec.files])]
        return self.models.get(spec.files or "", [])

    def input_config(self, name: str, spec: NodeInput) -> list[Any]:
        """An input of the class `name`, as /object_info and validation errors show it."""
        limits = {
            shown: value
            for key, shown in INPUT_KEYS.items()
            if (value := getattr(spec, key)) is not None
        }
        if spec.type != "COMBO":
            return [spec.type, limits]
        if name in NAMED_COMBOS:
            return ["COMBO", {**limits, "multiselect": False, "options": self.choices(spec)}]
        return [self.choices(spec), limits]

    def object_info(self, name: str) -> dict[str, Any]:
        node = self.contract[name]
        inputs = dict(self._inputs(name))
        return {
            "input": inputs,
            "input_order": {kind: list(names) for kind, names in inputs.items()},
            "output": node.outputs,
            "output_is_list": [False for _ in node.outputs],
            "output_name": node.outputs,
            "name": name,
            "display_name": name,
            "description": "",
            "python_module": _module(node),
            "category": "simulated",
            "output_node": node.output_node,
        }

    def _inputs(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        specs = self.contract[name].inputs
        for kind in ("required", "optional"):
            group = {
                input_name: self.input_config(name, spec)
                for input_name, spec in specs.items()
                if spec.required == (kind == "required")
            }
            if group or kind == "required":
                yield kind, group
        if "filename_prefix" in specs:
            yield "hidden", {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def load_catalog(options: SimOptions, files: FileStore) -> Catalog:
    models = options.models
    if models is None:
        models = _released_models(high_quality=options.high_quality)
    kept = {
        folder: [name for name in names if name not in options.without]
        for folder, names in models.items()
    }
    contract = {
        name: node
        for name, node in {**core_nodes(), **load_contract()}.items()
        if name not in options.without_nodes
    }
    return Catalog(contract, {folder: [] for folder in FOLDERS} | kept, files)


def _released_models(*, high_quality: bool) -> dict[str, list[str]]:
    """The model files the released templates name, by folder."""
    required = [model for template in templates() for model in template.manifest.required_models]
    found: dict[str, set[str]] = {}
    for model in required:
        large = model.folder == "diffusion_models" and "bf16" in model.file
        if (high_quality or not large) and not model.folder.startswith("custom_nodes/"):
            found.setdefault(model.folder, set()).add(model.file)
    return {folder: sorted(names) for folder, names in found.items()}


def _module(node: NodeClass) -> str:
    return "nodes" if node.package == "core" else f"custom_nodes.{node.package}"
