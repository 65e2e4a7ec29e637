"""Files going in and out of the server."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from proto.render import BackendFile
from services.comfy.connection import ComfyConnection, ComfyProtocol, unavailable


async def upload(
    connection: ComfyConnection, source: Path | BinaryIO, *, name: str, subfolder: str
) -> str:
    """Store a file among the server's inputs and give the name a loader node takes.

    The server keeps what it has: other bytes under a taken name become `name (1)`, the same bytes
    are the same file, so a repeat is harmless. A stream is read from where it stands.
    """
    fields = {"type": "input", "subfolder": subfolder}
    with _opened(source) as content:
        stored = await connection.post_file("/upload/image", fields, (name, content))
    try:
        return "/".join(part for part in (stored["subfolder"], stored["name"]) if part)
    except (KeyError, TypeError) as error:
        raise ComfyProtocol("/upload/image: no name in the answer") from error


def _opened(source: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


@dataclass(frozen=True)
class Download:
    """Bytes [start, start + content_length) of a file."""

    start: int
    content_length: int
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def download(
    connection: ComfyConnection, file: BackendFile, *, start: int = 0
) -> AsyncIterator[Download]:
    """Open a saved file for reading from byte `start`.

    Raises ComfyRejected, status 404 when it is gone and 416 when it ends before `start`.
    """
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = connection.http.build_request(
        "GET", "/view", params=file.model_dump(), headers=headers
    )
    with unavailable("GET /view"):
        response = await connection.http.send(request, stream=True)
    try:
        if not response.is_success:
            with unavailable("GET /view"):
                await response.aread()
        connection.check(response)
        yield _download(response, start)
    finally:
        await response.aclose()


def _download(response: httpx.Response, start: int) -> Download:
    if start and response.status_code != httpx.codes.PARTIAL_CONTENT:
        raise ComfyProtocol("/view: the whole file for a part of it")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ComfyProtocol("/view: compressed, so its length tells nothing")
    if "Content-Length" not in response.headers:
        raise ComfyProtocol("/view: no length")
    return Download(start, int(response.headers["Content-Length"]), _chunks(response))


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    with unavailable("GET /view"):
        async for chunk in response.aiter_raw(chunk_size=1 << 20):
            yield chunk
