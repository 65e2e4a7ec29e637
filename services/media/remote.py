"""An upload read where it lies: by ranges, through a sparse local copy."""

import http.client
import io
import ssl
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn, cast
from urllib.parse import urlsplit

BLOCK_BYTES = 512 * 1024
AHEAD_BLOCKS = 16
_PIECE_BYTES = 256 * 1024
_TIMEOUT_S = 20.0
_TRIES = 4
_PAUSE_S = 0.1


class SourceUnavailable(Exception):
    """The object store did not give the bytes: no fault of the file's.

    Not an OSError, which decoders raise for what is wrong inside a file.
    """


@dataclass(frozen=True)
class RemoteFile:
    """url: signed, for GET. copy: where the local copy lies while a process reads the file."""

    url: str = field(repr=False)
    size_bytes: int
    copy: Path

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """All readers of one process share the copy, so that no block is fetched twice.

        Their reads raise SourceUnavailable.
        """
        if mode != "rb":
            raise ValueError(f"an upload is only read, not opened as {mode}")
        # The cache alone would let two threads make a copy each, in one place.
        with _opening:
            return cast("BinaryIO", io.BufferedReader(_Reader(_copy_of(self))))


Source = Path | RemoteFile


def size_of(source: Source) -> int:
    return source.size_bytes if isinstance(source, RemoteFile) else source.stat().st_size


class _SparseCopy:
    """The blocks that were fetched, in a file of the upload's size."""

    def __init__(self, remote: RemoteFile) -> None:
        self.size_bytes = remote.size_bytes
        # A copy that is still read in this place lives on, without a name.
        remote.copy.unlink(missing_ok=True)
        self._file = remote.copy.open("w+b", buffering=0)
        self._file.truncate(remote.size_bytes)
        self._here = bytearray(-(-remote.size_bytes // BLOCK_BYTES))
        self._next = 0
        self._ahead = 1
        self._lock = threading.Lock()
        self._link = _Link(remote.url, remote.size_bytes)
        weakref.finalize(self, self._file.close)
        weakref.finalize(self, self._link.close)

    def read(self, start: int, stop: int) -> bytes:
        with self._lock:
            block = start // BLOCK_BYTES
            while block * BLOCK_BYTES < stop:
                if not self._here[block]:
                    self._fetch(block, -(-stop // BLOCK_BYTES))
                block += 1
            self._file.seek(start)
            return self._file.read(stop - start)

    def _fetch(self, first: int, needed: int) -> None:
        """Blocks from `first` on: the more, the longer reading has gone straight on."""
        self._ahead = min(2 * self._ahead, AHEAD_BLOCKS) if first == self._next else 1
        last = min(max(first + self._ahead, needed), len(self._here))
        held = self._here.find(1, first, last)
        last = last if held < 0 else held
        self._link.fetch(first * BLOCK_BYTES, min(last * BLOCK_BYTES, self.size_bytes), self._file)
        self._here[first:last] = b"\1" * (last - first)
        self._next = last


class _Link:
    """One connection that is kept, and opened anew when it breaks."""

    def __init__(self, url: str, size_bytes: int) -> None:
        parts = urlsplit(url)
        self._target = f"{parts.path}?{parts.query}"
        self._name = parts.path
        self._size_bytes = size_bytes
        self._connection: http.client.HTTPConnection
        address = {"host": parts.hostname or "", "port": parts.port, "timeout": _TIMEOUT_S}
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(**address, context=context)  # type: ignore[arg-type]
        else:
            self._connection = http.client.HTTPConnection(**address)  # type: ignore[arg-type]
        self._tag: str | None = None

    def fetch(self, start: int, stop: int, out: io.FileIO) -> None:
        """Write the bytes from start to stop at their place."""
        cause: Exception | None = None
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_PAUSE_S * 2**attempt)
            try:
                return self._fetch(start, stop, out)
            except (OSError, http.client.HTTPException) as error:
                cause = error
                self._connection.close()
        raise SourceUnavailable(f"{self._name}: {cause!r}") from cause

    def close(self) -> None:
        self._connection.close()

    def _fetch(self, start: int, stop: int, out: io.FileIO) -> None:
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        self._connection.request("GET", self._target, headers=headers)
        with self._connection.getresponse() as answer:
            self._check(answer, f"bytes {start}-{stop - 1}/{self._size_bytes}")
            out.seek(start)
            left = stop - start
            while left and (piece := answer.read(min(left, _PIECE_BYTES))):
                out.write(piece)
                left -= len(piece)
        if left:
            raise http.client.IncompleteRead(b"", left)

    def _check(self, answer: http.client.HTTPResponse, expected: str) -> None:
        if answer.status >= 500:  # noqa: PLR2004
            raise ConnectionError(f"status {answer.status}")
        if answer.status != 206:  # noqa: PLR2004
            self._give_up(f"status {answer.status}")
        tag = answer.headers.get("ETag")
        if answer.headers.get("Content-Range") != expected or self._tag not in (None, tag):
            self._give_up("it has changed")
        self._tag = tag

    def _give_up(self, cause: str) -> NoReturn:
        with suppress(OSError):
            self._connection.close()
        raise SourceUnavailable(f"{self._name}: {cause}")


class _Reader(io.RawIOBase):
    def __init__(self, copy: _SparseCopy) -> None:
        self._copy = copy
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._copy.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        stop = min(self._at + len(buffer), self._copy.size_bytes)
        if stop <= self._at:
            return 0
        found = self._copy.read(self._at, stop)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


_opening = threading.Lock()


# A file is opened several times by those who read it: what was fetched outlives each of them.
@lru_cache(maxsize=4)
def _copy_of(remote: RemoteFile) -> _SparseCopy:
    return _SparseCopy(remote)
