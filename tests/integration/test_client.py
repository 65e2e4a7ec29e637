"""The generated client, as another team would use it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proto.identity import Role
from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import let_in

ROOT = Path(__file__).parents[2]
WITHIN_S = 180
PROGRAM = """
import os
from pathlib import Path

import httpx
from animatrix_client import AuthenticatedClient
from animatrix_client.api.assets import upload_asset
from animatrix_client.api.jobs import (
    create_audio_performance,
    get_job,
    preview_audio_performance,
)
from animatrix_client.follow import follow_job
from animatrix_client.models import (
    Asset,
    AssetKind,
    AudioPerformanceRequest,
    Job,
    JobOutput,
    Problem,
    Promise,
    QualityProfile,
    UploadAssetBody,
)
from animatrix_client.types import File

SAMPLES = Path(os.environ["ANIMATRIX_SAMPLES"])


def upload(studio: AuthenticatedClient, kind: AssetKind, name: str) -> str:
    with (SAMPLES / name).open("rb") as payload:
        body = UploadAssetBody(file=File(payload=payload, file_name=name))
        asset = upload_asset.sync(kind, client=studio, body=body)
    assert isinstance(asset, Asset), asset
    return asset.asset_id


def main() -> None:
    studio = AuthenticatedClient(
        base_url=os.environ["ANIMATRIX_URL"],
        token=os.environ["ANIMATRIX_TOKEN"],
        timeout=httpx.Timeout(60),
    )
    request = AudioPerformanceRequest(
        prompt="She tells a story",
        quality_profile=QualityProfile.DRAFT,
        duration_override_seconds=1,
        ground_truth_asset_id=upload(studio, AssetKind.IMAGE, "character.png"),
        audio_asset_id=upload(studio, AssetKind.AUDIO, "voice.wav"),
    )
    promise = preview_audio_performance.sync(client=studio, body=request)
    assert isinstance(promise, Promise), promise
    job = create_audio_performance.sync(client=studio, body=request, idempotency_key="one")
    again = create_audio_performance.sync(client=studio, body=request, idempotency_key="one")
    assert isinstance(job, Job) and isinstance(again, Job) and again.job_id == job.job_id
    told = [message.event for message in follow_job(studio.get_httpx_client(), job.job_id)]
    assert told[0] == "hello" and told[-1] == "completed", told
    finished = get_job.sync(job.job_id, client=studio)
    assert isinstance(finished, Job) and isinstance(finished.output, JobOutput), finished
    assert finished.output.frame_count == promise.frame_count
    video = httpx.get(finished.output.video_url).raise_for_status()
    Path("video.mp4").write_bytes(video.content)
    unknown = get_job.sync("nothing", client=studio)
    assert isinstance(unknown, Problem) and unknown.status == 404, unknown


main()
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client and the program."""
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, "-m", "services.client", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=WITHIN_S)
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    return folder


def test_a_program_that_uses_it_passes_a_strict_type_check(package: Path) -> None:
    # As of an installed package, only its types count.
    silent = "--follow-imports=silent"
    command = [sys.executable, "-m", "mypy", "--strict", silent, "--config-file=", "program.py"]
    checked = subprocess.run(
        command, cwd=package, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


async def test_it_makes_a_video(package: Path, stack: Stack, layout: Layout, samples: Path) -> None:
    way = await let_in(layout.database_url, "client", Role.CREATOR)
    environment = os.environ | {
        "ANIMATRIX_URL": layout.url,
        "ANIMATRIX_TOKEN": way.token,
        "ANIMATRIX_SAMPLES": str(samples),
    }
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "program.py"],
        cwd=package,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert b"ftyp" in (package / "video.mp4").read_bytes()[:16]
