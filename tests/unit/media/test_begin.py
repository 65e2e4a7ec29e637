"""A video can begin anywhere in its clip or sound: with what is seen and heard there."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from services.media.clip import normalise_clip
from services.media.shape import VideoShape
from services.media.sound import VOICE_RATE, extract_soundtrack, normalise_voice
from tests.media_factory import make_sound
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Sound,
    loud_seconds,
    numbered,
    read_numbers,
    read_sound,
    save_segment,
    write_clip,
)

SECONDS = 8
BEGIN_S = Fraction(51, 16)


def begun(source: Path, begin_s: Fraction, frames: int, shape: VideoShape = SMALL) -> Path:
    out = source.with_name(f"begun-{begin_s.numerator}.mp4")
    assert normalise_clip(source, out, shape, frames, 0, begin_s=begin_s) == frames
    return out


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts"])
@pytest.mark.parametrize("fps", [16, 30])
def test_frames_are_those_of_the_whole_clip_from_there_on(
    tmp_path: Path, suffix: str, fps: int
) -> None:
    pictures = [numbered(number) for number in range(SECONDS * fps)]
    clip = Clip(pictures, fps=fps, preset="medium")
    source = write_clip(tmp_path / f"clip{suffix}", clip)
    whole = read_numbers(begun(source, Fraction(), 16 * SECONDS))
    assert read_numbers(begun(source, BEGIN_S, 32)) == whole[51:83]


@pytest.mark.parametrize("gop", [1, 12, 48])
def test_a_start_between_keyframes_is_exact(tmp_path: Path, gop: int) -> None:
    source = tmp_path / "clip.mp4"
    with av.open(str(source), "w") as container:
        video = container.add_stream("libx264", rate=16, options={"g": str(gop), "bf": "3"})
        video.width, video.height, video.pix_fmt = SMALL.width, SMALL.height, "yuv420p"
        for number in range(SECONDS * 16):
            frame = av.VideoFrame.from_ndarray(numbered(number), "rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    for start in (1, 33, 47, 48, 49, 100):
        assert read_numbers(begun(source, Fraction(start, 16), 8)) == list(range(start, start + 8))


def test_first_frame_is_the_one_that_is_shown_then(tmp_path: Path) -> None:
    times_ms = [0, 1000, 3000, 3900, 5000, 6000]
    pictures = [numbered(number) for number in range(len(times_ms))]
    source = write_clip(tmp_path / "clip.mkv", Clip(pictures, times_ms=times_ms))
    shown = read_numbers(begun(source, Fraction(16, 5), 16))
    assert shown[0] == 2
    assert shown.count(2) == pytest.approx((3.9 - 3.2) * 16, abs=1)


def test_rest_is_not_padded(tmp_path: Path) -> None:
    frames = (numbered(number) for number in range(32))
    source, out = save_segment(tmp_path / "clip.mp4", frames), tmp_path / "out.mp4"
    assert normalise_clip(source, out, SMALL, 32, 0, begin_s=Fraction(3, 2)) == 8


def test_sound_of_a_clip_begins_with_its_pictures(tmp_path: Path) -> None:
    pictures = [numbered(number) for number in range(SECONDS * 16)]
    sound = Sound(seconds=SECONDS - 5, start_s=5.0)
    source = write_clip(tmp_path / "clip.mp4", Clip(pictures, fps=16, sound=sound))
    loud = loud_seconds(begun(source, Fraction(4), 48))
    assert not any(loud[:9])
    assert all(loud[11:])


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a", ".flac"])
@pytest.mark.parametrize("begin_s", [Fraction(1, 10), Fraction(16, 5)])
def test_sound_is_that_of_the_whole_from_there_on(
    tmp_path: Path, suffix: str, begin_s: Fraction
) -> None:
    source = make_sound(tmp_path / f"sound{suffix}", seconds=6)
    whole, part = tmp_path / "whole.wav", tmp_path / "part.wav"
    extract_soundtrack(source, whole, 6)
    extract_soundtrack(source, part, 2, begin_s)
    heard, rate = read_sound(part)
    start = round(begin_s * rate)
    assert heard.shape[-1] == 2 * rate
    assert np.array_equal(heard, read_sound(whole)[0][..., start : start + 2 * rate])


def test_voice_begins_there_too(tmp_path: Path) -> None:
    source = make_sound(tmp_path / "voice.wav", seconds=5)
    whole, part = tmp_path / "whole.wav", tmp_path / "part.wav"
    normalise_voice(source, whole, 5)
    assert normalise_voice(source, part, 9, Fraction(5, 2)) == pytest.approx(2.5, abs=1e-3)
    heard = read_sound(part)[0]
    rest = read_sound(whole)[0][..., round(2.5 * VOICE_RATE) :]
    assert np.array_equal(heard, rest[..., : heard.shape[-1]])
