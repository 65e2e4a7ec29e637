from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proto.formats import accepted_extensions, sniff
from proto.media import AssetKind
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    quarters,
    write_clip,
    write_picture,
    write_sound,
)

CLIPS = {
    "a.mp4": ("mp4", "libx264"),
    "a.mov": ("quicktime", "libx264"),
    "a.webm": ("webm", "libvpx"),
    "a.mkv": ("matroska", "libx264"),
    "a.avi": ("avi", "mpeg4"),
    "a.3gp": ("3gp", "mpeg4"),
    "a.ts": ("mpegts", "libx264"),
}
SOUNDS = {
    "a.wav": ("wav", "pcm_s16le"),
    "a.mp3": ("mp3", "libmp3lame"),
    "a.aac": ("aac", "aac"),
    "a.flac": ("flac", "flac"),
    "a.ogg": ("ogg", "libopus"),
    "a.opus": ("ogg", "libopus"),
    "a.m4a": ("mp4", "aac"),
    "a.aiff": ("aiff", "pcm_s16be"),
}
PICTURES = {
    "a.png": "png",
    "a.jpg": "jpeg",
    "a.webp": "webp",
    "a.avif": "avif",
    "a.heic": "heic",
    "a.gif": "gif",
    "a.tiff": "tiff",
    "a.bmp": "bmp",
}
STRANGERS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "xml": b'<?xml version="1.0"?><svg/>',
    "html": b"<!doctype html><html><body>webm matroska ftyp moov</body></html>",
    "zip": b"PK\x03\x04\x14\x00\x00\x00\x08\x00",
    "gzip": b"\x1f\x8b\x08\x00",
    "elf": b"\x7fELF\x02\x01\x01\x00",
    "exe": b"MZ\x90\x00\x03\x00\x00\x00",
    "script": b"#!/bin/sh\nrm -rf /\n",
    "pdf": b"%PDF-1.7\n",
    "hls": b"#EXTM3U\n#EXTINF:10,\nhttp://169.254.169.254/latest\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": b'<?xml version="1.0"?><MPD></MPD>',
    "playlist": b"[playlist]\nFile1=http://localhost/\n",
    "photoshop": b"8BPS\x00\x01",
    "jpeg xl": b"\xff\x0a\x00\x00",
    "bitmap of no size": b"BM" + bytes(40),
    "one packet": b"G" + bytes(187) + b"G",
    "riff": b"RIFF\x00\x00\x00\x00ACON",
    "text": "héllo, this is text".encode(),
    "utf-16": "text".encode("utf-16"),
    "nothing": b"",
}


def found(path: Path) -> str | None:
    recognised = sniff(path.read_bytes()[:4096])
    return None if recognised is None else recognised.name


@pytest.mark.parametrize("name", CLIPS)
def test_a_real_clip_is_recognised(tmp_path: Path, name: str) -> None:
    expected, codec = CLIPS[name]
    assert found(write_clip(tmp_path / name, Clip(brightening(3), codec=codec))) == expected


@pytest.mark.parametrize("name", SOUNDS)
def test_a_real_sound_is_recognised(tmp_path: Path, name: str) -> None:
    expected, codec = SOUNDS[name]
    path = write_sound(tmp_path / name, Sound(seconds=0.2, codec=codec))
    assert found(path) == expected


@pytest.mark.parametrize("name", PICTURES)
def test_a_real_picture_is_recognised(tmp_path: Path, name: str) -> None:
    assert found(write_picture(tmp_path / name, quarters())) == PICTURES[name]


@pytest.mark.parametrize("name", STRANGERS)
def test_anything_else_is_not_recognised(name: str) -> None:
    assert sniff(STRANGERS[name]) is None


@given(st.text(st.characters(codec="ascii", min_codepoint=32), max_size=40))
def test_a_page_is_never_taken_for_media(text: str) -> None:
    assert sniff(f"<html>{text}".encode()) is None


def test_extensions_are_listed_once() -> None:
    for kind in AssetKind:
        extensions = accepted_extensions(kind)
        assert len(set(extensions)) == len(extensions) > 3
        assert ".exe" not in extensions
