"""The release before runs on the schema of this one, as a rolling upgrade and a way back need."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import asyncpg
import pytest

from services.local.layout import ROOT
from services.local.stack import Stack
from services.store.database import MIGRATIONS, migrate
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio

NEWEST = max(MIGRATIONS.glob("*.sql"))


def git(*words: str) -> str:
    """What it says; nothing where it does not know."""
    command = [shutil.which("git") or pytest.skip("there is no git"), "-C", str(ROOT), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit_before(migration: Path) -> str:
    """The last one without it."""
    if not git("rev-parse", "HEAD"):
        pytest.skip("this is no clone")
    added = git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(migration))
    before = git("rev-parse", "--verify", f"{added}^") if added else git("rev-parse", "HEAD")
    return before or pytest.skip(f"the clone does not reach back before {migration.name}")


@pytest.fixture
def code_before(tmp_path: Path) -> Path:
    """All of the code as it was before the newest migration."""
    commit = commit_before(NEWEST)
    archive, folder = tmp_path / "code.tar", tmp_path / "code"
    git("archive", f"--output={archive}", commit)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    page = folder / "frontend" / "dist" / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    return folder


async def bring_up_to_date(local: Local) -> None:
    """Its database gets the schema of this code; nothing runs after that."""
    stack = Stack(local.layout, lambda _: None)
    try:
        stack.start_stores()
        connection = await asyncpg.connect(local.layout.database_url)
        try:
            assert NEWEST.name in await migrate(connection)
        finally:
            await connection.close()
    finally:
        stack.stop()


async def test_release_before_makes_videos_on_the_newest_schema_and_this_one_shows_them(
    code_before: Path, data_folder: Path, media: Path
) -> None:
    assert not (code_before / NEWEST.relative_to(ROOT)).exists()
    data, port = data_folder / "upgrade", free_base_port()
    old, new = Local(data, port, "0.02", code=code_before), Local(data, port, "0.02")
    await bring_up_to_date(old)
    try:
        await old.start()
        assert Path(old.child("services.gateway").cwd()) == code_before
        async with signed_in(old.layout) as http:
            studio = Studio(http)
            picture = await studio.upload("image", make_picture(media / "before.png"))
            clip = await studio.upload("video", make_clip(media / "before.mp4", seconds=1))
            body = {
                "prompt": "She was here before",
                "ground_truth_asset_id": picture["asset_id"],
                "motion_video_asset_id": clip["asset_id"],
                "quality_profile": "draft",
            }
            made = await studio.create("animate", body)
            done = await studio.until(made["job_id"], "completed")
            video = await studio.fetch(done["output"]["video_url"])
        await old.stop()
        await new.start()
        async with signed_in(new.layout) as http:
            shown = await Studio(http).get(made["job_id"])
            assert await Studio(http).fetch(shown["output"]["video_url"]) == video
    finally:
        await old.stop()
        await new.stop()
