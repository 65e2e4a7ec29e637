"""Uploaded files: what is told of them, what is made of them, and how they go."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from proto.asset import Asset
from proto.errors import ErrorCode
from services.store.database import Pool
from services.store.objects import PART_BYTES, ObjectStore
from tests.integration.conftest import Asset as Json
from tests.integration.conftest import Order
from tests.integration.refusals import check_refusal, take_census
from tests.media_factory import make_clip, make_picture, make_sound, watch
from tests.studio import Studio, eventually

if TYPE_CHECKING:
    from types_aiobotocore_s3.type_defs import MultipartUploadTypeDef

MIB = 1024 * 1024
PICTURES = [
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".webp", "image/webp"),
    (".avif", "image/avif"),
]
CLIPS = [
    (".mp4", "video/mp4", "h264"),
    (".mov", "video/quicktime", "h264"),
    (".mkv", "video/x-matroska", "h264"),
    (".webm", "video/webm", "vp8"),
]
SOUNDS = [
    (".wav", "audio/wav", "pcm_s16le"),
    (".mp3", "audio/mpeg", "mp3"),
    (".m4a", "audio/mp4", "aac"),
    (".flac", "audio/flac", "flac"),
]


@pytest.mark.parametrize(("suffix", "mime_type"), PICTURES)
async def test_picture_is_described(
    studio: Studio, tmp_path: Path, suffix: str, mime_type: str
) -> None:
    path = make_picture(tmp_path / f"face{suffix}", 600, 900)
    asset = Asset.model_validate(await studio.upload("image", path))
    assert (asset.mime_type, asset.width, asset.height) == (mime_type, 600, 900)
    assert (asset.asset_type, asset.duration_seconds, asset.has_audio) == ("image", None, False)
    assert asset.size_bytes == path.stat().st_size
    assert asset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("suffix", "mime_type", "codec"), CLIPS)
async def test_clip_is_described_and_plays_everywhere(
    studio: Studio, tmp_path: Path, suffix: str, mime_type: str, codec: str
) -> None:
    path = make_clip(tmp_path / f"walk{suffix}", seconds=1, size=(160, 96))
    asset = Asset.model_validate(await studio.upload("video", path))
    assert (asset.mime_type, asset.codec, asset.fps) == (mime_type, codec, 30)
    assert (asset.width, asset.height, asset.has_audio) == (160, 96, True)
    assert asset.duration_seconds == pytest.approx(1, abs=0.05)
    proxy = tmp_path / "proxy.mp4"
    proxy.write_bytes(await studio.fetch(asset.proxy_url or ""))
    played = watch(proxy)
    assert (played.codec, played.pixel_format, played.audio_codec) == ("h264", "yuv420p", "aac")
    assert played.boxes.index("moov") < played.boxes.index("mdat")


@pytest.mark.parametrize(("suffix", "mime_type", "codec"), SOUNDS)
async def test_sound_is_described_and_can_be_played(
    studio: Studio, tmp_path: Path, suffix: str, mime_type: str, codec: str
) -> None:
    path = make_sound(tmp_path / f"line{suffix}", seconds=1)
    asset = Asset.model_validate(await studio.upload("audio", path))
    assert (asset.mime_type, asset.codec, asset.has_audio) == (mime_type, codec, True)
    assert (asset.width, asset.fps, asset.thumbnail_url) == (None, None, None)
    assert asset.duration_seconds == pytest.approx(1, abs=0.06)
    assert await studio.fetch(asset.proxy_url or "")


async def test_picture_and_clip_have_a_thumbnail(
    studio: Studio, character: Json, clip: Json
) -> None:
    for asset in (character, clip):
        thumbnail = Image.open(io.BytesIO(await studio.fetch(asset["thumbnail_url"])))
        assert thumbnail.format == "JPEG"
        assert max(thumbnail.size) <= 512
        shown = thumbnail.width / thumbnail.height
        assert shown == pytest.approx(asset["width"] / asset["height"], rel=0.02)


async def test_stored_file_is_the_one_sent(studio: Studio, character: Json, media: Path) -> None:
    sent = (media / character["original_filename"]).read_bytes()
    assert await studio.fetch(character["storage_url"]) == sent


async def test_asset_that_was_uploaded_can_be_read_again(studio: Studio, clip: Json) -> None:
    assert await studio.fetch_json(f"/api/assets/{clip['asset_id']}") == clip


async def test_file_of_many_parts_arrives_whole(studio: Studio, tmp_path: Path) -> None:
    path = make_sound(tmp_path / "long.wav", seconds=90)
    content = path.read_bytes()
    assert len(content) > 2 * PART_BYTES
    asset = await studio.upload("audio", path)
    assert asset["sha256"] == hashlib.sha256(content).hexdigest()
    assert await studio.fetch(asset["storage_url"]) == content


async def test_same_file_twice_is_two_assets(studio: Studio, tmp_path: Path) -> None:
    path = make_picture(tmp_path / "twin.png")
    one, other = [await studio.upload("image", path) for _ in range(2)]
    assert one["asset_id"] != other["asset_id"]
    assert one["sha256"] == other["sha256"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\face.png", "face.png"),
        ("two  words.PNG", "two words.PNG"),
        ("gnp\u202eexe.png", "gnpexe.png"),
        ("face", "face"),
    ],
)
async def test_name_is_shown_but_never_used(
    studio: Studio, tmp_path: Path, name: str, shown: str
) -> None:
    asset = await studio.upload("image", make_picture(tmp_path / "face.png"), name)
    assert asset["original_filename"] == shown
    assert httpx.URL(asset["storage_url"]).path == f"/media/uploads/{asset['asset_id']}/original"


async def test_upload_that_is_broken_off_leaves_nothing(
    studio: Studio, pool: Pool, objects: ObjectStore
) -> None:
    before = await take_census(pool, objects)

    async def begun() -> "list[MultipartUploadTypeDef]":
        answer = await objects.client.list_multipart_uploads(Bucket=objects.bucket)
        return answer.get("Uploads", [])

    async def gone() -> bool:
        return not await begun()

    async def parts() -> AsyncIterator[bytes]:
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        yield b"RIFF....WAVE" + bytes(PART_BYTES + MIB)
        await eventually(begun)
        raise ConnectionError("the browser was closed")

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    with pytest.raises(ConnectionError):
        await studio.http.post("/api/assets/audio", content=parts(), headers=headers)
    await eventually(gone)
    assert await take_census(pool, objects) == before


async def test_deleted_file_is_gone(studio: Studio, tmp_path: Path, objects: ObjectStore) -> None:
    asset = await studio.upload("video", make_clip(tmp_path / "old.webm", seconds=0.5))
    path = f"/api/assets/{asset['asset_id']}"
    assert (await studio.http.delete(path)).status_code == 204
    assert check_refusal(await studio.http.get(path)).code is ErrorCode.NOT_FOUND
    assert check_refusal(await studio.http.delete(path)).code is ErrorCode.NOT_FOUND
    for url in (asset["storage_url"], asset["proxy_url"], asset["thumbnail_url"]):
        assert (await studio.http.get(url)).status_code == 404
    listed = await studio.fetch_json("/api/assets?limit=100")
    assert asset["asset_id"] not in {item["asset_id"] for item in listed["items"]}


async def test_deleted_file_makes_no_job(
    studio: Studio, tmp_path: Path, move_body: dict[str, object]
) -> None:
    asset = await studio.upload("image", make_picture(tmp_path / "old.png"))
    await studio.http.delete(f"/api/assets/{asset['asset_id']}")
    body = move_body | {"ground_truth_asset_id": asset["asset_id"]}
    problem = check_refusal(await studio.http.post("/api/jobs/animate", json=body))
    assert (problem.code, problem.field) == (ErrorCode.MISSING_ASSET, "ground_truth_asset_id")


async def test_file_of_a_running_job_can_not_be_deleted(
    studio: Studio, tmp_path: Path, order: Order
) -> None:
    asset = await studio.upload("image", make_picture(tmp_path / "busy.png"))
    path = f"/api/assets/{asset['asset_id']}"
    job = await order(ground_truth_asset_id=asset["asset_id"])
    problem = check_refusal(await studio.http.delete(path))
    assert (problem.status, problem.code) == (409, ErrorCode.ASSET_IN_USE)
    await studio.until(job["job_id"], "completed")
    assert (await studio.http.delete(path)).status_code == 204
    output = (await studio.get(job["job_id"]))["output"]
    assert await studio.fetch(output["video_url"])


async def test_hint_of_a_running_job_can_not_be_deleted(
    studio: Studio, tmp_path: Path, order: Order
) -> None:
    asset = await studio.upload("image", make_picture(tmp_path / "pose.png"))
    await order(pose_sheet_asset_ids=[asset["asset_id"]])
    problem = check_refusal(await studio.http.delete(f"/api/assets/{asset['asset_id']}"))
    assert problem.code is ErrorCode.ASSET_IN_USE


async def test_file_is_either_deleted_or_used(
    studio: Studio, tmp_path: Path, move_body: dict[str, object]
) -> None:
    path = make_picture(tmp_path / "race.png")
    for _ in range(5):
        asset = await studio.upload("image", path)
        body = move_body | {"ground_truth_asset_id": asset["asset_id"]}
        made, deleted = await asyncio.gather(
            studio.http.post("/api/jobs/animate", json=body),
            studio.http.delete(f"/api/assets/{asset['asset_id']}"),
        )
        assert (made.status_code, deleted.status_code) in {(202, 409), (422, 204)}
        if made.is_success:
            await studio.stop(made.json()["job_id"])
