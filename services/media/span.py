from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from proto.errors import ErrorCode
from services.media.errors import MediaRefused
from services.media.source import shown_packets

_STEADY_S = Fraction(1, 500)
"""By how much the steps between frames may differ where the rate is constant: times are rounded."""
_FIRST_PACKETS = 200
_SAME_RATE = Fraction(1, 50)


@dataclass
class Span:
    """What the packets of one stream say, whatever its header does. Times in ticks of `tick` s.

    read: packets found. packets: those shown, from `start` to `last`, which lasts to `end`.
    slowest, fastest: the steps in which they follow each other. padding: samples of an MP3 that
    only complete its last block; of other formats, the last packet is as short as its sound.
    """

    tick: Fraction
    read: int = 0
    packets: int = 0
    start: int = 0
    last: int = 0
    end: int = 0
    slowest: int = 0
    fastest: int | None = None
    padding: int = 0
    _before: int | None = None

    @property
    def duration_s(self) -> Fraction:
        return self.stop_s - self.start * self.tick

    @property
    def stop_s(self) -> Fraction:
        if self.end > self.last or self.packets <= 1:
            return self.end * self.tick
        # The last packet has no duration: it stands for one mean interval.
        return (self.last + Fraction(self.last - self.start, self.packets - 1)) * self.tick

    @property
    def is_variable(self) -> bool:
        return self.fastest is not None and self.slowest - self.fastest > _STEADY_S / self.tick

    def add(self, packet: "Packet[Any]") -> None:
        time = packet.dts if packet.pts is None else packet.pts
        if packet.size == 0 or time is None:
            return
        self.read += 1
        self._watch_rate(packet.dts)
        if packet.is_discard:
            return
        self.start = time if self.packets == 0 else min(self.start, time)
        self.last = time if self.packets == 0 else max(self.last, time)
        self.end = max(self.end, time + (packet.duration or 0))
        self.packets += 1
        if packet.has_sidedata("skip_samples"):
            # Samples to leave out at the start, and at the end (AV_PKT_DATA_SKIP_SAMPLES).
            skipped = bytes(packet.get_sidedata("skip_samples"))
            self.padding += int.from_bytes(skipped[4:8], "little")

    def _watch_rate(self, dts: int | None) -> None:
        # By order of decoding: frames shown in another order leave no uneven steps there.
        if dts is not None and self._before is not None:
            step = dts - self._before
            self.slowest = max(self.slowest, step)
            self.fastest = step if self.fastest is None else min(self.fastest, step)
        self._before = dts


def measure(
    container: InputContainer, streams: Sequence[Stream], limit_s: float
) -> dict[int, Span]:
    """The span of each stream by its index, without decoding. Refuses what runs past limit_s."""
    spans = {stream.index: _empty(stream) for stream in streams}
    _walk(shown_packets(container, *streams), spans, limit_s)
    return spans


def estimate(
    container: InputContainer, streams: Sequence[Stream], limit_s: float
) -> dict[int, Span]:
    """As `measure`, by the header and the first packets behind it.

    All packets are read where the header says nothing, or too much: then it may be wrong.
    """
    spans = {stream.index: _empty(stream) for stream in streams}
    coming = shown_packets(container, *streams)
    _walk(islice(coming, _FIRST_PACKETS), spans, limit_s)
    said = {stream.index: _said(container, stream, spans[stream.index]) for stream in streams}
    sure = {index: span for index, span in said.items() if span and span.duration_s <= limit_s}
    if len(sure) == len(said):
        return sure
    _walk(coming, spans, limit_s)
    return spans


def too_long(limit_s: float) -> str:
    return f"This file is longer than {limit_s // 60:.0f} minutes. Trim it and add it again."


def _walk(packets: "Iterable[Packet[Any]]", spans: dict[int, Span], limit_s: float) -> None:
    limits = {index: limit_s / span.tick for index, span in spans.items()}
    for packet in packets:
        index = packet.stream.index
        span = spans[index]
        span.add(packet)
        if span.end - span.start > limits[index]:
            raise MediaRefused(ErrorCode.TOO_LONG, too_long(limit_s))


def _said(container: InputContainer, stream: Stream, first: Span) -> Span | None:
    """first: of the packets at the start."""
    length_s = _said_s(container, stream)
    if length_s is None or first.packets == 0:
        return None
    end = first.start + round(length_s / first.tick)
    frames = max(first.packets, round(length_s * _said_rate(stream, first)))
    return replace(first, last=first.start, end=end, packets=frames)


def _empty(stream: Stream) -> Span:
    return Span(stream.time_base or Fraction(1))


def _said_rate(stream: Stream, first: Span) -> Fraction:
    """The header's, unless the first packets follow each other at another that is constant."""
    if not isinstance(stream, VideoStream):
        return Fraction(0)
    said = stream.average_rate or Fraction(0)
    if not first.fastest or first.is_variable:
        return said
    counted = 2 / ((first.slowest + first.fastest) * first.tick)
    return counted if abs(said - counted) > counted * _SAME_RATE else said


def _said_s(container: InputContainer, stream: Stream) -> Fraction | None:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return None if container.duration is None else Fraction(container.duration, av.time_base)
