from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from proto.media import AssetKind
from services.media.probe import probe
from services.media.proxy import make_proxy, plays_everywhere, starts_at_once
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    corners,
    quarters,
    read_frames,
    rotated,
    sound_s,
    video_facts,
    write_clip,
    write_picture,
    write_sound,
)


def proxied(source: Path, kind: AssetKind = AssetKind.VIDEO) -> Path:
    out = source.with_name("proxy.mp4")
    make_proxy(source, probe(source, kind), out)
    return out


def plays(source: Path, kind: AssetKind = AssetKind.VIDEO) -> bool:
    return plays_everywhere(source, probe(source, kind))


@pytest.mark.parametrize(
    ("name", "codec", "sound"),
    [
        ("a.mov", "libx264", "pcm_s16le"),
        ("a.mkv", "libx265", "flac"),
        ("a.webm", "libvpx-vp9", "libopus"),
        ("a.avi", "mpeg4", "libmp3lame"),
    ],
)
def test_a_proxy_plays_everywhere(tmp_path: Path, name: str, codec: str, sound: str) -> None:
    source = write_clip(
        tmp_path / name, Clip(brightening(50), codec=codec, sound=Sound(codec=sound))
    )
    assert not plays(source)
    out = proxied(source)
    assert plays(out)
    seen = watch(out)
    assert (seen.codec, seen.audio_codec, seen.pixel_format) == ("h264", "aac", "yuv420p")
    assert seen.video_s == pytest.approx(2.0, abs=0.05)
    assert sound_s(out) == pytest.approx(2.0, abs=0.05)


def test_a_turned_clip_needs_a_proxy_which_stands_upright(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(np.rot90(quarters(128, 64)))
    source = rotated(write_clip(tmp_path / "a.mp4", Clip([lying] * 5)), 90)
    assert not plays(source)
    pixels = read_frames(proxied(source))
    assert pixels.shape[1:3] == (64, 128)
    assert corners(pixels[0]) == "RGBW"


def test_a_proxy_is_at_most_720p_at_30(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(12, 1082, 1924), fps=60))
    seen = watch(proxied(source))
    assert (seen.size, seen.fps, seen.frames) == ((718, 1280), Fraction(30), 6)


def test_a_small_clip_is_not_blown_up(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip([quarters(101, 67)] * 5, pixel_format="yuv444p"))
    assert watch(proxied(source)).size == (100, 66)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.ogg", "libopus"), ("a.aac", "aac"), ("b.wav", "pcm_s24le")],
)
def test_the_proxy_of_a_sound_is_m4a(tmp_path: Path, name: str, codec: str) -> None:
    source = write_sound(tmp_path / name, Sound(codec=codec, layout="5.1"))
    assert not plays(source, AssetKind.AUDIO)
    out = proxied(source, AssetKind.AUDIO)
    assert plays(out, AssetKind.AUDIO)
    assert sound_s(out) == pytest.approx(2.0, abs=0.07)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.wav", "pcm_s16le")]
)
def test_common_sounds_play_everywhere(tmp_path: Path, name: str, codec: str) -> None:
    assert plays(write_sound(tmp_path / name, Sound(codec=codec)), AssetKind.AUDIO)


def test_the_sound_of_a_clip_needs_a_proxy_without_pictures(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=Sound()))
    assert not plays(source, AssetKind.AUDIO)
    out = proxied(source, AssetKind.AUDIO)
    assert probe(out, AssetKind.AUDIO).audio_codec == "aac"


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif"])
def test_every_accepted_picture_plays_everywhere(tmp_path: Path, suffix: str) -> None:
    assert plays(write_picture(tmp_path / f"a{suffix}", quarters()), AssetKind.IMAGE)


@pytest.mark.parametrize(
    "clip",
    [
        Clip(brightening(5), pixel_format="yuv444p"),
        Clip(brightening(5), pixel_format="yuv420p10le"),
        Clip(brightening(5), codec="libx265"),
        Clip(brightening(5), sound=Sound(codec="ac3")),
        Clip(brightening(2, 1928, 1088)),
    ],
    ids=["4:4:4", "10-bit", "hevc", "ac3", "over-1080p"],
)
def test_an_mp4_of_another_make_does_not_play_everywhere(tmp_path: Path, clip: Clip) -> None:
    assert not plays(write_clip(tmp_path / "a.mp4", clip))


def test_an_mp4_with_its_index_at_the_end_does_not_start_at_once(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(5), sound=Sound()))
    assert not starts_at_once(source)
    assert not plays(source)
    assert starts_at_once(proxied(source))


def test_a_proxy_carries_nothing_of_its_sources_tags(tmp_path: Path) -> None:
    clip = Clip(brightening(5), sound=Sound(), metadata={"title": "secret", "location": "secret"})
    source = write_clip(tmp_path / "a.mp4", clip)
    assert b"secret" in source.read_bytes()
    assert b"secret" not in proxied(source).read_bytes()


def test_facts_of_a_proxy_are_those_of_its_source(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=Sound(seconds=3)))
    facts, again = video_facts(source), video_facts(proxied(source))
    assert again.model_copy(update={"mime_type": facts.mime_type}) == facts
