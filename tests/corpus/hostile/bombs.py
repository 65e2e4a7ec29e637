"""Little files that say, or become, a lot."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from services.settings import Settings
from tests.corpus import boxes, pngs
from tests.corpus.case import AUDIO, IMAGE, TOO_LARGE, TOO_LONG, VIDEO, Case, Desk, Either, Make
from tests.corpus.hostile.hostile import Damage, Hostiles, clip, picture, plain
from tests.corpus.kitchen import ffmpeg
from tests.corpus.tiffs import tiff_of
from tests.corpus.valid.clip import EXACT, H264, tone
from tests.corpus.valid.picture import packed

HUGE = (30_000, 50_000)


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "bomb")
    yield from _pictures(hostile)
    yield from _notes(hostile)
    yield from _clips(hostile)
    yield from _limits(hostile)


def _pictures(hostile: Hostiles) -> Iterator[Case]:
    yield hostile("png-pixels", IMAGE, ".png", _png_pixels, TOO_LARGE)
    yield hostile("png-header", IMAGE, ".png", _png_header, TOO_LARGE)
    yield hostile("png-rows", IMAGE, ".png", _png_rows, Either())
    yield hostile("gif-screen", IMAGE, ".gif", _gif(65_535, 65_535), TOO_LARGE)
    yield hostile("webp-lossless", IMAGE, ".webp", _webp_pixels, TOO_LARGE)
    yield hostile("jpeg-header", IMAGE, ".jpg", _jpeg_header, TOO_LARGE)
    yield hostile(
        "jpeg-pixels", IMAGE, ".jpg", _flat("JPEG", (20_000, 12_000), quality=1), TOO_LARGE
    )
    yield hostile(
        "tiff-header",
        IMAGE,
        ".tif",
        plain(tiff_of({256: 100_000, 257: 100_000, 278: 100_000})),
        TOO_LARGE,
    )
    yield hostile("bmp-header", IMAGE, ".bmp", plain(_bmp_bytes(2**31 - 1, 2**31 - 1)), TOO_LARGE)
    yield hostile("bmp-wide", IMAGE, ".bmp", plain(_bmp_bytes(60_000, 60_000)), TOO_LARGE)
    yield hostile("avif-header", IMAGE, ".avif", _ispe("AVIF", speed=10), TOO_LARGE)
    yield hostile("long-side", IMAGE, ".png", _flat("PNG", (20_000, 70)), TOO_LARGE)


def _notes(hostile: Hostiles) -> Iterator[Case]:
    bomb = zlib.compress(bytes(60_000_000), 9)
    for name, head in {"zTXt": b"Comment\0\0", "iCCP": b"icc\0\0"}.items():
        yield hostile.damaged(
            f"png-{name}", IMAGE, ".png", picture("PNG"), _chunk(name, head + bomb), Either()
        )
    text = b"Comment\0\1\0\0\0" + bomb
    yield hostile.damaged("png-iTXt", IMAGE, ".png", picture("PNG"), _chunk("iTXt", text), Either())


def _clips(hostile: Hostiles) -> Iterator[Case]:
    png = ("-c:v", "png", "-threads", "1")
    mjpeg = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-threads", "1")
    yield hostile.damaged(
        "mov-of-png", VIDEO, ".mov", clip(".mov", coding=png, sound=None), _each_ihdr, TOO_LARGE
    )
    yield hostile.damaged(
        "avi-of-jpeg", VIDEO, ".avi", clip(".avi", coding=mjpeg, sound=None), _each_sof, TOO_LARGE
    )
    yield hostile.damaged("mp4-size", VIDEO, ".mp4", clip(sound=None), _sample_entry, Either())
    yield hostile("mkv-size", VIDEO, ".mkv", _huge_mkv, TOO_LARGE)
    yield hostile("vp9-size", VIDEO, ".webm", _wide_clip, TOO_LARGE)


def _limits(hostile: Hostiles) -> Iterator[Case]:
    yield hostile(
        "heavy-picture",
        IMAGE,
        ".bmp",
        lambda _: _bmp_bytes(9000, 990) + bytes(_limit("max_image_bytes")),
        TOO_LARGE,
    )
    yield hostile("heavy-sound", AUDIO, ".wav", _heavy_wav, TOO_LARGE)
    yield hostile("long-clip", VIDEO, ".mp4", _long_clip, TOO_LONG)
    yield hostile("long-sound", AUDIO, ".wav", _long_sound(".wav"), TOO_LONG)
    yield hostile("long-mp3", AUDIO, ".mp3", _long_sound(".mp3"), TOO_LONG)


def _limit(setting: str) -> int:
    """What an installation takes unless it is told otherwise."""
    default: int = Settings.model_fields[setting].default
    return default


def _png_pixels(_desk: Desk) -> bytes:
    """Whole and right: a flat picture of one bit a pixel."""
    width, height = HUGE
    rows = zlib.compressobj(9)
    row = bytes(1 + width // 8) * 1000
    body = b"".join(rows.compress(row) for _ in range(height // 1000)) + rows.flush()
    head = pngs.SIGNATURE + pngs.header(width, height, depth=1, colours=0)
    return head + pngs.chunk(b"IDAT", body) + pngs.END


def _webp_pixels(_desk: Desk) -> bytes:
    """One colour without an end: its code takes no bits, so only the size is written."""
    small = packed(Image.new("RGB", (64, 64)), "WEBP", lossless=True)
    at = small.index(b"VP8L") + 9
    bits = int.from_bytes(small[at : at + 4], "little") & ~((1 << 28) - 1)
    return boxes.patched(small, at, (bits | 16_000 << 14 | 16_000).to_bytes(4, "little"))


def _png_header(desk: Desk) -> bytes:
    side = desk.dice.randrange(2**29, 2**31)
    row = pngs.chunk(b"IDAT", zlib.compress(bytes(100)))
    return pngs.SIGNATURE + pngs.header(side, side) + row + pngs.END


def _png_rows(_desk: Desk) -> bytes:
    """A little picture with far more rows than it has."""
    return pngs.png_of(100, 100, bytes(301 * 100) + bytes(80_000_000))


def _gif(width: int, height: int) -> Make:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x4c\1\0;"
    return lambda _desk: screen + frame


def _flat(form: str, size: tuple[int, int], **options: object) -> Make:
    return lambda _desk: packed(Image.new("L" if form == "JPEG" else "RGB", size), form, **options)


def _jpeg_header(desk: Desk) -> bytes:
    return _each_sof(picture("JPEG")(desk), desk)


def _bmp_bytes(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54) + header + bytes(3000)


def _ispe(form: str, **options: object) -> Make:
    def make(desk: Desk) -> bytes:
        whole = picture(form, **options)(desk)
        return boxes.patched(whole, whole.index(b"ispe") + 8, struct.pack(">II", 65_000, 65_000))

    return make


def _chunk(name: str, content: bytes) -> Damage:
    return lambda png, _desk: pngs.with_chunk(png, name.encode(), content)


def _each_ihdr(content: bytes, _desk: Desk) -> bytes:
    head = pngs.header(*HUGE)
    parts = content.split(b"\0\0\0\rIHDR")
    return parts[0] + b"".join(head + part[len(head) - 8 :] for part in parts[1:])


def _each_sof(content: bytes, _desk: Desk) -> bytes:
    """The frame header of baseline JPEG says 65,500 x 65,500 (ITU-T T.81, B.2.2)."""
    parts = content.split(b"\xff\xc0\0\x11\x08")
    size = struct.pack(">HH", 65_500, 65_500)
    marker = b"\xff\xc0\0\x11\x08"
    if len(parts) == 1:
        parts, marker = content.split(b"\xff\xc0\0\x0b\x08"), b"\xff\xc0\0\x0b\x08"
    return parts[0] + b"".join(marker + size + part[4:] for part in parts[1:])


def _sample_entry(mp4: bytes, _desk: Desk) -> bytes:
    """The container says another size than the pictures."""
    return boxes.patched(mp4, mp4.index(b"avc1", mp4.index(b"stsd")) + 28, b"\xff\xff\xff\xff")


def _huge_mkv(_desk: Desk) -> bytes:
    """Raw pictures of 60,000 x 60,000, of which ten bytes are there."""
    video = boxes.element(0xE0, boxes.number(0xB0, 60_000), boxes.number(0xBA, 60_000))
    track = boxes.element(
        0xAE,
        boxes.number(0xD7, 1),
        boxes.number(0x73C5, 1),
        boxes.number(0x83, 1),
        boxes.element(0x86, b"V_UNCOMPRESSED"),
        video,
    )
    block = boxes.element(0xA3, b"\x81\0\0\x80" + bytes(10))
    cluster = boxes.element(0x1F43B675, boxes.number(0xE7, 0), block)
    info = boxes.element(0x1549A966, boxes.number(0x2AD7B1, 1_000_000))
    return boxes.ebml_head() + boxes.element(
        0x18538067, info, boxes.element(0x1654AE6B, track), cluster
    )


def _wide_clip(desk: Desk) -> bytes:
    path = desk.spare(".webm")
    source = ("-f", "lavfi", "-i", "color=size=12000x160:rate=5")
    coding = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", 8, "-threads", 1)
    ffmpeg(*source, "-frames:v", 3, *coding, *EXACT, path)
    return path.read_bytes()


def _heavy_wav(_desk: Desk) -> bytes:
    size = _limit("max_audio_bytes")
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 2, 48_000, 192_000, 4, 16
    )
    return head + struct.pack("<4sI", b"data", size) + bytes(size)


def _long_clip(desk: Desk) -> bytes:
    path = desk.spare(".mp4")
    frames = desk.dice.randrange(620, 700)
    source = ("-f", "lavfi", "-i", "color=size=64x64:rate=1")
    ffmpeg(*source, "-frames:v", frames, *H264, *EXACT, path)
    return path.read_bytes()


def _long_sound(suffix: str) -> Make:
    def make(desk: Desk) -> bytes:
        path = desk.spare(suffix)
        words = ("-ar", 8_000, "-ac", 1, *(("-c:a", "pcm_u8") if suffix == ".wav" else ()))
        ffmpeg(
            *tone(desk.dice.randrange(620, 700), rate=8_000, layout="mono"), *words, *EXACT, path
        )
        return path.read_bytes()

    return make
