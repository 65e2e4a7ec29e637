"""What a backend must have to render a template at a quality."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain

from proto.backend import ability
from proto.job import QualityProfile
from workflows_comfy.catalog import (
    TEMPLATE_IDS,
    Template,
    active_template,
    graphs_of,
    load_graph,
)
from workflows_comfy.nodes import is_link, load_contract
from workflows_comfy.profiles import FAMILIES, Profile, Profiles

GB = 10**9
"""Decimal: a card sold as 24 GB reports a little less than 24 GiB."""


@dataclass(frozen=True)
class Stock:
    """What a backend has. models: file names by folder under models/."""

    nodes: Set[str]
    models: Mapping[str, Set[str]]
    vram_bytes: int


@dataclass(frozen=True)
class NeededModel:
    """files: any one of them will do."""

    folder: str
    files: tuple[str, ...]


def model_folders() -> list[str]:
    """The folders that the released templates load models from."""
    found = {
        model.folder
        for template_id in TEMPLATE_IDS.values()
        for template in graphs_for(template_id)
        for model in template.manifest.required_models
        if not model.folder.startswith("custom_nodes/")
    }
    return sorted(found)


def lacks(profiles: Profiles, stock: Stock) -> dict[str, list[str]]:
    """For each ability, in words for an operator, what the backend lacks; empty where it can."""
    found = {}
    for (mode, _), template_id in TEMPLATE_IDS.items():
        graphs = graphs_for(template_id)
        for quality in QualityProfile:
            profile = profiles.profile(FAMILIES[mode], quality)
            found[ability(template_id, quality)] = list(_lacks(graphs, profile, stock))
    return found


def graphs_for(template_id: str) -> list[Template]:
    """The graphs that jobs of the active template are made with: its own, then its parts."""
    [key] = [key for key, name in TEMPLATE_IDS.items() if name == template_id]
    refs = {ref.template_id: ref for ref in graphs_of(active_template(*key)).values()}
    return [load_graph(ref) for ref in refs.values()]


def needed_models(template: Template, profile: Profile) -> Iterator[NeededModel]:
    """What every prompt of the graph needs. Options that a job may leave out are not among it."""
    contract = load_contract()
    chosen = {
        "diffusion_model": tuple(profile.diffusion_models),
        "acceleration_lora": (profile.acceleration_lora,) if profile.acceleration_lora else (),
    }
    for node_id, node in template.graph.items():
        for name, spec in contract[node["class_type"]].inputs.items():
            value = node["inputs"].get(name)
            if not spec.files or spec.files.startswith("input:") or is_link(value):
                continue
            parameter = _bound_to(template, node_id, name)
            files = chosen.get(parameter, ()) if parameter else (value,)
            if files:
                yield NeededModel(spec.files, files)


def _bound_to(template: Template, node_id: str, name: str) -> str | None:
    for parameter, spec in template.bindings.parameters.items():
        if any((target.node, target.input) == (node_id, name) for target in spec.targets):
            return parameter
    return None


def _lacks(graphs: list[Template], profile: Profile, stock: Stock) -> Iterator[str]:
    contract = load_contract()
    classes = {node["class_type"] for template in graphs for node in template.graph.values()}
    for name in sorted(classes - stock.nodes):
        yield f"the node {name} ({contract[name].package})"
    models = chain.from_iterable(needed_models(template, profile) for template in graphs)
    for model in dict.fromkeys(models):
        if not stock.models.get(model.folder, frozenset()) & set(model.files):
            yield f"{' or '.join(model.files)} in models/{model.folder}"
    if stock.vram_bytes < profile.min_vram_gb * GB:
        has = stock.vram_bytes / GB
        yield f"{profile.min_vram_gb} GB of video memory; it has {has:.0f} GB"
