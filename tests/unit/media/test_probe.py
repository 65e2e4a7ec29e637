import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proto.media import AssetKind, DynamicRange, MediaFacts
from services.media.errors import MediaRefused
from services.media.probe import probe
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    quarters,
    rotated,
    video_facts,
    write_clip,
    write_picture,
    write_sound,
)

PICTURES = {
    "a.png": ("image/png", "png"),
    "a.jpg": ("image/jpeg", "jpeg"),
    "a.webp": ("image/webp", "webp"),
    "a.avif": ("image/avif", "avif"),
}
CLIPS = {
    "a.mp4": ("video/mp4", "libx264", "h264", "aac"),
    "a.mov": ("video/quicktime", "libx264", "h264", "aac"),
    "b.mov": ("video/quicktime", "libx264", "h264", "pcm_s16le"),
    "a.webm": ("video/webm", "libvpx", "vp8", "libopus"),
    "b.webm": ("video/webm", "libvpx-vp9", "vp9", "libopus"),
    "a.mkv": ("video/x-matroska", "libx264", "h264", "flac"),
    "a.avi": ("video/x-msvideo", "mjpeg", "mjpeg", "pcm_s16le"),
}
SOUNDS = {
    "a.wav": ("audio/wav", "pcm_s16le", "pcm_s16le"),
    "a.mp3": ("audio/mpeg", "libmp3lame", "mp3"),
    "a.flac": ("audio/flac", "flac", "flac"),
    "a.ogg": ("audio/ogg", "libopus", "opus"),
    "a.opus": ("audio/ogg", "libopus", "opus"),
    "a.m4a": ("audio/mp4", "aac", "aac"),
    "a.aac": ("audio/aac", "aac", "aac"),
    "a.webm": ("audio/webm", "libopus", "opus"),
    "a.mkv": ("audio/x-matroska", "flac", "flac"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_facts_of_a_picture(tmp_path: Path, name: str) -> None:
    mime_type, codec = PICTURES[name]
    facts = probe(write_picture(tmp_path / name, quarters(192, 128)), AssetKind.IMAGE)
    assert facts == MediaFacts(
        kind=AssetKind.IMAGE,
        mime_type=mime_type,
        codec=codec,
        width=192,
        height=128,
        depth=8,
        dynamic_range=DynamicRange.SDR,
    )


@pytest.mark.parametrize("name", CLIPS)
def test_facts_of_a_clip(tmp_path: Path, name: str) -> None:
    mime_type, encoder, codec, sound = CLIPS[name]
    pixel_format = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    clip = Clip(brightening(50), codec=encoder, sound=Sound(codec=sound), pixel_format=pixel_format)
    facts = video_facts(write_clip(tmp_path / name, clip))
    assert (facts.kind, facts.mime_type, facts.codec) == (AssetKind.VIDEO, mime_type, codec)
    assert (facts.width, facts.height, facts.fps) == (96, 64, Fraction(25))
    assert (facts.frame_count, facts.duration_s) == (50, 2.0)
    assert (facts.has_audio, facts.audio_codec) == (True, sound.removeprefix("lib"))
    assert (facts.sample_rate, facts.channels) == (48_000, 2)


@pytest.mark.parametrize("name", SOUNDS)
def test_facts_of_a_sound(tmp_path: Path, name: str) -> None:
    mime_type, encoder, codec = SOUNDS[name]
    path = write_sound(tmp_path / name, Sound(codec=encoder, layout="mono"))
    facts = probe(path, AssetKind.AUDIO)
    assert (facts.kind, facts.mime_type, facts.codec) == (AssetKind.AUDIO, mime_type, codec)
    assert (facts.has_audio, facts.audio_codec) == (True, codec)
    assert (facts.sample_rate, facts.channels) == (48_000, 1)
    assert facts.duration_s == pytest.approx(2.0, abs=0.05)
    assert (facts.width, facts.fps, facts.frame_count) == (None, None, None)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.flac", "a.ogg", "a.m4a"])
def test_a_codecs_padding_adds_nothing_to_a_sound(tmp_path: Path, name: str) -> None:
    path = write_sound(tmp_path / name, Sound(codec=SOUNDS[name][1], rate=48_000))
    duration_s = probe(path, AssetKind.AUDIO).duration_s
    assert duration_s is not None
    assert 1.99 <= duration_s <= 2.0


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_clip_lasts_as_long_as_its_pictures(tmp_path: Path, suffix: str) -> None:
    clip = Clip(brightening(50), sound=Sound(seconds=4))
    assert video_facts(write_clip(tmp_path / f"a{suffix}", clip)).duration_s == 2.0


def test_a_clip_taken_as_a_voice_lasts_as_long_as_its_sound(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=Sound(seconds=4)))
    facts = probe(path, AssetKind.AUDIO)
    assert facts.mime_type == "audio/mp4"
    assert facts.duration_s == pytest.approx(4.0, abs=0.03)


def test_a_late_sound_taken_as_a_voice_counts_from_the_first_picture(tmp_path: Path) -> None:
    sound = Sound(seconds=1.3, start_s=0.7)
    path = write_clip(tmp_path / "a.mp4", Clip(brightening(25), sound=sound))
    assert probe(path, AssetKind.AUDIO).duration_s == pytest.approx(2.0, abs=0.03)


def test_a_turned_clip_has_its_upright_size(tmp_path: Path) -> None:
    facts = video_facts(rotated(write_clip(tmp_path / "a.mp4", Clip(brightening(5))), 90))
    assert (facts.width, facts.height) == (64, 96)


def test_a_silent_clip_has_no_sound(tmp_path: Path) -> None:
    facts = video_facts(write_clip(tmp_path / "a.mp4", Clip(brightening(5))))
    assert (facts.has_audio, facts.audio_codec, facts.sample_rate) == (False, None, None)


def test_a_sound_nobody_can_decode_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write_clip(path, Clip(brightening(5), sound=Sound(codec="flac")))
    path.write_bytes(path.read_bytes().replace(b"A_FLAC", b"A_XLAC"))
    assert not video_facts(path).has_audio


def test_a_sound_without_a_single_packet_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        container.add_stream("aac", rate=48_000)
        container.start_encoding()
        container.mux(video.encode(av.VideoFrame.from_ndarray(quarters(), "rgb24")))
        container.mux(video.encode(None))
    assert not video_facts(path).has_audio


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".avi"])
def test_a_single_frame_is_a_clip(tmp_path: Path, suffix: str) -> None:
    codec = {".webm": "libvpx", ".avi": "mpeg4"}.get(suffix, "libx264")
    facts = video_facts(write_clip(tmp_path / f"a{suffix}", Clip(brightening(1), codec=codec)))
    assert facts.frame_count == 1
    assert facts.duration_s == pytest.approx(0.04, abs=0.005)


def test_a_clip_trimmed_by_its_edit_list_has_its_trimmed_length(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip(brightening(50)))
    content = bytearray(path.read_bytes())
    struct.pack_into(">I", content, content.index(b"elst") + 12, 1000)
    path.write_bytes(content)
    assert video_facts(path).duration_s == pytest.approx(1.0, abs=0.05)


def test_tags_in_another_encoding_are_no_reason_to_refuse(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.avi"), "w", format="avi") as container:
        container.metadata["title"] = "Caf\u00e9 au lait"
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        for pixels in brightening(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(video.encode(None))
    path = tmp_path / "a.avi"
    path.write_bytes(path.read_bytes().replace(b"Caf\xc3\xa9 au", b"Caf\xe9s au"))
    assert video_facts(path).frame_count == 5


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[AssetKind, Path]]:
    folder = tmp_path_factory.mktemp("whole")
    noise = list(np.random.default_rng(1).integers(0, 255, (6, 64, 96, 3), dtype=np.uint8))
    clips = [
        write_clip(folder / name, Clip(noise, codec=made[1], sound=Sound(0.2, codec=made[3])))
        for name, made in CLIPS.items()
        if made[1] != "mjpeg"
    ]
    sounds = [
        write_sound(folder / f"sound-{name}", Sound(0.2, codec=made[1]))
        for name, made in SOUNDS.items()
    ]
    pictures = [write_picture(folder / name, noise[0]) for name in PICTURES]
    return [
        *((AssetKind.VIDEO, path) for path in clips),
        *((AssetKind.AUDIO, path) for path in sounds),
        *((AssetKind.IMAGE, path) for path in pictures),
    ]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
@pytest.mark.filterwarnings("ignore:(Tag data|Corrupt EXIF|Truncated File Read|Metadata Warning)")
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    tmp_path: Path, whole_files: list[tuple[AssetKind, Path]], data: st.DataObject
) -> None:
    kind, whole = data.draw(st.sampled_from(whole_files))
    content = bytearray(whole.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=20)):
        content[at] = data.draw(st.integers(0, 255))
    damaged = tmp_path / whole.name
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(MediaRefused):
        assert probe(damaged, kind).kind is kind
