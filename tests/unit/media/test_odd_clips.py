"""Clips that cameras, editors and recorders write, and few others do."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from proto.media import AssetKind
from services.media.clip import count_frames, normalise_clip
from services.media.probe import measure_exactly, probe
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Pixels,
    Sound,
    brightening,
    corners,
    grey,
    levels,
    quarters,
    read_frames,
    sound_s,
    video_facts,
    write_clip,
)

_MATRIX_OFFSET = 44
TURNS = {
    "as it is": ((1, 0, 0, 1), (0, False)),
    "90": ((0, 1, -1, 0), (90, False)),
    "180": ((-1, 0, 0, -1), (180, False)),
    "270": ((0, -1, 1, 0), (270, False)),
    "mirrored": ((-1, 0, 0, 1), (0, True)),
    "upside down mirrored": ((1, 0, 0, -1), (180, True)),
    "transposed": ((0, 1, 1, 0), (90, True)),
    "transposed the other way": ((0, -1, -1, 0), (270, True)),
}


def with_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + _MATRIX_OFFSET
    a, b, c, d = (value << 16 for value in matrix)
    struct.pack_into(">9i", content, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def lain(upright: Pixels, matrix: tuple[int, int, int, int]) -> Pixels:
    """The picture that is `upright` once each point x, y is shown at a x + c y, b x + d y."""
    a, b, c, d = matrix
    stored = upright if b == 0 else upright.transpose(1, 0, 2)
    if a + c < 0:
        stored = stored[:, ::-1] if b == 0 else stored[::-1]
    if b + d < 0:
        stored = stored[::-1] if b == 0 else stored[:, ::-1]
    return np.ascontiguousarray(stored)


def normalised(source: Path, shape: VideoShape = SMALL) -> Path:
    out = source.with_name("normalised.mp4")
    normalise_clip(source, out, shape, None, 0)
    return out


@pytest.mark.parametrize("name", TURNS)
def test_every_turn_and_mirror_is_undone(tmp_path: Path, name: str) -> None:
    matrix, (rotation, mirrored) = TURNS[name]
    clip = Clip([lain(quarters(128, 64), matrix)] * 5)
    source = with_matrix(write_clip(tmp_path / "a.mp4", clip), matrix)
    facts = video_facts(source)
    assert (facts.width, facts.height) == (128, 64)
    assert (facts.rotation, facts.mirrored) == (rotation, mirrored)
    pixels = read_frames(normalised(source, VideoShape(128, 64, Fraction(16))))
    assert corners(pixels[0]) == "RGBW"


@pytest.mark.parametrize(
    "shape", [VideoShape(48, 80, Fraction(16)), VideoShape(80, 48, Fraction(16))]
)
def test_the_middle_stays_the_middle(tmp_path: Path, shape: VideoShape) -> None:
    wide = grey(40, 642, 482)
    wide[:, 320:322] = wide[240:242] = 230
    pixels = read_frames(normalised(write_clip(tmp_path / "a.mp4", Clip([wide] * 3)), shape))[0]
    column, row = pixels[4].mean(axis=1), pixels[:, 4].mean(axis=1)
    positions = np.arange(len(column)), np.arange(len(row))
    across = np.average(positions[0], weights=column - column.min() + 1e-9)
    down = np.average(positions[1], weights=row - row.min() + 1e-9)
    assert across == pytest.approx((shape.width - 1) / 2, abs=1)
    assert down == pytest.approx((shape.height - 1) / 2, abs=1)


def resized_midway(path: Path, sizes: Sequence[tuple[int, int]]) -> Path:
    """Ten frames of each size, one after another in one stream."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = *sizes[0], "yuvj420p"
        container.start_encoding()
        for number, size in enumerate(np.repeat(np.array(sizes), 10, axis=0)):
            encoder: Any = av.CodecContext.create("mjpeg", "w")
            encoder.width, encoder.height, encoder.pix_fmt = int(size[0]), int(size[1]), "yuvj420p"
            encoder.time_base = Fraction(1, 25)
            frame = av.VideoFrame.from_ndarray(quarters(int(size[0]), int(size[1])), "rgb24")
            for packet in [*encoder.encode(frame), *encoder.encode(None)]:
                packet.pts = packet.dts = number
                packet.time_base, packet.stream = Fraction(1, 25), stream
                container.mux(packet)
    return path


def test_a_size_that_changes_midway_changes_nothing_in_the_result(tmp_path: Path) -> None:
    source = resized_midway(tmp_path / "a.mkv", [(96, 64), (64, 96), (128, 72)])
    pixels = read_frames(normalised(source))
    assert len(pixels) == pytest.approx(30 * 16 / 25, abs=1)
    assert {corners(picture) for picture in pixels} == {"RGBW"}


def interlaced(path: Path, *, top_first: bool) -> Path:
    """A white bar that moves by its own width from field to field, so that its rows come apart."""
    options = {"qscale": "2", "flags": "+ildct+ilme", "field_order": "tt" if top_first else "bb"}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg2video", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(10):
            pixels = grey(60)
            for field in (0, 1):
                at = 8 * (number + field) % 80
                pixels[field if top_first else 1 - field :: 2, at : at + 8] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    return path


def combing(path: Path) -> float:
    """How much each row differs from those beside it, which are alike."""
    pixels = read_frames(path)[1:-1].astype(float)
    between = pixels[:, 1:-1] - (pixels[:, :-2] + pixels[:, 2:]) / 2
    return float(np.abs(between).mean())


@pytest.mark.parametrize("first", ["top", "bottom"])
def test_fields_are_made_whole_at_the_same_rate(tmp_path: Path, first: str) -> None:
    source = interlaced(tmp_path / "a.mkv", top_first=first == "top")
    assert video_facts(source).interlaced
    assert count_frames(source, Fraction(25)) == 10
    out = normalised(source, VideoShape(96, 64, Fraction(25)))
    assert watch(out).frames == 10
    assert combing(out) < combing(source) / 3


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.mp4", "libx264", "yuv422p10le"),
        ("a.mp4", "libx264rgb", "rgb24"),
        ("a.mkv", "ffv1", "yuv444p12le"),
        ("a.mkv", "ffv1", "gbrp10le"),
        ("a.mov", "png", "rgb24"),
        ("a.mov", "qtrle", "rgb24"),
        ("a.mov", "mjpeg", "yuvj422p"),
        ("a.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_any_pixel_format_keeps_its_levels(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    clip = Clip([grey(180)] * 5, codec=codec, pixel_format=pixel_format)
    seen = levels(normalised(write_clip(tmp_path / name, clip)))
    assert np.abs(seen - 180).max() <= 3


@pytest.mark.parametrize("fps", [1, 5, 12, 60, 120, 240])
def test_any_rate_gives_the_promised_frames(tmp_path: Path, fps: int) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(2 * fps), fps=fps))
    facts = video_facts(source)
    assert (facts.fps, facts.frame_count) == (Fraction(fps), 2 * fps)
    assert not facts.variable_rate
    assert watch(normalised(source)).frames == pytest.approx(32, abs=1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_uneven_rate_is_known(tmp_path: Path, suffix: str) -> None:
    times_ms = [0, 40, 80, 120, 500, 1000, 1020, 1500, 1960]
    clip = Clip([grey(90)] * 9, times_ms=times_ms)
    assert video_facts(write_clip(tmp_path / f"a{suffix}", clip)).variable_rate


@pytest.mark.parametrize("seconds", [0.5, 1.0, 4.0])
def test_sound_ends_with_the_pictures(tmp_path: Path, seconds: float) -> None:
    clip = Clip(brightening(50), sound=Sound(seconds=seconds))
    out = normalised(write_clip(tmp_path / "a.mp4", clip))
    assert sound_s(out) == pytest.approx(2.0, abs=1 / 16)


def two_of_each(path: Path) -> Path:
    """A dark picture with a low tone first; the default ones are bright and silent."""
    with av.open(str(path), "w", format="matroska") as container:
        videos: list[Any] = [container.add_stream("libx264", rate=25) for _ in range(2)]
        sounds: list[Any] = [
            container.add_stream("pcm_s16le", rate=48_000, layout="mono") for _ in range(2)
        ]
        for stream in videos:
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for aside, chosen in (videos, sounds):
            aside.disposition = Disposition.comment
            chosen.disposition = Disposition.default
        container.start_encoding()
        for stream, level in zip(videos, (40, 200), strict=True):
            for _ in range(25):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey(level), "rgb24")))
            container.mux(stream.encode(None))
        for stream, level in zip(sounds, (9_000, 0), strict=True):
            tone = np.full((1, 48_000), level, np.int16)
            frame = av.AudioFrame.from_ndarray(tone, "s16", "mono")
            frame.sample_rate = 48_000
            container.mux(stream.encode(frame))
    return path


def test_the_default_tracks_are_taken_and_not_the_commentary(tmp_path: Path) -> None:
    out = normalised(two_of_each(tmp_path / "a.mkv"))
    assert np.abs(levels(out) - 200).max() < 4
    with av.open(str(out)) as container:
        assert max(np.abs(f.to_ndarray()).max() for f in container.decode(audio=0)) < 0.01


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".avi"])
def test_a_quick_look_finds_what_a_whole_reading_does(tmp_path: Path, suffix: str) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    sound = Sound(seconds=2, codec="libmp3lame" if suffix == ".avi" else "aac")
    clip = Clip(brightening(50), codec=codec, sound=sound, preset="medium")
    source = write_clip(tmp_path / f"a{suffix}", clip)
    facts = video_facts(source)
    assert facts.frame_count == 50
    assert measure_exactly(source, AssetKind.VIDEO, facts) == facts


class Watched:
    """A file that counts what is read of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read_bytes = 0
        self.stat = path.stat

    def open(self, mode: str) -> Any:
        file: Any = self._path.open(mode, buffering=0)
        return _WatchedFile(self, file)


class _WatchedFile:
    def __init__(self, watched: Watched, file: Any) -> None:
        self._watched, self._file = watched, file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._file.read(size)
        self._watched.read_bytes += len(content)
        return content

    def __enter__(self) -> "_WatchedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def test_of_a_long_mp4_only_the_index_and_the_first_frames_are_read(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (10, 128, 192, 3), dtype=np.uint8)
    source = write_clip(tmp_path / "a.mp4", Clip([*noise] * 20, crf=1, sound=Sound(seconds=8)))
    watched: Any = Watched(source)
    facts = probe(watched, AssetKind.VIDEO)
    assert (facts.frame_count, facts.duration_s, facts.has_audio) == (200, 8.0, True)
    assert watched.read_bytes < source.stat().st_size / 4
