"""Requests, plans and values of ordinary jobs; a test names only what is special in it."""

from dataclasses import dataclass
from typing import Any

from proto.job import (
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AudioPerformanceRequest,
    Mode,
    QualityProfile,
)
from proto.plan import PREPARATION, GraphRole, InputRole, Plan, RenderSettings
from workflows_comfy.bind import Value, bind
from workflows_comfy.catalog import Template, active_template, graphs_of, load_graph
from workflows_comfy.compose import Attempt, parameters
from workflows_comfy.nodes import Graph
from workflows_comfy.plan import Source, plan
from workflows_comfy.profiles import load_profiles

UPLOADED = {
    InputRole.CHARACTER: "animatrix/c1.png",
    InputRole.MOTION: "animatrix/m1.mp4",
    InputRole.VOICE: "animatrix/v1.wav",
    InputRole.MASK: "animatrix/k1.mp4",
    InputRole.PREVIOUS: "animatrix/l1.latent",
}


def animate(**fields: Any) -> AnimateRequest:
    ordinary = {
        "prompt": "A dancer in the rain",
        "ground_truth_asset_id": "picture",
        "motion_video_asset_id": "clip",
    }
    return AnimateRequest.model_validate(ordinary | fields)


def mix(**fields: Any) -> AnimateRequest:
    return animate(animate_submode=AnimateSubmode.MIX, **fields)


def audio(**fields: Any) -> AudioPerformanceRequest:
    ordinary = {
        "prompt": "A singer on a small stage",
        "ground_truth_asset_id": "picture",
        "audio_asset_id": "sound",
    }
    return AudioPerformanceRequest.model_validate(ordinary | fields)


def settings(request: AnyJobRequest) -> RenderSettings:
    return load_profiles().settings_for(request)


def template(request: AnyJobRequest) -> Template:
    submode = request.animate_submode if request.mode is Mode.ANIMATE else None
    return active_template(request.mode, submode)


def planned(request: AnyJobRequest, source: Source | None = None) -> Plan:
    found = source or Source(duration_s=3)
    graphs = graphs_of(template(request))
    return plan(request, found, settings(request), graphs, seed=7, job_id="job")


def values(
    request: AnyJobRequest, source: Source | None = None, index: int = 0
) -> dict[str, Value]:
    made = planned(request, source)
    segment = made.prompt(index)
    model = None if index == PREPARATION else made.settings.diffusion_models[0]
    attempt = Attempt(UPLOADED, model, "animatrix/job/0-0")
    return parameters(request, made, segment, graph_of(made, index), attempt)


def graph_of(made: Plan, index: int) -> Template:
    return load_graph(made.graphs[made.prompt(index).graph])


REQUESTS = {
    f"{name}-{quality}": make(quality_profile=quality)
    for name, make in (("move", animate), ("mix", mix), ("s2v", audio))
    for quality in QualityProfile
}

LONG = Source(duration_s=12)
"""Three segments and more, at every quality."""


@dataclass(frozen=True)
class Prompt:
    request: AnyJobRequest
    source: Source | None
    index: int

    @property
    def template(self) -> Template:
        return graph_of(planned(self.request, self.source), self.index)

    @property
    def values(self) -> dict[str, Value]:
        return values(self.request, self.source, self.index)

    @property
    def graph(self) -> Graph:
        return bind(self.template, self.values)


PLACES = {GraphRole.FIRST: 0, GraphRole.NEXT: 1, GraphRole.PREPARE: PREPARATION}

PROMPTS = {name: Prompt(request, None, 0) for name, request in REQUESTS.items()} | {
    f"{name}-{role}": Prompt(request, LONG, PLACES[role])
    for name, request in REQUESTS.items()
    for role in planned(request, LONG).graphs
}
"""Every graph at every quality; what names no role is the only segment of its video."""
