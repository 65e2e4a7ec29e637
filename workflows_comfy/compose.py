"""From a request to a template's parameters, by fixed rules. It improvises nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from proto.errors import ErrorCode, FieldError
from proto.job import (
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AudioPerformanceRequest,
    FramingMode,
    JobRequest,
    Mode,
    QualityProfile,
)
from proto.manifest import SoftGuidance
from proto.media import Crop, SubjectPoint
from proto.plan import InputRole, OutputKind, Plan, RenderSettings, Segment
from workflows_comfy.bind import Value
from workflows_comfy.catalog import Template
from workflows_comfy.plan import TooManySegments, check_extension, latent_count
from workflows_comfy.profiles import FAMILIES, Profiles

NEGATIVE_PROMPT = (
    "blurry, out of focus, overexposed, dull grey colours, low resolution, compression artefacts, "
    "grain, subtitles, captions, watermark, logo, still picture, frozen pose, deformed body, "
    "distorted face, badly drawn hands, extra fingers, fused fingers, extra limbs, missing limbs"
)

FRAMING_WORDS = {
    FramingMode.PORTRAIT: "Close-up portrait, head and shoulders in view",
    FramingMode.HALF_BODY: "Medium shot, framed from the waist up",
    FramingMode.FULL_BODY: "Full shot, the whole body in view from head to feet",
}

RELIGHT_LORA = "WanAnimate_relight_lora_fp16.safetensors"

# 10 px is the official graph's. 64 px is two of the 32 px blocks the mask is rounded to.
MASK_GROWTH_KEEP_PX = 10
MASK_GROWTH_REPAINT_PX = 64

FILE_PARAMETERS = {
    InputRole.CHARACTER: "character_image",
    InputRole.MOTION: "motion_video",
    InputRole.VOICE: "voice_audio",
    InputRole.MASK: "mask_video",
    InputRole.PREVIOUS: "previous_latent",
}

DEFAULT_SUBJECT = SubjectPoint(x=0.5, y=0.4)
"""Where a person in the middle of a picture has the chest."""

CROP_SLACK = 1e-6
"""A browser's fractions add up to a little more than 1."""


def positive_prompt(request: AnyJobRequest) -> str:
    """The prompt, then keywords, framing and pose hints, each as a sentence of its own."""
    parts = [request.prompt, ", ".join(_filled(request.keywords))]
    if request.mode is Mode.AUDIO_PERFORMANCE:
        parts.append(FRAMING_WORDS[request.framing_mode])
    hints = "; ".join(_filled(request.pose_hints))
    if hints:
        parts.append(f"Poses: {hints}")
    return " ".join(_sentence(part) for part in _filled(parts))


def negative_prompt(request: JobRequest) -> str:
    """What we never want, then what the user does not."""
    return ", ".join(_filled([NEGATIVE_PROMPT, request.negative_prompt]))


def soft_guidance(request: JobRequest) -> list[SoftGuidance]:
    """What was given as a hint only. The n-th pose hint belongs to the n-th pose sheet."""
    poses = zip_longest(request.pose_sheet_asset_ids, request.pose_hints)
    return [
        *(SoftGuidance(kind="pose", asset_id=sheet, hint=hint or "") for sheet, hint in poses),
        *(
            SoftGuidance(kind="reference", asset_id=asset_id, hint="")
            for asset_id in request.reference_asset_ids
        ),
    ]


@dataclass(frozen=True)
class Attempt:
    """What one attempt at a segment has at its backend.

    uploaded: the names the backend stored the files under. model_name: one of the settings'
    diffusion_models, where the graph loads one. filename_prefix: unique to the attempt, or a cached
    result is given again.
    """

    uploaded: Mapping[InputRole, str]
    model_name: str | None
    filename_prefix: str


def parameters(
    request: AnyJobRequest, plan: Plan, segment: Segment, template: Template, attempt: Attempt
) -> dict[str, Value]:
    """Exactly the parameters of the template that the segment is made with.

    Raises KeyError for one that nothing here gives, or whose file was not uploaded.
    """
    values = {
        **_settings_values(plan.settings),
        **_segment_values(segment),
        **{FILE_PARAMETERS[role]: name for role, name in attempt.uploaded.items()},
        "positive_prompt": positive_prompt(request),
        "negative_prompt": negative_prompt(request),
        "diffusion_model": attempt.model_name,
        "filename_prefix": attempt.filename_prefix,
        "latent_prefix": _latent_prefix(segment, attempt),
    }
    if request.mode is Mode.ANIMATE and request.animate_submode is AnimateSubmode.MIX:
        values |= _mix_values(request, plan)
    return {name: values[name] for name in template.bindings.parameters}


def check_request(request: AnyJobRequest, profiles: Profiles) -> list[FieldError]:
    """What is wrong with a request by itself, all of it, in the user's words."""
    return [*_shared_errors(request, profiles), *_mode_errors(request, profiles)]


def _settings_values(settings: RenderSettings) -> dict[str, Value]:
    return {
        "width": settings.width,
        "height": settings.height,
        "fps": float(settings.fps),
        "steps": settings.steps,
        "cfg": settings.cfg,
        "shift": settings.shift,
        "sampler_name": settings.sampler_name,
        "scheduler": settings.scheduler,
        "acceleration_lora": settings.acceleration_lora,
    }


def _segment_values(segment: Segment) -> dict[str, Value]:
    # A further segment of a sound starts where what was made so far ends.
    made = segment.index * latent_count(segment.length)
    return {
        "frames": segment.frames,
        "length": segment.length,
        "seed": segment.seed,
        "history_index": -made,
        "history_length": made,
    }


def _latent_prefix(segment: Segment, attempt: Attempt) -> str | None:
    return f"{attempt.filename_prefix}-latent" if OutputKind.LATENT in segment.outputs else None


def _mix_values(request: AnimateRequest, plan: Plan) -> dict[str, Value]:
    on = [point for point in request.subject_points if point.label == 1]
    beside = [point for point in request.subject_points if point.label == 0]
    repaint = request.background_preservation is False
    return {
        "positive_points": _pixels(on, plan) or _pixels([DEFAULT_SUBJECT], _uncropped(plan)),
        "negative_points": _pixels(beside, plan),
        "mask_growth_px": MASK_GROWTH_REPAINT_PX if repaint else MASK_GROWTH_KEEP_PX,
        "relight_lora": None if request.relighting is False else RELIGHT_LORA,
    }


def _uncropped(plan: Plan) -> Plan:
    return plan.model_copy(update={"clip_crop": Crop()})


def _pixels(points: Iterable[SubjectPoint], plan: Plan) -> str | None:
    """The points that lie in the result's picture, as the segmentation node reads them."""
    size, crop = plan.settings, plan.clip_crop
    pixels = []
    for point in points:
        x, y = (point.x - crop.x) / crop.width, (point.y - crop.y) / crop.height
        if 0 <= x <= 1 and 0 <= y <= 1:
            column = min(int(x * size.width), size.width - 1)
            row = min(int(y * size.height), size.height - 1)
            pixels.append({"x": column, "y": row})
    return json.dumps(pixels, separators=(",", ":")) if pixels else None


def _filled(texts: Iterable[str]) -> Iterator[str]:
    return (text.strip() for text in texts if text.strip())


def _sentence(text: str) -> str:
    return text if text[-1] in ".!?…。！？" else f"{text}."


def _shared_errors(request: AnyJobRequest, profiles: Profiles) -> Iterator[FieldError]:
    if not request.prompt.strip():
        yield _error(
            "prompt", ErrorCode.EMPTY_PROMPT, "Your prompt is empty. Describe what you want to see."
        )
    crop = request.crop
    if crop and max(crop.x + crop.width, crop.y + crop.height) > 1 + CROP_SLACK:
        yield _error(
            "crop",
            ErrorCode.INVALID_REQUEST,
            "Your crop reaches outside the picture. Move it or make it smaller.",
        )
    try:
        check_extension(request, profiles.settings_for(request))
    except TooManySegments as refusal:
        yield _error(refusal.field, refusal.code, str(refusal))


def _mode_errors(request: AnyJobRequest, profiles: Profiles) -> Iterator[FieldError]:
    if request.mode is Mode.AUDIO_PERFORMANCE:
        return _adherence_errors(request, profiles)
    return _mix_only_errors(request)


def _mix_only_errors(request: AnimateRequest) -> Iterator[FieldError]:
    if request.animate_submode is AnimateSubmode.MIX:
        return
    if request.background_preservation is not None:
        yield _error(
            "background_preservation",
            ErrorCode.MIX_ONLY,
            "Background choices work only in Mix. Choose Mix or leave them out.",
        )
    if request.relighting is not None:
        yield _error(
            "relighting",
            ErrorCode.MIX_ONLY,
            "Relighting works only in Mix. Choose Mix or leave it out.",
        )


def _adherence_errors(request: AudioPerformanceRequest, profiles: Profiles) -> Iterator[FieldError]:
    if request.audio_adherence_profile is None:
        return
    family = FAMILIES[request.mode]
    if profiles.profile(family, request.quality_profile).adherence is not None:
        return
    others = [name for name in QualityProfile if profiles.profile(family, name).adherence]
    advice = f"Choose {' or '.join(name.title() for name in others)}" if others else "Leave it out"
    yield _error(
        "audio_adherence_profile",
        ErrorCode.INVALID_REQUEST,
        f"Adherence has no effect in {request.quality_profile.title()}. {advice}.",
    )


def _error(field: str, code: ErrorCode, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)
