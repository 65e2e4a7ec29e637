"""Requests, plans and values of ordinary jobs; a test names only what is special in it."""

from typing import Any

from proto.job import (
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AudioPerformanceRequest,
    Mode,
    QualityProfile,
)
from proto.plan import InputRole, Plan, RenderSettings
from workflows_comfy.bind import Value
from workflows_comfy.catalog import Template, active_template
from workflows_comfy.compose import parameters
from workflows_comfy.plan import Source, plan
from workflows_comfy.profiles import load_profiles

UPLOADED = {
    InputRole.CHARACTER: "animatrix/c1.png",
    InputRole.MOTION: "animatrix/m1.mp4",
    InputRole.VOICE: "animatrix/v1.wav",
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
    return plan(request, found, settings(request), template(request).ref, seed=7, job_id="job")


def values(request: AnyJobRequest, source: Source | None = None) -> dict[str, Value]:
    made = planned(request, source)
    model = made.settings.diffusion_models[0]
    return parameters(request, made, made.segments[0], UPLOADED, model, "animatrix/job/0-0")


REQUESTS = {
    f"{name}-{quality}": make(quality_profile=quality)
    for name, make in (("move", animate), ("mix", mix), ("s2v", audio))
    for quality in QualityProfile
}
