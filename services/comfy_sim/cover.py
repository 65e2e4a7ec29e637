"""Masks, and putting a character where they are white."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.comfy_sim.media import Frame
from services.comfy_sim.values import Spot

MaskPixels = NDArray[np.uint8]
"""(height, width), 255 where the person is."""

Weights = NDArray[np.uint16]

WANDER = (0.0, 0.02, 0.04, 0.02, 0.0, -0.02, -0.04, -0.02)
"""How far a tracked person is from their first place, in widths of the frame."""

STANDSTILL = 8
"""Frames they stay in a place: a mask is then painted and encoded once for all of them."""


@dataclass(frozen=True)
class Cover:
    """Where the character stands in the clip. inner: the same place in the character's frame.

    weight, rest: of the character and of the clip, of 256 together, for each of three channels:
    numpy is slow to repeat one.
    """

    outer: tuple[slice, slice]
    inner: tuple[slice, slice]
    weight: Weights
    rest: Weights

    @staticmethod
    def of(mask: MaskPixels) -> "Cover | None":
        """None for a mask that has nothing white."""
        if not mask.any():
            return None
        rows, columns = _bounds(mask)
        inner = (_centred(rows, mask.shape[0]), _centred(columns, mask.shape[1]))
        white = mask[rows, columns, None].astype(np.uint16)
        weight = np.repeat(white + (white >> 7), 3, axis=2)
        return Cover((rows, columns), inner, weight, 256 - weight)

    def blend(self, frame: Frame, character: Frame) -> None:
        mixed = character[self.inner] * self.weight
        mixed += frame[self.outer] * self.rest
        mixed >>= 8
        frame[self.outer] = mixed


def _bounds(mask: MaskPixels) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _centred(span: slice, limit: int) -> slice:
    length = span.stop - span.start
    start = (limit - length) // 2
    return slice(start, start + length)


def wandered(spot: Spot, index: int) -> Spot:
    """Where the person is in a frame."""
    return replace(spot, x=spot.x + WANDER[index // STANDSTILL % len(WANDER)])


@lru_cache(maxsize=2 * len(WANDER))
def spot_pixels(spot: Spot) -> MaskPixels:
    """An upright person, soft at the rim."""
    across = (np.arange(spot.width) / spot.width - spot.x) / 0.22
    down = (np.arange(spot.height) / spot.height - spot.y) / 0.42
    distance = np.square(across)[None, :] + np.square(down)[:, None]
    return ((1.15 - distance) * 1024).clip(0, 255).astype(np.uint8)


def fill(mask: MaskPixels, width: int, height: int) -> MaskPixels:
    """Scaled to fill the size and cut around the middle; a pixel is the nearest one's."""
    if mask.shape == (height, width):
        return mask
    scale = max(width / mask.shape[1], height / mask.shape[0])
    rows = _nearest(mask.shape[0], height, scale)
    columns = _nearest(mask.shape[1], width, scale)
    return mask[rows[:, None], columns[None, :]]


def _nearest(length: int, wanted: int, scale: float) -> NDArray[np.intp]:
    places = (np.arange(wanted) + 0.5 - wanted / 2) / scale + length / 2
    return places.astype(np.intp).clip(0, length - 1)
