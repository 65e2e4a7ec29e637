from collections.abc import Callable
from fractions import Fraction

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
from services.media.hollow import size_of
from services.media.picture import picture_facts
from services.media.polyglot import refuse_polyglot
from services.media.remote import Source
from services.media.sound import heard_from_s, open_sound, required
from services.media.source import (
    find_sound_stream,
    is_indexed,
    open_hollow,
    open_picture,
    pictures,
    read_head,
    require_picture_stream,
    unreadable,
)
from services.media.span import Span, estimate, measure, too_long
from services.media.tone import dynamic_range

_SMALL_BYTES = 8_000_000
_RATE_TOLERANCE = Fraction(1, 50)
_NOT_READABLE = {
    AssetKind.IMAGE: "This file is not a picture we can read. Use PNG, JPEG, WebP, HEIC or TIFF.",
    AssetKind.VIDEO: "This file is not a video we can read. Use MP4, MOV, WebM, MKV or AVI.",
    AssetKind.AUDIO: "This file is not a sound we can read. Use MP3, M4A, WAV, FLAC or OGG.",
}
_NOUN = {AssetKind.IMAGE: "a picture", AssetKind.VIDEO: "a video", AssetKind.AUDIO: "a sound"}
_CUT_OFF = (
    "This file ends before its last frame. Export it again, or check that it was fully copied."
)


def probe(source: Source, kind: AssetKind) -> MediaFacts:
    """What a file's index and its first frames say. Raises MediaRefused.

    Of an MP4 or MOV nothing else is read, and its counts are sure. Lengths of other large files
    are those of their headers, until `measure_exactly` or `confirmed` corrects them.
    """
    found = _settled_format(source, kind)
    read: dict[AssetKind, Callable[[Source, Format], MediaFacts]] = {
        AssetKind.IMAGE: picture_facts,
        AssetKind.VIDEO: _clip_facts,
        AssetKind.AUDIO: _sound_facts,
    }
    return read[kind](source, found)


def measure_exactly(source: Source, kind: AssetKind, facts: MediaFacts) -> MediaFacts:
    """The same facts with the lengths that all packets of a clip, or all of a sound decoded, give.

    Reads the whole file. Raises MediaRefused for one that is longer than its header said, or broken
    behind its start.
    """
    if kind is AssetKind.IMAGE:
        return facts
    if kind is AssetKind.AUDIO:
        return confirmed(facts, frames=None, duration_s=float(_heard_s(source)))
    with open_picture(source) as (container, stream):
        spans = measure(container, [stream], limits.MAX_DURATION_S[kind])
        _check_spans(container, [stream], spans)
        span = spans[stream.index]
    counted = confirmed(facts, frames=span.packets, duration_s=float(span.duration_s))
    return counted.model_copy(update={"variable_rate": span.is_variable})


def confirmed(facts: MediaFacts, *, frames: int | None, duration_s: float | None) -> MediaFacts:
    """The same facts with what somebody counted who decoded all of the file. None: not counted.

    Raises MediaRefused when nothing was found, or more than we take.
    """
    update = {"frame_count": frames, "duration_s": duration_s}
    known = {name: value for name, value in update.items() if value is not None}
    if 0 in known.values():
        raise unreadable()
    if duration_s is not None and duration_s > limits.MAX_DURATION_S[facts.kind]:
        raise MediaRefused(ErrorCode.TOO_LONG, too_long(limits.MAX_DURATION_S[facts.kind]))
    counted = facts.model_copy(update=known)
    if frames is not None and counted.duration_s:
        rate = Fraction(frames) / Fraction(counted.duration_s)
        counted = counted.model_copy(update={"fps": _likely_rate(facts.fps, rate, frames)})
        _check_rate(counted)
    return counted


def _settled_format(source: Source, kind: AssetKind) -> Format:
    head = read_head(source)
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
    refuse_polyglot(source, found)
    return found


def _clip_facts(source: Source, found: Format) -> MediaFacts:
    with open_hollow(source) as (container, indexed):
        stream = require_picture_stream(container)
        _check_pixels(stream.width, stream.height)
        sound = find_sound_stream(container)
        streams: list[VideoStream | AudioStream] = [stream]
        streams += [] if sound is None else [sound]
        spans = _spans(source, container, streams, AssetKind.VIDEO, whole=indexed)
        span = spans[stream.index]
        facts = MediaFacts(
            kind=AssetKind.VIDEO,
            mime_type=found.mime_types[AssetKind.VIDEO],
            codec=stream.codec_context.codec.canonical_name,
            fps=_fps(stream, span),
            frame_count=span.packets,
            duration_s=float(span.duration_s),
            variable_rate=span.is_variable,
        )
        _check_rate(facts)
        if sound is not None and spans[sound.index].packets:
            facts = _with_sound(facts, sound)
    return _with_looks(facts, source)


def _with_looks(facts: MediaFacts, source: Source) -> MediaFacts:
    """With what only a decoded picture tells."""
    with open_picture(source) as (container, stream):
        # Threads that take a frame each give the first one late.
        stream.thread_type = "SLICE"
        first = _first(container, stream)
        width, height = upright.upright_size(first, upright.pixel_aspect(stream))
    _check_sides(width, height)
    rotation, mirrored = upright.turn(first)
    looks = {
        "width": width,
        "height": height,
        "rotation": rotation,
        "mirrored": mirrored,
        "interlaced": bool(first.interlaced_frame),
        "depth": max(component.bits for component in first.format.components),
        "dynamic_range": dynamic_range(first),
        "has_alpha": any(component.is_alpha for component in first.format.components),
    }
    return facts.model_copy(update=looks)


def _sound_facts(source: Source, found: Format) -> MediaFacts:
    with open_hollow(source) as (container, indexed):
        sound = find_sound_stream(container)
        if sound is None:
            raise MediaRefused(
                ErrorCode.WRONG_ASSET_KIND, "This file has no sound. Choose one with a voice."
            )
        span = _spans(source, container, [sound], AssetKind.AUDIO, whole=indexed)[sound.index]
        heard = span.stop_s - heard_from_s(source, container, sound)
        if sound.codec_context.codec.canonical_name == "mp3":
            heard -= Fraction(span.padding, sound.sample_rate)
        if heard <= 0:
            raise unreadable()
        facts = MediaFacts(
            kind=AssetKind.AUDIO,
            mime_type=found.mime_types[AssetKind.AUDIO],
            codec=sound.codec_context.codec.canonical_name,
            duration_s=float(heard),
        )
        facts = _with_sound(facts, sound)
    _check_decodes(source)
    return facts


def _with_sound(facts: MediaFacts, sound: AudioStream) -> MediaFacts:
    return facts.model_copy(
        update={
            "has_audio": True,
            "audio_codec": sound.codec_context.codec.canonical_name,
            "sample_rate": sound.sample_rate,
            "channels": sound.channels,
        }
    )


def first_frame(source: Source) -> VideoFrame:
    """The first frame that decodes; it carries the display matrix. Raises MediaRefused."""
    with open_picture(source) as (container, stream):
        return _first(container, stream)


def _first(container: InputContainer, stream: VideoStream) -> VideoFrame:
    try:
        found = next(pictures(container, stream), None)
    except av.FFmpegError as error:
        raise unreadable() from error
    if found is None:
        raise unreadable()
    return found


def _check_decodes(source: Source) -> None:
    with open_sound(source, []) as frames:
        try:
            if next(required(frames), None) is None:
                raise unreadable()
        except av.FFmpegError as error:
            raise unreadable() from error


def _heard_s(source: Source) -> Fraction:
    """How long the sound is once it is decoded; an MP4's is to beyond the end it declares."""
    with open_hollow(source) as (container, indexed):
        sound = find_sound_stream(container)
        ends = None
        if sound is not None and indexed:
            spans = measure(container, [sound], limits.MAX_DURATION_S[AssetKind.AUDIO])
            span = spans[sound.index]
            ends = span.stop_s - heard_from_s(source, container, sound)
    with open_sound(source, []) as frames:
        try:
            heard = sum((Fraction(f.samples, f.sample_rate) for f in required(frames)), Fraction(0))
        except av.FFmpegError as error:
            raise unreadable() from error
    return heard if ends is None else min(heard, ends)


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


def _spans(
    source: Source,
    container: InputContainer,
    streams: list[VideoStream | AudioStream],
    kind: AssetKind,
    *,
    whole: bool,
) -> dict[int, Span]:
    """whole: all packets cost nothing to walk. They are walked in small files, too."""
    if whole:
        _check_not_cut_off(source, streams)
    exactly = whole or _size(source) <= _SMALL_BYTES
    spans = (measure if exactly else estimate)(container, streams, limits.MAX_DURATION_S[kind])
    _check_spans(container, streams, spans)
    return spans


def _check_spans(
    container: InputContainer,
    streams: list[VideoStream | AudioStream],
    spans: dict[int, Span],
) -> None:
    # Not stream.frames: it counts each sample of PCM, and what an edit list leaves out.
    read = all(spans[stream.index].read >= len(stream.index_entries) for stream in streams)
    if is_indexed(container) and not read:
        raise MediaRefused(ErrorCode.INVALID_ASSET_FORMAT, _CUT_OFF)
    if any(spans[stream.index].packets == 0 for stream in streams[:1]):
        raise unreadable()


def _check_not_cut_off(source: Source, streams: list[VideoStream | AudioStream]) -> None:
    size = _size(source)
    if any(entry.pos + entry.size > size for stream in streams for entry in stream.index_entries):
        raise MediaRefused(ErrorCode.INVALID_ASSET_FORMAT, _CUT_OFF)


def _size(source: Source) -> int:
    with source.open("rb") as file:
        return size_of(file)


def _fps(stream: VideoStream, span: Span) -> Fraction:
    counted = span.packets / span.duration_s if span.duration_s else None
    if counted is None:
        if not stream.average_rate:
            raise unreadable()
        return stream.average_rate
    steady = _likely_rate(stream.base_rate, counted, span.packets)
    # The mean of what lies in fragments is a guess from the first of them.
    if steady == stream.base_rate:
        return steady
    return _likely_rate(stream.average_rate, counted, span.packets)


def _likely_rate(said: Fraction | None, counted: Fraction, frames: int) -> Fraction:
    """What the header says where counting agrees, for times are rounded; else what was counted.

    How long the last frame lasts is often a guess, which weighs on a short clip.
    """
    if said and abs(said - counted) <= said * (_RATE_TOLERANCE + Fraction(2, max(1, frames))):
        return said
    return counted.limit_denominator(1001)


def _check_rate(facts: MediaFacts) -> None:
    if facts.fps is not None and facts.fps > limits.MAX_FPS:
        raise MediaRefused(
            ErrorCode.TOO_LARGE,
            f"This video runs at more than {limits.MAX_FPS} frames a second. Export it slower.",
        )
    if facts.frame_count is not None and facts.frame_count > limits.MAX_FRAMES:
        raise MediaRefused(
            ErrorCode.TOO_LONG,
            f"This video has more than {limits.MAX_FRAMES} frames. Trim it and add it again.",
        )
