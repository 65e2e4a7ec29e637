from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from proto.errors import ErrorCode
from services.media.errors import MediaRefused
from services.media.source import DAMAGE


@dataclass
class Span:
    """What the packets of one stream say, whatever its header does. Times in seconds.

    read: packets found. packets: those shown, from `start` to `last`, which lasts to `end`.
    """

    read: int = 0
    packets: int = 0
    start: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    end: Fraction = Fraction(0)

    @property
    def duration(self) -> Fraction:
        return self.stop - self.start

    @property
    def stop(self) -> Fraction:
        if self.end > self.last or self.packets <= 1:
            return self.end
        # The last packet has no duration: it stands for one mean interval.
        return self.last + (self.last - self.start) / (self.packets - 1)

    def add(self, packet: "Packet[Any]") -> None:
        time = packet.dts if packet.pts is None else packet.pts
        if packet.size == 0 or time is None:
            return
        self.read += 1
        if packet.is_discard:
            return
        begin = time * packet.time_base
        self.start = begin if self.packets == 0 else min(self.start, begin)
        self.last = begin if self.packets == 0 else max(self.last, begin)
        self.end = max(self.end, begin + (packet.duration or 0) * packet.time_base)
        self.packets += 1


def measure(
    container: InputContainer, streams: Sequence[Stream], limit_s: float
) -> dict[int, Span]:
    """The span of each stream by its index, without decoding. Refuses what runs past limit_s."""
    spans = {stream.index: Span() for stream in streams}
    try:
        for packet in container.demux(*streams):
            # Not packet.stream_index: it is 0 in the packets that end a stream, whichever it is.
            span = spans[packet.stream.index]
            span.add(packet)
            if span.end - span.start > limit_s:
                raise MediaRefused(ErrorCode.TOO_LONG, too_long(limit_s))
    except DAMAGE:
        # What follows the damage is lost; players stop here as well.
        return spans
    return spans


def too_long(limit_s: float) -> str:
    return f"This file is longer than {limit_s / 60:.0f} minutes. Trim it and add it again."
