"""What turns, squares and covers a decoded frame."""

import struct
from fractions import Fraction

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.media.graph import UNSPECIFIED, Step
from services.media.tone import matrix_of, tone_steps

_TRANSPOSE = {
    (True, False): "clock",
    (False, True): "cclock",
    (True, True): "cclock_flip",
    (False, False): "clock_flip",
}
UNTURNED = (1 << 16, 0, 0, 1 << 16)
_HD_SIDE = 720
_MARGIN = 4
_CHROMA = 4
"""Pixels that share a colour in 4:1:1, the coarsest there is."""


def turn_steps(frame: VideoFrame) -> list[Step]:
    """The turns and mirrors of the frame's display matrix, as a phone writes it."""
    a, b, c, d = display_matrix(frame)
    if is_turned(frame):
        return [Step("transpose", f"dir={_TRANSPOSE[b > 0, c > 0]}")]
    flips = [("hflip", a < 0), ("vflip", d < 0)]
    return [Step(name) for name, wanted in flips if wanted]


def is_turned(frame: VideoFrame) -> bool:
    """True when width and height change places."""
    a, b, _, _ = display_matrix(frame)
    return abs(b) > abs(a)


def turn(frame: VideoFrame) -> tuple[int, bool]:
    """Degrees clockwise, 0, 90, 180 or 270, and whether the picture is mirrored before it."""
    a, b, c, d = display_matrix(frame)
    if is_turned(frame):
        return (90 if b > 0 else 270), (b > 0) == (c > 0)
    mirrored = (a < 0) != (d < 0)
    return (180 if d < 0 else 0), mirrored


def display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """a, b, c, d of x' = a x + c y, y' = b x + d y in 16.16 (libavutil/display.h)."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return UNTURNED
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    return a, b, c, d


def upright_size(frame: VideoFrame, pixel_aspect: Fraction) -> tuple[int, int]:
    """Width and height as seen: turned, and with square pixels."""
    width = max(1, round(frame.width * pixel_aspect))
    return (frame.height, width) if is_turned(frame) else (width, frame.height)


def pixel_aspect(stream: VideoStream) -> Fraction:
    return stream.sample_aspect_ratio or Fraction(1)


def covering_steps(frame: VideoFrame, aspect: Fraction, width: int, height: int) -> list[Step]:
    """What makes frames fill width x height, upright; what stands out is cut evenly.

    Cut and sized first, toned and turned last: little of a large frame is touched twice.
    """
    lying = (height, width) if is_turned(frame) else (width, height)
    size = (max(1, round(frame.width * aspect)), frame.height)
    factor = max(Fraction(lying[0], size[0]), Fraction(lying[1], size[1]))
    cut = [_spare(frame.width, lying[0] / factor / size[0], factor)]
    cut += [_spare(frame.height, lying[1] / factor / size[1], factor)]
    left = (frame.width - 2 * cut[0], frame.height - 2 * cut[1])
    scaled = (
        max(lying[0], round(left[0] * factor * size[0] / frame.width)),
        max(lying[1], round(left[1] * factor)),
    )
    return [
        *plain_steps(frame),
        *([Step("crop", f"{left[0]}:{left[1]}:{cut[0]}:{cut[1]}:exact=1")] if any(cut) else []),
        *_sized_steps(frame, *scaled),
        Step("crop", f"{lying[0]}:{lying[1]}"),
        *turn_steps(frame),
    ]


def fitting_steps(frame: VideoFrame, aspect: Fraction, width: int, height: int) -> list[Step]:
    """What makes frames fit into width x height, upright and no larger than they were."""
    seen = fitted(upright_size(frame, aspect), width, height)
    lying = (seen[1], seen[0]) if is_turned(frame) else seen
    return [*plain_steps(frame), *_sized_steps(frame, *lying), *turn_steps(frame)]


def fitted(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Shrunk to within width x height, the sides even."""
    factor = min(Fraction(width, size[0]), Fraction(height, size[1]), Fraction(1))
    return max(2, int(size[0] * factor) // 2 * 2), max(2, int(size[1] * factor) // 2 * 2)


def plain_steps(frame: VideoFrame) -> list[Step]:
    """What makes a frame opaque and sure of its colours."""
    if any(component.is_alpha for component in frame.format.components):
        # White behind, as for pictures: premultiply lays on black, so it works on the negative.
        negative = Step("negate", "negate_alpha=0")
        steps = [Step("format", "gbrap"), negative, Step("premultiply", "inplace=1"), negative]
        return [*steps, Step("format", "gbrp")]
    if frame.colorspace != UNSPECIFIED:
        return []
    # Untagged files follow their size: BT.709 from HD up, BT.601 (libav's default) below.
    hd = "bt709" if min(frame.width, frame.height) >= _HD_SIDE else None
    matrix = matrix_of(frame) or hd
    return [Step("setparams", f"colorspace={matrix}")] if matrix else []


def _sized_steps(frame: VideoFrame, width: int, height: int) -> list[Step]:
    toned = tone_steps(frame)
    if not toned:
        return [Step("scale", f"{_scale(width, height)}:{_BT709}")]
    return [
        Step("scale", _scale(width, height)),
        *toned,
        Step("scale", f"{_scale(width, height)}:{_BT709}"),
    ]


def _spare(side: int, kept: Fraction, factor: Fraction) -> int:
    """Pixels at either end of a side of which the middle share `kept` is used, if it shrinks."""
    if factor >= 1:
        return 0
    spare = (side - side * kept) / 2 - _MARGIN
    return max(0, int(spare) // _CHROMA * _CHROMA)


VIDEO_COLOURS = [
    Step("format", "yuv420p"),
    Step("setsar", "1"),
    Step("setparams", "range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"),
]


_BT709 = "out_color_matrix=bt709:out_range=tv"


def _scale(width: int, height: int) -> str:
    return f"{width}:{height}:flags=lanczos+accurate_rnd+full_chroma_int+bitexact"
