"""Recorded runs of every workflow, by every release, replay on today's code.

A run that was started before a change of the workflow code goes on after it; a change that these
recordings do not survive would stop such runs. `make histories RELEASE=name` records a release's;
what an earlier one left is never recorded anew.
"""

import base64
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from proto.asset import IngestRequest
from proto.ids import new_id
from proto.job import Deletion
from proto.media import AssetKind
from proto.render import PromptRef
from services.local.layout import Layout
from services.settings import Settings
from services.store.objects import ObjectStore
from temporal.client import (
    BY_HAND_ID,
    connect,
    deletion_id,
    ingest,
    prioritise_render,
    start_deletion,
    webhook_workflow_id,
    withdraw_prompt,
    workflow_id,
)
from temporal.queues import (
    DELETE_JOB,
    DELIVER_WEBHOOKS,
    INGEST_ASSET,
    RENDER_JOB,
    RETENTION,
    WITHDRAW_PROMPT,
)
from temporal.worker import RUNNER, WORKFLOWS
from tests.integration.conftest import Asset
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, eventually

FOLDER = Path(__file__).with_name("histories")
MAX_BYTES = 250_000
PROMPT = "A prompt that no history may hold"
FILE_NAME = "A name that no history may hold"
PRIVATE = re.compile(
    r"(?<![\w.:/])/(work|home|root|tmp|usr|var|opt|etc|Users)/"
    rf"|X-Amz-|Signature=|password|secret|{PROMPT}|{FILE_NAME}",
    re.I,
)


@dataclass(frozen=True)
class Recorder:
    """Runs what the histories are of. Each method gives the id of a workflow that has ended."""

    studio: Studio
    temporal: Client
    objects: ObjectStore
    media: Path
    assets: dict[str, Asset]

    async def completed_move(self) -> str:
        return await self._job("animate", "completed", **self._animate())

    async def completed_mix(self) -> str:
        return await self._job("animate", "completed", animate_submode="mix", **self._animate())

    async def completed_audio(self) -> str:
        voice = self.assets["voice"]["asset_id"]
        return await self._job("audio-performance", "completed", audio_asset_id=voice)

    async def completed_long_mix(self) -> str:
        clip = await self._long_clip()
        return await self._job(
            "animate", "completed", animate_submode="mix", motion_video_asset_id=clip
        )

    async def kept(self) -> str:
        body = self._body(motion_video_asset_id=await self._long_clip())
        job = await self.studio.create("animate", body)
        await self.studio.until(job["job_id"], "executing")
        await self.studio.http.post(f"/api/jobs/{job['job_id']}/keep")
        await self.studio.until(job["job_id"], "completed")
        return workflow_id(job["job_id"])

    async def prioritised(self) -> str:
        body = self._body(quality_profile="standard", **self._animate())
        job = await self.studio.create("animate", body)
        await self.studio.until(job["job_id"], "executing")
        await prioritise_render(self.temporal, job["job_id"], 1, 1)
        await self.studio.until(job["job_id"], "completed")
        return workflow_id(job["job_id"])

    async def withdrawn(self) -> str:
        job = await self.studio.create("animate", self._body(**self._animate()))
        await self.studio.until(job["job_id"], "completed")
        record = await self.studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
        said = record["prompts"][0]
        prompt = PromptRef.model_validate({name: said[name] for name in PromptRef.model_fields})
        await withdraw_prompt(self.temporal, prompt)
        return await self._end_of(f"withdraw-{prompt.prompt_id}")

    async def cancelled(self) -> str:
        body = self._body(quality_profile="standard", **self._animate())
        job = await self.studio.create("animate", body)
        await self.studio.until(job["job_id"], "executing")
        await self.studio.cancel(job["job_id"])
        await self.studio.until(job["job_id"], "cancelled")
        return workflow_id(job["job_id"])

    async def failed(self) -> str:
        path = make_clip(self.media / f"{FILE_NAME}.mp4", seconds=1)
        clip = await self.studio.upload("video", path)
        await self.objects.delete([f"uploads/{clip['asset_id']}/original"])
        return await self._job("animate", "failed", motion_video_asset_id=clip["asset_id"])

    async def accepted_upload(self) -> str:
        clip = await self.studio.upload(
            "video", make_clip(self.media / f"{FILE_NAME} new.webm", seconds=0.5)
        )
        return f"asset-{clip['asset_id']}"

    async def examined_upload(self) -> str:
        path = make_clip(self.media / f"{FILE_NAME} large.webm", seconds=3, size=(1280, 720))
        clip = await self.studio.upload("video", path)
        await self.studio.until_checked(clip["asset_id"])
        return f"asset-{clip['asset_id']}"

    async def refused_upload(self) -> str:
        whole = make_picture(self.media / "whole.png").read_bytes()
        half = whole[: len(whole) // 2]
        file = await self.objects.put_bytes("uploads/half", half, "image/png")
        upload = IngestRequest(asset_id=new_id(), kind=AssetKind.IMAGE, file=file)
        assert not (await ingest(self.temporal, upload)).accepted
        return f"asset-{upload.asset_id}"

    async def deleted(self) -> str:
        job_id = await self._deleting()
        await start_deletion(self.temporal, Deletion(job_id=job_id, number=1, undo_s=0.1))
        return await self._end_of(deletion_id(job_id))

    async def restored(self) -> str:
        job_id = await self._deleting()
        await self.studio.http.post(f"/api/jobs/{job_id}/restore")
        return await self._end_of(deletion_id(job_id))

    async def retention(self) -> str:
        body = {"reason": "a history of it"}
        await self.studio.http.post("/api/admin/retention/run", json=body)
        return await self._end_of(BY_HAND_ID)

    async def told(self) -> str:
        wanted = {"url": "https://nobody.invalid/"}
        made = (await self.studio.http.post("/api/webhooks", json=wanted)).json()
        path = f"/api/webhooks/{made['webhook_id']}"
        await self.studio.http.post(f"{path}/test")

        async def tried() -> bool:
            log = await self.studio.fetch_json(f"{path}/deliveries")
            return bool(log["items"][0]["attempts"])

        await eventually(tried)
        await self.studio.http.patch(path, json={"enabled": False})
        return await self._end_of(webhook_workflow_id(made["webhook_id"]))

    async def _deleting(self) -> str:
        """The id of a deleted job whose owner can still restore it."""
        job = await self.studio.create("animate", self._body(**self._animate()))
        job_id: str = job["job_id"]
        await self.studio.stop(job_id)
        await self.studio.http.delete(f"/api/jobs/{job_id}")
        handle = self.temporal.get_workflow_handle(deletion_id(job_id))

        async def began() -> bool:
            with suppress(RPCError):
                return bool(await handle.describe())
            return False

        await eventually(began)
        return job_id

    async def _end_of(self, name: str) -> str:
        await self.temporal.get_workflow_handle(name).result()
        return name

    async def _long_clip(self) -> str:
        path = make_clip(self.media / f"{FILE_NAME} long.mp4", seconds=6, size=(320, 240))
        asset_id: str = (await self.studio.upload("video", path))["asset_id"]
        return asset_id

    def _animate(self) -> dict[str, str]:
        return {"motion_video_asset_id": self.assets["clip"]["asset_id"]}

    def _body(self, **changes: Any) -> dict[str, Any]:
        character = self.assets["character"]["asset_id"]
        shared = {"prompt": PROMPT, "ground_truth_asset_id": character, "quality_profile": "draft"}
        return shared | changes

    async def _job(self, mode: str, ending: str, **changes: Any) -> str:
        job = await self.studio.create(mode, self._body(**changes))
        await self.studio.until(job["job_id"], ending)
        return workflow_id(job["job_id"])


NAMES = [
    "accepted_upload",
    "cancelled",
    "completed_audio",
    "completed_long_mix",
    "completed_mix",
    "completed_move",
    "deleted",
    "examined_upload",
    "failed",
    "kept",
    "prioritised",
    "refused_upload",
    "restored",
    "retention",
    "told",
    "withdrawn",
]
RECORDED = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*.json"))


@pytest.fixture(scope="module")
def recorder(request: pytest.FixtureRequest, recording: bool) -> Recorder | None:  # noqa: FBT001
    """None when the recordings are taken as they are; then no server is started."""
    if not recording:
        return None
    given = request.getfixturevalue
    return Recorder(
        studio=given("studio"),
        temporal=given("temporal"),
        objects=given("objects"),
        media=given("media"),
        assets={name: given(name) for name in ("character", "clip", "voice")},
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal(settings: Settings) -> Client:
    return await connect(settings, identity="recorder")


@pytest.fixture
def replayer() -> Replayer:
    return Replayer(
        workflows=WORKFLOWS, workflow_runner=RUNNER, data_converter=pydantic_data_converter
    )


@pytest.mark.parametrize("name", NAMES)
async def test_release_is_recorded(
    name: str, replayer: Replayer, recorder: Recorder | None, layout: Layout
) -> None:
    if recorder is None:
        pytest.skip("recorded for a release only")
    path = FOLDER / os.environ["RELEASE"] / f"{name}.json"
    assert not path.exists(), "what a release has left is kept; name another one"
    text = await record(name, recorder, layout)
    await replayer.replay_workflow(WorkflowHistory.from_json(name, text))
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", RECORDED)
async def test_history_replays(name: str, replayer: Replayer) -> None:
    await replayer.replay_workflow(WorkflowHistory.from_json(name, read(name)))


async def test_history_of_other_code_is_noticed(replayer: Replayer) -> None:
    recorded = next(name for name in RECORDED if name.endswith("completed_move.json"))
    other = read(recorded).replace("plan_segments", "plan_scenes")
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json("other", other))


@pytest.mark.parametrize("name", RECORDED)
def test_history_is_small_and_holds_nothing_private(name: str) -> None:
    text = read(name)
    assert len(text) < MAX_BYTES
    shown = shown_of(json.loads(text))
    assert any(word in shown for word in ("job_id", "asset_id", "run_id", "webhook_id"))
    assert not PRIVATE.search(shown)


@pytest.mark.parametrize(
    "planted",
    [PROMPT, FILE_NAME, "https://store/bucket/clip?X-Amz-Expires=9", "/home/me/x", "password=p"],
)
def test_what_is_private_is_found_in_a_payload(planted: str) -> None:
    payload = {"data": base64.b64encode(json.dumps({"a": planted}).encode()).decode()}
    assert PRIVATE.search(shown_of({"events": [{"input": {"payloads": [payload]}}]}))


def test_every_workflow_is_recorded() -> None:
    starts = [json.loads(read(name))["events"][0] for name in RECORDED]
    recorded = {
        start["workflowExecutionStartedEventAttributes"]["workflowType"]["name"] for start in starts
    }
    assert recorded == {
        *(RENDER_JOB, INGEST_ASSET, WITHDRAW_PROMPT),
        *(DELETE_JOB, RETENTION, DELIVER_WEBHOOKS),
    }


async def record(name: str, recorder: Recorder, layout: Layout) -> str:
    run: Callable[[], Awaitable[str]] = getattr(recorder, name)
    history = await recorder.temporal.get_workflow_handle(await run()).fetch_history()
    recorded = without_traces(json.loads(history.to_json()))
    shown = shown_of(recorded)
    assert not any(secret in shown for secret in layout.secrets.model_dump().values())
    assert not PRIVATE.search(shown)
    return json.dumps(recorded, indent=1, sort_keys=True) + "\n"


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def shown_of(history: Any) -> str:
    """All that the history says, in plain text."""
    return "\n".join(readable(history))


def without_traces(value: Any) -> Any:
    """The history without stack traces: they name the folders of one machine."""
    if isinstance(value, list):
        return [without_traces(item) for item in value]
    if isinstance(value, dict):
        return {name: without_traces(v) for name, v in value.items() if name != "stackTrace"}
    return value


def readable(value: Any) -> Iterator[str]:
    """Every text in the history, payloads decoded."""
    if isinstance(value, list):
        for item in value:
            yield from readable(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            encoded = name == "data" and isinstance(item, str)
            yield from readable(base64.b64decode(item).decode() if encoded else item)
    else:
        yield str(value)
