"""What a segment looks like, so that a slow change from one to the next is noticed."""

from collections.abc import Iterator
from math import hypot
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from proto.look import Drift, Look
from services.media import upright
from services.media.errors import BadSegment, MediaRefused
from services.media.graph import Step, filter_pictures
from services.media.picture import read_upright, to_picture
from services.media.source import open_picture, pictures

Pixels = NDArray[np.uint8]
Levels = NDArray[np.float32]

_SAMPLES = 8
_SIDE = 384
"""Pixels of the longer side: fine detail still counts, the coding of single pixels hardly does."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# sRGB to XYZ relative to D65 white (IEC 61966-2-1), each row divided by its white.
_XYZ = np.array(
    [
        [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883],
    ],
    np.float32,
)
_KNEE = 0.04045
_CODES = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_CODES <= _KNEE, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4)
_FLAT = 1.0
"""Variance that rounding alone makes: below it no picture is sharper than another."""


def look_of_video(path: Path) -> Look:
    """The mean look of a few frames spread over a segment. Raises BadSegment."""
    try:
        looks = [_look(np.asarray(to_picture(frame))) for frame in _sampled(path)]
    except (MediaRefused, av.FFmpegError) as error:
        raise BadSegment(f"{path.name} does not decode: {error}") from error
    if not looks:
        raise BadSegment(f"{path.name} holds no frames")
    means = {
        trait: sum(getattr(look, trait) for look in looks) / len(looks)
        for trait in Look.model_fields
    }
    return Look(**means)


def look_of_picture(path: Path) -> Look:
    """Raises MediaRefused."""
    image = read_upright(path).convert("RGB")
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return _look(np.asarray(image))


def drift(look: Look, first: Look, picture: Look | None) -> Drift:
    """look, first: of two segments of one job, which share their size."""
    return Drift(
        colour=_colour_distance(look, first),
        exposure=look.luma - first.luma,
        sharpness=_detail(look) / _detail(first),
        from_picture_colour=None if picture is None else _colour_distance(look, picture),
        from_picture_exposure=None if picture is None else look.luma - picture.luma,
    )


def _detail(look: Look) -> float:
    """Sharpness as a share of contrast, for a darker picture has less of both."""
    return (look.sharpness + _FLAT) / ((255 * look.contrast) ** 2 + _FLAT)


def _colour_distance(one: Look, other: Look) -> float:
    return hypot(one.a - other.a, one.b - other.b)


def _sampled(path: Path) -> Iterator[VideoFrame]:
    """The frames looked at: small, rgb24. Nothing behind the last of them is decoded."""
    with open_picture(path) as (container, stream):
        count = sum(1 for packet in container.demux(stream) if packet.size)
    chosen = {(2 * sample + 1) * count // (2 * _SAMPLES) for sample in range(_SAMPLES)}
    with open_picture(path) as (container, stream):
        size = upright.fitted((stream.width, stream.height), _SIDE, _SIDE)
        scale = f"{size[0]}:{size[1]}:flags=area+accurate_rnd+full_chroma_int+full_chroma_inp"
        small = [Step("scale", scale), Step("format", "rgb24")]
        # zip asks the range first, so it ends without a frame more.
        numbered = zip(range(max(chosen) + 1), pictures(container, stream), strict=False)
        picked = (frame for number, frame in numbered if number in chosen)
        yield from filter_pictures(picked, lambda _: small)


def _look(pixels: Pixels) -> Look:
    luma = pixels.astype(np.float32) @ _LUMA
    lightness, a, b = _mean_lab(pixels)
    return Look(
        luma=float(luma.mean()) / 255,
        contrast=float(luma.std()) / 255,
        lightness=lightness,
        a=a,
        b=b,
        sharpness=float(_laplacian(luma).var()),
    )


def _mean_lab(pixels: Pixels) -> tuple[float, float, float]:
    ratios = _LINEAR[pixels] @ _XYZ.T
    # CIE 15, 8.2.1.1: a line below (6/29)^3, where the cube root is too steep.
    roots = np.where(ratios > 216 / 24389, np.cbrt(ratios), ratios * (841 / 108) + 4 / 29)
    x, y, z = (float(mean) for mean in roots.mean(axis=(0, 1)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _laplacian(luma: Levels) -> Levels:
    middle = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return around - 4 * middle
