import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import aioboto3
from aiobotocore.config import AioConfig
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from proto.media import StoredFile
from services.settings import Settings

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

PART_BYTES = 8 * 1024 * 1024
PARTS_AT_ONCE = 2
"""On their way to the store, for each file."""
READ_BYTES = 1024 * 1024


class ObjectMissing(Exception):
    """There is no object under this key, or another than the one that was stored."""


class ObjectStoreUnavailable(Exception):
    """The object store did not answer, or refused us."""


@dataclass(frozen=True)
class ObjectStore:
    """One bucket. Files go in and out in parts of 8 MiB; none is ever whole in memory."""

    client: "S3Client"
    bucket: str

    async def put_stream(
        self, key: str, chunks: AsyncIterable[bytes], content_type: str
    ) -> StoredFile:
        """Store what `chunks` yields. When it raises, nothing is stored."""
        upload = _Upload(self.client, self.bucket, key, content_type)
        try:
            async for chunk in chunks:
                await upload.write(chunk)
            return await upload.finish()
        except BaseException:
            await upload.abandon()
            raise

    async def put_file(self, key: str, path: Path, content_type: str) -> StoredFile:
        return await self.put_stream(key, _read(path), content_type)

    async def put_bytes(self, key: str, content: bytes, content_type: str) -> StoredFile:
        await self.client.put_object(
            Bucket=self.bucket, Key=key, Body=content, ContentType=content_type
        )
        return StoredFile(
            key=key, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content)
        )

    async def get_bytes(self, key: str) -> bytes:
        async with self._open(key) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def get_file(self, key: str, path: Path) -> StoredFile:
        """Write the object to `path`; gives what was read."""
        digest, size_bytes = hashlib.sha256(), 0
        with path.open("wb") as out:
            async with self._open(key) as chunks:
                async for chunk in chunks:
                    digest.update(chunk)
                    size_bytes += out.write(chunk)
        return StoredFile(key=key, sha256=digest.hexdigest(), size_bytes=size_bytes)

    async def holds(self, file: StoredFile) -> bool:
        """Whether there is an object of that size under its key."""
        try:
            answer = await self.client.head_object(Bucket=self.bucket, Key=file.key)
        except ClientError as error:
            if isinstance(_translate(error, file.key), ObjectMissing):
                return False
            raise
        return answer["ContentLength"] == file.size_bytes

    async def get_stored(self, file: StoredFile, path: Path) -> Path:
        """Write the object to `path` and give that. Raises ObjectMissing if it has changed."""
        if await self.get_file(file.key, path) != file:
            raise ObjectMissing(f"{file.key} of sha256 {file.sha256}")
        return path

    @asynccontextmanager
    async def _open(self, key: str) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            answer = await self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            raise _translate(error, key) from error
        body = answer["Body"]
        async with body:
            yield body.iter_chunks(READ_BYTES)

    async def delete(self, keys: list[str]) -> None:
        for key in keys:
            await self.client.delete_object(Bucket=self.bucket, Key=key)

    async def check(self) -> None:
        """Raises ObjectStoreUnavailable when the bucket can't be reached."""
        try:
            await self.client.head_bucket(Bucket=self.bucket)
        except (ClientError, BotoCoreError) as error:
            raise ObjectStoreUnavailable(str(error)) from error


class _Upload:
    """One object being written: a single PUT while it fits one part, else a multipart upload, whose
    parts are sent while the next ones come in.
    """

    def __init__(self, client: "S3Client", bucket: str, key: str, content_type: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._content_type = content_type
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size_bytes = 0
        self._upload_id: str | None = None
        self._parts: list[asyncio.Task[str]] = []
        self._room = asyncio.Semaphore(PARTS_AT_ONCE)

    async def write(self, chunk: bytes) -> None:
        """Raises what an earlier part has met."""
        self._digest.update(chunk)
        self._size_bytes += len(chunk)
        self._buffer += chunk
        if len(self._buffer) >= PART_BYTES:
            await self._send_part()

    async def finish(self) -> StoredFile:
        if self._upload_id is None:
            await self._client.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=bytes(self._buffer),
                ContentType=self._content_type,
            )
        else:
            if self._buffer:
                await self._send_part()
            etags = await asyncio.gather(*self._parts)
            await self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={
                    "Parts": [
                        {"ETag": etag, "PartNumber": number}
                        for number, etag in enumerate(etags, start=1)
                    ]
                },
            )
        return StoredFile(
            key=self._key,
            sha256=self._digest.hexdigest(),
            size_bytes=self._size_bytes,
        )

    async def abandon(self) -> None:
        for part in self._parts:
            part.cancel()
        # A part that arrives after the end of its upload would stay.
        await asyncio.gather(*self._parts, return_exceptions=True)
        if self._upload_id is not None:
            await self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id
            )

    async def _send_part(self) -> None:
        if self._upload_id is None:
            started = await self._client.create_multipart_upload(
                Bucket=self._bucket, Key=self._key, ContentType=self._content_type
            )
            self._upload_id = started["UploadId"]
        await self._room.acquire()
        for part in self._parts:
            if part.done():
                part.result()
        sent = self._put_part(len(self._parts) + 1, bytes(self._buffer))
        self._parts.append(asyncio.create_task(sent))
        self._buffer.clear()

    async def _put_part(self, number: int, content: bytes) -> str:
        """Its ETag."""
        try:
            answer = await self._client.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id or "",
                PartNumber=number,
                Body=content,
            )
        finally:
            self._room.release()
        return answer["ETag"]


@asynccontextmanager
async def open_object_store(settings: Settings) -> AsyncIterator[ObjectStore]:
    session = aioboto3.Session(
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        region_name=settings.s3_region,
    )
    config = AioConfig(
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=5,
        read_timeout=60,
        # Stores other than AWS may not know the trailing checksums that are the default.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    async with session.client("s3", endpoint_url=settings.s3_endpoint, config=config) as client:
        yield ObjectStore(client, settings.s3_bucket)


MEDIA = "media"
"""The folder of every public origin in which the ingress shows the bucket."""


@dataclass(frozen=True)
class UrlSigner:
    """Signs GET addresses. store: the object store's own origin, which signatures are made for.

    A public origin shows the bucket as its folder MEDIA; the ingress asks the store by the store's
    own name, whatever the bucket is called and wherever it is.
    """

    credentials: Credentials
    region: str
    store: str
    bucket: str
    lifetime: timedelta

    @classmethod
    def from_settings(cls, settings: Settings, *, lifetime: timedelta | None = None) -> "UrlSigner":
        """lifetime: None for what people are given, who get the same address for half of it."""
        credentials = Credentials(
            settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()
        )
        shown = 2 * timedelta(minutes=settings.media_url_minutes)
        return cls(
            credentials,
            settings.s3_region,
            settings.s3_endpoint.rstrip("/"),
            settings.s3_bucket,
            lifetime or shown,
        )

    def sign(
        self,
        origin: str,
        key: str,
        *,
        download_name: str | None = None,
        lifetime: timedelta | None = None,
    ) -> str:
        """origin: scheme, host and port as the browser sees them. lifetime: None for the usual."""
        signed = self._signed(key, download_name, lifetime or self.lifetime)
        return f"{origin}/{MEDIA}/{signed.removeprefix(self._address(''))}"

    def sign_at_store(self, key: str) -> str:
        """For who reaches the object store itself."""
        return self._signed(key, None, self.lifetime)

    def _signed(self, key: str, download_name: str | None, lifetime: timedelta) -> str:
        url = self._address(key)
        if download_name is not None:
            disposition = quote(f'attachment; filename="{download_name}"', safe="")
            url += f"?response-content-disposition={disposition}"
        request = AWSRequest("GET", url)
        expires = int(lifetime.total_seconds())
        S3SigV4QueryAuth(self.credentials, "s3", self.region, expires=expires).add_auth(request)
        return str(request.url)

    def _address(self, key: str) -> str:
        return f"{self.store}/{self.bucket}/{quote(key)}"


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(READ_BYTES):
            yield chunk


def _translate(error: ClientError, key: str) -> Exception:
    if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
        return ObjectMissing(key)
    return ObjectStoreUnavailable(f"{key}: {error}")
