"""What a backend must have to render a template at a quality."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain

from proto.backend import ability
from proto.job import QualityProfile
from workflows_comfy.catalog import (
    TEMPLATE_IDS,
    RequiredModel,
    Template,
    by_role,
    templates,
    versions_of,
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
        for template in versions_of(template_id)
        for model in required_models(template)
        if not model.folder.startswith("custom_nodes/")
    }
    return sorted(found)


def lacks(profiles: Profiles, stock: Stock) -> dict[str, list[str]]:
    """For each ability, in words for an operator, what the backend lacks; empty where it can.

    Of every released version, for an operator may go back to any: `animate/move@1.0.0@draft`.
    Without a version it is the newest's.
    """
    found = {}
    for (mode, _), template_id in TEMPLATE_IDS.items():
        for quality in QualityProfile:
            profile = profiles.profile(FAMILIES[mode], quality)
            for template in versions_of(template_id):
                lacking = list(_lacks(graphs_for(template), profile, stock))
                found[version_ability(template, quality)] = lacking
            found[ability(template_id, quality)] = lacking
    return found


def version_ability(template: Template, quality: QualityProfile) -> str:
    """The name of what a backend can or can't do: a version of a template at a quality."""
    return ability(str(template.ref), quality)


def graphs_for(template: Template) -> list[Template]:
    """The graphs that a template's jobs are made with: its own, then its parts."""
    graphs = by_role(template, templates()).values()
    return list({graph.template_id: graph for graph in graphs}.values())


def required_models(template: Template) -> list[RequiredModel]:
    """What the manifests of a template and its parts list, each file once."""
    listed = [model for graph in graphs_for(template) for model in graph.manifest.required_models]
    return list({(model.folder, model.file): model for model in reversed(listed)}.values())[::-1]


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
