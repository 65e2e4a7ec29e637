"""The pictures that stand for a video before it plays. frames: as they decode, from the first."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.video.frame import VideoFrame
from PIL import Image

from services.media import upright
from services.media.graph import Step, filter_pictures
from services.media.picture import save_png, to_picture
from services.media.shape import VideoShape
from services.media.writer import encode_pictures

_PREVIEW_S = 3
_PREVIEW_FPS = 8
_PREVIEW_HEIGHT = 360
_PREVIEW_WIDTH = 640
# Level 4, libwebp's own choice, takes three times as long for a file a third smaller.
_PREVIEW_OPTIONS = {"quality": "60", "compression_level": "0"}


def draw_first_frame(frames: Iterable[VideoFrame], out: Path) -> None:
    """Write frame 0 as PNG."""
    save_png(_drawn(next(iter(frames))), out)


def draw_poster(frames: Iterable[VideoFrame], out: Path, at: int) -> None:
    """Write frame `at` as JPEG."""
    frame = next(islice(frames, at, None))
    _drawn(frame).save(out, "JPEG", quality=90, optimize=True, progressive=True)


def draw_preview(frames: Iterable[VideoFrame], out: Path, shape: VideoShape) -> None:
    """Write the first three seconds of a video of that shape as a small animated WebP."""
    step = max(Fraction(1), shape.fps / _PREVIEW_FPS)
    chosen = [int(number * step) for number in range(_PREVIEW_S * _PREVIEW_FPS)]
    seen = islice(enumerate(frames), chosen[-1] + 1)
    moving = (frame for number, frame in seen if number in chosen)
    width, height = upright.fitted((shape.width, shape.height), _PREVIEW_WIDTH, _PREVIEW_HEIGHT)
    # A lossy WebP names no colours: it is BT.601 (RFC 6386, 9.2).
    colours = "out_color_matrix=bt601:out_range=tv"
    small = [Step("scale", f"{width}:{height}:flags=lanczos:{colours}"), Step("format", "yuv420p")]
    fps = shape.fps / step
    with av.open(str(out), "w", format="webp", options={"loop": "0"}) as container:
        stream = container.add_stream("libwebp_anim", rate=fps, options=_PREVIEW_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = 1 / fps
        for packet in encode_pictures(stream, filter_pictures(moving, lambda _: small), fps):
            container.mux(packet)


def _drawn(frame: VideoFrame) -> Image.Image:
    [drawn] = filter_pictures([frame], lambda _: [Step("format", "rgb24")])
    return to_picture(drawn)
