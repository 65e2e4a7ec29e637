"""A few moments of a clip that show what is in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 640

_MOMENTS = (0, 3 / 6, 5 / 6)
_AT_LEAST = 9
"""Equal parts of the clip, so that the middle of one lies at each moment."""
_FIRST_STEP_S = 0.5
_SOME_CONTRAST = 32


class Still(NamedTuple):
    """plain: hardly anything can be seen in it."""

    at_s: float
    image: Image.Image
    plain: bool


class StillStrip:
    """Pictures at about equal distances, never more than twice _AT_LEAST, however long it takes.

    expected_s: how long the clip says it is, which may be wrong.
    """

    def __init__(self, expected_s: float) -> None:
        self._step_s = max(min(expected_s / _AT_LEAST, _FIRST_STEP_S), 1e-3)
        self._due_s = self._step_s / 2
        self._kept: list[Still] = []

    def wants(self, at_s: float, pixels: NDArray[np.uint8]) -> bool:
        """pixels: of a small copy of the frame. The first is wanted, in case it is the only one."""
        if not self._kept:
            return True
        late = at_s >= self._due_s + self._step_s / 2
        return at_s >= self._due_s and (late or not is_plain(pixels))

    def keep(self, at_s: float, pixels: NDArray[np.uint8], image: Image.Image) -> None:
        self._kept.append(Still(at_s, image, is_plain(pixels)))
        while self._due_s <= at_s:
            self._due_s += self._step_s
        if len(self._kept) > 2 * _AT_LEAST:
            self._kept = self._kept[::2]
            self._step_s *= 2

    def chosen(self, duration_s: float) -> list[Still]:
        """At most three, in order of time; none where none was kept."""
        left = [still for still in self._kept if not still.plain] or self._kept[:1]
        if not left:
            return []
        moments = (share * duration_s for share in _MOMENTS)
        picked = [min(left, key=lambda still: abs(still.at_s - at_s)) for at_s in moments]
        return list({still.at_s: still for still in picked}.values())


def is_plain(pixels: NDArray[np.uint8]) -> bool:
    return int(pixels.max()) - int(pixels.min()) < _SOME_CONTRAST
