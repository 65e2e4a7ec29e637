"""Clips, pictures and sounds of known content, and what a decoder makes of the results."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from proto.media import AssetKind, MediaFacts
from services.media.part import Part
from services.media.probe import probe
from services.media.shape import VideoShape

Pixels = NDArray[np.uint8]

TONE_HZ = 440
ORIENTATION = 0x112
SMALL = VideoShape(96, 64, Fraction(16))
RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 170, 30), (30, 30, 200), (225, 225, 225)
_CORNERS = {"R": RED, "G": GREEN, "B": BLUE, "W": WHITE}
_CONTAINERS = {".mkv": "matroska", ".m4a": "mp4", ".aac": "adts"}
_ROTATIONS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
_MATRIX_OFFSET = 44
_NUMBER_BITS = 16
_NUMBER_SIDE = 4


@dataclass(frozen=True)
class Sound:
    """A steady tone. start_s: when it begins in its file."""

    seconds: float = 2.0
    rate: int = 48_000
    layout: str = "stereo"
    codec: str = "aac"
    start_s: float = 0.0


@dataclass(frozen=True)
class Clip:
    """times_ms: when each frame is shown, for a clip without a steady rate.

    preset, crf: of x264.
    """

    frames: Sequence[Pixels]
    fps: int = 25
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    sound: Sound | None = None
    times_ms: Sequence[int] | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    preset: str = "ultrafast"
    crf: int = 12


def quarters(width: int = 96, height: int = 64) -> Pixels:
    """Red, green, blue, white: left to right, top to bottom."""
    pixels = np.zeros((height, width, 3), np.uint8)
    middle, center = height // 2, width // 2
    pixels[:middle, :center], pixels[:middle, center:] = RED, GREEN
    pixels[middle:, :center], pixels[middle:, center:] = BLUE, WHITE
    return pixels


def corners(pixels: Pixels) -> str:
    """The colours of the four quarters, as "RGBW" for `quarters`."""
    height, width = pixels.shape[:2]
    spots = [(y, x) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return "".join(_nearest(pixels[y, x].astype(int)) for y, x in spots)


def _nearest(colour: Any) -> str:
    return min(_CORNERS, key=lambda name: float(np.abs(colour - _CORNERS[name]).sum()))


def grey(level: int, width: int = 96, height: int = 64) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


def brightening(count: int, width: int = 96, height: int = 64) -> list[Pixels]:
    """Frame i of n is grey at 30 + 190 i / n: its level tells the time."""
    return [grey(30 + 190 * i // count, width, height) for i in range(count)]


def numbered(number: int, shape: VideoShape = SMALL) -> Pixels:
    """The number's 16 bits as dark and bright tiles, the lowest first."""
    bits = number >> np.arange(_NUMBER_BITS) & 1
    tiles = np.where(bits, 215, 40).astype(np.uint8).reshape(_NUMBER_SIDE, _NUMBER_SIDE)
    rows = np.arange(shape.height) * _NUMBER_SIDE // shape.height
    columns = np.arange(shape.width) * _NUMBER_SIDE // shape.width
    return np.repeat(tiles[rows][:, columns][:, :, None], 3, axis=2)


def read_numbers(path: Path) -> list[int]:
    """What `numbered` wrote into each frame."""
    with av.open(str(path)) as container:
        return [_number(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def _number(pixels: Any) -> int:
    height, width = (side // _NUMBER_SIDE for side in pixels.shape)
    tiles = pixels[height // 2 :: height, width // 2 :: width] > 128
    return int((tiles.reshape(-1) << np.arange(_NUMBER_BITS)).sum())


def save_segment(path: Path, frames: Iterable[Pixels], shape: VideoShape = SMALL) -> Path:
    """As ComfyUI's SaveVideo does: x264's defaults, with B-frames, no colours named, no sound."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        video = container.add_stream("libx264", rate=shape.fps)
        video.width, video.height, video.pix_fmt = shape.width, shape.height, "yuv420p"
        for pixels in frames:
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(video.encode(None))
    return path


def render_parts(
    folder: Path, lengths: Sequence[int], shape: VideoShape = SMALL, first: int = 0
) -> list[Part]:
    """Segments of those lengths, whose frames are numbered on from `first`."""
    parts = []
    for index, length in enumerate(lengths):
        frames = (numbered(first + number, shape) for number in range(length))
        parts.append(Part(save_segment(folder / f"part-{index}.mp4", frames, shape), length))
        first += length
    return parts


def write_clip(path: Path, clip: Clip) -> Path:
    options = {"movflags": "use_metadata_tags"} if path.suffix in {".mp4", ".mov"} else {}
    with av.open(str(path), "w", format=_CONTAINERS.get(path.suffix), options=options) as container:
        container.metadata.update(clip.metadata)
        video: Any = container.add_stream(clip.codec, rate=clip.fps)
        video.height, video.width = clip.frames[0].shape[:2]
        video.pix_fmt = clip.pixel_format
        if clip.codec == "libx264":
            video.options = {"preset": clip.preset, "crf": str(clip.crf)}
        if clip.times_ms is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        audio: Any = _add_sound(container, clip.sound) if clip.sound else None
        for index, pixels in enumerate(clip.frames):
            container.mux(video.encode(_frame(clip, index, pixels)))
        container.mux(video.encode(None))
        if clip.sound is not None:
            _encode_tone(container, audio, clip.sound)
    return path


def _frame(clip: Clip, index: int, pixels: Pixels) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24")
    if clip.times_ms is None:
        frame.pts, frame.time_base = index, Fraction(1, clip.fps)
    else:
        frame.pts, frame.time_base = clip.times_ms[index], Fraction(1, 1000)
    return frame


def write_sound(path: Path, sound: Sound) -> Path:
    with av.open(str(path), "w", format=_CONTAINERS.get(path.suffix)) as container:
        _encode_tone(container, _add_sound(container, sound), sound)
    return path


def _add_sound(container: Any, sound: Sound) -> Any:
    return container.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)


def _encode_tone(container: Any, stream: Any, sound: Sound) -> None:
    times = np.arange(round(sound.seconds * sound.rate)) / sound.rate
    channels = av.AudioLayout(sound.layout).nb_channels
    tone = np.tile(0.5 * np.sin(times * 2 * np.pi * TONE_HZ), (channels, 1)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(tone, "fltp", sound.layout)
    frame.sample_rate, frame.time_base = sound.rate, Fraction(1, sound.rate)
    frame.pts = round(sound.start_s * sound.rate)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def rotated(path: Path, degrees: int) -> Path:
    """With the tag that has players turn the clip clockwise (ISO 14496-12, 8.3.2)."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + _MATRIX_OFFSET
    a, b, c, d = (value << 16 for value in _ROTATIONS[degrees])
    struct.pack_into(">9i", content, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def truncated(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def read_frames(path: Path) -> NDArray[np.uint8]:
    """(n, height, width, 3), each converted by the colours it is tagged with."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames).astype(np.uint8)


def levels(path: Path) -> NDArray[np.float64]:
    """The mean brightness of each frame."""
    means: NDArray[np.float64] = read_frames(path).mean(axis=(1, 2, 3))
    return means


def read_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """Samples in -1..1, (channels, n), and their rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("fltp", stream.layout.name, stream.rate)
        frames = [*container.decode(stream), None]
        parts = [part.to_ndarray() for frame in frames for part in resampler.resample(frame)]
        return np.concatenate(parts, axis=1), stream.rate


def loud_seconds(path: Path) -> list[bool]:
    """For each tenth of a second, whether the tone is heard."""
    samples, rate = read_sound(path)
    tenth = rate // 10
    whole = samples[:, : samples.shape[1] // tenth * tenth].reshape(samples.shape[0], -1, tenth)
    return [bool(loud) for loud in np.abs(whole).max(axis=(0, 2)) > 0.1]


def sound_s(path: Path) -> float:
    samples, rate = read_sound(path)
    return float(samples.shape[1] / rate)


def read_picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image)


def video_facts(path: Path) -> MediaFacts:
    return probe(path, AssetKind.VIDEO)


def write_picture(path: Path, pixels: Pixels, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(pixels).save(path, exif=exif, quality=95)
    return path
