"""Frames through a chain of libav filters."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

UNSPECIFIED = 2
# AVCOL_SPC_YCGCO_RO of libavutil 60. ProRes hands on any byte, and libav's filters refuse the rest.
_LAST_COLORSPACE = 18


class Step(NamedTuple):
    """A filter and its arguments, as libav spells them."""

    name: str
    args: str = ""


def filter_pictures(
    frames: Iterable[VideoFrame], steps: Callable[[VideoFrame], list[Step]]
) -> Iterator[VideoFrame]:
    """steps: chosen by the first frame, which knows its turn, its alpha and its colours."""
    graph = Graph()
    for frame in frames:
        if frame.colorspace > _LAST_COLORSPACE:
            frame.colorspace = UNSPECIFIED
        if not graph.configured:
            _link(graph, _picture_source(graph, frame), [*steps(frame), Step("buffersink")])
        graph.push(frame)
        # What is pushed behind the end piles up in the graph.
        if (yield from _ready(graph)):
            return
    if graph.configured:
        graph.push(None)
        yield from _ready(graph)


def filter_sounds(frames: Iterable[AudioFrame], steps: list[Step]) -> Iterator[AudioFrame]:
    graph = Graph()
    for frame in frames:
        if not graph.configured:
            _link(graph, _sound_source(graph, frame), [*steps, Step("abuffersink")])
        graph.push(frame)
        # What is pushed behind the end piles up in the graph.
        if (yield from _ready(graph)):
            return
    if graph.configured:
        graph.push(None)
        yield from _ready(graph)


def _link(graph: Graph, source: FilterContext, steps: list[Step]) -> None:
    graph.link_nodes(source, *(graph.add(step.name, step.args or None) for step in steps))
    graph.configure()


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
