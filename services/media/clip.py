from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice, repeat
from math import floor
from pathlib import Path

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from proto.media import AssetKind
from services.media import upright
from services.media.fields import progressive
from services.media.graph import Step, filter_pictures, filter_times
from services.media.limits import MAX_DURATION_S, MAX_HELD_FRAMES
from services.media.part import Cut
from services.media.remote import Source
from services.media.shape import VideoShape
from services.media.sound import exact_length, open_sound, stereo
from services.media.source import (
    is_indexed,
    open_hollow,
    open_picture,
    pictures,
    require_picture_stream,
    unreadable,
)
from services.media.span import measure
from services.media.writer import Quality, write_mp4

# Nearer to the source than preset veryfast at crf 12, in half the time; the file is two thirds
# larger.
_WORTH_SEEKING_S = 2
# Pictures right behind a keyframe may need what lies before it.
_BEFORE_S = 1
_MODEL_INPUT = Quality(crf=16, preset="ultrafast", sound_bit_rate=192_000)


def normalise_clip(  # noqa: PLR0913
    source: Source,
    out: Path,
    shape: VideoShape,
    frames: int | None,
    hold_to: int,
    parts: Sequence[Cut] = (),
    *,
    begin_s: Fraction = Fraction(),
) -> int:
    """Write the clip as the model takes it; gives how many of its frames are the source's own.

    frames: the most to take, at shape.fps; all when None. hold_to: the 4n+1 length that showing
    the last frame on completes; never more than MAX_HELD_FRAMES are added, so a clip that decodes
    to less than was promised stays short. parts: what cut_clip is to cut from it. begin_s: where in
    the clip to begin. The same input gives the same frames.
    """
    wanted = count_frames(source, shape.fps) if frames is None else frames
    if hold_to > wanted + MAX_HELD_FRAMES:
        raise ValueError(f"{wanted} frames cannot be held to {hold_to}")
    held = _Held(wanted, hold_to)
    with (
        open_frames(source, shape, begin_s) as moving,
        open_sound(source, _lasting(wanted / shape.fps, begin_s)) as sound,
    ):
        starts = {start for start, _ in parts}
        heard = None if sound is None else held.heard(sound, shape.fps)
        write_mp4(out, held.follow(moving), heard, shape, _MODEL_INPUT, starts)
    if held.count == 0:
        raise unreadable()
    return held.count


def count_frames(source: Source, fps: Fraction) -> int:
    """How many frames normalise_clip makes of the whole clip at fps, by its packets."""
    with open_hollow(source) as (container, _):
        stream = require_picture_stream(container)
        span = measure(container, [stream], MAX_DURATION_S[AssetKind.VIDEO])[stream.index]
    return max(1, int(span.duration_s * fps + Fraction(1, 2)))


@contextmanager
def open_frames(
    source: Source, shape: VideoShape, begin_s: Fraction = Fraction()
) -> Iterator[Iterator[VideoFrame]]:
    """The clip's frames at shape's rate and size: upright, centred, BT.709.

    The first one is what is shown begin_s after the clip's own first.
    """
    with open_picture(source) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            covering = upright.covering_steps(first, aspect, shape.width, shape.height)
            return [*covering, *upright.VIDEO_COLOURS]

        zero_s, decoded = _reached(container, stream, begin_s)
        rate = [
            Step("setpts", f"PTS-({zero_s.numerator}/{zero_s.denominator})/TB"),
            Step("fps", f"{shape.fps}:start_time=0"),
        ]
        # The rate comes first, so that no frame is made which is not shown.
        yield filter_pictures(filter_times(progressive(decoded), rate), steps)


def _reached(
    container: InputContainer, stream: VideoStream, begin_s: Fraction
) -> tuple[Fraction, Iterator[VideoFrame]]:
    """The time in the file that is begin_s after the first frame, and frames from before it on."""
    decoded = pictures(container, stream)
    first = next(decoded, None)
    if first is None:
        return begin_s, iter(())
    wanted_s = _time_of(first) + begin_s
    if begin_s > _WORTH_SEEKING_S and is_indexed(container):
        _seek(container, stream, wanted_s - _BEFORE_S)
        decoded = pictures(container, stream)
        landed = next(decoded, None)
        if landed is not None and _time_of(landed) <= wanted_s:
            return wanted_s, chain([landed], decoded)
        # The index leads elsewhere: all from the start is read instead.
        _seek(container, stream, _time_of(first))
        return wanted_s, pictures(container, stream)
    return wanted_s, chain([first], decoded)


def _seek(container: InputContainer, stream: VideoStream, time_s: Fraction) -> None:
    """To a keyframe at that time in the file, or before it."""
    container.seek(floor(time_s / Fraction(stream.time_base or 1)), stream=stream)


def _time_of(frame: VideoFrame) -> Fraction:
    return (frame.pts or 0) * Fraction(frame.time_base or 1)


class _Held:
    """Lets `wanted` frames pass, then shows the last one on up to `hold_to`.

    count: those that passed. The sound beside them ends where they do.
    """

    def __init__(self, wanted: int, hold_to: int) -> None:
        self._wanted = wanted
        self._hold_to = hold_to
        self.count = 0
        self._shown: int | None = None

    def follow(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        last: VideoFrame | None = None
        for last in islice(frames, self._wanted):
            self.count += 1
            yield last
        held = max(0, min(self._hold_to - self.count, MAX_HELD_FRAMES))
        self._shown = self.count + held
        if last is not None:
            yield from repeat(last, held)

    def heard(self, sounds: Iterable[AudioFrame], fps: Fraction) -> Iterator[AudioFrame]:
        """Both are written side by side, so that the pictures have ended before their sound."""
        for sound in sounds:
            if self._shown is not None and (sound.time or 0) >= self._shown / fps:
                return
            yield sound


def _lasting(duration_s: Fraction, begin_s: Fraction) -> list[Step]:
    return [*stereo("fltp", begin_s), *exact_length(duration_s)]
