from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc
from av.video.stream import VideoStream
from PIL import Image

from services.media import upright
from services.media.check import check_video
from services.media.errors import BadSegment
from services.media.graph import Step, filter_pictures
from services.media.limits import MAX_HELD_FRAMES
from services.media.picture import to_picture
from services.media.probe import first_frame
from services.media.shape import VideoShape
from services.media.sound import exact_length, open_sound, stereo
from services.media.source import open_picture, pictures
from services.media.writer import (
    Quality,
    add_sound,
    encode_sounds,
    mux,
    open_mp4,
    write_mp4,
)

_RESULT = Quality(crf=16, preset="veryfast", sound_bit_rate=192_000)
_PREVIEW_S = 3
_PREVIEW_FPS = 10
_PREVIEW_HEIGHT = 360
_PREVIEW_WIDTH = 640


@dataclass(frozen=True)
class FinishedFiles:
    video: Path
    poster: Path
    first_frame: Path
    preview: Path


def finish(
    segments: list[Path], soundtrack: Path | None, out_dir: Path, shape: VideoShape, frames: int
) -> FinishedFiles:
    """Join rendered segments to the result of exactly `frames` frames, and draw its stills.

    soundtrack: from the first frame on; it is cut or ends in silence where the pictures end. The
    last segment may run over by the frames that completed its length to 4n+1. Raises BadSegment.
    """
    _check(segments, shape, frames)
    files = FinishedFiles(
        video=out_dir / "video.mp4",
        poster=out_dir / "poster.jpg",
        first_frame=out_dir / "first_frame.png",
        preview=out_dir / "preview.webp",
    )
    with _open_soundtrack(soundtrack, frames / shape.fps) as sound:
        if len(segments) == 1 and _is_result_already(segments[0], frames):
            _copy(segments[0], files.video, sound)
        else:
            joined = islice(_joined(segments), frames)
            write_mp4(files.video, joined, sound, shape, _RESULT)
    _draw_stills(files, shape, frames)
    return files


def _check(segments: list[Path], shape: VideoShape, frames: int) -> None:
    found = [check_video(path, shape.width, shape.height, shape.fps) for path in segments]
    if not frames <= sum(found) <= frames + MAX_HELD_FRAMES:
        raise BadSegment(f"the segments hold {found} frames, {sum(found)} in all, not {frames}")


@contextmanager
def _open_soundtrack(
    path: Path | None, duration_s: Fraction
) -> Iterator[Iterator[AudioFrame] | None]:
    steps = [*stereo("fltp"), *exact_length(duration_s)]
    with nullcontext() if path is None else open_sound(path, steps) as sound:
        yield sound


def _joined(segments: list[Path]) -> Iterator[VideoFrame]:
    # Untagged frames are BT.601 whatever their size: ComfyUI's SaveVideo converts with libav's
    # default matrix and tags nothing.
    # Without full_chroma_int swscale rounds every level down by one or two.
    flags = "bicubic+accurate_rnd+full_chroma_int+bitexact"
    convert = [Step("scale", f"out_color_matrix=bt709:out_range=tv:flags={flags}")]
    for path in segments:
        with open_picture(path) as (container, stream):
            frames = pictures(container, stream)
            yield from filter_pictures(frames, lambda _: [*convert, *upright.VIDEO_COLOURS])


def _is_result_already(path: Path, frames: int) -> bool:
    with open_picture(path) as (_, stream):
        return (
            stream.codec_context.name == "h264"
            and stream.pix_fmt == "yuv420p"
            and stream.frames == frames
            and _is_square_bt709(stream)
            and upright.display_matrix(first_frame(path)) == upright.UNTURNED
        )


def _is_square_bt709(stream: VideoStream) -> bool:
    context = stream.codec_context
    colours = (context.colorspace, context.color_primaries, context.color_trc)
    bt709 = (Colorspace.ITU709, ColorPrimaries.BT709, ColorTrc.BT709)
    return colours == bt709 and upright.pixel_aspect(stream) == 1


def _copy(segment: Path, out: Path, sound: Iterator[AudioFrame] | None) -> None:
    with open_picture(segment) as (container, stream), open_mp4(out) as target:
        video = target.add_stream_from_template(stream)
        video.metadata.clear()
        packets = [_rebound(container.demux(stream), video)]
        if sound is not None:
            packets.append(encode_sounds(add_sound(target, _RESULT.sound_bit_rate), sound))
        mux(target, *packets)


def _rebound(packets: "Iterator[Packet[VideoStream]]", to: VideoStream) -> "Iterator[Packet[Any]]":
    for packet in packets:
        if packet.size:
            packet.stream = to
            yield packet


def _draw_stills(files: FinishedFiles, shape: VideoShape, frames: int) -> None:
    step = max(Fraction(1), shape.fps / _PREVIEW_FPS)
    moving = {int(number * step) for number in range(_PREVIEW_S * _PREVIEW_FPS)}
    small = upright.fitted((shape.width, shape.height), _PREVIEW_WIDTH, _PREVIEW_HEIGHT)
    preview: list[Image.Image] = []
    for number, image in _images(files.video, moving | {0, frames // 2}):
        if number == 0:
            image.save(files.first_frame, "PNG")
        if number == frames // 2:
            image.save(files.poster, "JPEG", quality=90, optimize=True, progressive=True)
        if number in moving:
            preview.append(image.resize(small, Image.Resampling.LANCZOS))
    _write_preview(files.preview, preview, step / shape.fps)


def _write_preview(out: Path, images: list[Image.Image], interval_s: Fraction) -> None:
    duration_ms = round(interval_s * 1000)
    images[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=duration_ms,
        loop=0,
        quality=60,
        method=4,
    )


def _images(path: Path, wanted: set[int]) -> Iterator[tuple[int, Image.Image]]:
    last = max(wanted)
    with open_picture(path) as (container, stream):
        frames = filter_pictures(pictures(container, stream), lambda _: [Step("format", "rgb24")])
        for number, frame in enumerate(islice(frames, last + 1)):
            if number in wanted:
                yield number, to_picture(frame)
