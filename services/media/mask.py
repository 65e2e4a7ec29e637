from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, UnidentifiedImageError

from services.media.errors import BadSegment
from services.media.part import Cut
from services.media.writer import encode_pictures, open_mp4

# H.264 in RGB without loss: no chroma to average and no levels to round; every libav reads it.
_LOSSLESS = {"qp": "0", "preset": "veryfast"}


def pack_masks(
    pngs: Sequence[Path], cuts: Sequence[Cut], out_dir: Path, fps: Fraction
) -> list[Path]:
    """One lossless MP4 for each cut of the masks, a frame a file.

    pngs: in order of time, to the end of the last cut. Raises BadSegment when there are more or
    fewer, when one does not decode or is not of the first one's size.
    """
    wanted = max(start + length for start, length in cuts)
    if len(pngs) != wanted:
        raise BadSegment(f"there are {len(pngs)} masks, not {wanted}")
    size = _read(pngs[0]).size
    outs = [out_dir / f"masks-{number:04}.mp4" for number in range(len(cuts))]
    for out, (start, length) in zip(outs, cuts, strict=True):
        _pack(_frames(pngs[start : start + length], size), size, out, fps)
    return outs


def _pack(frames: Iterator[VideoFrame], size: tuple[int, int], out: Path, fps: Fraction) -> None:
    with open_mp4(out) as container:
        stream = container.add_stream("libx264rgb", rate=fps, options=_LOSSLESS)
        stream.width, stream.height = size
        stream.pix_fmt = "rgb24"
        stream.codec_context.time_base = 1 / fps
        for packet in encode_pictures(stream, frames, fps):
            container.mux(packet)


def _frames(pngs: Sequence[Path], size: tuple[int, int]) -> Iterator[VideoFrame]:
    for png in pngs:
        mask = _read(png)
        if mask.size != size:
            raise BadSegment(f"{png.name} is {_named(mask.size)}, not {_named(size)}")
        yield VideoFrame.from_ndarray(np.asarray(mask), "rgb24")


def _read(png: Path) -> Image.Image:
    try:
        with Image.open(png, formats=["PNG"]) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        # What Pillow's PNG decoder raises for files that are broken inside.
        raise BadSegment(f"{png.name} does not decode: {error}") from error


def _named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
