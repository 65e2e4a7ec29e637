"""MP4 and MOV by their boxes (ISO 14496-12, 4.2), and a way to read them without their payload."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_HEADER = 8
_LONG_HEADER = 16


@dataclass(frozen=True)
class Box:
    """name, and where its content lies: [start, stop)."""

    name: bytes
    start: int
    stop: int


def boxes(file: IO[bytes], start: int, stop: int) -> Iterator[Box]:
    """Those side by side in [start, stop) of a file, until one that cannot be."""
    while stop - start >= _HEADER:
        file.seek(start)
        header = file.read(_LONG_HEADER)
        size, name, content = int.from_bytes(header[:4]), header[4:_HEADER], start + _HEADER
        if size == 1:
            size, content = int.from_bytes(header[_HEADER:]), start + _LONG_HEADER
        end = stop if size == 0 else start + size
        if end < content:
            return
        yield Box(name, content, min(end, stop))
        start = end


def size_of(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


class HollowFile:
    """A file that can forget its payload: what lies in `mdat` then reads as zeros, at no cost."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = size_of(file)
        self._at = 0
        self._payload: list[Box] = []

    def forget_payload(self) -> bool:
        """False where the index lies in pieces beside the payload: all of it is then read."""
        payload = []
        for box in boxes(self._file, 0, self._size):
            if box.name == b"moof":
                return False
            if box.name == b"mdat":
                payload.append(box)
        self._payload = payload
        return True

    def read(self, size: int) -> bytes:
        stop = min(self._at + size, self._size)
        hollow = next((b for b in self._payload if b.start <= self._at < b.stop), None)
        if hollow is not None:
            content = bytes(max(0, min(stop, hollow.stop) - self._at))
        else:
            # A read that began before a payload would take its first bytes along.
            starts = [b.start for b in self._payload if self._at < b.start < stop]
            self._file.seek(self._at)
            content = self._file.read(max(0, min([stop, *starts]) - self._at))
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at
