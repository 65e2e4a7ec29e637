from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from proto.errors import ErrorCode
from proto.formats import Format, sniff
from proto.media import AssetKind, MediaFacts
from services.media import limits, upright
from services.media.errors import MediaRefused
from services.media.picture import read_upright
from services.media.sound import heard_from_s, open_sound, required
from services.media.source import (
    find_sound_stream,
    open_media,
    open_picture,
    pictures,
    read_head,
    unreadable,
)
from services.media.span import Span, measure

_NOT_READABLE = {
    AssetKind.IMAGE: "This file is not a picture we can read. Use PNG, JPEG, WebP or AVIF.",
    AssetKind.VIDEO: "This file is not a video we can read. Use MP4, MOV, WebM, MKV or AVI.",
    AssetKind.AUDIO: "This file is not a sound we can read. Use MP3, M4A, WAV, FLAC or OGG.",
}
_NOUN = {AssetKind.IMAGE: "a picture", AssetKind.VIDEO: "a video", AssetKind.AUDIO: "a sound"}
_CUT_OFF = (
    "This file ends before its last frame. Export it again, or check that it was fully copied."
)


def probe(path: Path, kind: AssetKind) -> MediaFacts:
    """What a decoder finds in the file. Raises MediaRefused when it cannot be used as `kind`."""
    found = _settled_format(path, kind)
    read: dict[AssetKind, Callable[[Path, Format], MediaFacts]] = {
        AssetKind.IMAGE: _picture_facts,
        AssetKind.VIDEO: _clip_facts,
        AssetKind.AUDIO: _sound_facts,
    }
    return read[kind](path, found)


def _settled_format(path: Path, kind: AssetKind) -> Format:
    head = read_head(path)
    if not head:
        raise MediaRefused(ErrorCode.INVALID_ASSET_FORMAT, "This file is empty. Add it again.")
    found = sniff(head)
    if found is None:
        raise MediaRefused(ErrorCode.INVALID_ASSET_FORMAT, _NOT_READABLE[kind])
    if kind not in found.mime_types:
        actual = _NOUN[next(iter(found.mime_types))]
        raise MediaRefused(
            ErrorCode.WRONG_ASSET_KIND, f"This file is {actual}. Choose {_NOUN[kind]} here."
        )
    return found


def _picture_facts(path: Path, found: Format) -> MediaFacts:
    image = read_upright(path)
    return MediaFacts(
        kind=AssetKind.IMAGE,
        mime_type=found.mime_types[AssetKind.IMAGE],
        codec=found.name,
        width=image.width,
        height=image.height,
    )


def _clip_facts(path: Path, found: Format) -> MediaFacts:
    with open_picture(path) as (container, stream):
        _check_container(container)
        _check_pixels(stream.width, stream.height)
        sound = find_sound_stream(container)
        spans = _measure(container, [stream] if sound is None else [stream, sound], AssetKind.VIDEO)
        first = first_frame(path)
        width, height = upright.upright_size(first, upright.pixel_aspect(stream))
        _check_sides(width, height)
        facts = MediaFacts(
            kind=AssetKind.VIDEO,
            mime_type=found.mime_types[AssetKind.VIDEO],
            codec=stream.codec_context.codec.canonical_name,
            width=width,
            height=height,
            fps=_fps(stream, spans[stream.index]),
            frame_count=spans[stream.index].packets,
            duration_s=float(spans[stream.index].duration),
        )
    return facts if sound is None or not _heard_s(path) else _with_sound(facts, sound)


def _sound_facts(path: Path, found: Format) -> MediaFacts:
    with open_media(path) as container:
        _check_container(container)
        sound = find_sound_stream(container)
        if sound is None:
            raise MediaRefused(
                ErrorCode.WRONG_ASSET_KIND, "This file has no sound. Choose one with a voice."
            )
        span = _measure(container, [sound], AssetKind.AUDIO)[sound.index]
        # Packets hold the codec's padding, and an MP4 is decoded to beyond the end it declares.
        heard = min(_heard_s(path), span.stop - heard_from_s(container, sound))
        if heard <= 0:
            raise unreadable()
        facts = MediaFacts(
            kind=AssetKind.AUDIO,
            mime_type=found.mime_types[AssetKind.AUDIO],
            codec=sound.codec_context.codec.canonical_name,
            duration_s=float(heard),
        )
        return _with_sound(facts, sound)


def _with_sound(facts: MediaFacts, sound: AudioStream) -> MediaFacts:
    return facts.model_copy(
        update={
            "has_audio": True,
            "audio_codec": sound.codec_context.codec.canonical_name,
            "sample_rate": sound.sample_rate,
            "channels": sound.channels,
        }
    )


def first_frame(path: Path) -> VideoFrame:
    """The first frame that decodes; it carries the display matrix. Raises MediaRefused."""
    with open_picture(path) as (container, stream):
        try:
            found = next(pictures(container, stream), None)
        except av.FFmpegError as error:
            raise unreadable() from error
    if found is None:
        raise unreadable()
    return found


def _heard_s(path: Path) -> Fraction:
    """How long the sound is once it is decoded."""
    with open_sound(path, []) as frames:
        try:
            return sum((Fraction(f.samples, f.sample_rate) for f in required(frames)), Fraction(0))
        except av.FFmpegError as error:
            raise unreadable() from error


def _check_container(container: InputContainer) -> None:
    if len(container.streams) > limits.MAX_STREAMS:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            f"This file has more than {limits.MAX_STREAMS} tracks. Export it with fewer.",
        )


def _check_sides(width: int, height: int) -> None:
    if min(width, height) < limits.MIN_CLIP_SIDE:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            f"This video is smaller than {limits.MIN_CLIP_SIDE} pixels. Choose a larger one.",
        )
    _check_pixels(width, height)


def _check_pixels(width: int, height: int) -> None:
    if max(width, height) > limits.MAX_CLIP_SIDE or width * height > limits.MAX_CLIP_PIXELS:
        raise MediaRefused(
            ErrorCode.TOO_LARGE,
            f"This video is {width} x {height} pixels, more than we can read. Export it smaller.",
        )


def _measure(
    container: InputContainer, streams: list[VideoStream | AudioStream], kind: AssetKind
) -> dict[int, Span]:
    spans = measure(container, streams, limits.MAX_DURATION_S[kind])
    # Only the sample table of MP4 and MOV is sure of its count; other headers are often wrong.
    # Not stream.frames: it counts each sample of PCM, and what an edit list leaves out.
    sure = container.format.name.startswith("mov")
    if sure and any(spans[s.index].read < len(s.index_entries) for s in streams):
        raise MediaRefused(ErrorCode.INVALID_ASSET_FORMAT, _CUT_OFF)
    if any(spans[stream.index].packets == 0 for stream in streams[:1]):
        raise unreadable()
    return spans


def _fps(stream: VideoStream, span: Span) -> Fraction:
    if stream.average_rate:
        return stream.average_rate
    if not span.duration:
        raise unreadable()
    return (span.packets / span.duration).limit_denominator(1001)
