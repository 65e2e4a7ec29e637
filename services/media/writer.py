"""H.264 and AAC in an MP4 that starts to play at once and tells nothing of where it came from."""

import heapq
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from services.media.shape import VideoShape

SOUND_RATE = 48_000
# x264 gives other bytes with another number of threads. With the same number it still does, now
# and then, on a loaded machine: nothing may depend on a retry giving the same bytes.
_ENCODER_THREADS = 4
_KEYFRAME_S = 2


@dataclass(frozen=True)
class Quality:
    """crf, preset: as x264 takes them. sound_bit_rate: bits a second, of both channels."""

    crf: int
    preset: str
    sound_bit_rate: int


def write_mp4(
    out: Path,
    frames: Iterable[VideoFrame],
    sound: Iterable[AudioFrame] | None,
    shape: VideoShape,
    quality: Quality,
    keyframes: Container[int] = (),
) -> None:
    """frames: of shape's size, whatever time they carry. sound: from the first frame on.

    keyframes: numbers of frames at which decoding can begin, besides those the encoder chooses.
    """
    with open_mp4(out) as container:
        video = add_video(container, shape, quality)
        packets = [encode_pictures(video, frames, shape.fps, keyframes)]
        if sound is not None:
            packets.append(encode_sounds(add_sound(container, quality.sound_bit_rate), sound))
        container.start_encoding()
        mux(container, *packets)


@contextmanager
def open_mp4(out: Path) -> Iterator[OutputContainer]:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(out), "w", format="mp4", options=options) as container:
        yield container


def add_video(container: OutputContainer, shape: VideoShape, quality: Quality) -> VideoStream:
    options = {"crf": str(quality.crf), "preset": quality.preset}
    stream = container.add_stream("libx264", rate=shape.fps, options=options)
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / shape.fps
    context.gop_size = max(1, round(shape.fps * _KEYFRAME_S))
    context.thread_count = _ENCODER_THREADS
    context.sample_aspect_ratio = Fraction(1)
    context.color_range = ColorRange.MPEG
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    return stream


def add_sound(container: OutputContainer, bit_rate: int) -> AudioStream:
    # At 128 kbit/s and more the fast coder is nearer to the source than libav's default, in half
    # the time.
    options = {"aac_coder": "fast"}
    stream = container.add_stream("aac", rate=SOUND_RATE, options=options, layout="stereo")
    stream.bit_rate = bit_rate
    return stream


def encode_pictures(
    stream: VideoStream,
    frames: Iterable[VideoFrame],
    fps: Fraction,
    keyframes: Container[int] = (),
) -> "Iterator[Packet[Any]]":
    """Packets of frames that follow each other at exactly fps, whatever time they carry."""
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base, frame.duration = number, 1 / fps, 1
        # x264 makes an I of ours an IDR, which nothing behind it looks past.
        frame.pict_type = PictureType.I if number in keyframes else PictureType.NONE
        yield from stream.encode(frame)
    yield from stream.encode(None)


def encode_sounds(stream: AudioStream, frames: Iterable[AudioFrame]) -> "Iterator[Packet[Any]]":
    for frame in frames:
        yield from stream.encode(frame)
    yield from stream.encode(None)


def mux(container: OutputContainer, *streams: "Iterator[Packet[Any]]") -> None:
    """Write packets in order of time, so that none waits in memory for its neighbour stream."""
    for packet in heapq.merge(*streams, key=_time):
        container.mux(packet)


def _time(packet: "Packet[Any]") -> Fraction:
    return (packet.dts or 0) * packet.time_base
