"""What lies in a clip or sound beside its payload: notes, tags, attachments, boxes nobody knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import BinaryIO, Literal

from services.media.hollow import boxes

_HEAD_BYTES = 4 * 1024 * 1024
"""Of tags at the start, before which a cover may lie."""
_MAX_PIECES = 1000


@dataclass(frozen=True)
class Range:
    """[start, stop) of a file's bytes."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return max(0, self.stop - self.start)

    def last(self, count: int) -> "Range":
        return Range(max(self.start, self.stop - count), self.stop)


def beside_payload(file: BinaryIO, size: int, format_name: str) -> Iterator[Range]:
    """The parts of a file of that format that a player has no need to play."""
    walks = {
        "mp4": _film_boxes,
        "quicktime": _film_boxes,
        "3gp": _film_boxes,
        "avi": _riff_chunks,
        "wav": _riff_chunks,
        "aiff": _aiff_chunks,
        "webm": _matroska_elements,
        "matroska": _matroska_elements,
    }
    if format_name in walks:
        yield from islice(walks[format_name](file, size), _MAX_PIECES)
    else:
        yield Range(0, min(size, _HEAD_BYTES))


def _film_boxes(file: BinaryIO, size: int) -> Iterator[Range]:
    # Between fragments all of the payload would have to be fetched to step over it.
    known = takewhile(lambda box: box.name != b"moof", boxes(file, 0, size))
    yield from (Range(box.start, box.stop) for box in known if box.name != b"mdat")


def _riff_chunks(file: BinaryIO, size: int) -> Iterator[Range]:
    return _chunks(file, size, "little")


def _aiff_chunks(file: BinaryIO, size: int) -> Iterator[Range]:
    return _chunks(file, size, "big")


def _chunks(file: BinaryIO, size: int, order: Literal["little", "big"]) -> Iterator[Range]:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(12)
        name, kind, start = head[:4], head[8:], at + 8
        if name in {b"RIFF", b"RF64", b"FORM"}:
            at += 12
            continue
        stop = min(size, start + int.from_bytes(head[4:8], order))
        if name not in {b"data", b"SSND", b"idx1"} and kind != b"movi":
            yield Range(start, stop)
        at = stop + (stop - start) % 2


_SEGMENT, _CLUSTER, _CUES = 0x18538067, 0x1F43B675, 0x1C53BB6B
_SEEK_HEAD, _SEEK, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AC


@dataclass(frozen=True)
class _Element:
    """name: its EBML ID. inside: its content."""

    name: int
    inside: Range


def _matroska_elements(file: BinaryIO, size: int) -> Iterator[Range]:
    """Those before the first cluster, and those the index leads to behind the last."""
    segment = next((e for e in _elements(file, Range(0, size)) if e.name == _SEGMENT), None)
    if segment is None:
        return
    for element in _elements(file, segment.inside):
        if element.name == _CLUSTER:
            return
        yield element.inside
        if element.name == _SEEK_HEAD:
            for at in _led_to(file, element, segment):
                yield from _not_payload(file, Range(at, segment.inside.stop))


def _led_to(file: BinaryIO, seek_head: _Element, segment: _Element) -> list[int]:
    """Where the elements lie that an index names (Matroska, RFC 9559, 5.1.1)."""
    found = []
    for seek in islice(_elements(file, seek_head.inside), _MAX_PIECES):
        for part in islice(_elements(file, seek.inside), 9):
            if (seek.name, part.name) == (_SEEK, _SEEK_POSITION):
                file.seek(part.inside.start)
                found.append(segment.inside.start + int.from_bytes(file.read(part.inside.size)))
    return found


def _not_payload(file: BinaryIO, within: Range) -> Iterator[Range]:
    first = next(_elements(file, within), None)
    if first is not None and first.name not in {_CLUSTER, _CUES}:
        yield first.inside


def _elements(file: BinaryIO, within: Range) -> Iterator[_Element]:
    """Side by side, until one that cannot be (RFC 8794, 5 and 6)."""
    at = within.start
    while at < within.stop:
        file.seek(at)
        head = file.read(12)
        name_bytes = _vint_bytes(head, most=4)
        size_bytes = _vint_bytes(head[name_bytes:], most=8)
        if not name_bytes or not size_bytes:
            return
        start = at + name_bytes + size_bytes
        said = int.from_bytes(head[name_bytes : name_bytes + size_bytes])
        size, unknown = said & ((1 << 7 * size_bytes) - 1), (1 << 7 * size_bytes) - 1
        stop = within.stop if size == unknown else min(within.stop, start + size)
        yield _Element(int.from_bytes(head[:name_bytes]), Range(start, stop))
        at = max(stop, start)


def _vint_bytes(head: bytes, most: int) -> int:
    """How many bytes a number of variable length has; 0 for none."""
    count = 9 - head[0].bit_length() if head else 0
    return count if 0 < count <= min(most, len(head)) else 0
