from fractions import Fraction
from pathlib import Path

from proto.media import AssetKind, DynamicRange, MediaFacts
from services.media import upright
from services.media.clip import open_frames
from services.media.hollow import boxes, size_of
from services.media.picture import shows_everywhere
from services.media.remote import Source
from services.media.shape import VideoShape
from services.media.sound import open_sound, required, stereo
from services.media.source import (
    find_picture_stream,
    open_media,
    require_picture_stream,
)
from services.media.writer import (
    Quality,
    add_sound,
    encode_sounds,
    mux,
    open_mp4,
    write_mp4,
)

SHORT_SIDE = 720
LONG_SIDE = 1280
MAX_FPS = Fraction(30)

_PREVIEW = Quality(crf=23, preset="veryfast", sound_bit_rate=128_000)
_HD_SHORT_SIDE, _HD_LONG_SIDE = 1080, 1920
_DEPTH = 8
_EIGHT_BIT_420 = {"yuv420p", "yuvj420p"}
_PLAYED_SOUNDS = {("audio/mpeg", "mp3"), ("audio/mp4", "aac"), ("audio/wav", "pcm_s16le")}


def plays_everywhere(source: Source, facts: MediaFacts) -> bool:
    """True when every browser shows the file as it is."""
    if facts.kind is AssetKind.IMAGE:
        return shows_everywhere(facts)
    if facts.kind is AssetKind.AUDIO:
        return (facts.mime_type, facts.codec) in _PLAYED_SOUNDS and not _has_pictures(source)
    return _is_plain_h264(source, facts) and starts_at_once(source)


def make_proxy(source: Source, facts: MediaFacts, out: Path) -> None:
    """Write what every browser plays: MP4 of at most 720p for a clip, M4A for a sound."""
    if facts.kind is AssetKind.AUDIO:
        with open_sound(source, stereo("fltp")) as sound, open_mp4(out) as container:
            stream = add_sound(container, _PREVIEW.sound_bit_rate)
            mux(container, encode_sounds(stream, required(sound)))
        return
    shape = _proxy_shape(facts)
    with open_frames(source, shape) as frames, open_sound(source, stereo("fltp")) as sound:
        write_mp4(out, frames, sound, shape, _PREVIEW)


def starts_at_once(source: Source) -> bool:
    """True for an MP4 whose index lies before its frames."""
    with source.open("rb") as file:
        names = (box.name for box in boxes(file, 0, size_of(file)))
        return next((name for name in names if name in {b"moov", b"mdat"}), None) == b"moov"


def _is_plain_h264(source: Source, facts: MediaFacts) -> bool:
    """True for pictures that any browser plays, and shows as they are stored."""
    if (facts.codec, facts.mime_type) != ("h264", "video/mp4") or facts.depth != _DEPTH:
        return False
    if facts.rotation or facts.mirrored or facts.interlaced or _is_hdr(facts):
        return False
    if facts.audio_codec not in {None, "aac"}:
        return False
    with open_media(source) as container:
        stream = require_picture_stream(container)
        size = sorted((stream.width, stream.height))
        plain = stream.pix_fmt in _EIGHT_BIT_420 and upright.pixel_aspect(stream) == 1
        return plain and size[0] <= _HD_SHORT_SIDE and size[1] <= _HD_LONG_SIDE


def _is_hdr(facts: MediaFacts) -> bool:
    return facts.dynamic_range in {DynamicRange.PQ, DynamicRange.HLG}


def _has_pictures(source: Source) -> bool:
    with open_media(source) as container:
        return find_picture_stream(container) is not None


def _proxy_shape(facts: MediaFacts) -> VideoShape:
    if facts.width is None or facts.height is None or facts.fps is None:
        raise ValueError("a clip's facts carry its size and rate")
    portrait = facts.height > facts.width
    bounds = (SHORT_SIDE, LONG_SIDE) if portrait else (LONG_SIDE, SHORT_SIDE)
    width, height = upright.fitted((facts.width, facts.height), *bounds)
    return VideoShape(width, height, min(facts.fps.limit_denominator(1001), MAX_FPS))
