"""The object store on a real S3 server."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from services.store.objects import PART_BYTES, ObjectMissing, ObjectStore


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for number, size in enumerate(sizes):
        yield bytes([65 + number]) * size


def content(*sizes: int) -> bytes:
    return b"".join(bytes([65 + number]) * size for number, size in enumerate(sizes))


@pytest.mark.parametrize(
    "sizes",
    [
        (),
        (1,),
        (PART_BYTES - 1,),
        (PART_BYTES,),
        (PART_BYTES, 1),
        (PART_BYTES // 2 + 1, PART_BYTES // 2 + 1, PART_BYTES + 7),
        (PART_BYTES,) * 5,
    ],
    ids=str,
)
async def test_stream_is_stored_whole(objects: ObjectStore, sizes: tuple[int, ...]) -> None:
    stored = await objects.put_stream("tests/stream", chunks(*sizes), "video/mp4")
    wanted = content(*sizes)
    assert await objects.get_bytes("tests/stream") == wanted
    assert stored.size_bytes == len(wanted)
    assert stored.sha256 == hashlib.sha256(wanted).hexdigest()
    head = await objects.client.head_object(Bucket=objects.bucket, Key="tests/stream")
    assert head["ContentType"] == "video/mp4"


@pytest.mark.parametrize("size", [1, PART_BYTES + 1])
async def test_stream_that_breaks_off_stores_nothing(objects: ObjectStore, size: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * size
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        await objects.put_stream("tests/broken", broken(), "video/mp4")
    with pytest.raises(ObjectMissing):
        await objects.get_bytes("tests/broken")
    uploads = await objects.client.list_multipart_uploads(Bucket=objects.bucket)
    assert "tests/broken" not in {upload["Key"] for upload in uploads.get("Uploads", [])}


async def test_part_that_is_refused_ends_the_upload(objects: ObjectStore) -> None:
    async def ended_by_somebody() -> AsyncIterator[bytes]:
        yield b"x" * PART_BYTES
        [upload] = (await objects.client.list_multipart_uploads(Bucket=objects.bucket))["Uploads"]
        await objects.client.abort_multipart_upload(
            Bucket=objects.bucket, Key="tests/refused", UploadId=upload["UploadId"]
        )
        for _ in range(4):
            yield b"x" * PART_BYTES

    with pytest.raises(ClientError, match="NoSuchUpload"):
        await objects.put_stream("tests/refused", ended_by_somebody(), "video/mp4")
    with pytest.raises(ObjectMissing):
        await objects.get_bytes("tests/refused")


async def test_file_goes_in_and_comes_out(objects: ObjectStore, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(content(3_000_000))
    stored = await objects.put_file("tests/file", source, "video/mp4")
    assert await objects.get_file("tests/file", target) == stored
    assert target.read_bytes() == source.read_bytes()
    assert await objects.get_stored(stored, target) == target


async def test_another_file_under_the_key_is_not_the_one_stored(
    objects: ObjectStore, tmp_path: Path
) -> None:
    stored = await objects.put_bytes("tests/replaced", b"one", "text/plain")
    await objects.put_bytes("tests/replaced", b"two", "text/plain")
    with pytest.raises(ObjectMissing, match=stored.sha256):
        await objects.get_stored(stored, tmp_path / "out")


async def test_missing_object_is_named(objects: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing, match="tests/none"):
        await objects.get_file("tests/none", tmp_path / "none")


async def test_delete_is_harmless_when_nothing_is_there(objects: ObjectStore) -> None:
    await objects.put_bytes("tests/old", b"x", "text/plain")
    await objects.delete(["tests/old", "tests/never"])
    with pytest.raises(ObjectMissing):
        await objects.get_bytes("tests/old")
