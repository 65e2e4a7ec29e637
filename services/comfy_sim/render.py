"""Painting the frames: the job's own picture and clip, plainly marked as simulated."""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from services.comfy_sim.cover import Cover, MaskPixels, fill, spot_pixels, wandered
from services.comfy_sim.files import FileStore
from services.comfy_sim.media import ClipReader, Frame, fit, loudness, read_picture
from services.comfy_sim.sway import colour, phase
from services.comfy_sim.values import Clip, Colour, Picture, Scene, SceneKind, Shot, Spot, Strip

MARK = "SIMULATED"
VOICE_FPS = 16
"""The rate the sound-to-video model cuts its audio at."""

MARGIN = 1.12
"""How much larger than the frame the character's picture is, so that it can move."""

NEARER = 2 / (1 + 1 / MARGIN)
"""How much larger it gets at most when it comes nearer."""

ZOOM_STEPS = 12
"""Steps of nearness. A step shows as a pixel or two, and a frame costs no scaling of its own."""

STRIPE_PART = 5
"""The stripe under the mark takes one part in so many of the band."""

DARK = (20, 20, 24)
GREY = 128


@dataclass
class Painter:
    """Paints shots at one size. Keeps what it opened, so it belongs to one save."""

    files: FileStore
    width: int
    height: int
    _kept: dict[Any, Any] = field(default_factory=dict)
    _covered: tuple[MaskPixels, Cover | None] | None = None

    def paint(self, shot: Shot) -> Frame:
        """Not to be written to. Masks of one place are one array."""
        match shot.source:
            case Picture(path):
                return np.asarray(self._picture(path, 1.0))
            case Clip(path, pose):
                frame = self._clip(path, (self.width, self.height)).frame(shot.index)
                return _outlines(frame) if pose else frame
            case Colour(red, green, blue):
                return np.full((self.height, self.width, 3), (red, green, blue), np.uint8)
            case Spot() as spot:
                place = wandered(spot, shot.index)
                kept: Frame = self._keep(place, lambda: self._spot(place))
                return kept
            case Scene() as scene:
                return self._scene(scene, shot.index, max(shot.haze, scene.haze))

    def _scene(self, scene: Scene, index: int, haze: int) -> Frame:
        match scene.kind:
            case SceneKind.MOVE:
                frame = self._move(scene, index)
            case SceneKind.MIX:
                frame = self._mix(scene, index)
            case SceneKind.VOICE:
                frame = self._voice(scene, index)
        if haze:
            frame = ((frame.astype(np.uint16) * (256 - haze) + GREY * haze) >> 8).astype(np.uint8)
        _stamp(frame, scene, index)
        return frame

    def _move(self, scene: Scene, index: int) -> Frame:
        """The character swaying with the clip, which is shown in a corner. Where the clip ends, its
        last frame stays."""
        if scene.clip is None or not isinstance(scene.clip.source, Clip):
            return self._character(scene, index, 0.0, 0.0).copy()
        width, height = _even(self.width / 4), _even(self.height / 4)
        reader = self._clip(scene.clip.source.path, (width, height))
        place = min(scene.clip.start + index, scene.clip.stop - 1)
        before, inset = reader.frame(max(place - 1, 0)), reader.frame(place)
        frame = self._character(scene, index, _energy(before, inset), _lean(inset)).copy()
        frame[-height:, -width:] = inset
        return frame

    def _mix(self, scene: Scene, index: int) -> Frame:
        """The clip with the character in the person's place."""
        shot = _shot(scene.clip, index)
        frame = self.paint(shot or Shot(Colour(GREY, GREY, GREY))).copy()
        if cover := self._cover(_shot(scene.mask, index)):
            cover.blend(frame, self._character(scene, index, 0.0, 0.0))
        return frame

    def _cover(self, shot: Shot | None) -> Cover | None:
        """Of a mask. Most are like the one before, and are found by it."""
        mask = self._mask(shot)
        if self._covered is None or not np.array_equal(self._covered[0], mask):
            self._covered = (mask, Cover.of(fill(mask, self.width, self.height)))
        return self._covered[1]

    def _mask(self, shot: Shot | None) -> MaskPixels:
        """At the size of its source."""
        match shot:
            case Shot(source=Clip(path), index=index):
                return self._clip(path, None).frame(index)[:, :, 0]
            case Shot(source=Spot() as spot, index=index):
                return spot_pixels(wandered(spot, index))
            case _:
                return np.full((1, 1), 255, np.uint8)

    def _spot(self, spot: Spot) -> Frame:
        mask = fill(spot_pixels(spot), self.width, self.height)
        return np.repeat(mask[:, :, None], 3, axis=2)

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
        angle = 2 * math.pi * phase(scene, index)
        left = free_x / 2 + sway_x / 2 * (0.5 * math.sin(angle) + 0.5 * lean)
        top = free_y / 2 + sway_y / 4 * math.cos(angle)
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

    def _clip(self, path: str, size: tuple[int, int] | None) -> ClipReader:
        kept: ClipReader = self._keep(
            (path, size), lambda: ClipReader(self.files.base / path, size)
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


def _shot(strip: Strip | None, index: int) -> Shot | None:
    """What a scene's frame follows, if there is something left."""
    if strip is None or strip.start + index >= strip.stop:
        return None
    return Shot(strip.source, strip.start + index)


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


def _stamp(frame: Frame, scene: Scene, index: int) -> None:
    """Write the mark over the top of the frame, with a stripe under it in the scene's colour.

    A gap goes around in the stripe with the sway: over a join it goes on, or it jumps, whatever
    the picture shows.
    """
    mark = _mark(frame.shape[1])
    height = min(mark.shape[0], frame.shape[0])
    frame[:height] = mark[:height]
    stripe = slice(height - height // STRIPE_PART, height)
    frame[stripe] = colour(scene)
    width = frame.shape[1]
    gap = round(phase(scene, index) * width) + np.arange(max(width // 12, 4))
    frame[stripe, gap % width] = DARK


@lru_cache(maxsize=8)
def _mark(width: int) -> Frame:
    """A band of the frame's width with the word in it, as large as fits, and room for a stripe."""
    font = ImageFont.load_default(size=max(8, width // 9))
    _, top, _, bottom = font.getbbox(MARK)
    text = int(bottom - top) + max(4, width // 24)
    height = text * STRIPE_PART // (STRIPE_PART - 1)
    band = Image.new("RGB", (width, height), DARK)
    middle = (width / 2, text / 2)
    ImageDraw.Draw(band).text(middle, MARK, font=font, fill=(255, 210, 64), anchor="mm")
    return np.asarray(band)
