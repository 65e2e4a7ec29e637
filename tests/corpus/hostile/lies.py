"""Structure that lies: lengths, rates, counts, sizes."""

import struct
from collections.abc import Iterator

from tests.corpus import boxes
from tests.corpus.case import (
    AUDIO,
    IMAGE,
    ODD_RATE,
    TOO_LONG,
    VIDEO,
    Accepted,
    Case,
    Desk,
    Either,
    Make,
)
from tests.corpus.hostile.hostile import FPS, Damage, Hostiles, clip, picture, sound
from tests.corpus.pngs import END, SIGNATURE, header
from tests.corpus.tiffs import tiff_of

FRAMES = 24
TRUE = {"width": 160, "height": 96, "fps": float(FPS), "duration_seconds": FRAMES / FPS}
BORDER = Either(TRUE, 0.09)
MANY = 2**31 - 1


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "lie")
    yield from _lengths(hostile)
    yield from _counts(hostile)
    yield from _streams(hostile)
    yield from _sizes(hostile)


def _lengths(hostile: Hostiles) -> Iterator[Case]:
    whole = clip(sound=None, frames=FRAMES)
    hours = struct.pack(">I", 4_000_000_000)
    yield hostile.damaged(
        "movie-of-hours", VIDEO, ".mp4", whole, _patch(b"mvhd", 16, hours), Accepted(TRUE, 1 / FPS)
    )
    yield hostile.damaged(
        "media-of-hours", VIDEO, ".mp4", whole, _patch(b"mdhd", 16, hours), Accepted(TRUE, 1 / FPS)
    )
    yield hostile.damaged(
        "movie-of-nothing",
        VIDEO,
        ".mp4",
        whole,
        _patch(b"mvhd", 16, bytes(4)),
        Accepted(TRUE, 1 / FPS),
    )
    yield hostile.damaged(
        "no-timescale", VIDEO, ".mp4", whole, _patch(b"mdhd", 12, bytes(4)), Either()
    )
    yield hostile.damaged("rate-of-millions", VIDEO, ".mp4", whole, _step(0), ODD_RATE)
    yield hostile.damaged("frames-of-hours", VIDEO, ".mp4", whole, _step(2**30), TOO_LONG)
    mkv = clip(".mkv", sound=None, frames=FRAMES)
    for name, value in {"nan": float("nan"), "endless": 1e300, "negative": -5.0}.items():
        yield hostile.damaged(
            f"mkv-{name}", VIDEO, ".mkv", mkv, _mkv_duration(value), Accepted(TRUE, 0.09)
        )
    yield hostile.damaged("wav-header", AUDIO, ".wav", sound(), _wav_rate(0))
    yield hostile.damaged("wav-rate", AUDIO, ".wav", sound(), _wav_rate(2**31 - 1), ODD_RATE)
    yield hostile.damaged(
        "wav-channels", AUDIO, ".wav", sound(), lambda good, _: boxes.patched(good, 22, b"\xff\xff")
    )


def _counts(hostile: Hostiles) -> Iterator[Case]:
    whole = clip(sound=None, frames=FRAMES)
    for name, offset in {"stts": 4, "stsc": 4, "stsz": 8, "stco": 4}.items():
        damage = _patch(name.encode(), offset, struct.pack(">I", MANY))
        # The offsets that are there are right, and enough.
        expected = BORDER if name == "stco" else None
        yield hostile.damaged(f"{name}-of-billions", VIDEO, ".mp4", whole, damage, expected)
    yield hostile.damaged("no-samples", VIDEO, ".mp4", whole, _patch(b"stsz", 8, bytes(4)))
    one_size = struct.pack(">II", 1, 2**31 - 1)
    yield hostile.damaged("samples-of-a-byte", VIDEO, ".mp4", whole, _patch(b"stsz", 4, one_size))
    yield hostile("gif-of-many", IMAGE, ".gif", _gif_of_many, Accepted({"width": 64, "height": 64}))
    yield hostile("tiff-strips", IMAGE, ".tif", _tiff_strips)
    yield hostile("tiff-loop", IMAGE, ".tif", _tiff_loop, Either({"width": 100, "height": 100}))


def _streams(hostile: Hostiles) -> Iterator[Case]:
    yield hostile("mp4-thousands", VIDEO, ".mp4", _many_tracks(3000))
    yield hostile("mov-hundred", VIDEO, ".mov", _many_tracks(100))
    yield hostile("mkv-thousands", VIDEO, ".mkv", _many_mkv_tracks)
    yield hostile("sound-thousands", AUDIO, ".m4a", _many_tracks(2000))


def _sizes(hostile: Hostiles) -> Iterator[Case]:
    whole = clip(sound=None, frames=FRAMES)
    yield hostile.damaged(
        "moov-beyond-end", VIDEO, ".mp4", whole, _box_size(b"moov", 2**31), BORDER
    )
    yield hostile.damaged("moov-of-seven", VIDEO, ".mp4", whole, _box_size(b"moov", 7))
    yield hostile.damaged("moov-of-64-bits", VIDEO, ".mp4", whole, _wide_box, BORDER)
    yield hostile.damaged(
        "trak-beyond-moov", VIDEO, ".mp4", whole, _box_size(b"trak", 2**30), BORDER
    )
    yield hostile(
        "png-chunk-beyond",
        IMAGE,
        ".png",
        lambda _: SIGNATURE + header(90, 90) + b"\x7f\xff\xff\xffIDAT" + bytes(99) + END,
    )
    yield hostile("png-no-rows", IMAGE, ".png", lambda _: SIGNATURE + header(90, 90) + END)
    yield hostile("png-no-size", IMAGE, ".png", lambda _: SIGNATURE + header(0, 0) + END)
    yield hostile.damaged(
        "jpeg-segment-beyond",
        IMAGE,
        ".jpg",
        picture("JPEG"),
        lambda good, _: boxes.patched(good, 4, b"\xff\xff"),
    )
    yield hostile(
        "mkv-endless-element",
        VIDEO,
        ".mkv",
        lambda _: boxes.ebml_head() + b"\x18\x53\x80\x67\x01" + b"\xff" * 7,
    )
    yield hostile(
        "avi-negative",
        VIDEO,
        ".avi",
        lambda _: (
            b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih\xff\xff\xff\xff" + bytes(99)
        ),
    )
    yield hostile(
        "wav-no-format", AUDIO, ".wav", lambda _: b"RIFF\x24\0\0\0WAVEdata\0\1\0\0" + bytes(256)
    )
    yield hostile(
        "mp4-only-ftyp", VIDEO, ".mp4", lambda _: boxes.box(b"ftyp", b"isom", bytes(4), b"isommp42")
    )
    yield hostile(
        "mp4-empty-boxes",
        VIDEO,
        ".mp4",
        lambda _: boxes.box(b"ftyp", b"isom", bytes(4)) + bytes(4) + b"moov" + bytes(400),
    )


def _patch(name: bytes, offset: int, new: bytes) -> Damage:
    return lambda mp4, _desk: boxes.patched(mp4, boxes.find(mp4, name)[0] + offset, new)


def _box_size(name: bytes, size: int) -> Damage:
    return _patch(name, -8, struct.pack(">I", size))


def _step(ticks: int) -> Damage:
    """Each frame lasts so many ticks of a clock that runs a million times a second; 0 is 1."""

    def damage(mp4: bytes, _desk: Desk) -> bytes:
        mp4 = boxes.patched(mp4, boxes.find(mp4, b"mdhd")[0] + 12, struct.pack(">I", 1_000_000))
        edit = boxes.find(mp4, b"edts")
        mp4 = boxes.patched(mp4, edit[0] - 4, b"free") if edit else mp4
        return boxes.patched(mp4, boxes.find(mp4, b"stts")[0] + 12, struct.pack(">I", ticks or 1))

    return damage


def _mkv_duration(value: float) -> Damage:
    def damage(mkv: bytes, _desk: Desk) -> bytes:
        return boxes.patched(mkv, mkv.index(b"\x44\x89\x88") + 3, struct.pack(">d", value))

    return damage


def _wav_rate(rate: int) -> Damage:
    return lambda wav, _desk: boxes.patched(wav, 24, struct.pack("<I", rate))


def _gif_of_many(_desk: Desk) -> bytes:
    """Thousands of pictures of a pixel, of which the first fills the screen."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    pixel = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return screen + pixel * 5000 + b";"


def _tiff_strips(_desk: Desk) -> bytes:
    return tiff_of({273: MANY, 279: MANY}, counts={273: MANY, 279: MANY})


def _tiff_loop(_desk: Desk) -> bytes:
    """Its first page says that it is followed by itself."""
    whole = tiff_of({})
    first = whole[4:8]
    return whole[:-4] + first


def _many_tracks(count: int) -> Make:
    def make(desk: Desk) -> bytes:
        whole = clip(frames=3)(desk)
        at = boxes.find(whole, b"trak")[-1] - 8
        size = int.from_bytes(whole[at : at + 4])
        added = whole[at : at + size] * count
        moov = boxes.find(whole, b"moov")[0] - 8
        grown = int.from_bytes(whole[moov : moov + 4]) + len(added)
        return boxes.patched(whole[:at] + added + whole[at:], moov, struct.pack(">I", grown))

    return make


def _many_mkv_tracks(_desk: Desk) -> bytes:
    tracks = (
        boxes.element(
            0xAE,
            boxes.number(0xD7, index),
            boxes.number(0x73C5, index),
            boxes.number(0x83, 2),
            boxes.element(0x86, b"A_PCM/INT/LIT"),
        )
        for index in range(1, 5000)
    )
    info = boxes.element(0x1549A966, boxes.number(0x2AD7B1, 1_000_000))
    return boxes.ebml_head() + boxes.element(0x18538067, info, boxes.element(0x1654AE6B, *tracks))


def _wide_box(mp4: bytes, _desk: Desk) -> bytes:
    at = boxes.find(mp4, b"moov")[0] - 8
    return mp4[:at] + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + mp4[at + 8 :]
