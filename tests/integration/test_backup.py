"""A backup that is taken while videos are made, and what it is worth after the machine is lost."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.backup.manifest import MANIFEST, Manifest, read_manifest
from tests.access import TIMEOUT_S, Way, let_in
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio

STEP_SECONDS = "0.15"


@dataclass(frozen=True)
class Lost:
    """A studio that was killed, and its backup. rev: of the job's last event before the backup."""

    base_port: int
    folder: Path
    way: Way
    finished: str
    sha256: str
    running: str
    rev: int
    webhook: str


def animatrix(data: Path, base_port: int, *words: str) -> "subprocess.CompletedProcess[str]":
    own = {"ANIMATRIX_DATA_DIR": str(data), "ANIMATRIX_PORT": str(base_port)}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@asynccontextmanager
async def begun(local: Local, way: Way | None = None) -> AsyncIterator[tuple[Studio, Way]]:
    """It runs for as long as the body, which ends it otherwise if it likes."""
    try:
        await local.start()
        way = way or await let_in(local.layout.database_url, "ada")
        async with httpx.AsyncClient(base_url=local.url, auth=way.auth, timeout=TIMEOUT_S) as http:
            yield Studio(http), way
    finally:
        await local.stop()


async def sha256_of(studio: Studio, job_id: str) -> str:
    job = await studio.get(job_id)
    return hashlib.sha256(await studio.fetch(job["output"]["video_url"])).hexdigest()


async def body_of(studio: Studio, media: Path) -> dict[str, Any]:
    picture = await studio.upload("image", make_picture(media / "kept.png"))
    clip = make_clip(media / "kept.mp4", seconds=1, sound=False)
    return {
        "prompt": "She is kept",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": (await studio.upload("video", clip))["asset_id"],
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lost(data_folder: Path, media: Path) -> Lost:
    local = Local(data_folder / "lost", free_base_port(), STEP_SECONDS)
    async with begun(local) as (studio, way):
        body = await body_of(studio, media)
        quick = {"quality_profile": "draft", "duration_override_seconds": 0.5}
        finished = (await studio.create("animate", body | quick))["job_id"]
        await studio.until(finished, "completed")
        wanted = {"url": "https://nobody.invalid/"}
        webhook = (await studio.http.post("/api/webhooks", json=wanted)).json()["webhook_id"]
        running = (await studio.create("animate", body))["job_id"]
        seen = await studio.until(running, "executing")
        # However slow the machine is, it renders until the backup is there.
        renderer = local.child("services.comfy_sim")
        renderer.suspend()
        folder = data_folder / "backup"
        made = animatrix(local.data, local.base_port, "backup", str(folder))
        renderer.resume()
        assert made.returncode == 0, made.stderr
        sha256 = await sha256_of(studio, finished)
        await local.end(signal.SIGKILL)
    return Lost(local.base_port, folder, way, finished, sha256, running, seen["rev"], webhook)


@pytest.mark.parametrize("option", ["--workflows", "--no-workflows"])
async def test_studio_goes_on_where_its_backup_was_taken(
    lost: Lost, data_folder: Path, option: str
) -> None:
    data = data_folder / f"restored{option}"
    done = animatrix(data, lost.base_port, "restore", str(lost.folder), option)
    assert done.returncode == 0, done.stderr
    local = Local(data, lost.base_port, STEP_SECONDS)
    async with begun(local, lost.way) as (studio, _):
        assert await sha256_of(studio, lost.finished) == lost.sha256
        ended = await studio.until_ended(lost.running)
        assert ended["status"] == "completed"
        assert await sha256_of(studio, lost.running)
        _, *events = await studio.messages(f"/api/jobs/{lost.running}/stream")
        assert [event.data["rev"] for event in events] == list(range(1, ended["rev"] + 1))
        assert ended["rev"] > lost.rev
        told = await studio.fetch_json(f"/api/webhooks/{lost.webhook}/deliveries")
        assert told["items"]


def manifest_is_missing(folder: Path, _: Manifest) -> None:
    (folder / MANIFEST).unlink()


def byte_is_flipped(folder: Path, _: Manifest) -> None:
    blob = max(folder.glob("objects/*/*"), key=lambda path: path.stat().st_size)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(content)


def rows_are_cut_off(folder: Path, _: Manifest) -> None:
    os.truncate(folder / "database.dump", 1000)


def release_is_newer(folder: Path, manifest: Manifest) -> None:
    newer = {"migrations": [*manifest.migrations, "9999_of_tomorrow.sql"]}
    text = manifest.model_copy(update=newer).model_dump_json()
    (folder / MANIFEST).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (manifest_is_missing, "no finished backup"),
        (byte_is_flipped, "missing or damaged"),
        (rows_are_cut_off, "database.dump is missing or damaged"),
        (release_is_newer, "9999_of_tomorrow.sql"),
    ],
)
async def test_damaged_backup_is_refused_with_nothing_written(
    lost: Lost, tmp_path: Path, damage: Any, words: str
) -> None:
    folder, data = tmp_path / "backup", tmp_path / "data"
    shutil.copytree(lost.folder, folder)
    damage(folder, read_manifest(folder))
    refused = animatrix(data, lost.base_port, "restore", str(folder))
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()


async def test_studio_that_is_there_is_not_restored_over(lost: Lost, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    refused = animatrix(tmp_path, lost.base_port, "restore", str(lost.folder))
    assert (refused.returncode, "is not empty" in refused.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


async def test_backup_of_a_studio_that_does_not_run_is_refused(
    lost: Lost, data_folder: Path, tmp_path: Path
) -> None:
    refused = animatrix(data_folder / "lost", lost.base_port, "backup", str(tmp_path / "to"))
    assert (refused.returncode, "while it runs" in refused.stderr) == (1, True)
