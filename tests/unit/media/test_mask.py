from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.media.errors import BadSegment
from services.media.mask import pack_masks
from services.media.part import Cut
from tests.media_factory import watch
from tests.unit.media.media_factories import Pixels, read_frames

RATE = Fraction(16)
CUTS: list[Cut] = [(0, 21), (16, 21)]


def blob(number: int, width: int = 96, height: int = 64) -> Pixels:
    """A white disc with a jagged edge that moves on with each number."""
    y, x = np.mgrid[:height, :width]
    jagged = np.random.default_rng(number).integers(0, 60, (height, width))
    inside = (x - 20 - number) ** 2 + (y - 30) ** 2 < 300 + jagged
    return np.where(inside, 255, 0).astype(np.uint8)


def saved(folder: Path, masks: Sequence[Pixels]) -> list[Path]:
    paths = [folder / f"{number:03}.png" for number in range(len(masks))]
    for path, mask in zip(paths, masks, strict=True):
        Image.fromarray(mask).save(path)
    return paths


def rgb(masks: Sequence[Pixels]) -> Pixels:
    return np.repeat(np.stack(masks)[..., None], 3, axis=3)


def flat(level: int) -> Pixels:
    return np.full((64, 96), level, np.uint8)


@pytest.mark.parametrize(
    "masks",
    [
        [blob(number) for number in range(37)],
        [blob(number // 12) for number in range(37)],
        [flat(0)] * 37,
        [flat(255)] * 37,
        [flat(0)] * 10 + [flat(255)] * 10 + [blob(1)] * 17,
        [blob(number, 98, 66) for number in range(37)],
        list(np.random.default_rng(1).integers(0, 256, (37, 64, 96), dtype=np.uint8)),
    ],
    ids=["moving", "standing", "black", "white", "sudden", "other size", "grey levels"],
)
def test_masks_come_back_bit_for_bit(tmp_path: Path, masks: list[Pixels]) -> None:
    packed = pack_masks(saved(tmp_path, masks), CUTS, tmp_path, RATE)
    for path, (start, length) in zip(packed, CUTS, strict=True):
        assert np.array_equal(read_frames(path), rgb(masks[start : start + length]))
        assert watch(path).fps == RATE


def test_masks_saved_in_colour_are_masks_too(tmp_path: Path) -> None:
    coloured = rgb([blob(number) for number in range(5)])
    [packed] = pack_masks(saved(tmp_path, list(coloured)), [(0, 5)], tmp_path, RATE)
    assert np.array_equal(read_frames(packed), coloured)


@pytest.mark.parametrize("count", [36, 38])
def test_a_wrong_number_of_masks_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(BadSegment, match=f"there are {count} masks, not 37"):
        pack_masks(saved(tmp_path, [flat(0)] * count), CUTS, tmp_path, RATE)


def test_masks_of_unlike_sizes_are_refused(tmp_path: Path) -> None:
    pngs = saved(tmp_path, [flat(0)] * 36 + [blob(0, 98, 64)])
    with pytest.raises(BadSegment, match=r"036\.png is 98x64, not 96x64"):
        pack_masks(pngs, CUTS, tmp_path, RATE)


@pytest.mark.parametrize("kept", [0, 20, 60])
def test_a_mask_that_does_not_decode_is_named(tmp_path: Path, kept: int) -> None:
    pngs = saved(tmp_path, [blob(0)] * 37)
    pngs[5].write_bytes(pngs[5].read_bytes()[:kept])
    with pytest.raises(BadSegment, match=r"005\.png does not decode"):
        pack_masks(pngs, CUTS, tmp_path, RATE)
