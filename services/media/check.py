from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from services.media.errors import BadSegment, MediaRefused
from services.media.source import open_picture

_RATE_TOLERANCE = Fraction(1, 200)
"""Of fps: containers round times, so a mean rate is never quite the promised one."""


def check_video(path: Path, width: int, height: int, fps: Fraction) -> int:
    """The number of frames, after decoding every one. Raises BadSegment for anything unpromised."""
    try:
        with open_picture(path) as (container, stream):
            _check_rate(path, stream, fps)
            count = 0
            for frame in container.decode(stream):
                if (frame.width, frame.height) != (width, height):
                    raise BadSegment(
                        f"{path.name}: frame {count} is {frame.width}x{frame.height}, "
                        f"not {width}x{height}"
                    )
                count += 1
            promised = stream.frames
    except (MediaRefused, av.FFmpegError) as error:
        raise BadSegment(f"{path.name} does not decode: {error}") from error
    if count == 0 or count < promised:
        raise BadSegment(f"{path.name} holds {count} of {promised} frames")
    return count


def _check_rate(path: Path, stream: VideoStream, fps: Fraction) -> None:
    rate = stream.average_rate
    # A single frame has no rate: its container makes one up.
    if stream.frames != 1 and (rate is None or abs(rate - fps) > fps * _RATE_TOLERANCE):
        raise BadSegment(f"{path.name} runs at {rate} frames a second, not {fps}")
