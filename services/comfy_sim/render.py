"""Painting the frames: the job's own picture and clip, plainly marked as simulated."""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from services.comfy_sim.files import FileStore
from services.comfy_sim.media import ClipReader, Frame, fit, loudness, read_picture
from services.comfy_sim.values import Clip, Colour, Picture, Scene, SceneKind, Shot, Spot

MARK = "SIMULATED"
VOICE_FPS = 16
"""The rate the sound-to-video model cuts its audio at."""

MARGIN = 1.12
"""How much larger than the frame the character's picture is, so that it can move."""

NEARER = 2 / (1 + 1 / MARGIN)
"""How much larger it gets at most when it comes nearer."""

ZOOM_STEPS = 12
"""Steps of nearness. A step shows as a pixel or two, and a frame costs no scaling of its own."""

Mask = NDArray[np.uint16]


@dataclass
class Painter:
    """Paints shots at one size. Keeps what it opened, so it belongs to one save."""

    files: FileStore
    width: int
    height: int
    _kept: dict[Any, Any] = field(default_factory=dict)

    def paint(self, shot: Shot) -> Frame:
        match shot.source:
            case Picture(path):
                return np.asarray(self._picture(path, 1.0))
            case Clip(path, pose):
                frame = self._clip(path, self.width, self.height).frame(shot.index)
                return _outlines(frame) if pose else frame
            case Colour(red, green, blue):
                return np.full((self.height, self.width, 3), (red, green, blue), np.uint8)
            case Spot(x, y):
                spot = _ellipse(self.width, self.height, x, y) >> 1
                return np.repeat(spot[:, :, None], 3, axis=2).clip(0, 255).astype(np.uint8)
            case Scene() as scene:
                return self._paint_scene(scene, shot.index)

    def _paint_scene(self, scene: Scene, index: int) -> Frame:
        if scene.kind is SceneKind.MIX and scene.clip is not None:
            frame = self._mix(scene, scene.clip, index)
        elif scene.kind is SceneKind.VOICE:
            frame = self._voice(scene, index)
        else:
            frame = self._move(scene, index)
        _stamp(frame)
        return frame

    def _move(self, scene: Scene, index: int) -> Frame:
        """The character swaying with the clip, which is shown in a corner."""
        if scene.clip is None:
            return self._character(scene, index, 0.0, 0.0).copy()
        width, height = _even(self.width / 4), _even(self.height / 4)
        reader = self._clip(scene.clip, width, height)
        before = reader.frame(max(scene.clip_start + index - 1, 0))
        inset = reader.frame(scene.clip_start + index)
        frame = self._character(scene, index, _energy(before, inset), _lean(inset)).copy()
        frame[-height:, -width:] = inset
        return frame

    def _mix(self, scene: Scene, clip: str, index: int) -> Frame:
        """The clip with the character in the person's place."""
        frame = self._clip(clip, self.width, self.height).frame(scene.clip_start + index).copy()
        cover = self._keep(
            ("cover", scene.x, scene.y),
            lambda: Cover.around(self.width, self.height, scene.x, scene.y),
        )
        cover.blend(frame, self._character(scene, index, 0.0, 0.0))
        return frame

    def _voice(self, scene: Scene, index: int) -> Frame:
        """The character swelling with the sound, and a level meter at the left."""
        levels = self._loudness(scene.sound)
        level = float(levels[index]) if index < len(levels) else 0.0
        frame = self._character(scene, index, level, 0.0).copy()
        width, full = max(self.width // 40, 4), self.height // 3
        frame[-full:, :width] = (40, 40, 40)
        lit = round(full * level)
        if lit:
            frame[-lit:, :width] = (80, 220, 120)
        return frame

    def _character(self, scene: Scene, index: int, energy: float, lean: float) -> Frame:
        """A window on the picture that moves a little, and comes nearer with `energy`, 0..1.

        Not to be written to: it is a view.
        """
        if scene.picture is None:
            return np.full((self.height, self.width, 3), 96, np.uint8)
        picture = self._nearer(scene.picture, round(energy * ZOOM_STEPS))
        free_y, free_x = picture.shape[0] - self.height, picture.shape[1] - self.width
        sway_x, sway_y = (MARGIN - 1) * self.width, (MARGIN - 1) * self.height
        phase = 2 * math.pi * (index / 48 + scene.seed % 97 / 97)
        left = free_x / 2 + sway_x / 2 * (0.5 * math.sin(phase) + 0.5 * lean)
        top = free_y / 2 + sway_y / 4 * math.cos(phase)
        y, x = min(max(round(top), 0), free_y), min(max(round(left), 0), free_x)
        return picture[y : y + self.height, x : x + self.width]

    def _nearer(self, path: str, step: int) -> Frame:
        """The picture at a step of nearness, 0..ZOOM_STEPS."""
        scale = MARGIN * (1 + (NEARER - 1) * step / ZOOM_STEPS)
        size = (math.ceil(self.width * scale), math.ceil(self.height * scale))
        largest = self._picture(path, MARGIN * NEARER)
        kept: Frame = self._keep(
            (path, "step", step),
            lambda: np.asarray(largest.resize(size, Image.Resampling.BILINEAR)),
        )
        return kept

    def _picture(self, path: str, margin: float) -> Image.Image:
        width, height = math.ceil(self.width * margin), math.ceil(self.height * margin)
        kept: Image.Image = self._keep(
            (path, margin), lambda: fit(read_picture(self.files.base / path), width, height)
        )
        return kept

    def _clip(self, path: str, width: int, height: int) -> ClipReader:
        kept: ClipReader = self._keep(
            (path, width, height), lambda: ClipReader(self.files.base / path, width, height)
        )
        return kept

    def _loudness(self, path: str | None) -> NDArray[np.float32]:
        if path is None:
            return np.zeros(0, np.float32)
        kept: NDArray[np.float32] = self._keep(
            ("loudness", path), lambda: loudness(self.files.base / path, VOICE_FPS)
        )
        return kept

    def _keep(self, key: Any, make: Any) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def _even(length: float) -> int:
    return max(2, int(length) // 2 * 2)


def _energy(before: Frame, after: Frame) -> float:
    difference = before[::4, ::4].astype(np.int16) - after[::4, ::4]
    return min(1.0, float(np.abs(difference).mean()) / 16)


def _lean(frame: Frame) -> float:
    """Where the bright part of a frame lies: -1 left, 1 right."""
    columns = frame[::4, :, 1].sum(axis=0, dtype=np.float64)
    if not columns.any():
        return 0.0
    return float(np.average(np.linspace(-1, 1, len(columns)), weights=columns))


def _outlines(frame: Frame) -> Frame:
    """What a pose map looks like from afar: the clip's edges on black."""
    grey = frame.mean(axis=2)
    edges = np.abs(np.diff(grey, axis=0, append=0)) + np.abs(np.diff(grey, axis=1, append=0))
    return np.repeat((edges * 3).clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


@dataclass(frozen=True)
class Cover:
    """Where the character stands in the clip. inner: the same place in the character's frame.

    weight, rest: of the character and of the clip, of 256 together, for each of three channels:
    numpy is slow to repeat one.
    """

    outer: tuple[slice, slice]
    inner: tuple[slice, slice]
    weight: Mask
    rest: Mask

    @staticmethod
    def around(width: int, height: int, x: float, y: float) -> "Cover":
        whole = _ellipse(width, height, x, y)
        rows, columns = _bounds(whole)
        down, right = round((y - 0.5) * height), round((x - 0.5) * width)
        inner = (_moved(rows, -down, height), _moved(columns, -right, width))
        kept = np.repeat(whole[rows, columns, None] >> 1, 3, axis=2)
        return Cover((rows, columns), inner, kept, 256 - kept)

    def blend(self, frame: Frame, character: Frame) -> None:
        mixed = character[self.inner] * self.weight
        mixed += frame[self.outer] * self.rest
        mixed >>= 8
        frame[self.outer] = mixed


def _moved(span: slice, by: int, limit: int) -> slice:
    """The span elsewhere, pushed back in where it would reach over an edge."""
    length = span.stop - span.start
    start = min(max(span.start + by, 0), limit - length)
    return slice(start, start + length)


def _ellipse(width: int, height: int, x: float, y: float) -> Mask:
    """0..512, soft at the rim: an upright person around (x, y), given in fractions."""
    across = (np.arange(width) / width - x) / 0.22
    down = (np.arange(height) / height - y) / 0.42
    distance = np.square(across)[None, :] + np.square(down)[:, None]
    return np.asarray(((1.15 - distance) * 2048).clip(0, 512), np.uint16)


def _bounds(cover: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _stamp(frame: Frame) -> None:
    """Write the mark over the top of the frame."""
    mark = _mark(frame.shape[1])
    height = min(mark.shape[0], frame.shape[0])
    frame[:height] = mark[:height]


@lru_cache(maxsize=8)
def _mark(width: int) -> Frame:
    """A band of the frame's width with the word in it, as large as fits."""
    font = ImageFont.load_default(size=max(8, width // 9))
    _, top, _, bottom = font.getbbox(MARK)
    band = Image.new("RGB", (width, int(bottom - top) + max(4, width // 24)), (20, 20, 24))
    middle = (width / 2, band.height / 2)
    ImageDraw.Draw(band).text(middle, MARK, font=font, fill=(255, 210, 64), anchor="mm")
    return np.asarray(band)
