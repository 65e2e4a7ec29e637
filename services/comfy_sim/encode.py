"""Writing saved files, in place like ComfyUI: a file that is still being written can be read."""

import json
import math
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.comfy_sim.media import Frame
from services.comfy_sim.values import Latent

SOUND_RATE = 44_100
X264 = {"preset": "ultrafast", "threads": "1"}
LATENT_KEY = "animatrix_sim"
TENSOR_CHANNELS = 16


def write_mp4(
    path: Path,
    frames: Iterable[Frame],
    fps: Fraction,
    metadata: Mapping[str, str],
    sound: NDArray[np.float32] | None,
) -> None:
    """sound: stereo samples at 44100 Hz."""
    options = {"movflags": "use_metadata_tags"}
    with (
        av.open(path, "w", format="mp4", options=options) as container,
        cut_if_unfinished(container, path),
    ):
        container.metadata.update(metadata)
        stream = container.add_stream("libx264", rate=fps, options=X264)
        stream.pix_fmt = "yuv420p"
        audio = None if sound is None else container.add_stream("aac", rate=SOUND_RATE)
        count = _encode(container, stream, frames)
        if audio is not None and sound is not None:
            # ComfyUI cuts the sound to the picture.
            kept = sound[:, : math.ceil(SOUND_RATE * count / fps)]
            container.mux(audio.encode(_audio_frame(kept)))
            container.mux(audio.encode(None))


@contextmanager
def cut_if_unfinished(container: OutputContainer, path: Path) -> Iterator[None]:
    """Leave a file whose writing fails as a killed process leaves it, without its end."""
    finished = False
    try:
        yield
        finished = True
    finally:
        if not finished:
            written = path.stat().st_size if path.exists() else 0
            container.close()
            if path.exists():
                os.truncate(path, written)


def _encode(container: OutputContainer, stream: VideoStream, frames: Iterable[Frame]) -> int:
    """How many frames there were."""
    count = 0
    for pixels in frames:
        if count == 0:
            stream.height, stream.width = pixels.shape[:2]
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        count += 1
    container.mux(stream.encode(None))
    return count


def _audio_frame(sound: NDArray[np.float32]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", "stereo")
    frame.sample_rate = SOUND_RATE
    return frame


def write_flac(path: Path, sound: NDArray[np.float32]) -> None:
    with av.open(path, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SOUND_RATE)
        frame = _audio_frame(sound)
        resampler = av.AudioResampler("s16", "stereo", SOUND_RATE, stream.codec_context.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def write_animation(path: Path, frames: Iterable[Frame], fps: float) -> None:
    """By the suffix: .png or .webp."""
    first, *others = [Image.fromarray(pixels) for pixels in frames]
    first.save(path, save_all=True, append_images=others, duration=round(1000 / fps))


def write_png(path: Path, pixels: Frame, metadata: Mapping[str, str]) -> None:
    texts = PngInfo()
    for key, value in metadata.items():
        texts.add_text(key, value)
    Image.fromarray(pixels).save(path, pnginfo=texts, compress_level=4)


def write_latent(path: Path, latent: Latent, metadata: Mapping[str, str]) -> None:
    """A safetensors file: the real tensor's length at one cell, and the latent in its header."""
    shape = [1, TENSOR_CHANNELS, len(latent.moments), 1, 1]
    size = 4 * math.prod(shape)
    header = {
        "__metadata__": {**metadata, LATENT_KEY: latent.model_dump_json()},
        "latent_tensor": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]},
        "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [size, size]},
    }
    encoded = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + bytes(size))


def read_latent(path: Path) -> Latent:
    content = path.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    return Latent.model_validate_json(header["__metadata__"][LATENT_KEY])
