"""What turns, squares and covers a decoded frame."""

import struct
from fractions import Fraction

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.media.graph import UNSPECIFIED, Step

_TRANSPOSE = {
    (True, False): "clock",
    (False, True): "cclock",
    (True, True): "cclock_flip",
    (False, False): "clock_flip",
}
UNTURNED = (1 << 16, 0, 0, 1 << 16)
_HD_SIDE = 720


def turn_steps(frame: VideoFrame) -> list[Step]:
    """The turns and mirrors of the frame's display matrix, as a phone writes it."""
    a, b, c, d = display_matrix(frame)
    if abs(b) > abs(a):
        return [Step("transpose", f"dir={_TRANSPOSE[b > 0, c > 0]}")]
    flips = [("hflip", a < 0), ("vflip", d < 0)]
    return [Step(name) for name, wanted in flips if wanted]


def display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """a, b, c, d of x' = a x + c y, y' = b x + d y in 16.16 (libavutil/display.h)."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return UNTURNED
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    return a, b, c, d


def upright_size(frame: VideoFrame, pixel_aspect: Fraction) -> tuple[int, int]:
    """Width and height as seen: turned, and with square pixels."""
    a, b, _, _ = display_matrix(frame)
    width = max(1, round(frame.width * pixel_aspect))
    return (frame.height, width) if abs(b) > abs(a) else (width, frame.height)


def pixel_aspect(stream: VideoStream) -> Fraction:
    return stream.sample_aspect_ratio or Fraction(1)


def cover_steps(size: tuple[int, int], width: int, height: int) -> list[Step]:
    """Fill width x height and cut what stands out, evenly on both sides."""
    factor = max(Fraction(width, size[0]), Fraction(height, size[1]))
    scaled = _scale(max(width, round(size[0] * factor)), max(height, round(size[1] * factor)))
    return [Step("scale", scaled), Step("crop", f"{width}:{height}")]


def fit_steps(size: tuple[int, int], width: int, height: int) -> list[Step]:
    return [Step("scale", _scale(*fitted(size, width, height)))]


def fitted(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Shrunk to within width x height, the sides even."""
    factor = min(Fraction(width, size[0]), Fraction(height, size[1]), Fraction(1))
    return max(2, int(size[0] * factor) // 2 * 2), max(2, int(size[1] * factor) // 2 * 2)


def source_steps(frame: VideoFrame) -> list[Step]:
    """What makes a frame progressive, opaque, upright and sure of its colours."""
    steps = [Step("bwdif", "mode=send_frame:deint=interlaced")] if frame.interlaced_frame else []
    if any(component.is_alpha for component in frame.format.components):
        # White behind, as for pictures: premultiply lays on black, so it works on the negative.
        negative = Step("negate", "negate_alpha=0")
        steps += [Step("format", "gbrap"), negative, Step("premultiply", "inplace=1"), negative]
        steps += [Step("format", "gbrp")]
    elif frame.colorspace == UNSPECIFIED and min(frame.width, frame.height) >= _HD_SIDE:
        # Untagged files follow their size: BT.709 from HD up, BT.601 (libav's default) below.
        steps += [Step("setparams", "colorspace=bt709")]
    return steps + turn_steps(frame)


VIDEO_COLOURS = [
    Step("format", "yuv420p"),
    Step("setsar", "1"),
    Step("setparams", "range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"),
]


def _scale(width: int, height: int) -> str:
    flags = "lanczos+accurate_rnd+full_chroma_int+bitexact"
    return f"{width}:{height}:flags={flags}:out_color_matrix=bt709:out_range=tv"
