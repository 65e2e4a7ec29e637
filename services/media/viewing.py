"""One pass over the pictures of a clip: how many, how long, its cuts and a few stills."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import tee

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from proto.media import AssetKind, MediaFacts
from services.media import cuts, limits, still_strip, upright
from services.media.cuts import Cuts
from services.media.graph import Step, filter_pictures
from services.media.picture import to_picture
from services.media.remote import Source
from services.media.source import open_picture, pictures
from services.media.still_strip import Still, StillStrip

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Viewed:
    """frames, duration_s: by the rules by which packets are measured; frames may be 0.

    damaged: of some frames only a guess is left.
    """

    frames: int
    duration_s: float
    cuts_s: list[float]
    stills: list[Still]
    damaged: bool


def view(source: Source, facts: MediaFacts) -> Viewed:
    """Decode all of a clip's pictures once, or a little more than we take of too many."""
    clock, found, strip = _Clock(), Cuts(), StillStrip(facts.duration_s or 0.0)
    with open_picture(source) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            side = still_strip.SIDE
            fitting = upright.fitting_steps(first, aspect, side, side)
            return [*fitting, Step("format", "rgb24")]

        seen = _seen(clock.follow(pictures(container, stream)))
        wanted = _Wanted(clock, found, strip)
        for frame in filter_pictures(wanted.among(seen), steps):
            strip.keep(wanted.at_s, wanted.pixels, to_picture(frame))
    return Viewed(
        frames=clock.frames,
        duration_s=clock.duration_s,
        cuts_s=found.finish(),
        stills=strip.chosen(clock.duration_s),
        damaged=clock.damaged,
    )


class _Clock:
    """Counts frames as they pass, until they are more than we take. Times as the file has them."""

    def __init__(self) -> None:
        self.frames = 0
        self.damaged = False
        self._start = self._last = self._end = Fraction(0)

    @property
    def at_s(self) -> float:
        """When the frame that passed last is shown, after the first."""
        return float(self._last - self._start)

    @property
    def duration_s(self) -> float:
        if self._end > self._last or self.frames <= 1:
            return float(self._end - self._start)
        # The last frame has no duration: it stands for one mean interval.
        return float((self._last - self._start) * Fraction(self.frames, self.frames - 1))

    def follow(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            self._count(frame)
            yield frame
            too_long = self.duration_s > limits.MAX_DURATION_S[AssetKind.VIDEO]
            if too_long or self.frames > limits.MAX_FRAMES:
                return

    def _count(self, frame: VideoFrame) -> None:
        tick = frame.time_base or Fraction(1)
        time = frame.dts if frame.pts is None else frame.pts
        begin = self._end if time is None else time * tick
        self._start = begin if self.frames == 0 else min(self._start, begin)
        self._last = begin if self.frames == 0 else max(self._last, begin)
        self._end = max(self._end if self.frames else begin, begin + (frame.duration or 0) * tick)
        self.frames += 1
        self.damaged |= bool(frame.is_corrupt)


class _Wanted:
    """Looks at every frame, and lets those through that may become stills."""

    def __init__(self, clock: _Clock, found: Cuts, strip: StillStrip) -> None:
        self._clock = clock
        self._found = found
        self._strip = strip
        self.at_s = 0.0
        self.pixels: Pixels = np.zeros((1, 1, 3), np.uint8)

    def among(self, seen: Iterable[tuple[Pixels, VideoFrame]]) -> Iterator[VideoFrame]:
        for pixels, frame in seen:
            at_s = self._clock.at_s
            self._found.add(at_s, pixels)
            if self._strip.wants(at_s, pixels):
                self.at_s, self.pixels = at_s, pixels
                yield frame


def _seen(frames: Iterable[VideoFrame]) -> Iterator[tuple[Pixels, VideoFrame]]:
    """Every frame after a small copy of it, which the filters give for each at once."""
    copied, frames = tee(frames)
    small = filter_pictures(copied, _small_steps)
    return ((_pixels(copy), frame) for copy, frame in zip(small, frames, strict=False))


def _pixels(frame: VideoFrame) -> Pixels:
    """frame: rgb24."""
    return np.asarray(frame.to_ndarray(), np.uint8)


def _small_steps(first: VideoFrame) -> list[Step]:
    width, height = upright.fitted((first.width, first.height), cuts.SIDE, cuts.SIDE)
    return [Step("scale", f"{width}:{height}:flags=area"), Step("format", "rgb24")]
