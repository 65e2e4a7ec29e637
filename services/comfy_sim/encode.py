"""Writing saved files, in place like ComfyUI: a file that is still being written can be read."""

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.comfy_sim.media import Frame

SOUND_RATE = 44_100
X264 = {"preset": "ultrafast", "threads": "1"}


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


def png_bytes(pixels: Frame, metadata: Mapping[str, str]) -> bytes:
    texts = PngInfo()
    for key, value in metadata.items():
        texts.add_text(key, value)
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG", pnginfo=texts, compress_level=4)
    return content.getvalue()
