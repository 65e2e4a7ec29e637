"""The bytes: every object of the bucket, in files named by their sha256."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from proto.ids import new_id
from services.backup.manifest import (
    BLOBS,
    OBJECTS,
    BackupFailed,
    RestoreFailed,
    StoredObject,
    blob_path,
)
from services.store.objects import READ_BYTES, ObjectStore

if TYPE_CHECKING:
    from types_aiobotocore_s3.type_defs import GetObjectOutputTypeDef

AT_ONCE = 8
MD5 = re.compile("[0-9a-f]{32}")
"""The ETag of an object that came in one part. Others say nothing of the bytes."""


@dataclass
class Copies:
    """What of the bucket is in the folder, by key and ETag."""

    folder: Path
    store: ObjectStore
    found: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    size_bytes: int = 0

    async def add_new(self) -> int:
        """Copy what the bucket holds and the folder lacks; gives how many."""
        before = len(self.found)
        async for keys in _pages(self.store):
            await _at_once(
                self._copy(key, etag) for key, etag in keys if (key, etag) not in self.found
            )
        return len(self.found) - before

    def write_list(self) -> int:
        """The newest of each key; gives how many."""
        newest = {stored.key: stored for stored in self.found.values()}
        with (self.folder / OBJECTS).open("w", encoding="utf-8") as out:
            for key in sorted(newest):
                out.write(newest[key].model_dump_json() + "\n")
        return len(newest)

    async def _copy(self, key: str, etag: str) -> None:
        try:
            answer = await self.store.client.get_object(Bucket=self.store.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                # Removed since it was listed: no row names it any more, or soon none will.
                return
            raise
        stored = await self._keep(key, answer)
        self.found[key, etag] = stored
        self.size_bytes += stored.size_bytes

    async def _keep(self, key: str, answer: "GetObjectOutputTypeDef") -> StoredObject:
        """Raises BackupFailed when the bytes are not those the store speaks of."""
        part = self.folder / BLOBS / f"{new_id()}.part"
        sha256, md5, size_bytes = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        with part.open("wb") as out:
            async with answer["Body"]:
                # What it enters is the plain answer, which has no chunks.
                async for chunk in answer["Body"].iter_chunks(READ_BYTES):
                    sha256.update(chunk)
                    md5.update(chunk)
                    size_bytes += out.write(chunk)
        etag = answer["ETag"].strip('"')
        told = md5.hexdigest() if MD5.fullmatch(etag) else etag
        if (size_bytes, etag) != (answer["ContentLength"], told):
            raise BackupFailed(f"the store gave other bytes of {key} than it says it has.")
        path = blob_path(self.folder, sha256.hexdigest())
        path.parent.mkdir(exist_ok=True)
        part.rename(path)
        return StoredObject(
            key=key,
            size_bytes=size_bytes,
            sha256=path.name,
            content_type=answer["ContentType"],
        )


async def put_back(
    folder: Path, objects: Iterable[StoredObject], store: ObjectStore, done: Callable[[], None]
) -> None:
    """Store them in the bucket. Raises RestoreFailed. done: called after each."""

    async def put(wanted: StoredObject) -> None:
        path = blob_path(folder, wanted.sha256)
        stored = await store.put_file(wanted.key, path, wanted.content_type)
        if stored.sha256 != wanted.sha256 or not await store.holds(stored):
            raise RestoreFailed(f"{wanted.key} did not reach the object store whole.")
        done()

    await _at_once(put(wanted) for wanted in objects)


async def _pages(store: ObjectStore) -> AsyncIterator[list[tuple[str, str]]]:
    """Keys and ETags of the bucket."""
    pages = store.client.get_paginator("list_objects_v2").paginate(Bucket=store.bucket)
    async for page in pages:
        yield [(each["Key"], each["ETag"]) for each in page.get("Contents", [])]


async def bucket_size(store: ObjectStore) -> int:
    """In bytes."""
    pages = store.client.get_paginator("list_objects_v2").paginate(Bucket=store.bucket)
    return sum([each["Size"] async for page in pages for each in page.get("Contents", [])])


async def _at_once(works: Iterable[Awaitable[None]]) -> None:
    """Do all, a few at a time; the first that fails ends the rest."""
    waiting = iter(works)

    async def work() -> None:
        for each in waiting:
            await each

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
