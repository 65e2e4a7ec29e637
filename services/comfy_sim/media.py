"""Reading a job's own picture, clip and sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Frame = NDArray[np.uint8]
"""sRGB, (height, width, 3)."""

SOUND_RATE = 16_000


class NoAudioStream(ValueError):
    pass


@dataclass(frozen=True)
class ClipFacts:
    width: int
    height: int
    frames: int
    fps: Fraction
    has_sound: bool


def read_picture(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """Fill the size, cutting what is too much around the middle."""
    return ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)


def probe_clip(path: Path) -> ClipFacts:
    with av.open(path) as container:
        video = container.streams.video[0]
        return ClipFacts(
            width=video.width,
            height=video.height,
            frames=sum(1 for packet in container.demux(video) if packet.size),
            fps=video.average_rate or Fraction(16),
            has_sound=bool(container.streams.audio),
        )


class ClipReader:
    """A clip's frames at one size, or at their own, read forward; going back opens it again."""

    def __init__(self, path: Path, size: tuple[int, int] | None) -> None:
        self.path = path
        self.size = size
        self._frames = self._read()
        self._position = -1
        self._decoded: av.VideoFrame | None = None
        self._shown = -1
        self._frame: Frame = np.zeros((1, 1, 3), np.uint8)

    def frame(self, index: int) -> Frame:
        """Beyond the clip's end its last frame stays. Raises LookupError when it has none."""
        if index < self._position:
            self._frames, self._position = self._read(), -1
        while self._position < index:
            self._decoded = next(self._frames, self._decoded)
            self._position += 1
        if self._decoded is None:
            raise LookupError(f"{self.path.name} has no frames")
        if self._shown != index:
            self._frame, self._shown = self._fit(self._decoded), index
        return self._frame

    def _read(self) -> Iterator[av.VideoFrame]:
        with av.open(self.path) as container:
            yield from container.decode(video=0)

    def _fit(self, frame: av.VideoFrame) -> Frame:
        width, height = self.size or (frame.width, frame.height)
        scale = max(width / frame.width, height / frame.height)
        inner = (max(width, round(frame.width * scale)), max(height, round(frame.height * scale)))
        pixels = frame.to_ndarray(format="rgb24", width=inner[0], height=inner[1])
        left, top = (inner[0] - width) // 2, (inner[1] - height) // 2
        return np.asarray(pixels[top : top + height, left : left + width], np.uint8)


def check_sound(path: Path) -> None:
    with av.open(path) as container:
        if not container.streams.audio:
            raise NoAudioStream("No audio stream found in the file.")


def read_sound(path: Path, rate: int, layout: str) -> NDArray[np.float32]:
    """Samples in -1..1, (channels, n)."""
    resampler = av.AudioResampler("fltp", layout, rate)
    with av.open(path) as container:
        chunks = [
            part.to_ndarray()
            for frame in _with_flush(container.decode(audio=0))
            for part in resampler.resample(frame)
        ]
    return np.concatenate(chunks, axis=1, dtype=np.float32)


def _with_flush(frames: Iterator[Any]) -> Iterator[Any]:
    yield from frames
    yield None


def loudness(path: Path, fps: int) -> NDArray[np.float32]:
    """0..1 for each video frame: the sound's root mean square, the loudest frame being 1."""
    samples = read_sound(path, SOUND_RATE, "mono")[0]
    edges = range(0, len(samples) + SOUND_RATE // fps, SOUND_RATE // fps)
    levels = [np.sqrt(np.mean(np.square(samples[a:b]))) for a, b in pairwise(edges) if a < b]
    loudest = max(levels, default=0.0)
    return np.asarray(levels, np.float32) / np.float32(loudest or 1.0)
