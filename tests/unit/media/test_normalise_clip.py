from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from services.media.clip import count_frames, normalise_clip
from services.media.errors import MediaRefused
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Sound,
    brightening,
    corners,
    grey,
    levels,
    loud_seconds,
    quarters,
    read_frames,
    read_sound,
    rotated,
    sound_s,
    truncated,
    write_clip,
)


def normalised(source: Path, shape: VideoShape = SMALL, frames: int | None = None) -> Path:
    out = source.with_name("normalised.mp4")
    normalise_clip(source, out, shape, frames, 0)
    return out


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_clip_with_a_rotation_tag_stands_upright(tmp_path: Path, degrees: int) -> None:
    lying = np.rot90(quarters(128, 64), degrees // 90)
    source = write_clip(tmp_path / "a.mp4", Clip([np.ascontiguousarray(lying)] * 5))
    out = normalised(rotated(source, degrees), VideoShape(128, 64, Fraction(16)))
    pixels = read_frames(out)
    assert pixels.shape[1:3] == (64, 128)
    assert corners(pixels[0]) == "RGBW"


def test_a_result_carries_no_rotation_tag_of_its_source(tmp_path: Path) -> None:
    source = rotated(write_clip(tmp_path / "a.mp4", Clip([quarters()] * 5)), 90)
    once = normalised(source).rename(tmp_path / "once.mp4")
    assert corners(read_frames(once)[0]) == corners(read_frames(normalised(once))[0]) == "BRWG"


@pytest.mark.parametrize(("fps", "to_fps"), [(30, 16), (25, 16), (16, 24), (24, 24)])
def test_another_rate_keeps_duration_and_speed(tmp_path: Path, fps: int, to_fps: int) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(fps * 3), fps=fps))
    seen = levels(normalised(source, VideoShape(96, 64, Fraction(to_fps))))
    assert len(seen) == to_fps * 3
    expected = 30 + 190 * np.arange(to_fps * 3) / (to_fps * 3)
    assert np.abs(seen - expected).max() < 190 / fps / 3 * 1.5 + 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_clip_without_a_steady_rate_keeps_its_times(tmp_path: Path, suffix: str) -> None:
    times_ms = [0, 40, 80, 120, 500, 1000, 1020, 1500, 1960]
    shades = [20, 40, 60, 80, 100, 120, 140, 180, 220]
    clip = Clip([grey(shade) for shade in shades], times_ms=times_ms)
    seen = levels(normalised(write_clip(tmp_path / f"a{suffix}", clip)))
    assert abs(len(seen) - 32) <= 4
    assert np.abs(seen[[4, 12, 20, 28]] - [80, 100, 140, 180]).max() < 5


def test_a_late_first_frame_does_not_lengthen_the_clip(tmp_path: Path) -> None:
    times_ms = range(5000, 7000, 40)
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(50), times_ms=times_ms))
    assert watch(normalised(source)).frames == 32


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_any_channels_become_stereo_of_the_same_length(tmp_path: Path, layout: str) -> None:
    clip = Clip(brightening(50), sound=Sound(layout=layout))
    out = normalised(write_clip(tmp_path / "a.mp4", clip))
    samples, rate = read_sound(out)
    assert (samples.shape[0], rate) == (2, 48_000)
    assert abs(samples.shape[1] / rate - watch(out).video_s) <= 1 / 16
    assert 0.3 < np.abs(samples[:, rate // 2 : rate]).max() < 0.7


@pytest.mark.parametrize("rate", [8_000, 96_000])
def test_any_sample_rate_keeps_its_length(tmp_path: Path, rate: int) -> None:
    sound = Sound(rate=rate, codec="pcm_s16le", layout="mono")
    out = normalised(write_clip(tmp_path / "a.mov", Clip(brightening(50), sound=sound)))
    assert abs(sound_s(out) - 2.0) <= 1 / 16
    assert all(loud_seconds(out))


def test_sound_that_starts_late_stays_late(tmp_path: Path) -> None:
    sound = Sound(seconds=1.3, start_s=0.7)
    out = normalised(write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=sound)))
    loud = loud_seconds(out)
    assert not any(loud[:6])
    assert all(loud[8:19])


def test_a_silent_clip_stays_silent(tmp_path: Path) -> None:
    out = normalised(write_clip(tmp_path / "a.mp4", Clip(brightening(25))))
    assert watch(out).audio_codec is None


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("a.mov", "qtrle", "argb"), ("a.webm", "libvpx-vp9", "yuva420p")],
)
def test_alpha_is_laid_on_white(tmp_path: Path, name: str, codec: str, pixel_format: str) -> None:
    half = np.dstack([np.zeros((64, 96, 3), np.uint8), np.full((64, 96), 128, np.uint8)])
    half[:, 48:, 3] = 0
    clip = Clip([half] * 5, codec=codec, pixel_format=pixel_format)
    pixels = read_frames(normalised(write_clip(tmp_path / name, clip)))[0]
    assert abs(float(pixels[:, 8:40].mean()) - 127) < 6
    assert pixels[:, 56:88].mean() > 249


def test_odd_sizes_are_covered(tmp_path: Path) -> None:
    clip = Clip([quarters(101, 67)] * 5, pixel_format="yuv444p")
    pixels = read_frames(normalised(write_clip(tmp_path / "a.mp4", clip)))
    assert pixels.shape[1:3] == (64, 96)
    assert corners(pixels[0]) == "RGBW"


def test_what_stands_out_is_cut_evenly(tmp_path: Path) -> None:
    wide = np.concatenate([grey(0, 48), quarters(), grey(0, 48)], axis=1)
    pixels = read_frames(normalised(write_clip(tmp_path / "a.mp4", Clip([wide] * 5))))
    assert np.abs(pixels[0].astype(int) - quarters()).mean() < 4


def test_colours_survive(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip([quarters()] * 5))
    pixels = read_frames(normalised(source))[0].astype(int)
    assert np.abs(pixels[8:24, 8:40].mean(axis=(0, 1)) - quarters()[16, 16]).max() < 4


def test_no_more_than_the_frames_asked_for_are_taken(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=Sound()))
    out = normalised(source, frames=9)
    assert watch(out).frames == 9
    assert abs(sound_s(out) - 9 / 16) <= 1 / 16


def test_the_last_frame_is_held_to_complete_the_length(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(32), fps=16))
    out = tmp_path / "out.mp4"
    assert normalise_clip(source, out, SMALL, 6, 9) == 6
    seen = levels(out)
    assert len(seen) == 9
    assert np.abs(seen[6:] - seen[5]).max() < 1 < seen[5] - seen[4]


def test_a_clip_shorter_than_promised_is_never_held_more_than_three(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(10), fps=16))
    out = tmp_path / "out.mp4"
    assert normalise_clip(source, out, SMALL, 20, 21) == 10
    assert watch(out).frames == 13


def test_a_longer_hold_is_a_mistake_of_the_plan(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(10), fps=16))
    with pytest.raises(ValueError, match="10 frames cannot be held to 14"):
        normalise_clip(source, tmp_path / "out.mp4", SMALL, 10, 14)


def test_the_same_clip_gives_the_same_frames_and_sound(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (25, 64, 96, 3), dtype=np.uint8)
    source = write_clip(tmp_path / "a.mp4", Clip(list(noise), sound=Sound(seconds=1)))
    first = normalised(source).rename(tmp_path / "first.mp4")
    again = normalised(source)
    errors = np.abs(read_frames(first).astype(int) - read_frames(again))
    assert errors.mean() < 0.5
    assert np.array_equal(read_sound(first)[0], read_sound(again)[0])


def test_what_was_counted_is_what_is_made(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(47), fps=30))
    assert count_frames(source, Fraction(16)) == watch(normalised(source)).frames == 25


def test_a_clip_cut_off_in_the_middle_gives_what_remains(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (50, 64, 96, 3), dtype=np.uint8)
    source = truncated(write_clip(tmp_path / "a.mkv", Clip(list(noise), sound=Sound())), 0.5)
    assert 12 <= normalise_clip(source, tmp_path / "out.mp4", SMALL, 32, 33) <= 18


def test_a_clip_of_which_nothing_decodes_is_refused(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(10)))
    content = source.read_bytes()
    source.write_bytes(content[:700] + bytes(len(content) - 700))
    with pytest.raises(MediaRefused, match="damaged or incomplete"):
        normalise_clip(source, tmp_path / "out.mp4", SMALL, 6, 9)


def test_a_colour_space_nobody_knows_is_taken_for_unspecified(tmp_path: Path) -> None:
    clip = Clip([quarters()] * 5, codec="prores_ks", pixel_format="yuv422p10le")
    source = write_clip(tmp_path / "a.mov", clip)
    content = bytearray(source.read_bytes())
    at = content.index(b"icpf")
    while at >= 0:
        content[at + 20] = 237
        at = content.find(b"icpf", at + 4)
    source.write_bytes(content)
    assert corners(read_frames(normalised(source))[0]) == "RGBW"
