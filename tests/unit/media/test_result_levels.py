from pathlib import Path

import av
import pytest

from services.media.finish import finish
from services.media.part import Part
from tests.unit.media.media_factories import SMALL, Clip, grey, write_clip


def luma(path: Path) -> int:
    with av.open(str(path)) as container:
        plane = next(container.decode(video=0)).planes[0]
        return bytes(plane)[plane.line_size * 20 + 20]


@pytest.mark.parametrize("level", [30, 128, 220])
def test_encoding_anew_keeps_brightness_to_a_level(tmp_path: Path, level: int) -> None:
    # Of unlike presets: equal ones would be joined as they are.
    first, second = (
        write_clip(tmp_path / f"{preset}.mp4", Clip([grey(level)] * 8, fps=16, preset=preset))
        for preset in ("ultrafast", "medium")
    )
    result = finish([Part(first, 8), Part(second, 8)], None, tmp_path, SMALL).video
    assert luma(result) == luma(first)
