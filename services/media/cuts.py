"""Where a clip changes to another shot."""

from collections import deque
from collections.abc import Iterable
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 64
"""Pixels of the longer side of the copies compared: noise and small motions do not show."""
MOST = 100

_AROUND = 10
"""Frames on either side of one that is judged: lights take that long to fade."""
_NEXT = 5
_LEAST = 14.0
"""Of 255 levels, the mean over all pixels: what a cut changes at least."""
_SUDDEN = 2.5
"""How many times more than the frames around it: fast dancing and fades change them all."""
_BACK = 0.4
_CHANGED = 12
_FEW_PIXELS = 40
_FLAT = 3.0
_SAME_SHAPES = 0.9
_APART_S = 0.2

Pixels = NDArray[np.int16]


class _Seen(NamedTuple):
    at_s: float
    pixels: Pixels
    change: float


class Cuts:
    """Fed with every frame of a clip, and waits for a few of them before it judges one."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self._seen: deque[_Seen] = deque(maxlen=2 * _AROUND + 1)

    def add(self, at_s: float, pixels: NDArray[np.uint8]) -> None:
        """pixels: (height, width, 3)."""
        now: Pixels = pixels.astype(np.int16)
        last = self._seen[-1].pixels if self._seen else now
        change = _difference(last, now) if last.shape == now.shape else 0.0
        if last.shape != now.shape:
            self._seen.clear()
        self._seen.append(_Seen(at_s, now, change))
        if len(self._seen) > _AROUND:
            self._judge(len(self._seen) - 1 - _AROUND)

    def finish(self) -> list[float]:
        for index in range(max(0, len(self._seen) - _AROUND), len(self._seen)):
            self._judge(index)
        return self.times_s

    def _judge(self, index: int) -> None:
        at_s, _, change = self._seen[index]
        if change < _LEAST or len(self.times_s) >= MOST:
            return
        before = list(islice(self._seen, max(0, index - _AROUND), index))
        after = list(islice(self._seen, index + 1, index + 1 + _AROUND))
        # The neighbours may share the change: a frame blended from both shots lies between them.
        near = [*before[-_NEXT:-1], *after[1:_NEXT]]
        usual = max((seen.change for seen in near), default=0.0)
        apart = not self.times_s or at_s - self.times_s[-1] >= _APART_S
        if apart and after and change >= _SUDDEN * usual and not _is_one_shot(before, after):
            self.times_s.append(at_s)


def _is_one_shot(before: Iterable[_Seen], after: Iterable[_Seen]) -> bool:
    """True for a flash or lights that go on: what was there before is there afterwards."""
    return any(_is_same(one.pixels, other.pixels) for one, other in product(before, after))


def _is_same(one: Pixels, other: Pixels) -> bool:
    if _difference(one, other) < _LEAST * _BACK:
        return True
    grey, lit = one.mean(axis=2), other.mean(axis=2)
    # Bars beside a picture never change, and would make all shots alike.
    changed = np.abs(grey - lit) > _CHANGED
    if np.count_nonzero(changed) < _FEW_PIXELS:
        return False
    grey, lit = grey[changed] - grey[changed].mean(), lit[changed] - lit[changed].mean()
    spread = float(grey.std() * lit.std())
    return spread > _FLAT**2 and float((grey * lit).mean()) / spread > _SAME_SHAPES


def _difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one - other).mean())
