from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from services.media import upright
from services.media.errors import BadSegment
from services.media.graph import Step, filter_pictures
from services.media.part import Part
from services.media.remux import find_delay, remux
from services.media.shape import VideoShape
from services.media.sound import exact_length, open_sound, stereo
from services.media.source import open_picture, pictures
from services.media.stills import draw_first_frame, draw_poster, draw_preview
from services.media.writer import Quality, write_mp4

_RESULT = Quality(crf=16, preset="veryfast", sound_bit_rate=192_000)


@dataclass(frozen=True)
class FinishedFiles:
    video: Path
    poster: Path
    first_frame: Path
    preview: Path


def finish(
    parts: Sequence[Part], soundtrack: Path | None, out_dir: Path, shape: VideoShape
) -> FinishedFiles:
    """Join rendered segments to the result, and draw its stills.

    parts: as check_video passed them. soundtrack: from the first frame on; it is cut or ends in
    silence where the pictures end. Raises BadSegment.
    """
    files = FinishedFiles(
        video=out_dir / "video.mp4",
        poster=out_dir / "poster.jpg",
        first_frame=out_dir / "first_frame.png",
        preview=out_dir / "preview.webp",
    )
    with ThreadPoolExecutor(3) as pool:
        tasks = [
            pool.submit(grow, parts, soundtrack, files.video, shape),
            pool.submit(_draw_stills, parts, files),
            pool.submit(draw_preview, _rendered(parts), files.preview, shape),
        ]
    for task in tasks:
        task.result()
    return files


def grow(parts: Sequence[Part], soundtrack: Path | None, out: Path, shape: VideoShape) -> None:
    """Join the segments there are, with the sound as long as they are. Raises BadSegment.

    Packets are copied where the parts' coding allows it; memory does not grow with the parts.
    """
    frames = sum(part.frames for part in parts)
    delay = find_delay(parts, shape.fps)
    with _open_soundtrack(soundtrack, frames / shape.fps) as sound:
        if delay is None:
            write_mp4(out, _joined(parts), sound, shape, _RESULT)
        else:
            remux(parts, out, shape.fps, delay, sound, _RESULT.sound_bit_rate)


def _draw_stills(parts: Sequence[Part], files: FinishedFiles) -> None:
    """The first frame, and the middle one without decoding the parts before its own."""
    draw_first_frame(_rendered(parts), files.first_frame)
    at = sum(part.frames for part in parts) // 2
    for number, part in enumerate(parts):
        if at < part.frames:
            draw_poster(_rendered(parts[number:]), files.poster, at)
            break
        at -= part.frames


@contextmanager
def _open_soundtrack(
    path: Path | None, duration_s: Fraction
) -> Iterator[Iterator[AudioFrame] | None]:
    steps = [*stereo("fltp"), *exact_length(duration_s)]
    with nullcontext() if path is None else open_sound(path, steps) as sound:
        yield sound


def _rendered(parts: Sequence[Part]) -> Iterator[VideoFrame]:
    return chain.from_iterable(_decoded(parts))


def _joined(parts: Sequence[Part]) -> Iterator[VideoFrame]:
    """The frames of all parts in the colours of the result."""
    # Untagged frames are BT.601 whatever their size: ComfyUI's SaveVideo converts with libav's
    # default matrix and tags nothing.
    # Without full_chroma_int swscale rounds every level down by one or two.
    flags = "bicubic+accurate_rnd+full_chroma_int+bitexact"
    convert = [Step("scale", f"out_color_matrix=bt709:out_range=tv:flags={flags}")]
    for frames in _decoded(parts):
        yield from filter_pictures(frames, lambda _: [*convert, *upright.VIDEO_COLOURS])


def _decoded(parts: Sequence[Part]) -> Iterator[Iterator[VideoFrame]]:
    for part in parts:
        with open_picture(part.path) as (container, stream):
            yield _exactly(part, pictures(container, stream))


def _exactly(part: Part, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    found = 0
    for frame in islice(frames, part.frames):
        found += 1
        yield frame
    if found < part.frames:
        raise BadSegment(f"{part.path.name} holds {found} frames, not {part.frames}")
