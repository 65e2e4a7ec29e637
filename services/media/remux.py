"""Encoded pictures that are what a file needs already: taken over as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from services.media import upright
from services.media.graph import UNSPECIFIED
from services.media.part import Part
from services.media.probe import first_frame
from services.media.source import open_picture
from services.media.writer import add_sound, encode_sounds, mux, open_mp4

_BT601 = 6
# ComfyUI's SaveVideo converts sRGB with libav's default matrix and tags nothing.
_UNTAGGED_MEANS = (ColorPrimaries.BT709, ColorTrc.BT709, _BT601)


@dataclass(frozen=True)
class _Coding:
    """What all packets of one stream share. parameters: H.264's SPS and PPS."""

    parameters: bytes
    colours: tuple[int, int, int]


def find_delay(parts: Sequence[Part], fps: Fraction) -> int | None:
    """By how many frames decoding is ahead of showing in the parts' packets, one after another.

    None when they are not the pictures of one result at exactly fps, and have to be encoded anew.
    """
    delay = 0
    codings: set[_Coding] = set()
    for part in parts:
        with open_picture(part.path) as (container, stream):
            ahead = _delay(container, stream, part.frames, fps)
            codings.add(_coding(stream))
        if ahead is None or len(codings) > 1 or not _is_plain(part.path):
            return None
        delay = max(delay, ahead)
    return delay


def remux(
    parts: Sequence[Part],
    out: Path,
    fps: Fraction,
    delay: int,
    sound: Iterator[AudioFrame] | None,
    sound_bit_rate: int,
) -> None:
    """Write the parts' packets, tagged with their colours, and the sound.

    delay: what find_delay gave for them.
    """
    with open_picture(parts[0].path) as (_, first), open_mp4(out) as target:
        video = add_copy(target, first, fps)
        tagging = _tagging(first, video)
        packets = [_tagged(_placed(parts, fps, delay), tagging, video, fps)]
        if sound is not None:
            packets.append(encode_sounds(add_sound(target, sound_bit_rate), sound))
        mux(target, *packets)


def add_copy(container: OutputContainer, source: VideoStream, fps: Fraction) -> VideoStream:
    """A stream that takes packets of the source's coding, timed in frames."""
    stream = container.add_stream_from_template(source)
    stream.metadata.clear()
    stream.time_base = 1 / fps
    return stream


def first_packets(
    container: InputContainer, stream: VideoStream, frames: int
) -> "Iterator[Packet[VideoStream]]":
    # An empty packet marks the end.
    return islice((packet for packet in container.demux(stream) if packet.size), frames)


def place(packet: "Packet[Any]", shown: int, decoded: int, fps: Fraction) -> None:
    """Time a packet as that of frame `shown`, decoded `decoded` frames after the first is shown."""
    packet.pts, packet.dts, packet.duration = shown, decoded, 1
    packet.time_base = 1 / fps


def _delay(
    container: InputContainer, stream: VideoStream, frames: int, fps: Fraction
) -> int | None:
    """find_delay of the first packets; None when they are not the first frames, from 0 on.

    Packets come in the order of decoding, so none of these frames is made from a later one.
    """
    tick = stream.time_base or Fraction(1)
    found = [
        (packet.pts, packet.is_keyframe) for packet in first_packets(container, stream, frames)
    ]
    times = [time * tick for time, _ in found if time is not None]
    shown = [round(time * fps) for time in times]
    steady = all(abs(time - frame / fps) <= tick for time, frame in zip(times, shown, strict=True))
    if sorted(shown) != list(range(frames)) or not steady or not found[0][1]:
        return None
    return max(decoded - frame for decoded, frame in enumerate(shown))


def _is_plain(path: Path) -> bool:
    """True for pictures that any browser plays, and shows as they are stored."""
    with open_picture(path) as (_, stream):
        coded = stream.codec_context.name == "h264" and stream.pix_fmt == "yuv420p"
        square = upright.pixel_aspect(stream) == 1
    return coded and square and upright.display_matrix(first_frame(path)) == upright.UNTURNED


def _coding(stream: VideoStream) -> _Coding:
    return _Coding(stream.codec_context.extradata or b"", _colours(stream))


def _colours(stream: VideoStream) -> tuple[int, int, int]:
    """Primaries, transfer and matrix (ITU-T H.273, 8.1 to 8.3)."""
    context = stream.codec_context
    tags = (context.color_primaries, context.color_trc, context.colorspace)
    primaries, trc, matrix = (
        meant if tag == UNSPECIFIED else tag
        for tag, meant in zip(tags, _UNTAGGED_MEANS, strict=True)
    )
    return primaries, trc, matrix


def _placed(parts: Sequence[Part], fps: Fraction, delay: int) -> "Iterator[Packet[VideoStream]]":
    """The parts' packets, timed as those of one video."""
    decoded, start = count(-delay), 0
    for part in parts:
        with open_picture(part.path) as (container, stream):
            for packet in first_packets(container, stream, part.frames):
                shown = round((packet.pts or 0) * packet.time_base * fps)
                place(packet, start + shown, next(decoded), fps)
                yield packet
        start += part.frames


def _tagging(source: VideoStream, to: VideoStream) -> BitStreamFilterContext:
    """What has the bits name the colours; the container names them too."""
    primaries, trc, matrix = _colours(source)
    tags = (
        f"video_full_range_flag=0:colour_primaries={primaries:d}"
        f":transfer_characteristics={trc:d}:matrix_coefficients={matrix:d}"
    )
    context = to.codec_context
    context.color_primaries, context.color_trc, context.colorspace = primaries, trc, matrix
    context.color_range = ColorRange.MPEG
    return BitStreamFilterContext(f"h264_metadata={tags}", source, to)


def _tagged(
    packets: "Iterator[Packet[VideoStream]]",
    tagging: BitStreamFilterContext,
    to: VideoStream,
    fps: Fraction,
) -> "Iterator[Packet[Any]]":
    for packet in packets:
        for tagged in tagging.filter(packet):
            tagged.stream, tagged.time_base = to, 1 / fps
            yield tagged
