from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice, repeat
from pathlib import Path

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

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
_MODEL_INPUT = Quality(crf=16, preset="ultrafast", sound_bit_rate=192_000)


def normalise_clip(
    source: Source,
    out: Path,
    shape: VideoShape,
    frames: int | None,
    hold_to: int,
    parts: Sequence[Cut] = (),
) -> int:
    """Write the clip as the model takes it; gives how many of its frames are the source's own.

    frames: the most to take, at shape.fps; all when None. hold_to: the 4n+1 length that showing
    the last frame on completes; never more than MAX_HELD_FRAMES are added, so a clip that decodes
    to less than was promised stays short. parts: what cut_clip is to cut from it. The same input
    gives the same frames.
    """
    wanted = count_frames(source, shape.fps) if frames is None else frames
    if hold_to > wanted + MAX_HELD_FRAMES:
        raise ValueError(f"{wanted} frames cannot be held to {hold_to}")
    held = _Held(wanted, hold_to)
    with (
        open_frames(source, shape) as moving,
        open_sound(source, _lasting(wanted / shape.fps)) as sound,
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
def open_frames(source: Source, shape: VideoShape) -> Iterator[Iterator[VideoFrame]]:
    """The clip's frames at shape's rate and size: upright, centred, BT.709."""
    with open_picture(source) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            covering = upright.covering_steps(first, aspect, shape.width, shape.height)
            return [*covering, *upright.VIDEO_COLOURS]

        # The rate comes first, so that no frame is made which is not shown.
        shown = progressive(pictures(container, stream))
        yield filter_pictures(filter_times(shown, _rate_steps(shape.fps)), steps)


def _rate_steps(fps: Fraction) -> list[Step]:
    return [Step("setpts", "PTS-STARTPTS"), Step("fps", str(fps))]


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


def _lasting(duration_s: Fraction) -> list[Step]:
    return [*stereo("fltp"), *exact_length(duration_s)]
