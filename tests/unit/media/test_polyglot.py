"""A file that something besides a media player would open is found out; an ordinary one is not."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from proto.errors import ErrorCode
from proto.formats import sniff
from services.media.errors import MediaRefused
from services.media.polyglot import find_polyglot, refuse_polyglot
from tests.media_factory import make_clip, make_sound

PAGE = b"<html><body onload=alert(1)>hello there</body></html>"
SCRIPT = b"<script src=//evil.example/x.js></script>"
PHP = b"<?php system($_GET['c']); __halt_compiler();"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PROGRAM = b"\x7fELF\x02\x01\x01\x00" + bytes(56)
WINDOWS = b"MZ" + bytes(0x3A) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + bytes(20)
RAR, SEVEN = b"Rar!\x1a\x07\x01\x00rest", b"7z\xbc\xaf\x27\x1c\x00\x04rest"
XMP = (
    b"http://ns.adobe.com/xap/1.0/\0"
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
)


def zipped(name: str = "run.sh", comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "#!/bin/sh\nid\n")
        archive.comment = comment
    return out.getvalue()


def picture(format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((48, 32), 40).convert("RGB").save(out, format_, **options)
    return out.getvalue()


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """Behind the header, which is 33 bytes long."""
    checked = name + content
    chunk = struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
    return png[:33] + chunk + png[33:]


def with_comment(jpeg: bytes, content: bytes, marker: bytes = b"\xff\xfe") -> bytes:
    return jpeg[:2] + marker + struct.pack(">H", 2 + len(content)) + content + jpeg[2:]


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


def judged(folder: Path, content: bytes) -> str | None:
    path = folder / "file"
    path.write_bytes(content)
    found = sniff(content[:4096])
    assert found is not None
    return find_polyglot(path, found)


@pytest.mark.parametrize(
    ("content", "second"),
    [
        (PAGE, "page"),
        (PAGE.upper(), "page"),
        (SCRIPT, "page"),
        (SVG, "page"),
        (b"<!DOCTYPE html><title>A page like any other", "page"),
        (PHP, "script"),
        (PROGRAM, "program"),
        (WINDOWS, "program"),
        (RAR, "archive"),
        (SEVEN, "archive"),
    ],
)
@pytest.mark.parametrize(
    "hide",
    [
        lambda content: picture("PNG") + content,
        lambda content: picture("JPEG") + content,
        lambda content: with_chunk(picture("PNG"), b"tEXt", b"Comment\0" + content),
        lambda content: with_chunk(picture("PNG"), b"prIv", content),
        lambda content: with_comment(picture("JPEG"), content),
        lambda content: picture("GIF", comment=content),
        lambda content: picture("WEBP") + content,
        lambda content: picture("BMP") + content,
    ],
)
def test_second_nature_of_a_picture_is_found(
    tmp_path: Path, hide: Callable[[bytes], bytes], content: bytes, second: str
) -> None:
    assert judged(tmp_path, hide(content)) == second


@pytest.mark.parametrize("comment", [b"", b"a comment behind the end"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".wav", ".mp3", ".png"])
def test_archive_behind_a_file_is_found(tmp_path: Path, suffix: str, comment: bytes) -> None:
    good = picture("PNG")
    if suffix in {".mp4", ".mkv"}:
        good = make_clip(tmp_path / f"clip{suffix}", seconds=0.2).read_bytes()
    elif suffix != ".png":
        good = make_sound(tmp_path / f"sound{suffix}", seconds=0.2).read_bytes()
    assert judged(tmp_path, good) is None
    assert judged(tmp_path, good + zipped(comment=comment)) == "archive"


def test_document_is_found_where_its_readers_look(tmp_path: Path) -> None:
    png = picture("PNG")
    assert judged(tmp_path, with_chunk(png, b"tEXt", b"Comment\0%PDF-1.7\n")) == "document"
    assert judged(tmp_path, png + b"%PDF-1.7\n" if len(png) > 1024 else png) is None


def test_page_in_a_box_of_a_large_film_is_found(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=0.2).read_bytes()
    film = clip + box(b"mdat", bytes(1_000_000)) + box(b"free", PAGE) + box(b"mdat", bytes(900_000))
    assert judged(tmp_path, film) == "page"
    payload = clip + box(b"mdat", bytes(800_000) + PAGE + bytes(800_000))
    assert judged(tmp_path, payload) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_comment(picture("JPEG"), XMP, b"\xff\xe1"), id="xmp"),
        pytest.param(picture("JPEG") + picture("JPEG"), id="previews behind"),
        pytest.param(picture("JPEG", comment=b"5 < 7, scripted by <me>"), id="comment"),
        pytest.param(picture("PNG") + b"PK\x05\x06" + bytes(18), id="empty archive's end"),
        pytest.param(picture("PNG") + b"MZ" + bytes(100), id="two letters"),
    ],
)
def test_ordinary_file_is_only_what_it_is(tmp_path: Path, content: bytes) -> None:
    assert judged(tmp_path, content) is None


def test_film_behind_a_photograph_is_ordinary(tmp_path: Path) -> None:
    film = make_clip(tmp_path / "motion.mp4", seconds=0.2).read_bytes()
    assert judged(tmp_path, picture("JPEG") + film) is None


def test_text_of_a_prompt_is_ordinary(tmp_path: Path) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("prompt", "a <very> tall woman, HTML poster behind her, 5 > 3")
    assert judged(tmp_path, picture("PNG", pnginfo=note)) is None


@pytest.mark.parametrize("seed", range(8))
def test_noise_is_ordinary(tmp_path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).bytes(1_000_000)
    assert judged(tmp_path, picture("JPEG") + noise) is None


def test_refusal_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(picture("PNG") + PAGE)
    found = sniff(path.read_bytes())
    assert found is not None
    with pytest.raises(MediaRefused, match="something besides") as refused:
        refuse_polyglot(path, found)
    assert refused.value.code is ErrorCode.INVALID_ASSET_FORMAT
