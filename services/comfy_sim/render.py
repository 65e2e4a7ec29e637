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
"""How much larger than the frame the character's picture is kept, so that it can move."""

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
            return self._character(scene, index, 0.0, 0.0)
        width, height = _even(self.width / 4), _even(self.height / 4)
        reader = self._clip(scene.clip, width, height)
        before = reader.frame(max(scene.clip_start + index - 1, 0))
        inset = reader.frame(scene.clip_start + index)
        frame = self._character(scene, index, _energy(before, inset), _lean(inset))
        frame[-height:, -width:] = inset
        return frame

    def _mix(self, scene: Scene, clip: str, index: int) -> Frame:
        """The clip with the character in the person's place."""
        frame = self._clip(clip, self.width, self.height).frame(scene.clip_start + index).copy()
        cover = self._keep(
            ("cover", scene.x, scene.y),
            lambda: _ellipse(self.width, self.height, scene.x, scene.y),
        )
        rows, columns = _bounds(cover)
        weight = cover[rows, columns, None]
        shift = (round((scene.y - 0.5) * self.height), round((scene.x - 0.5) * self.width))
        character = np.roll(self._character(scene, index, 0.0, 0.0), shift, (0, 1))
        above = character[rows, columns].astype(np.uint16)
        below = frame[rows, columns].astype(np.uint16)
        frame[rows, columns] = (above * (weight >> 1) + below * (256 - (weight >> 1))) >> 8
        return frame

    def _voice(self, scene: Scene, index: int) -> Frame:
        """The character swelling with the sound, and a level meter at the left."""
        levels = self._loudness(scene.sound)
        level = float(levels[index]) if index < len(levels) else 0.0
        frame = self._character(scene, index, level, 0.0)
        width, full = max(self.width // 40, 4), self.height // 3
        frame[-full:, :width] = (40, 40, 40)
        lit = round(full * level)
        if lit:
            frame[-lit:, :width] = (80, 220, 120)
        return frame

    def _character(self, scene: Scene, index: int, energy: float, lean: float) -> Frame:
        """The picture under a window that moves a little and comes nearer with `energy`, 0..1."""
        if scene.picture is None:
            return np.full((self.height, self.width, 3), 96, np.uint8)
        picture = self._picture(scene.picture, MARGIN)
        span_x, span_y = picture.width - self.width, picture.height - self.height
        phase = 2 * math.pi * (index / 48 + scene.seed % 97 / 97)
        shrink = 1 - energy * (1 - 1 / MARGIN) / 2
        wide, high = self.width * shrink, self.height * shrink
        left = (picture.width - wide) / 2 + span_x / 2 * (0.5 * math.sin(phase) + 0.5 * lean)
        top = (picture.height - high) / 2 + span_y / 4 * math.cos(phase)
        window = (left, top, left + wide, top + high)
        moved = picture.resize((self.width, self.height), Image.Resampling.BILINEAR, window)
        return np.array(moved)

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
