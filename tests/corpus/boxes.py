"""MP4 box by box, and EBML element by element."""

import struct
from collections.abc import Iterator

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta")


def box(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), name) + content


def find(content: bytes, name: bytes, start: int = 0, stop: int | None = None) -> list[int]:
    """Where the contents of the boxes of this name start, in order."""
    found = []
    for at, size, kind in walk(content, start, len(content) if stop is None else stop):
        if kind == name:
            found.append(at + 8)
        if kind in CONTAINERS:
            found += find(content, name, at + 8, at + size)
    return found


def walk(content: bytes, start: int, stop: int) -> Iterator[tuple[int, int, bytes]]:
    """Position, size and name of each box of one level."""
    at = start
    while at + 8 <= stop:
        size = int.from_bytes(content[at : at + 4])
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        size = size or stop - at
        yield at, size, content[at + 4 : at + 8]
        at += size


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def with_matrix(mp4: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """The first track shown through this matrix (ISO/IEC 14496-12, 8.3.2)."""
    matrix = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]
    return patched(mp4, find(mp4, b"tkhd")[0] + 40, struct.pack(">9i", *matrix))


def element(identity: int, *contents: bytes) -> bytes:
    """Of EBML (RFC 8794), its size in eight bytes."""
    content = b"".join(contents)
    name = identity.to_bytes((identity.bit_length() + 7) // 8)
    return name + (len(content) | 1 << 56).to_bytes(8) + content


def number(identity: int, value: int) -> bytes:
    return element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def ebml_head(kind: bytes = b"matroska") -> bytes:
    return element(0x1A45DFA3, element(0x4282, kind), number(0x4287, 4), number(0x4285, 2))
