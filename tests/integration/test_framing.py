"""What the frame dialog keeps of a picture is what the video is made from."""

import json
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from proto.job import AspectRatio, QualityProfile
from proto.media import Crop
from proto.plan import RenderSettings
from services.media.picture import cover_box, normalise_picture
from workflows_comfy.plan import kept_part
from workflows_comfy.profiles import Family, load_profiles

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".cache" / "node" / "node"
SCRIPT = f"""
import {{ cropOf }} from '{(ROOT / "frontend/src/lib/frame.ts").as_uri()}'
const cases = JSON.parse(process.argv[1])
console.log(JSON.stringify(cases.map(({{ frame, size, shape }}) => cropOf(frame, size, shape))))
"""

Pixels = NDArray[np.uint8]
Size = tuple[int, int]
Frame = tuple[float, float, float]

PICTURES: dict[str, Size] = {
    "phone.jpg": (1200, 1600),
    "wide.png": (1920, 1080),
    "odd.png": (811, 977),
}
OUTPUTS: dict[str, Size] = {"9:16": (432, 768), "16:9": (768, 432), "1:1": (576, 576)}
MIDDLE: Frame = (0.5, 0.5, 1)
FRAMES: list[Frame] = [MIDDLE, (0, 1, 1.5), (0.37, 0.61, 1.8), (0.93, 0.08, 2.2)]
DARKEST, BRIGHTEST = 16, 239
"""So that a filter that overshoots does not clip."""
LYING_RIGHT = 6


def framed(frame: Frame, size: Size, shape: str) -> tuple[float, ...]:
    """What the page shows inside its frame: left, upper, right, lower, in pixels."""
    across, down = (int(side) for side in shape.split(":"))
    x, y, zoom = frame
    unit = min(size[0] / across, size[1] / down) / zoom
    kept = unit * across, unit * down
    left = min(max(x * size[0] - kept[0] / 2, 0), size[0] - kept[0])
    upper = min(max(y * size[1] - kept[1] / 2, 0), size[1] - kept[1])
    return left, upper, left + kept[0], upper + kept[1]


def videos_of(shape: str) -> list[RenderSettings]:
    """Every video of a shape that the release makes."""
    profiles = load_profiles()
    return [
        profiles.settings(family, quality, AspectRatio(shape))
        for family, quality in product(Family, QualityProfile)
    ]


def crops(cases: Sequence[tuple[Frame | None, Size, str]]) -> list[Crop | None]:
    """What the page asks to keep."""
    if not NODE.exists():
        pytest.skip("Node is not installed")
    table = [
        {
            "frame": frame and dict(zip(("x", "y", "zoom"), frame, strict=True)),
            "size": {"width": size[0], "height": size[1]},
            "shape": shape,
        }
        for frame, size, shape in cases
    ]
    command = [str(NODE), "--input-type=module", "--eval", SCRIPT, json.dumps(table)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    found: list[dict[str, Any] | None] = json.loads(told.stdout)
    return [None if crop is None else Crop(**crop) for crop in found]


def draw_places(path: Path, size: Size) -> Path:
    """A picture whose red tells how far right a pixel is, and whose green how far down.

    Each row begins its levels elsewhere, so that their mean tells parts of a pixel. A JPEG lies on
    its side, as phones save it.
    """
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    red, green = _levels(x, width, offsets=y), _levels(y, height, offsets=x)
    image = Image.fromarray(np.dstack([red, green, np.full_like(red, 128)]))
    if path.suffix != ".jpg":
        image.save(path)
        return path
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = LYING_RIGHT
    image.transpose(Image.Transpose.ROTATE_90).save(path, quality=95, subsampling=0, exif=exif)
    return path


def _levels(place: NDArray[Any], extent: int, offsets: NDArray[Any]) -> Pixels:
    dither = (offsets * ((5**0.5 - 1) / 2)) % 1
    levels = DARKEST + place / (extent - 1) * (BRIGHTEST - DARKEST)
    return np.floor(levels + dither).astype(np.uint8)


def box_of(picture: Path, size: Size) -> tuple[float, ...]:
    """What a picture shows of its source: left, upper, right, lower, in the source's pixels."""
    pixels = np.asarray(Image.open(picture)).astype(float)
    left, right = _ends(pixels[:, :, 0].mean(axis=0), size[0])
    upper, lower = _ends(pixels[:, :, 1].mean(axis=1), size[1])
    return left, upper, right, lower


def _ends(levels: NDArray[Any], extent: int) -> tuple[float, float]:
    middles = np.arange(len(levels)) + 0.5
    rise, first = np.polyfit(middles, levels, 1)
    per_pixel = (BRIGHTEST - DARKEST) / (extent - 1)
    start = (first - DARKEST) / per_pixel + 0.5
    return start, start + rise * len(levels) / per_pixel


@pytest.mark.parametrize("name", PICTURES)
def test_what_comes_out_is_what_was_framed(tmp_path: Path, name: str) -> None:
    size = PICTURES[name]
    source, out = draw_places(tmp_path / name, size), tmp_path / "out.png"
    cases = list(product(FRAMES, [size], OUTPUTS))
    for case, crop in zip(cases, crops(cases), strict=True):
        normalise_picture(source, out, *OUTPUTS[case[2]], crop)
        assert box_of(out, size) == pytest.approx(framed(*case), abs=1), case


@pytest.mark.parametrize("size", PICTURES.values())
def test_page_and_server_keep_the_same_part(size: Size) -> None:
    cases = list(product(FRAMES, [size], OUTPUTS))
    for case, crop in zip(cases, crops(cases), strict=True):
        assert crop is not None
        for settings in videos_of(case[2]):
            ratio = Fraction(settings.width, settings.height)
            assert cover_box(size, ratio, crop) == pytest.approx(framed(*case), abs=1e-6)
            promised = kept_part(*size, settings, crop)
            assert promised.model_dump() == pytest.approx(crop.model_dump(), abs=1e-9)


def test_without_a_frame_the_server_keeps_what_the_page_shows() -> None:
    sizes = list(PICTURES.values())
    assert crops([(None, sizes[0], "9:16")]) == [None]
    cases = list(product([MIDDLE], sizes, OUTPUTS))
    for (_, size, shape), shown in zip(cases, crops(cases), strict=True):
        assert shown is not None
        kept = kept_part(*size, videos_of(shape)[0], Crop())
        assert kept.model_dump() == pytest.approx(shown.model_dump(), abs=1e-9)
