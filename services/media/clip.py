from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.video.frame import VideoFrame

from proto.media import AssetKind
from services.media import upright
from services.media.graph import Step, filter_pictures
from services.media.limits import MAX_DURATION_S, MAX_HELD_FRAMES
from services.media.part import Cut
from services.media.shape import VideoShape
from services.media.sound import open_sound, stereo
from services.media.source import open_picture, pictures, unreadable
from services.media.span import measure
from services.media.writer import SOUND_RATE, Quality, write_mp4

# Nearer to the source than preset veryfast at crf 12, in half the time; the file is two thirds
# larger.
_MODEL_INPUT = Quality(crf=16, preset="ultrafast", sound_bit_rate=192_000)


def normalise_clip(
    path: Path,
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
    wanted = count_frames(path, shape.fps) if frames is None else frames
    if hold_to > wanted + MAX_HELD_FRAMES:
        raise ValueError(f"{wanted} frames cannot be held to {hold_to}")
    held = _Held(wanted, hold_to)
    with open_frames(path, shape) as moving, open_sound(path, _until(wanted / shape.fps)) as sound:
        starts = {start for start, _ in parts}
        write_mp4(out, held.follow(moving), sound, shape, _MODEL_INPUT, starts)
    if held.count == 0:
        raise unreadable()
    return held.count


def count_frames(path: Path, fps: Fraction) -> int:
    """How many frames normalise_clip makes of the whole clip at fps, by its packets."""
    with open_picture(path) as (container, stream):
        span = measure(container, [stream], MAX_DURATION_S[AssetKind.VIDEO])[stream.index]
    return max(1, int(span.duration * fps + Fraction(1, 2)))


@contextmanager
def open_frames(path: Path, shape: VideoShape) -> Iterator[Iterator[VideoFrame]]:
    """The clip's frames at shape's rate and size: upright, centred, BT.709."""
    with open_picture(path) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            size = upright.upright_size(first, aspect)
            return [
                Step("setpts", "PTS-STARTPTS"),
                Step("fps", str(shape.fps)),
                *upright.source_steps(first),
                *upright.cover_steps(size, shape.width, shape.height),
                *upright.VIDEO_COLOURS,
            ]

        yield filter_pictures(pictures(container, stream), steps)


class _Held:
    """Lets `wanted` frames pass, then shows the last one on up to `hold_to`."""

    def __init__(self, wanted: int, hold_to: int) -> None:
        self._wanted = wanted
        self._hold_to = hold_to
        self.count = 0

    def follow(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        last: VideoFrame | None = None
        for last in islice(frames, self._wanted):
            self.count += 1
            yield last
        if last is not None:
            for _ in range(min(self._hold_to - self.count, MAX_HELD_FRAMES)):
                yield last


def _until(duration_s: Fraction) -> list[Step]:
    return [*stereo("fltp"), Step("atrim", f"end_sample={round(duration_s * SOUND_RATE)}")]
