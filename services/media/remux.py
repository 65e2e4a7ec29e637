"""Rendered pictures that are what the result needs already: taken over as they are."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.packet import Packet
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from services.media import upright
from services.media.graph import UNSPECIFIED
from services.media.probe import first_frame
from services.media.source import open_picture
from services.media.writer import add_sound, encode_sounds, mux, open_mp4

_BT601 = 6
# ComfyUI's SaveVideo converts sRGB with libav's default matrix and tags nothing.
_UNTAGGED_MEANS = (ColorPrimaries.BT709, ColorTrc.BT709, _BT601)


def is_as_needed(path: Path, fps: Fraction, frames: int) -> bool:
    """True when the first `frames` packets of a rendered video are the pictures of its result."""
    with open_picture(path) as (container, stream):
        return (
            stream.codec_context.name == "h264"
            and stream.pix_fmt == "yuv420p"
            and upright.pixel_aspect(stream) == 1
            and _starts_with(container, stream, fps, frames)
            and upright.display_matrix(first_frame(path)) == upright.UNTURNED
        )


def remux(
    path: Path, out: Path, frames: int, sound: Iterator[AudioFrame] | None, sound_bit_rate: int
) -> None:
    """Write the first `frames` packets, tagged with their colours, and the sound."""
    with open_picture(path) as (container, stream), open_mp4(out) as target:
        video = target.add_stream_from_template(stream)
        video.metadata.clear()
        packets = [_tagged(_packets(container, stream, frames), stream, video)]
        if sound is not None:
            packets.append(encode_sounds(add_sound(target, sound_bit_rate), sound))
        mux(target, *packets)


def _starts_with(
    container: InputContainer, stream: VideoStream, fps: Fraction, frames: int
) -> bool:
    """True when the first packets are those of the first frames, at exactly fps from 0 on.

    Packets come in the order of decoding, so none of these frames is made from a later one.
    """
    tick = stream.time_base or Fraction(1)
    times = [packet.pts for packet in _packets(container, stream, frames)]
    shown = sorted(time for time in times if time is not None)
    steady = all(abs(time * tick - number / fps) <= tick for number, time in enumerate(shown))
    return len(shown) == frames and steady


def _packets(
    container: InputContainer, stream: VideoStream, count: int
) -> "Iterator[Packet[VideoStream]]":
    # An empty packet marks the end.
    return islice((packet for packet in container.demux(stream) if packet.size), count)


def _tagged(
    packets: "Iterator[Packet[VideoStream]]", source: VideoStream, to: VideoStream
) -> "Iterator[Packet[Any]]":
    """The packets as those of `to`, whose bits and container both name the colours."""
    primaries, trc, matrix = _colours(source)
    tags = (
        f"video_full_range_flag=0:colour_primaries={primaries:d}"
        f":transfer_characteristics={trc:d}:matrix_coefficients={matrix:d}"
    )
    tagging = BitStreamFilterContext(f"h264_metadata={tags}", source, to)
    context = to.codec_context
    context.color_primaries, context.color_trc, context.colorspace = primaries, trc, matrix
    context.color_range = ColorRange.MPEG
    return _rebound(packets, tagging, source, to)


def _colours(stream: VideoStream) -> tuple[int, int, int]:
    """Primaries, transfer and matrix (ITU-T H.273, 8.1 to 8.3)."""
    context = stream.codec_context
    tags = (context.color_primaries, context.color_trc, context.colorspace)
    primaries, trc, matrix = (
        meant if tag == UNSPECIFIED else tag
        for tag, meant in zip(tags, _UNTAGGED_MEANS, strict=True)
    )
    return primaries, trc, matrix


def _rebound(
    packets: "Iterator[Packet[VideoStream]]",
    tagging: BitStreamFilterContext,
    source: VideoStream,
    to: VideoStream,
) -> "Iterator[Packet[Any]]":
    tick = source.time_base or Fraction(1)
    for packet in packets:
        for tagged in tagging.filter(packet):
            tagged.stream, tagged.time_base = to, tick
            yield tagged
