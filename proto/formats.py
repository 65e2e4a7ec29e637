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
    _picture("jpeg", ".jpg", ".jpeg", ".jfif"),
    _picture("webp", ".webp"),
    _picture("avif", ".avif"),
    _picture("heic", ".heic", ".heif", ".hif"),
    _picture("gif", ".gif"),
    _picture("tiff", ".tif", ".tiff"),
    _picture("bmp", ".bmp"),
    Format(
        name="mp4",
        mime_types={AssetKind.VIDEO: "video/mp4", AssetKind.AUDIO: "audio/mp4"},
        extensions={AssetKind.VIDEO: (".mp4", ".m4v"), AssetKind.AUDIO: (".m4a", ".mp4", ".m4b")},
    ),
    Format(
        name="quicktime",
        mime_types={AssetKind.VIDEO: "video/quicktime", AssetKind.AUDIO: "audio/mp4"},
        extensions={AssetKind.VIDEO: (".mov",), AssetKind.AUDIO: (".mov",)},
    ),
    Format(
        name="3gp",
        mime_types={AssetKind.VIDEO: "video/3gpp", AssetKind.AUDIO: "audio/3gpp"},
        extensions={AssetKind.VIDEO: (".3gp", ".3g2"), AssetKind.AUDIO: (".3gp",)},
    ),
    Format(
        name="mpegts",
        mime_types={AssetKind.VIDEO: "video/mp2t"},
        extensions={AssetKind.VIDEO: (".ts", ".mts", ".m2ts")},
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
    _sound("aiff", "audio/aiff", ".aiff", ".aif", ".aifc"),
    _sound("mp3", "audio/mpeg", ".mp3"),
    _sound("aac", "audio/aac", ".aac"),
    _sound("flac", "audio/flac", ".flac"),
    _sound("ogg", "audio/ogg", ".ogg", ".oga", ".opus"),
)


_SIGNATURES = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpeg": rb"\xff\xd8\xff",
    "webp": rb"RIFF....WEBP",
    # Both brands of a still may come second, behind the general one of such pictures.
    "avif": rb"....ftyp(avi[fs]|(mif1|msf1)....(....)*?avi[fs])",
    "heic": rb"....ftyp(hei[cxms]|hev[cxms]|(mif1|msf1)....(....)*?(hei[cx]|hev[cx]))",
    "gif": rb"GIF8[79]a",
    "tiff": rb"II\*\x00|MM\x00\*",
    # The size of the header that follows is one of those that were ever in use.
    "bmp": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00",
    "3gp": rb"....ftyp3g[2a-z]",
    # The brands passed over are those of pictures, QuickTime and 3GP.
    "mp4": rb"....ftyp(?!avi[fs]|qt  |hei[cxms]|hev[cxms]|mif1|msf1|3g[2a-z])",
    # Packets of 188 bytes, or of 192 with a time before each (ISO 13818-1, 2.4.3).
    "mpegts": rb"(G.{187}){4}G|(.{4}G.{187}){4}.{4}G",
    # Cameras older than the ftyp box start their files with one of the plain atoms.
    "quicktime": rb"....(ftypqt  |moov|mdat|wide|pnot)",
    "webm": rb"\x1aE\xdf\xa3.{,60}webm",
    "matroska": rb"\x1aE\xdf\xa3.{,60}matroska",
    "avi": rb"RIFF....AVI ",
    "wav": rb"(RIFF|RF64)....WAVE",
    # A tag, or the frame header of Layer III in MPEG 1, 2 and 2.5, with a fixed bit rate.
    "aiff": rb"FORM....AIF[FC]",
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
