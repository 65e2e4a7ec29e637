import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import PurePath

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from proto.errors import ErrorCode
from services.gateway.errors import ApiError

HEAD_BYTES = 4096
NAME_CHARS = 120
SUFFIX_CHARS = 10
FORM_BYTES = 64 * 1024
"""What a form may hold besides the file."""
DRAIN_BYTES = 512 * 1024 * 1024
DRAIN_S = 20.0


class UploadedFile:
    """The `file` part of a multipart request, read as it arrives.

    head: its first bytes, at most HEAD_BYTES. Raises ApiError when the request holds no such part,
    is not multipart, or ends early.
    """

    def __init__(self, request: Request, *, max_bytes: int) -> None:
        self._body = request.stream()
        self._content_type = request.headers.get("content-type", "")
        self._declared_bytes = int(request.headers.get("content-length", 0))
        self._max_bytes = max_bytes
        self._size_bytes = 0
        self._form_bytes = 0
        self._ready: list[bytes] = []
        self._header: list[bytes] = [b"", b""]
        self._in_file = False
        self._part_done = False
        self._request_done = False
        self.filename: str | None = None
        self.head = b""

    async def open(self) -> None:
        """Read up to the first HEAD_BYTES of the file, or nothing if the request is too large."""
        if self._declared_bytes > self._max_bytes + FORM_BYTES:
            raise too_large(self._max_bytes)
        self._parser = self._new_parser()
        while len(self.head) < HEAD_BYTES and not self._part_done and await self._feed():
            self.head = b"".join(self._ready)[:HEAD_BYTES]
        self.head = b"".join(self._ready)[:HEAD_BYTES]
        if self.filename is None:
            raise _bad_request("Send the file in a form field named file.")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file's bytes from the start, once."""
        while True:
            for chunk in self._take():
                yield chunk
            if self._part_done or not await self._feed():
                break
        for chunk in self._take():
            yield chunk
        if not self._part_done:
            raise _bad_request("The upload ended early. Send the file again.")

    async def drain(self) -> None:
        """Read what is left of a refused upload.

        Most clients look for an answer only once they have sent everything. One that sends more
        than DRAIN_BYTES, or for longer than DRAIN_S, finds its connection closed instead.
        """
        left = DRAIN_BYTES
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(DRAIN_S):
                while left > 0 and (chunk := await anext(self._body, b"")):
                    left -= len(chunk)

    def _new_parser(self) -> MultipartParser:
        return MultipartParser(
            _boundary(self._content_type),
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def _take(self) -> list[bytes]:
        ready, self._ready = self._ready, []
        return ready

    async def _feed(self) -> bool:
        chunk = await anext(self._body, b"")
        if not chunk:
            return False
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise _bad_request("We could not read this upload. Send the file again.") from error
        self._form_bytes += len(chunk)
        if self._size_bytes > self._max_bytes:
            raise too_large(self._max_bytes)
        if self._form_bytes > self._max_bytes + FORM_BYTES:
            raise _bad_request("This upload holds more than one file. Send the file by itself.")
        return True

    def _on_part_begin(self) -> None:
        self._in_file = False

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _on_header_end(self) -> None:
        name, value = self._header
        self._header = [b"", b""]
        if name.lower() != b"content-disposition" or self.filename is not None:
            return
        _, options = parse_options_header(value)
        if options.get(b"name") == b"file" and b"filename" in options:
            self._in_file = True
            self.filename = clean_name(options[b"filename"].decode("utf-8", "replace"))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._size_bytes += end - start
            self._ready.append(data[start:end])

    def _on_part_end(self) -> None:
        self._part_done = self._part_done or self._in_file
        self._in_file = False

    def _on_end(self) -> None:
        self._request_done = True


def clean_name(name: str) -> str:
    """A file's name fit to show: no folders, no control or direction characters, not too long."""
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    path = PurePath(re.sub(r"\s+", " ", shown).strip())
    suffix = path.suffix if len(path.suffix) <= SUFFIX_CHARS else ""
    return path.name.removesuffix(suffix)[: NAME_CHARS - len(suffix)] + suffix or "file"


def too_large(max_bytes: int) -> ApiError:
    limit = max_bytes // (1024 * 1024)
    return ApiError(
        ErrorCode.TOO_LARGE,
        f"This file is larger than {limit} MB. Choose a smaller or shorter one.",
        field="file",
    )


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise _bad_request("Send the file as multipart/form-data, in a field named file.")
    return options[b"boundary"]


def _bad_request(message: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, message, field="file")
