"""How many pictures a file holds, by its structure: none is decoded, and few are enough to know."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Literal

from PIL import Image

from services.media import limits
from services.media.remote import Source

_GIF_HEADER_BYTES = 13
_GIF_PICTURE, _GIF_EXTENSION = 0x2C, 0x21
_GIF_PICTURE_BYTES = 9
_HAS_TABLE, _TABLE_BITS = 0x80, 0x07
_BIG_TIFF = 43


def count_pages(source: Source, image: Image.Image, format_name: str) -> int:
    """At most MAX_COUNTED_PAGES. Cameras put previews behind a JPEG or HEIC: those are none."""
    walks = {"gif": _gif_pictures, "tiff": _tiff_directories}
    if format_name in walks:
        with source.open("rb") as file:
            found = islice(walks[format_name](file), limits.MAX_COUNTED_PAGES)
            return max(1, sum(1 for _ in found))
    if format_name in {"png", "webp", "avif"}:
        frames: int = getattr(image, "n_frames", 1)
        return max(1, min(frames, limits.MAX_COUNTED_PAGES))
    return 1


def _gif_pictures(file: BinaryIO) -> Iterator[int]:
    """Where each begins (GIF89a, 17 to 27)."""
    header = file.read(_GIF_HEADER_BYTES)
    file.seek(_table_bytes(header[10]), 1)
    for block in iter(lambda: file.read(1), b""):
        if block[0] == _GIF_EXTENSION:
            file.seek(1, 1)
        elif block[0] == _GIF_PICTURE:
            yield file.tell()
            described = file.read(_GIF_PICTURE_BYTES)
            file.seek(_table_bytes(described[-1]) + 1 if described else 0, 1)
        else:
            return
        for size in iter(lambda: file.read(1), b""):
            if size == b"\0":
                break
            file.seek(size[0], 1)


def _table_bytes(packed: int) -> int:
    return 3 << ((packed & _TABLE_BITS) + 1) if packed & _HAS_TABLE else 0


def _tiff_directories(file: BinaryIO) -> Iterator[int]:
    """Where each begins (TIFF 6.0, section 2), up to one that comes again."""
    header = file.read(16)
    order: Literal["little", "big"] = "little" if header[:2] == b"II" else "big"
    big = int.from_bytes(header[2:4], order) == _BIG_TIFF
    width, count_bytes, entry_bytes = (8, 8, 20) if big else (4, 2, 12)
    at = int.from_bytes(header[8:16] if big else header[4:8], order)
    seen: set[int] = set()
    while at and at not in seen:
        seen.add(at)
        file.seek(at)
        count = file.read(count_bytes)
        if len(count) < count_bytes:
            return
        yield at
        file.seek(at + count_bytes + int.from_bytes(count, order) * entry_bytes)
        at = int.from_bytes(file.read(width), order)
