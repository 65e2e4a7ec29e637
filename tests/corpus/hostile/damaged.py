"""Files that were good: cut short, or with bits turned over."""

import struct
from collections.abc import Iterator

from tests.corpus import boxes
from tests.corpus.case import AUDIO, IMAGE, VIDEO, Case, Desk, Either
from tests.corpus.hostile.hostile import Damage, Hostiles, clip, picture, sound

PICTURES = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tif": "TIFF"}
INDEX_FIRST = ("-movflags", "+faststart")
MOVING = Either({"width": 160, "height": 96, "has_audio": True}, slack_s=2.0)


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "damaged")
    yield from _cut(hostile)
    yield from _heads(hostile)
    yield from _signatures(hostile)
    yield from _payloads(hostile)


def _cut(hostile: Hostiles) -> Iterator[Case]:
    for suffix, form in PICTURES.items():
        options = {"compression": "tiff_lzw"} if form == "TIFF" else {}
        yield hostile.damaged(
            f"cut.{suffix}", IMAGE, f".{suffix}", picture(form, **options), _cut_at(0.2, 0.8)
        )
    yield hostile.damaged("cut.avif", IMAGE, ".avif", picture("AVIF", speed=10), _cut_at(0.3, 0.9))
    yield hostile.damaged("cut.mp4", VIDEO, ".mp4", clip(), _cut_at(0.1, 0.95))
    yield hostile.damaged("cut.mov", VIDEO, ".mov", clip(".mov"), _cut_at(0.1, 0.95))
    yield hostile.damaged(
        "cut-index-first.mp4", VIDEO, ".mp4", clip(muxing=INDEX_FIRST), _cut_at(0.5, 0.9)
    )
    yield hostile.damaged(
        "cut-index-first.mov", VIDEO, ".mov", clip(".mov", muxing=INDEX_FIRST), _cut_at(0.5, 0.9)
    )
    yield hostile.damaged(
        "cut-last-byte.mp4", VIDEO, ".mp4", clip(muxing=INDEX_FIRST), lambda good, _: good[:-9]
    )
    yield hostile.damaged("cut.m4a", AUDIO, ".m4a", sound(".m4a"), _cut_at(0.1, 0.8))
    yield hostile.damaged("cut.mkv", VIDEO, ".mkv", clip(".mkv"), _cut_at(0.5, 0.9), MOVING)
    yield hostile.damaged("cut.avi", VIDEO, ".avi", clip(".avi"), _cut_at(0.5, 0.9), MOVING)
    yield hostile.damaged("cut.flac", AUDIO, ".flac", sound(".flac"), _cut_at(0.5, 0.9), Either())
    yield hostile.damaged("cut.wav", AUDIO, ".wav", sound(), _cut_at(0.5, 0.9), Either())


def _heads(hostile: Hostiles) -> Iterator[Case]:
    """Only what names the format."""
    for suffix, form in PICTURES.items():
        yield hostile.damaged(f"head.{suffix}", IMAGE, f".{suffix}", picture(form), _first(8, 14))
    for suffix in (".mp4", ".mov", ".mkv", ".avi", ".ts"):
        yield hostile.damaged(f"head{suffix}", VIDEO, suffix, clip(suffix), _first(20, 40))
    for suffix in (".wav", ".flac", ".ogg", ".mp3"):
        yield hostile.damaged(f"head{suffix}", AUDIO, suffix, sound(suffix), _first(12, 20))


def _signatures(hostile: Hostiles) -> Iterator[Case]:
    for suffix, form in PICTURES.items():
        yield hostile.damaged(
            f"flipped-head.{suffix}", IMAGE, f".{suffix}", picture(form), _flip_in(0, 2)
        )
    for suffix in (".mkv", ".avi"):
        yield hostile.damaged(f"flipped-head{suffix}", VIDEO, suffix, clip(suffix), _flip_in(0, 4))
    for suffix in (".wav", ".flac", ".ogg"):
        yield hostile.damaged(f"flipped-head{suffix}", AUDIO, suffix, sound(suffix), _flip_in(0, 4))
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        whole = clip(sound=None)
        yield hostile.damaged(f"flipped-{name.decode()}", VIDEO, ".mp4", whole, _renamed(name))
    yield hostile.damaged("flipped-png-header", IMAGE, ".png", picture("PNG"), _flip_in(16, 24))
    yield hostile.damaged(
        "flipped-tables", IMAGE, ".jpg", picture("JPEG"), _renamed(b"\xff\xc0", b"\xff\xe5")
    )
    yield hostile.damaged("samples-gone", VIDEO, ".mp4", clip(sound=None), _sample_offsets)
    yield hostile.damaged("data-overwritten", VIDEO, ".mp4", clip(sound=None), _noise_for_data)


def _payloads(hostile: Hostiles) -> Iterator[Case]:
    yield hostile.damaged(
        "bits.mp4", VIDEO, ".mp4", clip(muxing=INDEX_FIRST), _flips(0.6, 0.98), MOVING
    )
    yield hostile.damaged("bits.mkv", VIDEO, ".mkv", clip(".mkv"), _flips(0.4, 0.9), MOVING)
    yield hostile.damaged(
        "bits.ts", VIDEO, ".ts", clip(".ts"), _flips(0.5, 0.9), Either(slack_s=2.0)
    )
    yield hostile.damaged("bits.jpg", IMAGE, ".jpg", picture("JPEG"), _flips(0.6, 0.95), Either())
    yield hostile.damaged("bits.png", IMAGE, ".png", picture("PNG"), _flips(0.5, 0.9), Either())
    yield hostile.damaged("bits.mp3", AUDIO, ".mp3", sound(".mp3"), _flips(0.4, 0.9), Either())


def _cut_at(low: float, high: float) -> Damage:
    return lambda good, desk: good[: int(len(good) * desk.dice.uniform(low, high))]


def _first(low: int, high: int) -> Damage:
    return lambda good, desk: good[: desk.dice.randrange(low, high)]


def _flip_in(low: int, high: int) -> Damage:
    def damage(good: bytes, desk: Desk) -> bytes:
        at = desk.dice.randrange(low, high)
        return boxes.patched(good, at, bytes([good[at] ^ 1 << desk.dice.randrange(8)]))

    return damage


def _flips(low: float, high: float) -> Damage:
    """A few bits of what lies between these parts of the file."""

    def damage(good: bytes, desk: Desk) -> bytes:
        start, stop = int(len(good) * low), int(len(good) * high)
        for _ in range(desk.dice.randrange(2, 8)):
            good = _flip_in(start, stop)(good, desk)
        return good

    return damage


def _renamed(name: bytes, new: bytes | None = None) -> Damage:
    def damage(good: bytes, desk: Desk) -> bytes:
        at = good.rindex(name) if len(name) == 4 else good.index(name)
        return boxes.patched(good, at, new or bytes([name[0] ^ 1 << desk.dice.randrange(6)]))

    return damage


def _sample_offsets(mp4: bytes, _desk: Desk) -> bytes:
    """Every chunk said to lie at the end of 32 bits."""
    at = boxes.find(mp4, b"stco")[0]
    count = int.from_bytes(mp4[at + 4 : at + 8])
    return boxes.patched(mp4, at + 8, struct.pack(">I", 0xFFFFFFF0) * count)


def _noise_for_data(mp4: bytes, desk: Desk) -> bytes:
    at = boxes.find(mp4, b"mdat")[0]
    size = int.from_bytes(mp4[at - 8 : at - 4]) - 8
    return boxes.patched(mp4, at, desk.dice.randbytes(size))
