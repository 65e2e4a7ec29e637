"""Opening files nobody vouches for: demuxer by signature, no other file or address within reach."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
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
}
_ALPHA_DECODERS: dict[str, Literal["libvpx", "libvpx-vp9"]] = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
DAMAGE = (av.InvalidDataError, av.MemoryError)
"""What libav raises inside a damaged file: a packet said to be of gigabytes is a MemoryError."""
# A playlist or a reference inside an accepted container must not reach a network or a pipe.
_OPTIONS = {"protocol_whitelist": "file", "fflags": "+genpts"}
_DECODER_OPTIONS = {"max_pixels": str(limits.MAX_CLIP_PIXELS)}


def unreadable() -> MediaRefused:
    return MediaRefused(
        ErrorCode.INVALID_ASSET_FORMAT,
        "This file is damaged or incomplete. Check that it plays, then export it again.",
    )


def read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def container_format(path: Path) -> Format | None:
    """The accepted format of a clip or sound."""
    found = sniff(read_head(path))
    return found if found is not None and found.name in _DEMUXERS else None


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """A clip or sound, read through the demuxer its signature names. Raises MediaRefused."""
    found = container_format(path)
    if found is None:
        raise unreadable()
    try:
        # Tags come in any encoding, and none of ours depends on what they say.
        container = av.open(
            str(path), format=_DEMUXERS[found.name], options=_OPTIONS, metadata_errors="replace"
        )
    except av.FFmpegError as error:
        raise unreadable() from error
    with container:
        yield container


@contextmanager
def open_picture(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A clip and its stream of moving pictures. Raises MediaRefused."""
    with open_media(path) as container:
        stream = find_picture_stream(container)
        if stream is None:
            raise _no_picture(container)
        yield container, stream


def find_picture_stream(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures that libav has a decoder for."""
    stream = next((s for s in _moving(container) if s.codec_context is not None), None)
    if stream is not None:
        stream.thread_type = "AUTO"
        stream.codec_context.options = _DECODER_OPTIONS
    return stream


def find_sound_stream(container: InputContainer) -> AudioStream | None:
    """The first sound that libav has a decoder for; phones add one in formats of their own."""
    known = (s for s in container.streams.audio if s.codec_context is not None)
    return next((s for s in known if s.channels > 0), None)


def _moving(container: InputContainer) -> list[VideoStream]:
    """The cover of an album is a video stream too, but does not move."""
    videos = container.streams.video
    return [s for s in videos if not s.disposition & Disposition.attached_pic]


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


def pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Every frame that decodes, in order of time."""
    decoder = _picture_decoder(stream)
    for packet in _packets(container, stream):
        # One damaged packet in a long recording is no reason to refuse it: players skip it too.
        frames: list[VideoFrame] = []
        with suppress(*DAMAGE):
            frames = decoder.decode(packet)
        yield from frames


def sounds(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Every piece of sound that decodes, in order of time."""
    for packet in _packets(container, stream):
        frames: list[AudioFrame] = []
        with suppress(*DAMAGE):
            frames = stream.decode(packet)
        yield from frames


def _packets(container: InputContainer, stream: Stream) -> "Iterator[Packet[Any]]":
    # What follows damage to the container itself is lost; players stop here as well.
    with suppress(*DAMAGE):
        yield from container.demux(stream)


def _picture_decoder(stream: VideoStream) -> VideoCodecContext:
    codec = stream.codec_context
    if stream.metadata.get("alpha_mode") != "1" or codec.name not in _ALPHA_DECODERS:
        return codec
    # libav's own VP8 and VP9 decoders drop the alpha that WebM keeps beside the picture.
    decoder = CodecContext.create(_ALPHA_DECODERS[codec.name], "r")
    decoder.options = _DECODER_OPTIONS
    return decoder
