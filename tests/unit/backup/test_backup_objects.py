from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from services.backup.manifest import BLOBS, StoredObject, read_objects
from services.backup.objects import Copies, put_back
from services.store.objects import PART_BYTES, ObjectStore


@pytest_asyncio.fixture(loop_scope="session")
async def bucket(objects: ObjectStore) -> AsyncIterator[ObjectStore]:
    """A bucket of its own."""
    store = ObjectStore(objects.client, f"backup-{uuid4()}")
    await store.client.create_bucket(Bucket=store.bucket)
    yield store
    await store.client.delete_bucket(Bucket=store.bucket)


@pytest.fixture
def copies(bucket: ObjectStore, tmp_path: Path) -> Copies:
    (tmp_path / BLOBS).mkdir()
    return Copies(tmp_path, bucket)


def listed(copies: Copies) -> dict[str, StoredObject]:
    copies.write_list()
    return {stored.key: stored for stored in read_objects(copies.folder)}


async def test_what_is_removed_after_the_first_pass_is_in_the_backup(copies: Copies) -> None:
    """As by retention, while the rows that are copied still name it."""
    early = await copies.store.put_bytes("jobs/1/early", b"early", "text/plain")
    assert await copies.add_new() == 1
    await copies.store.delete(["jobs/1/early"])
    late = await copies.store.put_bytes("jobs/1/late", b"late", "text/plain")
    assert await copies.add_new() == 1
    assert {key: found.sha256 for key, found in listed(copies).items()} == {
        "jobs/1/early": early.sha256,
        "jobs/1/late": late.sha256,
    }
    await copies.store.delete(["jobs/1/late"])


async def test_what_is_there_already_is_not_copied_again(copies: Copies) -> None:
    large = bytes(PART_BYTES + 1)
    path = copies.folder / "large"
    path.write_bytes(large)
    await copies.store.put_file("large", path, "video/mp4")
    await copies.store.put_bytes("small", b"1", "text/plain")
    assert [await copies.add_new(), await copies.add_new()] == [2, 0]
    await copies.store.put_bytes("small", b"2", "text/plain")
    assert await copies.add_new() == 1
    assert len(listed(copies)) == 2
    await copies.store.delete(["large", "small"])


async def test_objects_come_back_whole_with_their_types(copies: Copies) -> None:
    keys = ["a b/ü+%.mp4", "twin", "other twin"]
    for key in keys:
        await copies.store.put_bytes(key, b"the same", f"text/{len(key)}")
    await copies.add_new()
    await copies.store.delete(keys)
    done: list[None] = []
    kept = listed(copies).values()
    await put_back(copies.folder, kept, copies.store, lambda: done.append(None))
    for key in keys:
        answer = await copies.store.client.get_object(Bucket=copies.store.bucket, Key=key)
        assert (await answer["Body"].read(), answer["ContentType"]) == (
            b"the same",
            f"text/{len(key)}",
        )
    assert len(done) == len(keys)
    await copies.store.delete(keys)
