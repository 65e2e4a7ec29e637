"""Videos that have ended, one of each kind, for tests that look at them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.store.objects import ObjectStore
from tests.media_factory import make_clip
from tests.studio import Studio

LONG_S = 40.0


@dataclass(frozen=True)
class Shelf:
    """The ended ones, by their prompts. short: a request; long: one that goes on until stopped."""

    done: str
    done_id: str
    failed: str
    stopped: str
    short: dict[str, Any]
    long: dict[str, Any]


async def fill_shelf(studio: Studio, objects: ObjectStore, samples: Path, folder: Path) -> Shelf:
    short, lost, long = await asyncio.gather(
        *(
            _request(studio, samples / "character.png", make_clip(folder / name, seconds=seconds))
            for name, seconds in [("wave.mp4", 1.0), ("lost.mp4", 1.5), ("long.mp4", LONG_S)]
        )
    )
    # The store has lost it, so no video can be made of it.
    await objects.delete([f"uploads/{lost['motion_video_asset_id']}/original"])
    done, failed, stopped = await asyncio.gather(
        studio.create("animate", {**short, "prompt": "She waves at the harbour"}),
        studio.create("animate", {**lost, "prompt": "She waves and gets lost"}),
        studio.create("animate", {**long, "prompt": "She waves too long"}),
    )
    await studio.stop(stopped["job_id"])
    await studio.until(failed["job_id"], "failed")
    await studio.until(done["job_id"], "completed")
    return Shelf(
        done=done["prompt"],
        done_id=done["job_id"],
        failed=failed["prompt"],
        stopped=stopped["prompt"],
        short=short,
        long=long,
    )


async def _request(studio: Studio, picture: Path, clip: Path) -> dict[str, Any]:
    character = await studio.upload("image", picture)
    motion = await studio.upload("video", clip)
    return {
        "quality_profile": "draft",
        "ground_truth_asset_id": character["asset_id"],
        "motion_video_asset_id": motion["asset_id"],
    }
