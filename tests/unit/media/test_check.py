from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from services.media.check import check_video
from services.media.errors import BadSegment
from services.media.finish import finish
from services.media.part import Part
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Pixels,
    brightening,
    truncated,
    write_clip,
)


def rendered(path: Path, frames: Sequence[Pixels], fps: int = 16) -> Path:
    return write_clip(path, Clip(frames, fps=fps))


def checked(path: Path) -> int:
    return check_video(path, 96, 64, Fraction(16))


@pytest.mark.parametrize("frames", [1, 17])
def test_the_frames_of_a_sound_segment_are_counted(tmp_path: Path, frames: int) -> None:
    assert checked(rendered(tmp_path / "a.mp4", brightening(frames))) == frames


def test_a_truncated_segment_is_bad(tmp_path: Path) -> None:
    part = truncated(rendered(tmp_path / "a.mp4", brightening(17)), 0.7)
    with pytest.raises(BadSegment, match="does not decode"):
        checked(part)


@pytest.mark.parametrize("content", [b"", b"<html>502 Bad Gateway</html>"])
def test_a_segment_that_is_no_video_is_bad(tmp_path: Path, content: bytes) -> None:
    part = tmp_path / "a.mp4"
    part.write_bytes(content)
    with pytest.raises(BadSegment, match="does not decode"):
        checked(part)


def test_a_segment_of_another_size_is_bad(tmp_path: Path) -> None:
    with pytest.raises(BadSegment, match="64x96, not 96x64"):
        checked(rendered(tmp_path / "a.mp4", brightening(17, 64, 96)))


def test_a_segment_at_another_rate_is_bad(tmp_path: Path) -> None:
    with pytest.raises(BadSegment, match="30 frames a second, not 16"):
        checked(rendered(tmp_path / "a.mp4", brightening(17), fps=30))


def test_a_segment_with_lost_frames_is_bad(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (17, 64, 96, 3), dtype=np.uint8)
    whole = rendered(tmp_path / "a.mp4", list(noise))
    at_once = finish([Part(whole, 17)], None, tmp_path, SMALL).video
    with pytest.raises(BadSegment, match="of 17 frames"):
        checked(truncated(at_once, 0.6))
