"""Good files that are something else as well."""

import struct
from collections.abc import Iterator

from tests.corpus import boxes, pngs
from tests.corpus.case import AUDIO, IMAGE, VIDEO, Case, Make
from tests.corpus.hostile.foreign import BINARIES, HTML, JAR, SVG, packed_files
from tests.corpus.hostile.hostile import Damage, Hostiles, clip, picture, sound

ZIP = packed_files({"run.sh": b"#!/bin/sh\nid\n"})
PHP = b"<?php system($_GET['c']); __halt_compiler(); ?>"
PNG, JPEG, GIF, WEBP = picture("PNG"), picture("JPEG"), picture("GIF"), picture("WEBP")
BMP, TIFF, HEAVY = picture("BMP"), picture("TIFF"), picture("PNG", compress_level=0)
INSIDE = {"html": HTML, "php": PHP, "svg": SVG, "pdf": BINARIES["pdf"]}
BEHIND = {"html": HTML, "zip": ZIP, "jar": JAR, "php": PHP, "program": BINARIES["linux-program"]}


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "polyglot")
    yield from _inside(hostile)
    yield from _behind(hostile)
    yield hostile.damaged(
        "html-in-mp4-free", VIDEO, ".mp4", clip(), _after_ftyp(boxes.box(b"free", HTML))
    )
    yield hostile.damaged(
        "zip-in-mp4-free", VIDEO, ".mp4", clip(), _behind_it(boxes.box(b"free", ZIP))
    )
    yield hostile.damaged(
        "pdf-in-mp4-head", VIDEO, ".mp4", clip(), _after_ftyp(boxes.box(b"skip", BINARIES["pdf"]))
    )
    yield hostile.damaged(
        "html-in-mkv-void", VIDEO, ".mkv", clip(".mkv"), _behind_it(boxes.element(0xEC, HTML))
    )
    yield hostile.damaged("html-in-id3", AUDIO, ".mp3", sound(".mp3"), _id3)
    yield hostile.damaged("html-in-wav", AUDIO, ".wav", sound(), _riff_chunk)
    yield hostile.damaged("html-in-webp", IMAGE, ".webp", WEBP, _riff_chunk)


def _inside(hostile: Hostiles) -> Iterator[Case]:
    for name, content in INSIDE.items():
        yield hostile.damaged(f"{name}-in-png-text", IMAGE, ".png", PNG, _png_text(content))
        yield hostile.damaged(
            f"{name}-in-jpeg-comment", IMAGE, ".jpg", JPEG, _jpeg_comment(content)
        )
    yield hostile.damaged(
        "html-in-png-compressed-row",
        IMAGE,
        ".png",
        HEAVY,
        lambda png, _: pngs.with_chunk(png, b"prIv", HTML),
    )
    yield hostile.damaged("html-in-gif-comment", IMAGE, ".gif", GIF, _gif_comment(HTML))
    yield hostile.damaged("php-in-gif-comment", IMAGE, ".gif", GIF, _gif_comment(PHP))
    yield hostile(
        "html-in-tiff-note", IMAGE, ".tif", picture("TIFF", tiffinfo={270: HTML.decode()})
    )
    yield hostile(
        "script-in-gif-head", IMAGE, ".gif", lambda _: b"GIF89a/*" + bytes(60) + b"*/=1;alert(1);//"
    )
    yield hostile(
        "script-in-bmp-head", IMAGE, ".bmp", lambda _: b"BM/*" + bytes(60) + b"*/=1;alert(1);//"
    )


def _behind(hostile: Hostiles) -> Iterator[Case]:
    carriers: dict[str, tuple[Make, str]] = {"png": (PNG, ".png"), "jpeg": (JPEG, ".jpg")}
    for carrier, (make, suffix) in carriers.items():
        for name, content in BEHIND.items():
            yield hostile.damaged(
                f"{name}-behind-{carrier}", IMAGE, suffix, make, _behind_it(content)
            )
    yield hostile.damaged("zip-behind-gif", IMAGE, ".gif", GIF, _behind_it(ZIP))
    yield hostile.damaged("zip-behind-webp", IMAGE, ".webp", WEBP, _behind_it(ZIP))
    yield hostile.damaged("html-behind-bmp", IMAGE, ".bmp", BMP, _behind_it(HTML))
    yield hostile.damaged("zip-behind-tiff", IMAGE, ".tif", TIFF, _behind_it(ZIP))
    yield hostile.damaged("rar-behind-jpeg", IMAGE, ".jpg", JPEG, _behind_it(BINARIES["rar"]))
    yield hostile.damaged("zip-behind-mp4", VIDEO, ".mp4", clip(), _behind_it(ZIP))
    yield hostile.damaged("jar-behind-mov", VIDEO, ".mov", clip(".mov"), _behind_it(JAR))
    yield hostile.damaged("html-behind-mp4", VIDEO, ".mp4", clip(), _behind_it(HTML))
    yield hostile.damaged("zip-behind-mkv", VIDEO, ".mkv", clip(".mkv"), _behind_it(ZIP))
    yield hostile.damaged("zip-behind-avi", VIDEO, ".avi", clip(".avi"), _behind_it(ZIP))
    yield hostile.damaged("zip-behind-wav", AUDIO, ".wav", sound(), _behind_it(ZIP))
    yield hostile.damaged("zip-behind-mp3", AUDIO, ".mp3", sound(".mp3"), _behind_it(ZIP))
    yield hostile.damaged(
        "program-behind-flac",
        AUDIO,
        ".flac",
        sound(".flac"),
        _behind_it(BINARIES["windows-program"]),
    )


def _behind_it(content: bytes) -> Damage:
    return lambda good, _desk: good + content


def _png_text(content: bytes) -> Damage:
    return lambda png, _desk: pngs.with_chunk(png, b"tEXt", b"Comment\0" + content)


def _jpeg_comment(content: bytes) -> Damage:
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(content)) + content
    return lambda jpeg, _desk: jpeg[:2] + comment + jpeg[2:]


def _gif_comment(content: bytes) -> Damage:
    parts = [content[at : at + 255] for at in range(0, len(content), 255)]
    comment = b"!\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    # The last byte ends the file.
    return lambda gif, _desk: gif[:-1] + comment + gif[-1:]


def _after_ftyp(content: bytes) -> Damage:
    """Index first, so that no offset moves but those that ffmpeg writes relative to the start."""

    def damage(mp4: bytes, _desk: object) -> bytes:
        # ffmpeg's own free box lies behind ftyp; what grows must be taken up by the chunk offsets.
        at = int.from_bytes(mp4[:4])
        moved = _moved_chunks(mp4, len(content))
        return moved[:at] + content + moved[at:]

    return damage


def _moved_chunks(mp4: bytes, by: int) -> bytes:
    for at in boxes.find(mp4, b"stco"):
        count = int.from_bytes(mp4[at + 4 : at + 8])
        offsets = struct.unpack_from(f">{count}I", mp4, at + 8)
        new = struct.pack(f">{count}I", *(offset + by for offset in offsets))
        mp4 = boxes.patched(mp4, at + 8, new)
    return mp4


def _id3(mp3: bytes, _desk: object) -> bytes:
    text = b"\0eng\0" + HTML
    frame = b"COMM" + struct.pack(">I", len(text)) + b"\0\0" + text
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frame + mp3


def _riff_chunk(riff: bytes, _desk: object) -> bytes:
    extra = b"note" + struct.pack("<I", len(HTML)) + HTML + bytes(len(HTML) % 2)
    whole = riff + extra
    return boxes.patched(whole, 4, struct.pack("<I", len(whole) - 8))
