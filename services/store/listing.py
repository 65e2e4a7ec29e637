"""What lies in the object store, folder by folder."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from proto.model import Model
from proto.retention import StoredObject
from services.store.objects import ObjectStore


class Folders(Model):
    """A page of the folders in a folder, by name. after: for the next page; None on the last."""

    names: list[str]
    after: str | None


async def list_folders(objects: ObjectStore, folder: str, after: str | None, limit: int) -> Folders:
    """folder: ends with a slash."""
    ask = partial(
        objects.client.list_objects_v2,
        Bucket=objects.bucket,
        Prefix=folder,
        Delimiter="/",
        MaxKeys=limit,
    )
    page = await (ask() if after is None else ask(ContinuationToken=after))
    found = [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    return Folders(
        names=[name.removeprefix(folder).removesuffix("/") for name in found],
        after=page.get("NextContinuationToken") if page["IsTruncated"] else None,
    )


async def list_objects(objects: ObjectStore, prefix: str) -> AsyncIterator[StoredObject]:
    pages = objects.client.get_paginator("list_objects_v2")
    async for page in pages.paginate(Bucket=objects.bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield StoredObject(
                key=item["Key"], size_bytes=item["Size"], modified_at=item["LastModified"]
            )


class Transfer(Model):
    """A multipart upload that was begun. size_bytes: of the parts that have arrived."""

    key: str
    upload_id: str
    begun_at: datetime
    size_bytes: int


async def list_transfers(objects: ObjectStore) -> list[Transfer]:
    pages = objects.client.get_paginator("list_multipart_uploads")
    return [
        Transfer(
            key=upload["Key"],
            upload_id=upload["UploadId"],
            begun_at=upload["Initiated"],
            size_bytes=await _arrived(objects, upload["Key"], upload["UploadId"]),
        )
        async for page in pages.paginate(Bucket=objects.bucket)
        for upload in page.get("Uploads", [])
    ]


async def abort_transfer(objects: ObjectStore, key: str, upload_id: str) -> None:
    """Forget its parts. One that is completed or gone is left alone."""
    try:
        await objects.client.abort_multipart_upload(
            Bucket=objects.bucket, Key=key, UploadId=upload_id
        )
    except objects.client.exceptions.NoSuchUpload:
        return


async def _arrived(objects: ObjectStore, key: str, upload_id: str) -> int:
    pages = objects.client.get_paginator("list_parts")
    return sum(
        [
            part["Size"]
            async for page in pages.paginate(Bucket=objects.bucket, Key=key, UploadId=upload_id)
            for part in page.get("Parts", [])
        ]
    )
