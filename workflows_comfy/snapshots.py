"""What a template's graphs are when bound, frozen: at every quality, shape and length of job."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from pydantic import TypeAdapter

from proto.job import (
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AspectRatio,
    AudioPerformanceRequest,
    Mode,
    QualityProfile,
)
from proto.model import Model
from proto.plan import PREPARATION, GraphRole, InputRole, Plan
from workflows_comfy.bind import bind
from workflows_comfy.catalog import TEMPLATE_IDS, Template
from workflows_comfy.compose import Attempt, parameters
from workflows_comfy.nodes import Graph, is_link
from workflows_comfy.plan import PlanRefused, Source, plan
from workflows_comfy.profiles import Profiles

WHOLE = Source(duration_s=3)
LONG = Source(duration_s=12)
"""Three segments and more at every quality; the last one is shorter than the others."""
SEED = 7
LONGEST_TEXT = 40

UPLOADED = {
    InputRole.CHARACTER: "animatrix/character.png",
    InputRole.MOTION: "animatrix/motion.mp4",
    InputRole.VOICE: "animatrix/voice.wav",
    InputRole.MASK: "animatrix/mask.mp4",
    InputRole.PREVIOUS: "animatrix/previous.latent",
}


class Frozen(Model):
    """A bound graph. sha256: of all of it. inputs: those that differ from the template's file, by
    node.input; null where one is left out. left_out: nodes."""

    sha256: str
    inputs: dict[str, Any]
    left_out: list[str]


Snapshot = dict[str, Frozen]
"""By quality, shape and place in the video: `draft 9:16 next`."""
SNAPSHOT = TypeAdapter(Snapshot)


def file_name(template: Template) -> str:
    return f"{str(template.ref).replace('/', '-')}.json"


def freeze(
    template: Template, graphs: Mapping[GraphRole, Template], profiles: Profiles
) -> Snapshot:
    """Everything that a template of TEMPLATE_IDS binds to.

    graphs: as catalog.by_role gives them. Raises BindingFailure, and KeyError for a parameter that
    no job gives.
    """
    return {
        f"{quality} {shape} {case.place}": case.frozen()
        for quality, shape in product(QualityProfile, AspectRatio)
        for case in _cases(_request(template.template_id, quality, shape), graphs, profiles)
    }


def dump(snapshot: Snapshot) -> str:
    """One case a line, so that a change of a file reads as what it is."""
    lines = [f"{json.dumps(name)}: {frozen.model_dump_json()}" for name, frozen in snapshot.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def load(text: str) -> Snapshot:
    return SNAPSHOT.validate_json(text)


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """What changed, a sentence each."""
    return [
        sentence
        for name in {**before, **after}
        for sentence in _case_differences(name, before.get(name), after.get(name))
    ]


def _case_differences(name: str, before: Frozen | None, after: Frozen | None) -> Iterator[str]:
    if before is None or after is None:
        yield f"{name}: {'is new' if before is None else 'is gone'}"
    elif before != after:
        changed = list(_changes(before, after))
        yield from (f"{name}: {change}" for change in changed)
        if not changed:
            yield f"{name}: the template's own graph has changed"


def _changes(before: Frozen, after: Frozen) -> Iterator[str]:
    absent = "as in the template"
    for place in {**before.inputs, **after.inputs}:
        old, new = (one.inputs.get(place, absent) for one in (before, after))
        if old != new:
            yield f"{place} was {json.dumps(old)}, is {json.dumps(new)}"
    for node in sorted(set(before.left_out) ^ set(after.left_out)):
        yield f"{node} is {'left out' if node in after.left_out else 'not left out any more'}"


@dataclass(frozen=True)
class _Case:
    """A prompt of a job. place: where in the video."""

    place: str
    request: AnyJobRequest
    plan: Plan
    template: Template
    index: int

    def frozen(self) -> Frozen:
        model = self.plan.settings.diffusion_models[0]
        attempt = Attempt(UPLOADED, model, "animatrix/job/0-0")
        segment = self.plan.prompt(self.index)
        graph = bind(
            self.template, parameters(self.request, self.plan, segment, self.template, attempt)
        )
        return Frozen(
            sha256=sha256(json.dumps(graph, sort_keys=True).encode()).hexdigest(),
            inputs=dict(_bound_inputs(self.template.graph, graph)),
            left_out=sorted(self.template.graph.keys() - graph.keys()),
        )


def _cases(
    request: AnyJobRequest, graphs: Mapping[GraphRole, Template], profiles: Profiles
) -> Iterator[_Case]:
    refs = {role: template.ref for role, template in graphs.items()}
    settings = profiles.settings_for(request)
    whole = plan(request, WHOLE, settings, refs, SEED, "job")
    yield _Case("whole", request, whole, graphs[GraphRole.WHOLE], 0)
    try:
        long = plan(request, LONG, settings, refs, SEED, "job")
    except PlanRefused:
        return
    places = {"first": 0, "next": 1, "last": len(long.segments) - 1}
    if long.preparation is not None:
        places["prepare"] = PREPARATION
    for place, index in places.items():
        yield _Case(place, request, long, graphs[long.prompt(index).graph], index)


def _request(template_id: str, quality: QualityProfile, shape: AspectRatio) -> AnyJobRequest:
    [(mode, submode)] = [key for key, name in TEMPLATE_IDS.items() if name == template_id]
    if mode is Mode.AUDIO_PERFORMANCE:
        return AudioPerformanceRequest(
            prompt="A singer on a small stage",
            ground_truth_asset_id="picture",
            audio_asset_id="sound",
            quality_profile=quality,
            aspect_ratio=shape,
        )
    return AnimateRequest(
        prompt="A dancer in the rain",
        ground_truth_asset_id="picture",
        motion_video_asset_id="clip",
        animate_submode=submode or AnimateSubmode.MOVE,
        quality_profile=quality,
        aspect_ratio=shape,
    )


def _bound_inputs(template: Graph, bound: Graph) -> Iterator[tuple[str, Any]]:
    for node_id, node in bound.items():
        before = template[node_id]["inputs"]
        for name in {**before, **node["inputs"]}:
            value = node["inputs"].get(name)
            if value != before.get(name):
                yield f"{node_id}.{name}", _short(value)


def _short(value: object) -> object:
    if is_link(value) or not isinstance(value, str) or len(value) <= LONGEST_TEXT:
        return value
    return f"{value[:LONGEST_TEXT]}… {sha256(value.encode()).hexdigest()[:12]}"
