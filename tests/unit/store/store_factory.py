"""Rows as the gateway would make them."""

from typing import Any

from proto.event import EventType
from proto.ids import new_id
from proto.job import AnimateRequest, QualityProfile, Stage
from proto.media import AssetKind, StoredFile
from proto.plan import OutputKind
from proto.render import PromptEnd, PromptOutcome, Submitted
from services.store import assets, jobs
from services.store.assets import NewAsset
from services.store.checkpoints import CheckpointRow
from services.store.database import Connection
from services.store.jobs import Change, NewJob
from workflows_comfy.catalog import active_template
from workflows_comfy.profiles import load_profiles

OWNER = "ada"
SEGMENTS, FRAMES = 3, 221


def change(type_: EventType, progress: float = 0.0, **fields: Any) -> Change:
    """A step whose key is its type, unless another is given."""
    return Change(
        **{"key": type_, "type": type_, "stage": Stage.ANIMATING, "progress": progress, **fields}
    )


async def add_asset(connection: Connection, owner: str = OWNER) -> str:
    asset_id = new_id()
    asset = NewAsset(
        asset_id=asset_id,
        owner=owner,
        kind=AssetKind.IMAGE,
        original_filename="face.png",
        original_key=f"uploads/{asset_id}/original",
        size_bytes=1,
        sha256="0" * 64,
    )
    await assets.insert(connection, asset)
    return asset_id


async def add_job(connection: Connection, owner: str = OWNER, **request: Any) -> str:
    """A job that was just accepted."""
    asset_id = await add_asset(connection, owner)
    asked = AnimateRequest(
        prompt="She waves",
        ground_truth_asset_id=asset_id,
        motion_video_asset_id=asset_id,
        **{"quality_profile": QualityProfile.DRAFT, **request},
    )
    job = NewJob(
        job_id=new_id(),
        owner=owner,
        template=active_template(asked.mode, asked.animate_submode).ref,
        request=asked,
        settings=load_profiles().settings_for(asked),
        seed=7,
        asset_ids=[asset_id],
        frame_count=FRAMES,
        segment_count=SEGMENTS,
    )
    await jobs.insert(connection, job)
    return job.job_id


def checkpoint(job_id: str, segment: int, generation: int = 0, **fields: Any) -> CheckpointRow:
    """What an attempt at a segment of 77 frames left, after 77 seconds on gpu-1."""
    file = StoredFile(key=f"jobs/{job_id}/{segment}.mp4", sha256="0" * 64, size_bytes=1)
    made = Submitted(
        prompt_id=f"{job_id}/{segment}/{generation}",
        graph=file,
        values=file,
        backend_version="0.3.64",
        node_fingerprint="f",
        simulated=True,
    )
    row = CheckpointRow(
        job_id=job_id,
        segment=segment,
        generation=generation,
        prompt_id=made.prompt_id,
        backend_id="gpu-1",
        template_id=f"template-of-{job_id}",
        size="432x768",
        steps=6,
        length=77,
        seed=7,
        frames=77,
        files={OutputKind.VIDEO: file},
        submitted=made,
        outcome=PromptOutcome(prompt_id=made.prompt_id, end=PromptEnd.SUCCEEDED),
        render_s=77.0,
        look=None,
        drift=None,
    )
    return row.model_copy(update=fields)
