"""The released templates, read from their folders and checked once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from proto.job import AnimateSubmode, Mode
from proto.plan import GraphRole, InputRole, OutputKind, TemplateRef
from workflows_comfy.nodes import Graph, NodeInput, check_graph, is_link, load_contract

ROOT = Path(__file__).parent
RELEASED_FILE = "released.json"
FILES = ("bindings.json", "graph.api.json", "manifest.json")

TEMPLATE_IDS = MappingProxyType(
    {
        (Mode.ANIMATE, AnimateSubmode.MOVE): "animate/move",
        (Mode.ANIMATE, AnimateSubmode.MIX): "animate/mix",
        (Mode.AUDIO_PERFORMANCE, None): "audio/s2v",
    }
)

NODE_TYPES = MappingProxyType(
    {"integer": ("INT",), "number": ("FLOAT",), "string": ("STRING", "COMBO")}
)


class UnknownTemplate(LookupError):
    """No template of this name and version is released."""


class BadTemplate(ValueError):
    """A template's files contradict each other or the node contract. Never released."""


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Strict):
    node: str
    input: str


class Parameter(Strict):
    """What may be given under one name, and the inputs it goes to.

    pattern: what a whole string must match. nullable: null leaves the targets' inputs out.
    """

    type: Literal["integer", "number", "string"]
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | None = None
    pattern: str | None = None
    nullable: bool = False
    targets: list[Target]


class OptionalNode(Strict):
    """A node that is left out when `parameter` is null.

    Its readers then read what its own input `through` reads; a node that saves has no readers. The
    backend refuses a graph that names a model file it does not have, so a strength of 0 would not
    do.
    """

    node: str
    parameter: str
    through: str | None = None


class Bindings(Strict):
    """The only place that knows node ids.

    outputs: what is collected, and from which node; nothing where an optional node is left out.
    """

    parameters: dict[str, Parameter]
    optional_nodes: list[OptionalNode]
    outputs: dict[OutputKind, str]


class RequiredModel(Strict):
    """folder: under ComfyUI's models/, unless it starts with custom_nodes/."""

    file: str
    folder: str
    use: str


class TemplateManifest(Strict):
    """parts: the templates, of the same version, that make a video of several segments with it."""

    workflow_name: str
    workflow_version: str
    model_family: str
    parts: dict[GraphRole, str] = {}
    required_assets: list[InputRole]
    required_models: list[RequiredModel]
    custom_nodes: list[str]
    compatible_backend_version: str
    notes: list[str]


class Template(Strict):
    """A frozen graph version. graph_sha256: of graph.api.json's bytes."""

    template_id: str
    version: str
    graph: Graph
    bindings: Bindings
    manifest: TemplateManifest
    graph_sha256: str

    @property
    def ref(self) -> TemplateRef:
        return TemplateRef(
            template_id=self.template_id, version=self.version, graph_sha256=self.graph_sha256
        )


@cache
def templates() -> tuple[Template, ...]:
    """Every released template, parts included, by name, oldest version first."""
    return read_templates(released_folders(ROOT))


def read_released(root: Path) -> dict[str, str]:
    """The sha256 of every released file, by its path below the root."""
    released: dict[str, str] = json.loads((root / RELEASED_FILE).read_bytes())
    return released


def released_folders(root: Path) -> list[Path]:
    """A folder that is only there, and not released, is work in progress."""
    return sorted({(root / name).parent for name in read_released(root)})


def read_templates(folders: Iterable[Path]) -> tuple[Template, ...]:
    """The templates in folders <family>/<variant>/<version>. Raises BadTemplate."""
    found = [read_template(folder) for folder in folders]
    problems = [problem for template in found for problem in _part_problems(template, found)]
    if problems:
        raise BadTemplate("; ".join(problems))
    return tuple(sorted(found, key=lambda one: (one.template_id, version_order(one.version))))


def versions_of(template_id: str) -> list[Template]:
    """The released versions of a template, oldest first. Raises UnknownTemplate."""
    found = [template for template in templates() if template.template_id == template_id]
    if not found:
        raise UnknownTemplate(f"{template_id} is not released")
    return found


def load_template(template_id: str, version: str) -> Template:
    for template in templates():
        if (template.template_id, template.version) == (template_id, version):
            return template
    raise UnknownTemplate(f"{template_id}@{version} is not released")


def load_graph(ref: TemplateRef) -> Template:
    """Exactly the graph a plan names. Raises UnknownTemplate, BadTemplate."""
    template = load_template(ref.template_id, ref.version)
    if template.graph_sha256 != ref.graph_sha256:
        raise BadTemplate(f"{ref} has another graph here than the one that was planned with")
    return template


def graphs_of(template: Template) -> dict[GraphRole, TemplateRef]:
    """The frozen graphs that a template's prompts are made of, as `by_role` gives them."""
    return {role: one.ref for role, one in by_role(template, templates()).items()}


def by_role(template: Template, known: Iterable[Template]) -> dict[GraphRole, Template]:
    """A template, and its parts among the known ones. Raises UnknownTemplate.

    Where it has a graph for further segments and none for the first, the first is made as a whole
    video is.
    """
    of_version = {one.template_id: one for one in known if one.version == template.version}
    graphs = {GraphRole.WHOLE: template}
    for role, template_id in template.manifest.parts.items():
        if template_id not in of_version:
            raise UnknownTemplate(f"{template_id}@{template.version} is not released")
        graphs[role] = of_version[template_id]
    if GraphRole.NEXT in graphs:
        graphs.setdefault(GraphRole.FIRST, template)
    return graphs


def template_id_of(mode: Mode, submode: AnimateSubmode | None = None) -> str:
    """The template that renders this mode. Raises UnknownTemplate."""
    template_id = TEMPLATE_IDS.get((mode, submode))
    if template_id is None:
        raise UnknownTemplate(f"nothing renders {mode} {submode or ''}".rstrip())
    return template_id


def active_template(mode: Mode, submode: AnimateSubmode | None = None) -> Template:
    """What renders this mode where no operator has decided: the newest released version."""
    return versions_of(template_id_of(mode, submode))[-1]


def version_order(version: str) -> tuple[int, ...]:
    """What versions are sorted by. Raises ValueError."""
    return tuple(int(part) for part in version.split("."))


def model_files(graph: Graph) -> dict[str, str]:
    """The model files a graph loads, by the id of the node that loads them."""
    contract = load_contract()
    return {
        node_id: node["inputs"][name]
        for node_id, node in graph.items()
        for name, spec in contract[node["class_type"]].inputs.items()
        if spec.files and not spec.files.startswith("input:")
    }


def read_template(folder: Path) -> Template:
    """The template in <family>/<variant>/<version>. Raises BadTemplate."""
    raw_graph = (folder / "graph.api.json").read_bytes()
    try:
        template = Template(
            template_id=f"{folder.parent.parent.name}/{folder.parent.name}",
            version=folder.name,
            graph=TypeAdapter(Graph).validate_json(raw_graph),
            bindings=Bindings.model_validate_json((folder / "bindings.json").read_bytes()),
            manifest=TemplateManifest.model_validate_json((folder / "manifest.json").read_bytes()),
            graph_sha256=sha256(raw_graph).hexdigest(),
        )
    except ValidationError as error:
        raise BadTemplate(f"{folder}: {error}") from error
    problems = _template_problems(template)
    if problems:
        raise BadTemplate(f"{folder}: {'; '.join(problems)}")
    return template


def _part_problems(template: Template, found: Sequence[Template]) -> Iterator[str]:
    names = {one.template_id for one in found if one.version == template.version}
    for role, template_id in template.manifest.parts.items():
        if role is GraphRole.WHOLE:
            yield f"{template.ref} has a part for the whole video, which is its own"
        elif template_id not in names:
            yield f"{template.ref} has no part {template_id}@{template.version}"


def _template_problems(template: Template) -> list[str]:
    # The other checks look node classes up, so a graph that breaks the contract ends here.
    return check_graph(template.graph, load_contract()) or [
        *_manifest_problems(template),
        *_target_problems(template),
        *_optional_node_problems(template),
        *_output_problems(template),
    ]


def _manifest_problems(template: Template) -> Iterator[str]:
    manifest, contract = template.manifest, load_contract()
    if (manifest.workflow_name, manifest.workflow_version) != (
        template.template_id,
        template.version,
    ):
        yield f"manifest names {manifest.workflow_name}@{manifest.workflow_version}"
    packages = {contract[node["class_type"]].package for node in template.graph.values()}
    if packages - {"core"} != set(manifest.custom_nodes):
        yield f"manifest lists custom nodes {manifest.custom_nodes}, the graph has {packages}"
    listed = {model.file for model in manifest.required_models}
    for file in sorted(set(model_files(template.graph).values()) - listed):
        yield f"manifest does not list {file}"


def _target_problems(template: Template) -> Iterator[str]:
    parameters = template.bindings.parameters
    taken = [target for parameter in parameters.values() for target in parameter.targets]
    for target in {target.model_dump_json(): target for target in taken}.values():
        if taken.count(target) > 1:
            yield f"{target.node}.{target.input} is bound twice"
    for name, parameter in parameters.items():
        if not parameter.targets:
            yield f"{name}: goes nowhere"
    yield from chain.from_iterable(
        _one_target_problems(template, name, target)
        for name, parameter in parameters.items()
        for target in parameter.targets
    )


def _one_target_problems(template: Template, name: str, target: Target) -> Iterator[str]:
    where = f"{name} -> {target.node}.{target.input}"
    node = template.graph.get(target.node)
    if node is None or target.input not in node["inputs"]:
        yield f"{where}: the graph has no such input"
        return
    if is_link(node["inputs"][target.input]):
        yield f"{where}: replaces a link"
    parameter = template.bindings.parameters[name]
    spec = load_contract()[node["class_type"]].inputs[target.input]
    if spec.type not in NODE_TYPES[parameter.type]:
        yield f"{where}: {parameter.type} can't be {spec.type}"
    elif not _range_within(parameter, spec):
        yield f"{where}: the range is wider than the node's"
    if parameter.nullable and spec.required and not _switches(template, name, target.node):
        yield f"{where}: required, so it can't be null"


def _switches(template: Template, parameter: str, node: str) -> bool:
    return any(
        (optional.parameter, optional.node) == (parameter, node)
        for optional in template.bindings.optional_nodes
    )


def _range_within(parameter: Parameter, spec: NodeInput) -> bool:
    """Whether every value the parameter allows is one the node allows."""
    if parameter.type == "string":
        return True
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None:
        return False
    inside = (spec.minimum is None or low >= spec.minimum) and (
        spec.maximum is None or high <= spec.maximum
    )
    if parameter.type == "number" or spec.step is None:
        return inside
    on_step = (low - (spec.minimum or 0)) % spec.step == 0
    return inside and on_step and (parameter.step or 1) % spec.step == 0


def _optional_node_problems(template: Template) -> Iterator[str]:
    for optional in template.bindings.optional_nodes:
        node = template.graph.get(optional.node)
        parameter = template.bindings.parameters.get(optional.parameter)
        if node is None or not _can_go(node, optional.through):
            yield f"optional node {optional.node} can't be left out through {optional.through}"
        if parameter is None or not parameter.nullable:
            yield f"optional node {optional.node}: {optional.parameter} can't be null"


def _can_go(node: Mapping[str, Any], through: str | None) -> bool:
    """Whether its readers have something else to read, or are none."""
    if through is None:
        return load_contract()[node["class_type"]].output_node
    return is_link(node["inputs"].get(through))


def _output_problems(template: Template) -> Iterator[str]:
    contract = load_contract()
    saving = {
        id_ for id_, node in template.graph.items() if contract[node["class_type"]].output_node
    }
    if set(template.bindings.outputs.values()) != saving:
        yield f"bindings collect {template.bindings.outputs}, the graph saves in {saving}"
