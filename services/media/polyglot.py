"""Files that are media and something else too: harmless to us, not to whoever opens the other."""

import re
from typing import BinaryIO

import structlog

from proto.errors import ErrorCode
from proto.formats import Format
from proto.media import AssetKind
from services.media.errors import MediaRefused
from services.media.hollow import boxes, size_of
from services.media.remote import Source

log = structlog.get_logger()

_EDGE_BYTES = 256 * 1024
_BOX_BYTES = 4 * 1024 * 1024
_PICTURE_BYTES = 64 * 1024 * 1024
_PDF_WITHIN = 1024
"""Where readers look for a document's mark (ISO 32000-1, annex H.3.4.1)."""

# Compressed data holds every short pattern somewhere. Sixteen characters of text behind a tag make
# that less likely than one in a million gigabytes.
_TEXT = rb"(?:[\t\n\r\x20-\x7e]{16}|[\t\n\r\x20-\x7e]{0,15}\Z)"
_MARKS = {
    "page": rb"<(?:html|script|iframe|svg|body|!doctype\s+html)[\s>/]" + _TEXT,
    "script": rb"<\?php\s" + _TEXT,
    "archive": rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c\x00",
    "program": rb"\x7fELF[\x01\x02][\x01\x02]\x01\x00|\xcf\xfa\xed\xfe\x07\x00\x00\x01",
}
_PATTERNS = {name: re.compile(mark, re.IGNORECASE) for name, mark in _MARKS.items()}
_DOCUMENT = re.compile(rb"%PDF-\d\.\d")

_ZIP_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ZIP_END_BYTES = 22
_PE_OFFSET_AT, _PE_WITHIN = 0x3C, 4096


def refuse_polyglot(source: Source, found: Format) -> None:
    """Raises MediaRefused for a file that something other than a media player would open too."""
    second = find_polyglot(source, found)
    if second is not None:
        log.info("polyglot refused", format=found.name, second=second)
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            "This file holds something besides the media itself. Export it again and add that.",
        )


def find_polyglot(source: Source, found: Format) -> str | None:
    """What else it is: a page, a script, an archive, a program or a document."""
    with source.open("rb") as file:
        size = size_of(file)
        for part in _parts(file, size, found):
            named = _named(part)
            if named is not None:
                return named
        file.seek(0)
        if _DOCUMENT.search(file.read(_PDF_WITHIN)):
            return "document"
        return "archive" if _is_zip(file, size) else None


def _parts(file: BinaryIO, size: int, found: Format) -> list[bytes]:
    """All of a picture; of films and sounds what lies beside the payload."""
    if AssetKind.IMAGE in found.mime_types or size <= 2 * _EDGE_BYTES:
        return [_read(file, 0, min(size, _PICTURE_BYTES))]
    edges = [_read(file, 0, _EDGE_BYTES), _read(file, size - _EDGE_BYTES, size)]
    if found.name not in {"mp4", "quicktime", "3gp"}:
        return edges
    beside = [box for box in boxes(file, 0, size) if box.name != b"mdat"]
    return [*edges, *(_read(file, b.start, min(b.stop, b.start + _BOX_BYTES)) for b in beside)]


def _read(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(stop - start)


def _named(part: bytes) -> str | None:
    for name, pattern in _PATTERNS.items():
        if pattern.search(part):
            return name
    return "program" if any(_is_pe(part, at.start()) for at in re.finditer(b"MZ", part)) else None


def _is_pe(part: bytes, at: int) -> bool:
    offset = int.from_bytes(part[at + _PE_OFFSET_AT : at + _PE_OFFSET_AT + 4], "little")
    start = at + offset
    return 0 < offset < _PE_WITHIN and part[start : start + 4] == b"PE\0\0"


def _is_zip(file: BinaryIO, size: int) -> bool:
    """Whether a directory of entries lies where its end says (PKWARE APPNOTE, 4.3.16)."""
    start = max(0, size - _ZIP_END_BYTES - 0xFFFF)
    tail = _read(file, start, size)
    for end in re.finditer(re.escape(_ZIP_END), tail):
        directory_bytes = int.from_bytes(tail[end.start() + 12 : end.start() + 16], "little")
        first = start + end.start() - directory_bytes
        if first >= 0 and _read(file, first, first + 4) == _ZIP_ENTRY:
            return True
    return False
