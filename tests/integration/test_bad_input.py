"""Whatever is wrong with a request for a job is said in words, and nothing is created."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.errors import ErrorCode
from tests.integration.conftest import Asset
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_sound
from tests.studio import Studio

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
MIB = 1024 * 1024
LEFT_OUT = "left out"

Assets = dict[str, Asset]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def assets(
    studio: Studio, media: Path, character: Asset, silent_clip: Asset, voice: Asset
) -> Assets:
    """By the names the bodies below use."""
    long = make_clip(media / "too long.mp4", seconds=66, fps=10, size=(64, 96), sound=False)
    speech = make_sound(media / "speech.m4a", seconds=162)
    return {
        "CHARACTER": character,
        "CLIP": silent_clip,
        "VOICE": voice,
        "LONG": await studio.upload("video", long),
        "SPEECH": await studio.upload("audio", speech),
    }


pytestmark = pytest.mark.usefixtures("nothing_created")

BODIES: dict[str, dict[str, Any]] = {
    "animate": {
        "prompt": "She waves",
        "quality_profile": "draft",
        "ground_truth_asset_id": "CHARACTER",
        "motion_video_asset_id": "CLIP",
    },
    "audio-performance": {
        "prompt": "She sings",
        "quality_profile": "draft",
        "ground_truth_asset_id": "CHARACTER",
        "audio_asset_id": "VOICE",
    },
}


@dataclass(frozen=True)
class Refusal:
    """A request that is right but for `value`. field: the one the answer names."""

    mode: str
    name: str
    value: Any
    code: str
    field: str

    def content(self, assets: Assets) -> str:
        fields = {**BODIES[self.mode], self.name: self.value}
        return json.dumps(
            {name: filled(value, assets) for name, value in fields.items() if value != LEFT_OUT}
        )

    def __str__(self) -> str:
        return f"{self.mode}-{self.name}-{str(self.value)[:24]}"


def filled(value: Any, assets: Assets) -> Any:
    """The value with each asset's name replaced by its id."""
    if isinstance(value, list):
        return [filled(item, assets) for item in value]
    return assets[value]["asset_id"] if isinstance(value, str) and value in assets else value


def animate(code: str, field: str | None = None, **change: Any) -> Refusal:
    [(name, value)] = change.items()
    return Refusal("animate", name, value, code, field or name)


def perform(code: str, **change: Any) -> Refusal:
    [(name, value)] = change.items()
    return Refusal("audio-performance", name, value, code, name)


REFUSALS = [
    *(animate("empty_prompt", prompt=value) for value in (LEFT_OUT, None, "", " \n\t ")),
    animate("invalid_request", prompt="x" * 4001),
    animate("missing_asset", ground_truth_asset_id=LEFT_OUT),
    animate("missing_asset", ground_truth_asset_id=None),
    animate("missing_asset", ground_truth_asset_id=""),
    animate("missing_asset", ground_truth_asset_id="no-such-file"),
    animate("wrong_asset_kind", ground_truth_asset_id="CLIP"),
    animate("missing_asset", motion_video_asset_id=LEFT_OUT),
    animate("wrong_asset_kind", motion_video_asset_id="CHARACTER"),
    animate("too_long", motion_video_asset_id="LONG"),
    animate("missing_asset", "reference_asset_ids.0", reference_asset_ids=["gone"]),
    animate("wrong_asset_kind", "pose_sheet_asset_ids.0", pose_sheet_asset_ids=["CLIP"]),
    animate("unsupported_aspect_ratio", aspect_ratio="4:3"),
    animate("mix_only", relighting=True),
    animate("mix_only", background_preservation=True),
    animate("too_long", extension_segments=14),
    animate("invalid_request", duration_override_seconds=0),
    animate("invalid_request", duration_override_seconds=float("nan")),
    animate("too_short", "motion_video_asset_id", duration_override_seconds=0.1),
    animate("invalid_request", crop={"x": 0.6, "width": 0.6}),
    animate("invalid_request", "crop.x", crop={"x": -0.1}),
    animate("invalid_request", "subject_points.0.x", subject_points=[{"x": 2, "y": 0.5}]),
    animate("invalid_request", quality_profile="ultra"),
    animate("invalid_request", animate_submode="swap"),
    animate("invalid_request", seed=-1),
    animate("invalid_request", seed=2**53),
    animate("invalid_request", priority=9),
    animate("invalid_request", audio_asset_id="VOICE"),
    animate("invalid_request", surprise=1),
    perform("missing_asset", audio_asset_id=LEFT_OUT),
    perform("wrong_asset_kind", audio_asset_id="CLIP"),
    perform("too_long", audio_asset_id="SPEECH"),
    perform("invalid_request", audio_adherence_profile="strong"),
    perform("invalid_request", framing_mode="close"),
    perform("invalid_request", relighting=True),
]


async def send(studio: Studio, path: str, content: str | bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return await studio.http.post(f"/api/jobs/{path}", content=content, headers=headers)


@pytest.mark.parametrize("path", ["", "/preview"])
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
async def test_job_is_refused(studio: Studio, assets: Assets, refusal: Refusal, path: str) -> None:
    response = await send(studio, refusal.mode + path, refusal.content(assets))
    problem = check_refusal(response)
    assert (problem.code, problem.field) == (refusal.code, refusal.field)
    assert response.status_code == 422


@pytest.mark.parametrize(("name", "limit"), [("LONG", "63.3"), ("SPEECH", "159.8")])
async def test_too_long_names_the_limit(
    studio: Studio, assets: Assets, name: str, limit: str
) -> None:
    mode, field = {
        "LONG": ("animate", "motion_video_asset_id"),
        "SPEECH": ("audio-performance", "audio_asset_id"),
    }[name]
    content = Refusal(mode, field, name, "", "").content(assets)
    response = await send(studio, mode, content)
    assert limit in check_refusal(response).message


async def test_all_that_is_wrong_is_said_at_once(studio: Studio, assets: Assets) -> None:
    body = {**BODIES["animate"], "prompt": " ", "relighting": True}
    content = json.dumps({name: filled(value, assets) for name, value in body.items()})
    response = await send(studio, "animate", content)
    problem = check_refusal(response)
    assert {error.field for error in problem.errors} == {"prompt", "relighting"}


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '"text"', "\x00", "prompt=x", b"\xff"])
async def test_body_that_is_no_object_is_refused(studio: Studio, content: str | bytes) -> None:
    for mode in BODIES:
        response = await send(studio, mode, content)
        assert check_refusal(response).code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("name", ["prompt", "negative_prompt", "ground_truth_asset_id"])
@pytest.mark.parametrize("text", ["nul \x00 in it", "half a \ud800 pair"])
async def test_text_that_can_not_be_stored_is_refused(
    studio: Studio, assets: Assets, name: str, text: str
) -> None:
    content = Refusal("animate", name, text, "", "").content(assets)
    check_refusal(await send(studio, "animate", content))


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=e30%3D", "cursor=%00", "limit=0", "limit=101", "limit=many"]
)
@pytest.mark.parametrize("path", ["/api/jobs", "/api/assets"])
async def test_page_that_does_not_exist_is_refused(studio: Studio, path: str, query: str) -> None:
    problem = check_refusal(await studio.http.get(f"{path}?{query}"))
    assert problem.code is ErrorCode.INVALID_REQUEST
    assert problem.field == query.partition("=")[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("GET", "/api/jobs/unknown"),
        ("GET", "/api/jobs/nul%00id"),
        ("GET", "/api/jobs/unknown/events"),
        ("GET", "/api/jobs/unknown/outputs"),
        ("GET", "/api/jobs/unknown/stream"),
        ("POST", "/api/jobs/unknown/cancel"),
        ("GET", "/api/assets/unknown"),
        ("DELETE", "/api/assets/unknown"),
        ("DELETE", "/api/assets/nul%00id"),
    ],
)
async def test_what_is_not_there_is_not_found(studio: Studio, method: str, path: str) -> None:
    problem = check_refusal(await studio.http.request(method, path))
    assert problem.code is ErrorCode.NOT_FOUND


async def test_method_that_an_address_does_not_take_is_refused(studio: Studio) -> None:
    problem = check_refusal(await studio.http.patch("/api/jobs/animate"))
    assert (problem.status, problem.code) == (405, ErrorCode.NOT_ALLOWED)
