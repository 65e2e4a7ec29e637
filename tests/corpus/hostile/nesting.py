"""Boxes, elements and lists in each other, thousands deep."""

import struct
from collections.abc import Iterator

from tests.corpus import boxes
from tests.corpus.case import VIDEO, Case, Desk, Make
from tests.corpus.hostile.hostile import Hostiles


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "nested")
    for name in (b"moov", b"udta", b"trak", b"meta"):
        yield hostile(name.decode(), VIDEO, ".mp4", _nested_boxes(name))
    yield hostile("tags", VIDEO, ".mkv", _nested_tags)
    yield hostile("lists", VIDEO, ".avi", _nested_lists)


def _nested_boxes(name: bytes) -> Make:
    def make(desk: Desk) -> bytes:
        inner = b""
        for _ in range(desk.dice.randrange(3000, 5000)):
            inner = boxes.box(name, inner)
        return boxes.box(b"ftyp", b"isom", bytes(4)) + boxes.box(b"moov", inner)

    return make


def _nested_tags(desk: Desk) -> bytes:
    inner = boxes.element(0x45A3, b"a")
    for _ in range(desk.dice.randrange(3000, 5000)):
        inner = boxes.element(0x67C8, inner)
    tags = boxes.element(0x1254C367, boxes.element(0x7373, inner))
    return boxes.ebml_head() + boxes.element(0x18538067, tags)


def _nested_lists(desk: Desk) -> bytes:
    inner = b""
    for _ in range(desk.dice.randrange(2000, 4000)):
        inner = b"LIST" + struct.pack("<I", len(inner) + 4) + b"hdrl" + inner
    return b"RIFF" + struct.pack("<I", len(inner) + 4) + b"AVI " + inner
