"""Smooth filled shapes, drawn large and scaled down so that their edges are smooth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Outline = NDArray[np.float64]
"""(n, 2): x to the right and y down, in pixels of the finished picture."""

Points = Sequence[tuple[float, float]]
Paint = str | tuple[str, str]
"""A colour, or the colours at the top and the bottom of the shape."""

_STEPS = 14
_CAP_STEPS = 12
_BLUR_REACH = 3


@dataclass(frozen=True)
class Shape:
    """blur: the radius of a soft edge. clip: what of the shape shows."""

    outline: Outline
    paint: Paint
    opacity: float = 1.0
    blur: float = 0.0
    clip: Outline | None = None


class Canvas:
    def __init__(self, backdrop: Image.Image, oversampling: int) -> None:
        self._size = backdrop.size
        self._scale = oversampling
        large = (backdrop.width * oversampling, backdrop.height * oversampling)
        self._image = backdrop.convert("RGB").resize(large, Image.Resampling.BICUBIC)

    def draw(self, shapes: Sequence[Shape]) -> None:
        for shape in shapes:
            self._fill(shape)

    def picture(self) -> Image.Image:
        return self._image.resize(self._size, Image.Resampling.LANCZOS)

    def _fill(self, shape: Shape) -> None:
        box = self._box(shape)
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        mask = self._mask(shape.outline, box)
        if shape.blur:
            mask = mask.filter(ImageFilter.GaussianBlur(shape.blur * self._scale))
        if shape.clip is not None:
            mask = ImageChops.multiply(mask, self._mask(shape.clip, box))
        if shape.opacity < 1:
            mask = mask.point([round(level * shape.opacity) for level in range(256)])
        self._image.paste(_paint(shape.paint, mask.size), box, mask)

    def _box(self, shape: Shape) -> tuple[int, int, int, int]:
        """The part of the large image the shape touches."""
        margin = shape.blur * _BLUR_REACH + 1
        low = np.maximum((shape.outline.min(axis=0) - margin) * self._scale, 0)
        high = (shape.outline.max(axis=0) + margin) * self._scale
        right, bottom = np.minimum(high, self._image.size)
        return int(low[0]), int(low[1]), int(right), int(bottom)

    def _mask(self, outline: Outline, box: tuple[int, int, int, int]) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        corner = np.array(box[:2], dtype=np.float64)
        flat = (outline * self._scale - corner).ravel().tolist()
        ImageDraw.Draw(mask).polygon(flat, fill=255)
        return mask


def slope(top: str, bottom: str, size: tuple[int, int]) -> Image.Image:
    """A vertical gradient."""
    ends = np.array([ImageColor.getrgb(top)[:3], ImageColor.getrgb(bottom)[:3]], dtype=np.float64)
    way = np.linspace(0, 1, size[1])[:, None]
    column = np.rint(ends[0] * (1 - way) + ends[1] * way).astype(np.uint8)
    return Image.fromarray(np.repeat(column[:, None, :], size[0], axis=1))


def _paint(paint: Paint, size: tuple[int, int]) -> Image.Image:
    if isinstance(paint, str):
        return Image.new("RGB", size, paint)
    return slope(*paint, size)


def blob(points: Points | Outline) -> Outline:
    """A smooth closed outline through the points."""
    knots = np.asarray(points, dtype=np.float64)
    return _spline(np.vstack([knots[-1:], knots, knots[:2]]))


def path(points: Points | Outline) -> Outline:
    """A smooth open line through the points."""
    knots = np.asarray(points, dtype=np.float64)
    before, after = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    return np.vstack([_spline(np.vstack([before, knots, after])), knots[-1:]])


def join(*runs: Points) -> Outline:
    """A closed outline of smooth lines that meet in corners."""
    return np.vstack([path(run) for run in runs])


def _spline(knots: Outline) -> Outline:
    """Catmull-Rom, from the second knot up to the last but one."""
    way = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    before, start, end, after = (
        knots[:-3, None],
        knots[1:-2, None],
        knots[2:-1, None],
        knots[3:, None],
    )
    line = (
        2 * start
        + (end - before) * way
        + (2 * before - 5 * start + 4 * end - after) * way**2
        + (3 * start - before - 3 * end + after) * way**3
    ) / 2
    return line.reshape(-1, 2)


def stroke(points: Points | Outline, radii: Sequence[float]) -> Outline:
    """A line with round ends; radii: its half width at each of the points."""
    line = path(points)
    knots = np.linspace(0, len(line) - 1, len(radii))
    reach = np.interp(np.arange(len(line)), knots, radii)[:, None]
    ahead = np.gradient(line, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, :1], ahead[:, 1:]), 1e-6)
    side = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    head = _cap(line[-1], side[-1], ahead[-1], reach[-1, 0])
    tail = _cap(line[0], -side[0], -ahead[0], reach[0, 0])
    left, right = (_outer(line, line + way * reach, reach) for way in (side, -side))
    return np.vstack([left, head, right[::-1], tail])


def _outer(line: Outline, edge: Outline, reach: Outline) -> Outline:
    """The edge without what a sharp bend folds back into the line itself."""
    apart = np.hypot(*(edge[:, None] - line[None]).transpose(2, 0, 1))
    outside: Outline = edge[(apart > reach.T * 0.98).all(axis=1)]
    return outside


def _cap(centre: Outline, side: Outline, ahead: Outline, radius: float) -> Outline:
    angle = np.linspace(0, np.pi, _CAP_STEPS)[:, None]
    cap: Outline = centre + radius * (np.cos(angle) * side + np.sin(angle) * ahead)
    return cap


def oval(x: float, y: float, across: float, down: float) -> Outline:
    """An ellipse; across, down: its half sizes."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.column_stack([x + across * np.cos(angle), y + down * np.sin(angle)])


def mirror(outline: Outline, axis: float = 0.0) -> Outline:
    return np.column_stack([2 * axis - outline[:, 0], outline[:, 1]])


def turn(outline: Outline, degrees: float, about: tuple[float, float]) -> Outline:
    """Clockwise, as y points down."""
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array(about)
    turned: Outline = (outline - centre) @ rotation + centre
    return turned


def moved(shape: Shape, move: Callable[[Outline], Outline]) -> Shape:
    clip = None if shape.clip is None else move(shape.clip)
    return replace(shape, outline=move(shape.outline), clip=clip)


def rounded(outline: Outline, paint: Paint, shade: str) -> list[Shape]:
    """A body lit from the upper left: the edge turned away falls into shade."""
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    lit = (outline - middle) * 0.97 + middle - np.array([11.0, 5.0])
    return [
        Shape(outline, _half_shade(paint, shade)),
        Shape(lit, paint, blur=6, clip=outline),
    ]


def _half_shade(paint: Paint, shade: str) -> str:
    """Halfway from the colour to its shade."""
    colours = (paint if isinstance(paint, str) else paint[1], shade)
    ends = np.array([ImageColor.getrgb(colour)[:3] for colour in colours])
    red, green, blue = (int(level) for level in ends.mean(axis=0))
    return f"#{red:02x}{green:02x}{blue:02x}"
