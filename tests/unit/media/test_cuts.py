from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from proto.media import AssetKind
from services.local.samples.index import DANCE, FOLDER
from services.media.cuts import MOST
from services.media.probe import probe
from services.media.viewing import view
from tests.unit.media.media_factories import Clip, Pixels, brightening, write_clip

WIDTH, HEIGHT = 160, 96
FPS = 30


def shot(number: int) -> Pixels:
    """A scene of its own, twice as wide and high as the picture."""
    random = np.random.default_rng(number)
    blocks = random.integers(20, 235, (6, 10, 3)).astype(np.uint8)
    size = (2 * WIDTH, 2 * HEIGHT)
    scene: Pixels = np.array(Image.fromarray(blocks).resize(size, Image.Resampling.BICUBIC))
    return scene


def still(scene: Pixels, count: int) -> list[Pixels]:
    return [scene[:HEIGHT, :WIDTH]] * count


def pan(scene: Pixels, count: int, step: int) -> list[Pixels]:
    return [scene[:HEIGHT, i * step : i * step + WIDTH] for i in range(count)]


def lit(scene: Pixels, share: float) -> Pixels:
    levels: Pixels = np.clip(scene[:HEIGHT, :WIDTH] * share, 0, 255).astype(np.uint8)
    return levels


def blended(one: Pixels, other: Pixels, steps: int) -> list[Pixels]:
    both = (one[:HEIGHT, :WIDTH], other[:HEIGHT, :WIDTH])
    shares = np.arange(1, steps) / steps
    return [(both[0] * (1 - share) + both[1] * share).astype(np.uint8) for share in shares]


def dance(background: Pixels, count: int) -> list[Pixels]:
    """A large red block that swings to and fro."""
    frames = [background[:HEIGHT, :WIDTH].copy() for _ in range(count)]
    for i, frame in enumerate(frames):
        x, y = int((np.sin(i / 2) + 1) * 50), int((np.cos(i * 0.7) + 1) * 24)
        frame[y : y + 48, x : x + 60] = (230, 60, 50)
    return frames


def barred(frames: Sequence[Pixels]) -> list[Pixels]:
    return [np.pad(frame[:, 50:110], ((0, 0), (50, 50), (0, 0))) for frame in frames]


ONE, TWO, THREE = shot(1), shot(2), shot(3)
WHITE = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
BLACK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def cuts_of(folder: Path, frames: Sequence[Pixels]) -> list[float]:
    path = write_clip(folder / "a.mp4", Clip(frames, fps=FPS, crf=20))
    return view(path, probe(path, AssetKind.VIDEO)).cuts_s


@pytest.mark.parametrize(
    ("frames", "at"),
    [
        (still(ONE, 30) + still(TWO, 40) + still(THREE, 30), [30, 70]),
        (pan(ONE, 40, 3) + pan(TWO, 40, 4), [40]),
        (dance(ONE, 45) + dance(TWO, 45), [45]),
        (still(ONE, 30) + blended(ONE, TWO, 2) + still(TWO, 30), [30]),
        (barred(still(ONE, 30) + still(TWO, 30)), [30]),
        ([BLACK] * 10 + still(ONE, 30), [10]),
        (still(ONE, 30) + still(TWO, 3), [30]),
    ],
    ids=["shots", "pans", "dances", "a-frame-of-both", "bars", "from-black", "at-the-end"],
)
def test_a_hard_cut_is_found_where_it_is(
    tmp_path: Path, frames: list[Pixels], at: list[int]
) -> None:
    expected = [pytest.approx(frame / FPS, abs=1.01 / FPS) for frame in at]
    assert cuts_of(tmp_path, frames) == expected


@pytest.mark.parametrize(
    "frames",
    [
        pan(ONE, 20, 8),
        still(ONE, 30) + pan(ONE, 20, 8),
        dance(THREE, 90),
        [lit(ONE, 1 - i / 15) for i in range(15)] + [lit(TWO, i / 15) for i in range(15)],
        still(ONE, 20) + blended(ONE, TWO, 8) + still(TWO, 20),
        [*still(ONE, 30), WHITE, *still(ONE, 30)],
        still(ONE, 30) + [WHITE] * 3 + [lit(ONE, 2.5), lit(ONE, 1.6)] + still(ONE, 30),
        (still(ONE, 6) + [lit(ONE, 0.1)] * 4) * 6,
        [lit(ONE, 0.3)] * 30 + still(ONE, 30),
        brightening(50),
    ],
    ids=[
        "pan",
        "start-of-a-pan",
        "dance",
        "through-black",
        "dissolve",
        "flash",
        "slow-flash",
        "strobe",
        "lights-on",
        "sunrise",
    ],
)
def test_what_changes_within_a_shot_is_no_cut(tmp_path: Path, frames: list[Pixels]) -> None:
    assert cuts_of(tmp_path, frames) == []


def test_the_packaged_dance_is_one_shot() -> None:
    assert view(FOLDER / DANCE, probe(FOLDER / DANCE, AssetKind.VIDEO)).cuts_s == []


def test_the_list_of_cuts_ends(tmp_path: Path) -> None:
    frames = [frame for number in range(MOST + 10) for frame in still(shot(number), 8)]
    assert len(cuts_of(tmp_path, frames)) == MOST
