"""Pictures, clips and sounds made anew for each run, and what a decoder makes of a result."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SOUND_RATE = 48_000
SOUND_FRAME = 1024

VIDEO_CODECS = {".mp4": "libx264", ".mov": "libx264", ".mkv": "libx264", ".webm": "libvpx"}
SOUND_CODECS = {
    ".mp4": "aac",
    ".mov": "aac",
    ".mkv": "aac",
    ".webm": "libopus",
    ".m4a": "aac",
    ".mp3": "libmp3lame",
    ".flac": "flac",
    ".wav": "pcm_s16le",
}
CONTAINERS = {".mkv": "matroska", ".m4a": "mp4"}


def make_picture(path: Path, width: int = 480, height: int = 640) -> Path:
    """A figure before a slope of colours; the suffix says the format."""
    slope = np.linspace(40, 200, width, dtype=np.uint8)
    pixels = np.dstack([np.tile(slope, (height, 1)), np.full((height, width), 90, np.uint8)] * 2)
    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, :3]))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.35, height * 0.15, width * 0.65, height * 0.4), fill=(240, 210, 180))
    draw.rectangle((width * 0.3, height * 0.42, width * 0.7, height), fill=(40, 60, 160))
    picture.save(path)
    return path


def make_clip(
    path: Path,
    *,
    seconds: float = 2.0,
    fps: int = 30,
    size: tuple[int, int] = (272, 480),
    sound: bool = True,
) -> Path:
    """A bright block that crosses the picture, with a tone or silent."""
    with av.open(str(path), "w", format=CONTAINERS.get(path.suffix)) as container:
        video: Any = container.add_stream(VIDEO_CODECS[path.suffix], rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio: Any = _add_sound(container, path) if sound else None
        for pixels in _moving_block(round(seconds * fps), size):
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        if audio is not None:
            _encode_tone(container, audio, seconds)
    return path


def make_sound(path: Path, *, seconds: float = 2.0) -> Path:
    """A tone that swells and fades twice a second."""
    with av.open(str(path), "w", format=CONTAINERS.get(path.suffix)) as container:
        _encode_tone(container, _add_sound(container, path), seconds)
    return path


def _moving_block(count: int, size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    width, height = size
    for index in range(count):
        frame = np.full((height, width, 3), (30, 50, 40), np.uint8)
        left = index * (width - width // 4) // max(count, 1)
        frame[height // 4 : height // 2, left : left + width // 4] = (240, 230, 120)
        yield frame


def _add_sound(container: Any, path: Path) -> Any:
    return container.add_stream(SOUND_CODECS[path.suffix], rate=SOUND_RATE, layout="stereo")


def _encode_tone(container: Any, stream: Any, seconds: float) -> None:
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    tone = np.sin(times * 2 * np.pi * 330) * np.square(np.sin(times * 2 * np.pi)) * 0.6
    samples = np.repeat((tone * 32_767).astype(np.int16)[:, None], 2, axis=1)
    resampler = av.AudioResampler(stream.codec_context.format.name, "stereo", SOUND_RATE)
    fifo = av.AudioFifo()
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "stereo")
    frame.sample_rate = SOUND_RATE
    for resampled in resampler.resample(frame):
        fifo.write(resampled)
    size = stream.codec_context.frame_size or SOUND_FRAME
    while (part := fifo.read(size, partial=True)) is not None:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


@dataclass(frozen=True)
class Watched:
    """A video after every frame of it was decoded. audio_*: None without a sound.

    tags: of the file and of its streams. boxes: the names of the top-level boxes, in order.
    """

    codec: str
    pixel_format: str
    size: tuple[int, int]
    frames: int
    fps: Fraction
    audio_codec: str | None
    audio_s: float | None
    tags: dict[str, str]
    boxes: list[str]

    @property
    def video_s(self) -> float:
        return float(self.frames / self.fps)


def watch(path: Path) -> Watched:
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        tags = dict(container.metadata)
        for stream in container.streams:
            tags |= stream.metadata
        return Watched(
            codec=video.codec_context.codec.canonical_name,
            pixel_format=str(video.pix_fmt),
            size=(video.width, video.height),
            frames=sum(1 for _ in container.decode(video)),
            fps=video.average_rate or Fraction(0),
            audio_codec=next((s.codec_context.name for s in container.streams.audio), None),
            audio_s=_sound_seconds(path),
            tags=tags,
            boxes=list(_boxes(path)),
        )


def _sound_seconds(path: Path) -> float | None:
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream)) / stream.sample_rate


def _boxes(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        yield content[at + 4 : at + 8].decode("latin-1")
        at += size or len(content)
