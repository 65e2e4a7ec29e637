"""Opening files nobody vouches for: demuxer by signature, no other file or address within reach."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from proto.errors import ErrorCode
from proto.formats import HEAD_BYTES, Format, sniff
from services.media import limits
from services.media.errors import MediaRefused
from services.media.hollow import HollowFile
from services.media.remote import Source

_DEMUXERS = {
    "mp4": "mov",
    "quicktime": "mov",
    "webm": "matroska",
    "matroska": "matroska",
    "avi": "avi",
    "wav": "wav",
    "mp3": "mp3",
    "aac": "aac",
    "flac": "flac",
    "ogg": "ogg",
    "mpegts": "mpegts",
    "aiff": "aiff",
    "3gp": "mov",
}
_ALPHA_DECODERS: dict[str, Literal["libvpx", "libvpx-vp9"]] = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
DAMAGE = (av.InvalidDataError, av.MemoryError)
"""What libav raises inside a damaged file: a packet said to be of gigabytes is a MemoryError."""
# A playlist or a reference inside an accepted container must not reach a network or a pipe.
_OPTIONS = {
    "protocol_whitelist": "file",
    "fflags": "+genpts",
    "max_streams": str(limits.MAX_STREAMS + 1),
}
# A parser would look for frames in a payload that is not read.
_UNPARSED = {"fflags": "+genpts+noparse"}
_INDEXED = "mov"
_DECODER_OPTIONS = {"max_pixels": str(limits.MAX_CLIP_PIXELS)}


_FOR_SOME = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.hearing_impaired
    | Disposition.descriptions
    | Disposition.karaoke
    | Disposition.dub
)
_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
# What was sent, as it was: recordings of it may be joined as they are.
_LEAPING = "mpegts"
_LEAP_S = 10
_BACK_S = 1


def unreadable() -> MediaRefused:
    return MediaRefused(
        ErrorCode.INVALID_ASSET_FORMAT,
        "This file is damaged or incomplete. Check that it plays, then export it again.",
    )


def _too_many_streams() -> MediaRefused:
    return MediaRefused(
        ErrorCode.INVALID_ASSET_FORMAT,
        f"This file has more than {limits.MAX_STREAMS} tracks. Export it with fewer.",
    )


def read_head(source: Source) -> bytes:
    with source.open("rb") as file:
        return file.read(HEAD_BYTES)


def container_format(source: Source) -> Format | None:
    """The accepted format of a clip or sound."""
    found = sniff(read_head(source))
    return found if found is not None and found.name in _DEMUXERS else None


@contextmanager
def open_media(source: Source) -> Iterator[InputContainer]:
    """A clip or sound, read through the demuxer its signature names. Raises MediaRefused."""
    if isinstance(source, Path):
        with _opened(str(source), container_format(source)) as container:
            yield container
        return
    found = container_format(source)
    with source.open("rb") as file, _opened(file, found) as container:
        yield container


@contextmanager
def open_hollow(source: Source) -> Iterator[tuple[InputContainer, bool]]:
    """For packets, not what is in them, and whether they cost nothing to walk.

    They do where an index tells of all of them: nothing else of an MP4 or MOV is then read.
    """
    found = container_format(source)
    with source.open("rb") as file:
        hollow = HollowFile(file)
        with _opened(hollow, found, _UNPARSED) as container:
            yield container, is_indexed(container) and hollow.forget_payload()


def is_indexed(container: InputContainer) -> bool:
    """True for MP4, MOV and 3GP, whose sample table is sure of every packet."""
    return container.format.name.startswith(_INDEXED)


@contextmanager
def _opened(
    file: Any, found: Format | None, indexed_options: Mapping[str, str] = MappingProxyType({})
) -> Iterator[InputContainer]:
    if found is None:
        raise unreadable()
    demuxer = _DEMUXERS[found.name]
    options = {**_OPTIONS, **(indexed_options if demuxer == _INDEXED else {})}
    try:
        # Tags come in any encoding, and none of ours depends on what they say.
        container = av.open(file, format=demuxer, options=options, metadata_errors="replace")
    except av.MemoryError as error:
        raise _too_many_streams() from error
    except av.FFmpegError as error:
        raise unreadable() from error
    with container:
        if len(container.streams) > limits.MAX_STREAMS:
            raise _too_many_streams()
        yield container


@contextmanager
def open_picture(source: Source) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A clip and its stream of moving pictures. Raises MediaRefused."""
    with open_media(source) as container:
        yield container, require_picture_stream(container)


def require_picture_stream(container: InputContainer) -> VideoStream:
    stream = find_picture_stream(container)
    if stream is None:
        raise _no_picture(container)
    return stream


def find_picture_stream(container: InputContainer) -> VideoStream | None:
    """The moving pictures meant to be watched that libav has a decoder for."""
    known = [stream for stream in _moving(container) if stream.codec_context is not None]
    if not known:
        return None
    stream = min(known, key=_unlikely)
    stream.thread_type = "AUTO"
    stream.codec_context.options = _DECODER_OPTIONS
    return stream


def find_sound_stream(container: InputContainer) -> AudioStream | None:
    """The sound meant to be heard that libav has a decoder for; phones add some of their own."""
    known = [s for s in container.streams.audio if s.codec_context is not None]
    heard = [stream for stream in known if stream.channels > 0 and stream.sample_rate > 0]
    return min(heard, key=_unlikely, default=None)


def _unlikely(stream: Stream) -> tuple[bool, bool, int]:
    """Sorts the stream that players choose to the front."""
    aside = bool(stream.disposition & _FOR_SOME)
    return aside, not stream.disposition & Disposition.default, stream.index


def _moving(container: InputContainer) -> list[VideoStream]:
    """The cover of an album is a video stream too, but does not move."""
    return [s for s in container.streams.video if not s.disposition & _STILL]


def _no_picture(container: InputContainer) -> MediaRefused:
    if _moving(container):
        return MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            "We can't play the pictures in this video. Export it as MP4 with H.264.",
        )
    return MediaRefused(
        ErrorCode.WRONG_ASSET_KIND, "This file has no moving picture. Choose a video."
    )


def start_s(stream: VideoStream | AudioStream) -> Fraction:
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base


def first_shown_s(source: Source) -> Fraction:
    """The time of the first picture that can be decoded, in a file without an index."""
    with open_picture(source) as (container, stream):
        first = next((p for p in shown_packets(container, stream) if p.size), None)
        time = None if first is None else _time(first)
        return start_s(stream) if first is None or time is None else time * first.time_base


def pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Every frame that decodes, in order of time."""
    decoder = _picture_decoder(stream)
    for packet in packets(container, stream):
        # One damaged packet in a long recording is no reason to refuse it: players skip it too.
        try:
            frames = decoder.decode(packet)
        except DAMAGE:
            continue
        yield from frames


def sounds(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Every piece of sound that decodes, in order of time."""
    for packet in packets(container, stream):
        try:
            frames = stream.decode(packet)
        except DAMAGE:
            continue
        yield from frames


def packets(container: InputContainer, *streams: Stream) -> "Iterator[Packet[Any]]":
    """What the streams hold, up to damage; times that jump where recordings were joined do not."""
    leap_s = _LEAP_S if container.format.name == _LEAPING else None
    clocks = {stream.index: _Clock(leap_s) for stream in streams}
    # What follows damage to the container itself is lost; players stop here as well.
    with suppress(*DAMAGE):
        for packet in container.demux(*streams):
            # Not packet.stream_index: it is 0 in the packets that end a stream, whichever it is.
            clocks[packet.stream.index].set(packet)
            yield packet


def shown_packets(container: InputContainer, *streams: Stream) -> "Iterator[Packet[Any]]":
    """`packets` without the pictures that lack what they are made from.

    Where a recording was cut between keyframes, or at one that others are shown before.
    """
    begins: dict[int, int | None] = {}
    if not is_indexed(container):
        begins = {stream.index: None for stream in streams if isinstance(stream, VideoStream)}
    for packet in packets(container, *streams):
        index, time = packet.stream.index, _time(packet)
        if index not in begins or time is None:
            yield packet
            continue
        if begins[index] is None and packet.is_keyframe:
            begins[index] = time
        begin = begins[index]
        if begin is not None and time >= begin:
            yield packet


def _time(packet: "Packet[Any]") -> int | None:
    return packet.dts if packet.pts is None else packet.pts


class _Clock:
    """Lets a stream run on where its times go back, or leap further than leap_s."""

    def __init__(self, leap_s: int | None) -> None:
        self._leap_s = leap_s
        self._due: int | None = None
        self._offset = 0

    def set(self, packet: "Packet[Any]") -> None:
        if packet.dts is None:
            return
        if self._due is not None:
            gap = packet.dts + self._offset - self._due
            if gap and self._is_jump(gap * packet.time_base):
                self._offset -= gap
        if self._offset:
            packet.dts += self._offset
            packet.pts = None if packet.pts is None else packet.pts + self._offset
        self._due = packet.dts + (packet.duration or 0)

    def _is_jump(self, gap_s: Fraction) -> bool:
        return gap_s < -_BACK_S or (self._leap_s is not None and gap_s > self._leap_s)


def _picture_decoder(stream: VideoStream) -> VideoCodecContext:
    codec = stream.codec_context
    if stream.metadata.get("alpha_mode") != "1" or codec.name not in _ALPHA_DECODERS:
        return codec
    # libav's own VP8 and VP9 decoders drop the alpha that WebM keeps beside the picture.
    decoder = CodecContext.create(_ALPHA_DECODERS[codec.name], "r")
    decoder.options = _DECODER_OPTIONS
    return decoder
