"""Examples of the main operations, for the API's description. A test sends each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

PICTURE_ID: Final = "5a1c3a52-5b7e-4d5b-9f0e-3f3f5a6c1d01"
CLIP_ID: Final = "5a1c3a52-5b7e-4d5b-9f0e-3f3f5a6c1d02"
SOUND_ID: Final = "5a1c3a52-5b7e-4d5b-9f0e-3f3f5a6c1d03"
JOB_ID: Final = "0d6c9d3e-8a43-4c54-9f41-2f1f8d1c7b11"
SHARE_ID: Final = "e2a6f3b4-9d1c-4a38-8c55-71d20f9c0b21"
TOKEN_ID: Final = "b7c1f0aa-64f2-4b57-8f6b-9a4de1f2c301"  # noqa: S105
ORIGIN: Final = "https://studio.example"
ASKED_AT: Final = "2026-05-04T10:00:00Z"
ENDED_AT: Final = "2026-05-04T10:06:30Z"


@dataclass(frozen=True)
class Example:
    """A request and what comes back. name: for programs; summary: for people."""

    name: str
    summary: str
    status: int
    answer: Json
    request: Json | None = None


def _media(path: str) -> str:
    return f"{ORIGIN}/media/{path}?X-Amz-Expires=43200&X-Amz-Signature=9f0c2a"


def _file(name: str, mime_type: str, size_bytes: int) -> Json:
    return {
        "url": _media(f"jobs/{JOB_ID}/outputs/{name}"),
        "mime_type": mime_type,
        "size_bytes": size_bytes,
        "sha256": "c726cfa6cc7c9398e896d1decbd813b326fb5317267da2c3b8d4bf22c057a0de",
    }


PICTURE: Final[Json] = {
    "asset_id": PICTURE_ID,
    "asset_type": "image",
    "mime_type": "image/png",
    "original_filename": "character.png",
    "storage_url": _media(f"uploads/{PICTURE_ID}/original"),
    "thumbnail_url": _media(f"assets/{PICTURE_ID}/thumbnail.jpg"),
    "proxy_url": None,
    "width": 832,
    "height": 1216,
    "duration_seconds": None,
    "fps": None,
    "has_audio": False,
    "codec": "png",
    "size_bytes": 329537,
    "sha256": "65b8bae93c9a9be06345dc2995f086023fd955a2aa1851a683db2a3acdb6797d",
    "rotation": 0,
    "variable_rate": False,
    "dynamic_range": "sdr",
    "sample_rate": None,
    "channels": None,
    "checked": True,
    "loudness_lufs": None,
    "speech_seconds": None,
    "cuts": None,
    "faces": [[{"x": 0.31, "y": 0.21, "width": 0.37, "height": 0.25}]],
    "still_urls": [],
    "still_times": [],
    "waveform_url": None,
    "unusable": None,
    "warnings": [],
    "created_at": ASKED_AT,
}
MOVE: Final[Json] = {
    "prompt": "She dances on a rooftop at dusk",
    "quality_profile": "draft",
    "aspect_ratio": "9:16",
    "duration_override_seconds": 1.0,
    "ground_truth_asset_id": PICTURE_ID,
    "motion_video_asset_id": CLIP_ID,
}
SPEAK: Final[Json] = {
    "prompt": "She tells a story, looking at us",
    "quality_profile": "draft",
    "duration_override_seconds": 1.0,
    "ground_truth_asset_id": PICTURE_ID,
    "audio_asset_id": SOUND_ID,
}
PROMISE: Final[Json] = {
    "mode": "animate",
    "width": 432,
    "height": 768,
    "fps": 16.0,
    "frame_count": 16,
    "duration_seconds": 1.0,
    "segments": 1,
    "has_audio": True,
    "quality_profile": "draft",
    "aspect_ratio": "9:16",
    "estimated_seconds": {"low": 60, "high": 90},
    "queue_position": 1,
    "wait_seconds": {"low": 0, "high": 0},
    "warnings": [],
    "not_checked": [],
    "checking": False,
}
ACCEPTED: Final[Json] = {
    "job_id": JOB_ID,
    "mode": "animate",
    "workflow_template": "animate/move@1.1.0",
    "status": "accepted",
    "rev": 1,
    "stage": "reading_files",
    "progress": 0.0,
    "queue_position": None,
    "wait": {
        "reason": "reading_files",
        "message": "We are reading your files.",
        "position": None,
        "about": False,
        "seconds": None,
    },
    "eta_seconds": None,
    "error": None,
    "submitted_by": "you",
    "prompt": MOVE["prompt"],
    "negative_prompt": "",
    "settings_json": {"mode": "animate", **MOVE},
    "seed": 6416926050214512,
    "comfy_prompt_id": None,
    "poster_url": _media(f"assets/{PICTURE_ID}/thumbnail.jpg"),
    "output": None,
    "segment_count": 1,
    "segments_done": 0,
    "growing": None,
    "warnings": [],
    "actions": ["cancel"],
    "origin": None,
    "created_at": ASKED_AT,
    "updated_at": ASKED_AT,
}
SPOKEN: Final[Json] = {
    **ACCEPTED,
    "mode": "audio-performance",
    "workflow_template": "audio-performance/s2v@1.1.0",
    "prompt": SPEAK["prompt"],
    "settings_json": {"mode": "audio-performance", **SPEAK},
}
OUTPUT: Final[Json] = {
    "output_id": "926c994c-ac13-53b8-a86f-22f7999b1df4",
    "job_id": JOB_ID,
    "video_url": _media(f"jobs/{JOB_ID}/outputs/video.mp4"),
    "download_url": _media(f"jobs/{JOB_ID}/outputs/video.mp4"),
    "poster_url": _media(f"jobs/{JOB_ID}/outputs/poster.jpg"),
    "manifest_url": _media(f"jobs/{JOB_ID}/outputs/job_manifest.json"),
    "duration_seconds": 1.0,
    "resolution": "432x768",
    "fps": 16.0,
    "frame_count": 16,
    "has_audio": True,
    "simulated": False,
    "stopped_early": False,
    "files": {
        "video_mp4": _file("video.mp4", "video/mp4", 158820),
        "poster_frame_jpg": _file("poster.jpg", "image/jpeg", 48659),
    },
    "created_at": ENDED_AT,
}
FINISHED: Final[Json] = {
    **ACCEPTED,
    "status": "completed",
    "rev": 13,
    "stage": "finishing",
    "progress": 1.0,
    "wait": None,
    "poster_url": OUTPUT["poster_url"],
    "output": OUTPUT,
    "segments_done": 1,
    "actions": [],
    "updated_at": ENDED_AT,
}
EVENT: Final[Json] = {
    "job_id": JOB_ID,
    "rev": 1,
    "position": 1,
    "type": "accepted",
    "status": "accepted",
    "stage": "reading_files",
    "progress": 0.0,
    "eta_seconds": None,
    "error": None,
    "segment_count": 1,
    "segments_done": 0,
    "created_at": ASKED_AT,
}
TOKEN: Final[Json] = {
    "token_id": TOKEN_ID,
    "name": "render service",
    "owner": "you",
    "hint": "amx_kCfl",
    "scopes": ["assets:write", "jobs:read", "jobs:write"],
    "created_at": ASKED_AT,
    "expires_at": "2026-06-03T10:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
TOKEN_REQUEST: Final[Json] = {"name": TOKEN["name"], "scopes": TOKEN["scopes"], "days": 30}
SHARE: Final[Json] = {
    "share_id": SHARE_ID,
    "job_id": JOB_ID,
    "owner": "you",
    "hint": "q7Zr",
    "show_prompt": False,
    "show_inputs": False,
    "allow_download": True,
    "created_at": ENDED_AT,
    "expires_at": "2026-05-11T10:06:30Z",
    "revoked_at": None,
    "views": 0,
    "viewed_at": None,
}
ME: Final[Json] = {
    "owner": "you",
    "name": "You",
    "email": None,
    "role": "creator",
    "scopes": ["assets:read", "assets:write", "jobs:read", "jobs:write"],
    "token_id": TOKEN_ID,
    "limits": {
        "items": [{"name": "waiting_jobs", "used": 1, "limit": 20, "resets_at": None}],
    },
}

PARAMETERS: Final[Mapping[str, str]] = {
    "job_id": JOB_ID,
    "asset_id": PICTURE_ID,
    "share_id": SHARE_ID,
    "token_id": TOKEN_ID,
    "kind": "image",
}
EXAMPLES: Final[Mapping[str, Example]] = {
    "upload_asset": Example("picture", "A picture of the character", 201, PICTURE),
    "get_asset": Example("picture", "A picture that can be used", 200, PICTURE),
    "list_assets": Example("page", "The newest files", 200, {"items": [PICTURE]}),
    "preview_animate": Example("move", "What a short draft would be", 200, PROMISE, MOVE),
    "preview_audio_performance": Example(
        "speak",
        "What a spoken draft would be",
        200,
        PROMISE | {"mode": "audio-performance"},
        SPEAK,
    ),
    "create_animate": Example("move", "A short draft of a dance", 202, ACCEPTED, MOVE),
    "create_audio_performance": Example("speak", "A short draft of speech", 202, SPOKEN, SPEAK),
    "get_job": Example("finished", "A finished video", 200, FINISHED),
    "list_jobs": Example("page", "The newest videos", 200, {"items": [FINISHED]}),
    "list_events": Example("first", "How it began", 200, {"items": [EVENT]}),
    "list_outputs": Example("finished", "What it made", 200, {"items": [OUTPUT]}),
    "show_me": Example("creator", "Who asks, and what they may", 200, ME),
    "create_share": Example(
        "week",
        "A link for a week, with a download",
        201,
        SHARE | {"url": f"{ORIGIN}/s/q7Zr…"},
        {"days": 7, "allow_download": True},
    ),
    "list_job_shares": Example("one", "The link to a video", 200, {"items": [SHARE]}),
    "show_line": Example("nothing", "Nothing of the caller's waits", 200, {"items": []}),
    "make_token": Example(
        "service",
        "A token for a service that makes videos",
        201,
        TOKEN | {"secret": "amx_kCfl…"},
        TOKEN_REQUEST,
    ),
    "list_tokens": Example("one", "The token of a service", 200, {"items": [TOKEN]}),
}
"""By the operation's id. Where one has no request here, it has no body, or the body is a file."""
