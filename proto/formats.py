"""The files we accept. What is not in `FORMATS` (pages, drawings, archives, programs, playlists)
is refused because it is not here."""

import re

from proto.media import AssetKind
from proto.model import Model

HEAD_BYTES = 4096
"""How much of a file's start `sniff` wants."""


class Format(Model):
    """One accepted container. mime_types: by each kind it can hold; extensions: the usual first."""

    name: str
    mime_types: dict[AssetKind, str]
    extensions: dict[AssetKind, tuple[str, ...]]


def _picture(name: str, *extensions: str) -> Format:
    return Format(
        name=name,
        mime_types={AssetKind.IMAGE: f"image/{name}"},
        extensions={AssetKind.IMAGE: extensions},
    )


def _sound(name: str, mime_type: str, *extensions: str) -> Format:
    return Format(
        name=name,
        mime_types={AssetKind.AUDIO: mime_type},
        extensions={AssetKind.AUDIO: extensions},
    )


FORMATS = (
    _picture("png", ".png"),
    _picture("jpeg", ".jpg", ".jpeg"),
    _picture("webp", ".webp"),
    _picture("avif", ".avif"),
    Format(
        name="mp4",
        mime_types={AssetKind.VIDEO: "video/mp4", AssetKind.AUDIO: "audio/mp4"},
        extensions={AssetKind.VIDEO: (".mp4", ".m4v"), AssetKind.AUDIO: (".m4a", ".mp4")},
    ),
    Format(
        name="quicktime",
        mime_types={AssetKind.VIDEO: "video/quicktime", AssetKind.AUDIO: "audio/mp4"},
        extensions={AssetKind.VIDEO: (".mov",), AssetKind.AUDIO: (".mov",)},
    ),
    Format(
        name="webm",
        mime_types={AssetKind.VIDEO: "video/webm", AssetKind.AUDIO: "audio/webm"},
        extensions={AssetKind.VIDEO: (".webm",), AssetKind.AUDIO: (".webm",)},
    ),
    Format(
        name="matroska",
        mime_types={AssetKind.VIDEO: "video/x-matroska", AssetKind.AUDIO: "audio/x-matroska"},
        extensions={AssetKind.VIDEO: (".mkv",), AssetKind.AUDIO: (".mka", ".mkv")},
    ),
    Format(
        name="avi",
        mime_types={AssetKind.VIDEO: "video/x-msvideo"},
        extensions={AssetKind.VIDEO: (".avi",)},
    ),
    _sound("wav", "audio/wav", ".wav"),
    _sound("mp3", "audio/mpeg", ".mp3"),
    _sound("aac", "audio/aac", ".aac"),
    _sound("flac", "audio/flac", ".flac"),
    _sound("ogg", "audio/ogg", ".ogg", ".oga", ".opus"),
)


_SIGNATURES = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpeg": rb"\xff\xd8\xff",
    "webp": rb"RIFF....WEBP",
    "avif": rb"....ftypavi[fs]",
    # The brands passed over are AVIF's, QuickTime's and those of HEIC pictures.
    "mp4": rb"....ftyp(?!avi[fs]|qt  |hei[cxms]|hev[cxms]|mif1|msf1)",
    # Cameras older than the ftyp box start their files with one of the plain atoms.
    "quicktime": rb"....(ftypqt  |moov|mdat|wide|pnot)",
    "webm": rb"\x1aE\xdf\xa3.{,60}webm",
    "matroska": rb"\x1aE\xdf\xa3.{,60}matroska",
    "avi": rb"RIFF....AVI ",
    "wav": rb"(RIFF|RF64)....WAVE",
    # A tag, or the frame header of Layer III in MPEG 1, 2 and 2.5, with a fixed bit rate.
    "mp3": rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]",
    "aac": rb"\xff[\xf0\xf1\xf8\xf9]",
    "flac": rb"fLaC",
    "ogg": rb"OggS",
}
_MATCHERS = {name: re.compile(pattern, re.DOTALL) for name, pattern in _SIGNATURES.items()}


def sniff(head: bytes) -> Format | None:
    """The accepted format whose signature the first bytes of a file carry."""
    return next((found for found in FORMATS if _MATCHERS[found.name].match(head)), None)


def accepted_extensions(kind: AssetKind) -> tuple[str, ...]:
    """Lower-case, with the dot, each once."""
    every = (extension for found in FORMATS for extension in found.extensions.get(kind, ()))
    return tuple(dict.fromkeys(every))
