"""Who asks, what they have, and what generated requests must not do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from schemathesis import Case

from proto.identity import Role
from services.local import samples
from services.local.layout import Layout
from tests.access import Way, let_in_now

NOWHERE = ["http://127.0.0.1:9", "http://127.0.0.1:10"]
"""Where a generated address leads instead: nobody listens there, on this machine or another."""
SAMPLES = Path(samples.__file__).parent
URL_BODIES = frozenset(
    {"POST /api/admin/backends", "POST /api/webhooks", "PATCH /api/webhooks/{webhook_id}"}
)


@dataclass(frozen=True)
class Asker:
    """A person with some files and a video. ids: real ones, by the name of their parameter."""

    way: Way
    token_id: str
    ids: Mapping[str, list[str]]

    def may_send(self, case: Case[Any]) -> bool:
        """Whether the case leaves the asker who they are: an end to their own token, account or
        limits would only have everything after it refused.
        """
        path = case.path_parameters or {}
        return path.get("token_id") != self.token_id and path.get("owner") != self.way.owner


def redirected(case: Case[Any]) -> Case[Any]:
    """Addresses that we would call are ours to choose: others' servers are not to be asked."""
    body: Any = case.body
    called = f"{case.method.upper()} {case.path}" in URL_BODIES
    if called and isinstance(body, dict) and _is_address(body.get("url")):
        case.body = body | {"url": NOWHERE[len(str(body["url"])) % len(NOWHERE)]}
    return case


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.lower().lstrip().startswith("http")


def enter(layout: Layout, role: Role) -> Asker:
    """A person with a picture, a clip, a sound, and a video of them that is shared."""
    way = let_in_now(layout, f"fuzz-{role}", role)
    with httpx.Client(base_url=layout.url, headers=way.headers, timeout=60) as http:
        token_id: str = http.get("/api/me").raise_for_status().json()["token_id"]
        picture = _upload(http, "image", "character.png")
        clip = _upload(http, "video", "dance.mp4")
        sound = _upload(http, "audio", "voice.wav")
        body = {
            "prompt": "She dances",
            "quality_profile": "draft",
            "duration_override_seconds": 0.5,
            "ground_truth_asset_id": picture,
            "motion_video_asset_id": clip,
        }
        job: str = http.post("/api/jobs/animate", json=body).raise_for_status().json()["job_id"]
        # The stream of a job ends with the job.
        http.get(f"/api/jobs/{job}/stream").raise_for_status()
        share = http.post(f"/api/jobs/{job}/shares", json={}).raise_for_status().json()
        ids = {
            "path.job_id": [job],
            "path.left": [job],
            "path.right": [job],
            "path.share_id": [share["share_id"]],
            "path.token": [share["url"].rpartition("/")[2]],
            "path.asset_id": [picture, clip, sound],
            "body.ground_truth_asset_id": [picture],
            "body.motion_video_asset_id": [clip],
            "body.audio_asset_id": [sound],
        }
    return Asker(way, token_id, ids)


def _upload(http: httpx.Client, kind: str, name: str) -> str:
    content = (SAMPLES / name).read_bytes()
    answer = http.post(f"/api/assets/{kind}", files={"file": (name, content)})
    asset_id: str = answer.raise_for_status().json()["asset_id"]
    return asset_id
