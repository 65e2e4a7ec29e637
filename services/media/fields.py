from collections.abc import Iterable, Iterator
from itertools import chain

from av.video.frame import VideoFrame

from services.media.graph import Step, filter_pictures


def progressive(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """As many frames, those of two fields made whole from the first such on.

    Cameras flag each frame for itself, and the first is often none of these.
    """
    coming = iter(frames)
    for frame in coming:
        if frame.interlaced_frame:
            yield from filter_pictures(chain([frame], coming), _whole_steps)
            return
        yield frame


def _whole_steps(first: VideoFrame) -> list[Step]:
    # The filter counts in half ticks, for the fields.
    return [Step("bwdif", "mode=send_frame:deint=interlaced"), Step("settb", str(first.time_base))]
