"""Requests and files of ordinary videos; a test names only what is special in it."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from proto.job import (
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AudioPerformanceRequest,
    SecondsRange,
)
from proto.media import AssetKind, Examination, Face, Loudness, MediaFacts
from services.gateway.checks.proposal import Proposal
from services.gateway.preflight import warnings
from services.store.assets import AssetRow
from workflows_comfy.catalog import active_template, graphs_of
from workflows_comfy.plan import Source, plan
from workflows_comfy.profiles import load_profiles

AT = datetime(2026, 11, 22, tzinfo=UTC)
FACE = Face(x=0.4, y=0.1, width=0.2, height=0.2)
LEFT = Face(x=0.25, y=0.1, width=0.2, height=0.2)
RIGHT = Face(x=0.55, y=0.1, width=0.2, height=0.2)
HEARD = Loudness(integrated_lufs=-20, peak_dbfs=-3)


def move(**fields: Any) -> AnimateRequest:
    ordinary = {
        "prompt": "A dancer in the rain",
        "ground_truth_asset_id": "picture",
        "motion_video_asset_id": "clip",
    }
    return AnimateRequest.model_validate(ordinary | fields)


def mix(**fields: Any) -> AnimateRequest:
    return move(animate_submode=AnimateSubmode.MIX, **fields)


def perform(**fields: Any) -> AudioPerformanceRequest:
    ordinary = {
        "prompt": "A singer on a small stage",
        "ground_truth_asset_id": "picture",
        "audio_asset_id": "sound",
    }
    return AudioPerformanceRequest.model_validate(ordinary | fields)


def row(facts: MediaFacts, seen: Examination | None, **fields: Any) -> AssetRow:
    ordinary = {
        "asset_id": "asset",
        "owner": "somebody",
        "kind": facts.kind,
        "original_filename": "file",
        "original_key": "uploads/asset/original",
        "size_bytes": 1,
        "sha256": "00",
        "facts": facts,
        "thumbnail_key": None,
        "proxy_key": None,
        "warnings": [],
        "created_at": AT,
        "examination": seen,
    }
    return AssetRow.model_validate(ordinary | fields)


def picture(
    *faces: Face, size: tuple[int, int] = (1080, 1920), looked: bool = True, **fields: Any
) -> AssetRow:
    """looked: whether faces were looked for."""
    facts = MediaFacts(
        kind=AssetKind.IMAGE, mime_type="image/png", codec="png", width=size[0], height=size[1]
    )
    return row(facts, Examination(facts=facts, faces=[list(faces)] if looked else None), **fields)


def clip(
    *stills: list[Face],
    seconds: float = 4.0,
    size: tuple[int, int] = (1080, 1920),
    fps: Fraction = Fraction(30),
    cuts: list[float] | None = None,
) -> AssetRow:
    """stills: the faces of each; they lie a second apart, from 0.5 s on."""
    facts = MediaFacts(
        kind=AssetKind.VIDEO,
        mime_type="video/mp4",
        codec="h264",
        width=size[0],
        height=size[1],
        fps=fps,
        duration_s=seconds,
    )
    times = [0.5 + index for index in range(len(stills))]
    seen = Examination(facts=facts, cuts=cuts or [], faces=list(stills), still_times=times)
    return row(facts, seen)


def sound(
    loudness: Loudness | None = HEARD, speech_s: float | None = 3.0, seconds: float = 4.0
) -> AssetRow:
    facts = MediaFacts(
        kind=AssetKind.AUDIO, mime_type="audio/wav", codec="pcm_s16le", duration_s=seconds
    )
    return row(facts, Examination(facts=facts, loudness=loudness, speech_s=speech_s))


GOOD_PICTURE = picture(FACE)
GOOD_CLIP = clip([FACE], [FACE], [FACE])
GOOD_SOUND = sound()


def proposal(
    request: AnyJobRequest, driving: AssetRow, character: AssetRow = GOOD_PICTURE
) -> Proposal:
    submode = request.animate_submode if isinstance(request, AnimateRequest) else None
    facts = driving.facts
    made = plan(
        request,
        Source(duration_s=facts.duration_s or 0.0, width=facts.width, height=facts.height),
        load_profiles().settings_for(request),
        graphs_of(active_template(request.mode, submode)),
        seed=7,
        job_id="job",
    )
    return Proposal(request, made, character, driving)


def codes(
    request: AnyJobRequest,
    driving: AssetRow,
    character: AssetRow = GOOD_PICTURE,
    wait: SecondsRange | None = None,
) -> list[str]:
    return [warning.code for warning in warnings(proposal(request, driving, character), wait)]
