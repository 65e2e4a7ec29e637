"""TIFF entry by entry."""

import struct
from collections.abc import Mapping

SIDE = 100
BYTES = SIDE * SIDE
LONG, SHORT = 4, 3


def tiff_of(changes: Mapping[int, int], counts: Mapping[int, int] | None = None) -> bytes:
    """A grey picture of SIDE pixels a side, in one strip. changes: values by tag.

    counts: how many values a tag says it has.
    """
    values = {256: SIDE, 257: SIDE, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: SIDE, 279: BYTES}
    directory = struct.pack("<H", len(values))
    for tag, value in (values | dict(changes)).items():
        kind = SHORT if tag in {258, 259, 262, 277} else LONG
        directory += struct.pack("<HHII", tag, kind, (counts or {}).get(tag, 1), value)
    return b"II*\0" + struct.pack("<I", 8 + BYTES) + bytes(BYTES) + directory + bytes(4)
