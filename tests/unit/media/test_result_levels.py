from pathlib import Path

import av
import pytest

from services.media.finish import finish
from tests.unit.media.media_factories import SMALL, Clip, grey, write_clip


def luma(path: Path) -> int:
    with av.open(str(path)) as container:
        plane = next(container.decode(video=0)).planes[0]
        return bytes(plane)[plane.line_size * 20 + 20]


@pytest.mark.parametrize("level", [30, 128, 220])
def test_encoding_anew_keeps_brightness_to_a_level(tmp_path: Path, level: int) -> None:
    segments = [
        write_clip(tmp_path / f"{name}.mp4", Clip([grey(level)] * 8, fps=16)) for name in "ab"
    ]
    result = finish(segments, None, tmp_path, SMALL, 16).video
    assert luma(result) == luma(segments[0])
