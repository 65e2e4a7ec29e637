from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from proto.formats import sniff
from proto.media import AssetKind, MediaFacts
from services.media import upright
from services.media.clip import open_frames
from services.media.probe import first_frame
from services.media.shape import VideoShape
from services.media.sound import open_sound, required, stereo
from services.media.source import find_picture_stream, open_media, open_picture, read_head
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
_ATOM_HEADER = 8
_EIGHT_BIT_420 = {"yuv420p", "yuvj420p"}
_PLAYED_SOUNDS = {("audio/mpeg", "mp3"), ("audio/mp4", "aac"), ("audio/wav", "pcm_s16le")}


def plays_everywhere(path: Path, facts: MediaFacts) -> bool:
    """True when every browser shows the file as it is."""
    if facts.kind is AssetKind.IMAGE:
        return True
    if facts.kind is AssetKind.AUDIO:
        return (facts.mime_type, facts.codec) in _PLAYED_SOUNDS and not _has_pictures(path)
    return facts.audio_codec in {None, "aac"} and _is_plain_h264(path) and starts_at_once(path)


def make_proxy(path: Path, facts: MediaFacts, out: Path) -> None:
    """Write what every browser plays: MP4 of at most 720p for a clip, M4A for a sound."""
    if facts.kind is AssetKind.AUDIO:
        with open_sound(path, stereo("fltp")) as sound, open_mp4(out) as container:
            stream = add_sound(container, _PREVIEW.sound_bit_rate)
            mux(container, encode_sounds(stream, required(sound)))
        return
    shape = _proxy_shape(facts)
    with open_frames(path, shape) as frames, open_sound(path, stereo("fltp")) as sound:
        write_mp4(out, frames, sound, shape, _PREVIEW)


def starts_at_once(path: Path) -> bool:
    """True for an MP4 whose index lies before its frames."""
    names = [name for name in _atoms(path) if name in {b"moov", b"mdat"}]
    return names[:1] == [b"moov"]


def _atoms(path: Path) -> Iterator[bytes]:
    """The names of an ISO file's top-level boxes (ISO 14496-12, 4.2)."""
    with path.open("rb") as file:
        while len(header := file.read(_ATOM_HEADER)) == _ATOM_HEADER:
            size, name = int.from_bytes(header[:4]), header[4:]
            yield name
            body = size - _ATOM_HEADER
            if size == 1:
                body = int.from_bytes(file.read(_ATOM_HEADER)) - 2 * _ATOM_HEADER
            if body < 0:
                return
            file.seek(body, 1)


def _is_plain_h264(path: Path) -> bool:
    found = sniff(read_head(path))
    if found is None or found.name != "mp4":
        return False
    with open_picture(path) as (_, stream):
        size = sorted((stream.width, stream.height))
        plain = stream.codec_context.codec.canonical_name == "h264"
        plain = plain and stream.pix_fmt in _EIGHT_BIT_420
        plain = plain and size[0] <= _HD_SHORT_SIDE and size[1] <= _HD_LONG_SIDE
        square = upright.pixel_aspect(stream) == 1
    return plain and square and upright.display_matrix(first_frame(path)) == upright.UNTURNED


def _has_pictures(path: Path) -> bool:
    with open_media(path) as container:
        return find_picture_stream(container) is not None


def _proxy_shape(facts: MediaFacts) -> VideoShape:
    if facts.width is None or facts.height is None or facts.fps is None:
        raise ValueError("a clip's facts carry its size and rate")
    portrait = facts.height > facts.width
    bounds = (SHORT_SIDE, LONG_SIDE) if portrait else (LONG_SIDE, SHORT_SIDE)
    width, height = upright.fitted((facts.width, facts.height), *bounds)
    return VideoShape(width, height, min(facts.fps.limit_denominator(1001), MAX_FPS))
