from collections.abc import Iterable, Iterator
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
from services.media.remux import is_as_needed, remux
from services.media.shape import VideoShape
from services.media.sound import exact_length, open_sound, stereo
from services.media.source import open_picture, pictures
from services.media.stills import draw_preview, draw_stills
from services.media.writer import Quality, write_mp4

_RESULT = Quality(crf=16, preset="veryfast", sound_bit_rate=192_000)


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

    segments: as check_video passed them; the last may run over. soundtrack: from the first frame
    on; it is cut or ends in silence where the pictures end. Raises BadSegment.
    """
    files = FinishedFiles(
        video=out_dir / "video.mp4",
        poster=out_dir / "poster.jpg",
        first_frame=out_dir / "first_frame.png",
        preview=out_dir / "preview.webp",
    )
    with ThreadPoolExecutor(3) as pool:
        first, poster = files.first_frame, files.poster
        tasks = [
            pool.submit(_write_video, segments, soundtrack, files.video, shape, frames),
            pool.submit(draw_stills, _rendered(segments, frames), first, poster, frames // 2),
            pool.submit(draw_preview, _rendered(segments, frames), files.preview, shape),
        ]
    for task in tasks:
        task.result()
    return files


def _write_video(
    segments: list[Path], soundtrack: Path | None, out: Path, shape: VideoShape, frames: int
) -> None:
    with _open_soundtrack(soundtrack, frames / shape.fps) as sound:
        if len(segments) == 1 and is_as_needed(segments[0], shape.fps, frames):
            remux(segments[0], out, frames, sound, _RESULT.sound_bit_rate)
        else:
            write_mp4(out, _exactly(frames, _joined(segments)), sound, shape, _RESULT)


@contextmanager
def _open_soundtrack(
    path: Path | None, duration_s: Fraction
) -> Iterator[Iterator[AudioFrame] | None]:
    steps = [*stereo("fltp"), *exact_length(duration_s)]
    with nullcontext() if path is None else open_sound(path, steps) as sound:
        yield sound


def _rendered(segments: list[Path], frames: int) -> Iterator[VideoFrame]:
    return _exactly(frames, chain.from_iterable(_decoded(segments)))


def _joined(segments: list[Path]) -> Iterator[VideoFrame]:
    """The frames of all segments in the colours of the result."""
    # Untagged frames are BT.601 whatever their size: ComfyUI's SaveVideo converts with libav's
    # default matrix and tags nothing.
    # Without full_chroma_int swscale rounds every level down by one or two.
    flags = "bicubic+accurate_rnd+full_chroma_int+bitexact"
    convert = [Step("scale", f"out_color_matrix=bt709:out_range=tv:flags={flags}")]
    for frames in _decoded(segments):
        yield from filter_pictures(frames, lambda _: [*convert, *upright.VIDEO_COLOURS])


def _decoded(segments: list[Path]) -> Iterator[Iterator[VideoFrame]]:
    for path in segments:
        with open_picture(path) as (container, stream):
            yield pictures(container, stream)


def _exactly(count: int, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The first `count` frames. Raises BadSegment when there are fewer."""
    found = 0
    for frame in islice(frames, count):
        found += 1
        yield frame
    if found < count:
        raise BadSegment(f"the segments hold {found} frames, not {count}")
