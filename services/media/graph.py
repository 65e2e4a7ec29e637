"""Frames through a chain of libav filters."""

from collections.abc import Callable, Generator, Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

UNSPECIFIED = 2
# AVCOL_SPC_YCGCO_RO of libavutil 60. ProRes hands on any byte, and libav's filters refuse the rest.
_LAST_COLORSPACE = 18
_SOUNDS_AT_ONCE = 64


class Step(NamedTuple):
    """A filter and its arguments, as libav spells them. file: the content of its option `file`."""

    name: str
    args: str = ""
    file: bytes = b""


class _SoundForm(NamedTuple):
    rate: int
    format: str
    layout: str


def filter_pictures(
    frames: Iterable[VideoFrame], steps: Callable[[VideoFrame], list[Step]]
) -> Iterator[VideoFrame]:
    """steps: chosen by the first frame, which knows its turn, its alpha and its colours.

    They are chosen anew where size, format or colours change.
    """
    for _, alike in groupby(map(_with_known_colours, frames), _picture_form):
        yield from _filtered(alike, lambda graph, frame: _picture_chain(graph, frame, steps(frame)))


def filter_times(frames: Iterable[VideoFrame], steps: list[Step]) -> Iterator[VideoFrame]:
    """Through filters that look at nothing but times, so that size and colours may change."""
    known = map(_with_known_colours, frames)
    return _filtered(known, lambda graph, frame: _picture_chain(graph, frame, steps))


def filter_sounds(
    frames: Iterable[AudioFrame], steps: Callable[[AudioFrame], list[Step]]
) -> Iterator[AudioFrame]:
    """steps: chosen by the first frame, to whose rate, format and channels others are brought."""
    return _filtered(
        _as_first(frames),
        lambda graph, frame: _sound_chain(graph, frame, steps(frame)),
        at_once=_SOUNDS_AT_ONCE,
    )


def _filtered(
    frames: Iterable[Any], build: Callable[[Graph, Any], None], at_once: int = 1
) -> Generator[Any, None, None]:
    """at_once: how many frames go in before any are taken out, which costs more than the frame."""
    graph = Graph()
    for number, frame in enumerate(frames, 1):
        if not graph.configured:
            build(graph, frame)
        graph.push(frame)
        # What is pushed behind the end piles up in the graph.
        if number % at_once == 0 and (yield from _ready(graph)):
            return
    if graph.configured:
        graph.push(None)
        yield from _ready(graph)


def _with_known_colours(frame: VideoFrame) -> VideoFrame:
    if frame.colorspace > _LAST_COLORSPACE:
        frame.colorspace = UNSPECIFIED
    return frame


def _picture_form(frame: VideoFrame) -> tuple[Any, ...]:
    colours = (frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries)
    return (frame.width, frame.height, frame.format.name, *colours)


def _as_first(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    runs = groupby(frames, _sound_form)
    first, sounding = next(runs, (None, ()))
    tick: Fraction | None = None
    for frame in sounding:
        tick = tick or frame.time_base
        yield frame
    if first is not None and tick is not None:
        for form, alike in runs:
            yield from alike if form == first else _brought_to(first, tick, alike)


def _sound_form(frame: AudioFrame) -> _SoundForm:
    return _SoundForm(frame.sample_rate, frame.format.name, frame.layout.name)


def _brought_to(
    form: _SoundForm, tick: Fraction, frames: Iterable[AudioFrame]
) -> Iterator[AudioFrame]:
    to = f"osr={form.rate}:osf={form.format}:ochl={form.layout}:rematrix_maxval=1"
    steps = [Step("aresample", to), Step("asettb", str(tick))]
    return _filtered(frames, lambda graph, frame: _sound_chain(graph, frame, steps))


def _sound_chain(graph: Graph, frame: AudioFrame, steps: list[Step]) -> None:
    _link(graph, _sound_source(graph, frame), steps, "abuffersink")


def _picture_chain(graph: Graph, frame: VideoFrame, steps: list[Step]) -> None:
    _link(graph, _picture_source(graph, frame), steps, "buffersink")


def _link(graph: Graph, source: FilterContext, steps: list[Step], sink: str) -> None:
    graph.link_nodes(source, *(_add(graph, step) for step in steps), graph.add(sink))
    graph.configure()


def _add(graph: Graph, step: Step) -> FilterContext:
    if not step.file:
        return graph.add(step.name, step.args or None)
    # The filter reads it while it is made, and chooses how by the suffix.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.cube"
        path.write_bytes(step.file)
        return graph.add(step.name, f"{step.args}:file='{path}'")


def _picture_source(graph: Graph, frame: VideoFrame) -> FilterContext:
    # Not Graph.add_buffer: it declares no colours, and libav then takes every clip for BT.601.
    return graph.add(
        "buffer",
        video_size=f"{frame.width}x{frame.height}",
        pix_fmt=frame.format.name,
        time_base=str(frame.time_base),
        colorspace=str(frame.colorspace),
        range=str(frame.color_range),
    )


def _sound_source(graph: Graph, frame: AudioFrame) -> FilterContext:
    return graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format,
        layout=frame.layout,
        time_base=frame.time_base,
    )


def _ready(graph: Graph) -> Generator[Any, None, bool]:
    """Frames of the kind that went in; returns whether the steps have let the last one through."""
    while True:
        try:
            frame = graph.pull()
        except av.BlockingIOError:
            return False
        except av.EOFError:
            return True
        yield frame
