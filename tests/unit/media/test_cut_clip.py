from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from services.media.cut import cut_clip
from services.media.part import Cut
from services.media.recipe import ClipRecipe
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    Clip,
    Pixels,
    Sound,
    numbered,
    read_frames,
    read_numbers,
    write_clip,
)

CUTS: list[Cut] = [(0, 21), (16, 21), (32, 17)]
RATES = [Fraction(16), Fraction(24), Fraction(30_000, 1001)]


def recipe(cuts: list[Cut], fps: Fraction = Fraction(16)) -> ClipRecipe:
    return ClipRecipe(width=96, height=64, fps=fps, frames=47, hold_to=49, parts=tuple(cuts))


def noise(count: int) -> list[Pixels]:
    return list(np.random.default_rng(1).integers(0, 255, (count, 64, 96, 3), dtype=np.uint8))


def normalised(folder: Path, made: ClipRecipe, frames: list[Pixels]) -> Path:
    clip = Clip(frames, fps=30, sound=Sound())
    assert made.write(write_clip(folder / "a.mp4", clip), folder / "whole.mp4") == 47
    return folder / "whole.mp4"


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_cuts_hold_the_frames_of_the_whole_bit_for_bit(tmp_path: Path, fps: Fraction) -> None:
    whole = normalised(tmp_path, recipe(CUTS, fps), noise(100))
    frames = read_frames(whole)
    assert len(frames) == 49
    for cut, (start, length) in zip(cut_clip(whole, CUTS, tmp_path, fps), CUTS, strict=True):
        assert np.array_equal(read_frames(cut), frames[start : start + length])
        seen = watch(cut)
        assert (seen.frames, seen.audio_codec) == (length, None)
        assert seen.fps == fps


def test_a_cut_begins_at_no_time(tmp_path: Path) -> None:
    whole = normalised(tmp_path, recipe(CUTS), noise(100))
    for cut in cut_clip(whole, CUTS, tmp_path, Fraction(16)):
        with av.open(str(cut)) as container:
            times = [frame.time for frame in container.decode(video=0)]
        assert times == [number / 16 for number in range(len(times))]


def test_the_last_cut_shows_the_last_frame_on(tmp_path: Path) -> None:
    source = [numbered(number * 16 // 30) for number in range(88)]
    whole = normalised(tmp_path, recipe(CUTS), source)
    last = read_numbers(cut_clip(whole, CUTS, tmp_path, Fraction(16))[-1])
    assert last == read_numbers(whole)[32:]
    assert last[-3:] == [last[-3]] * 3


@pytest.mark.parametrize(
    ("cuts", "complaint"),
    [([(0, 21), (15, 21)], "frame 15 is not one to cut at"), ([(32, 21)], "ends at frame 49")],
)
def test_what_can_not_be_cut_is_refused(tmp_path: Path, cuts: list[Cut], complaint: str) -> None:
    whole = normalised(tmp_path, recipe(CUTS), noise(100))
    with pytest.raises(ValueError, match=complaint):
        cut_clip(whole, cuts, tmp_path, Fraction(16))


def test_a_clip_of_other_parts_is_another(tmp_path: Path) -> None:
    assert recipe(CUTS).digest != recipe([]).digest
    assert recipe(CUTS).digest == recipe(list(CUTS)).digest
