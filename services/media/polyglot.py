"""Files that are media and something else too: harmless to us, not to whoever opens the other."""

import re
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import structlog

from proto.errors import ErrorCode
from proto.formats import Format
from proto.media import AssetKind
from services.media.beside import Range, beside_payload
from services.media.errors import MediaRefused
from services.media.remote import Source, size_of

log = structlog.get_logger()

_EDGE_BYTES = 256 * 1024
_PART_BYTES = 4 * 1024 * 1024
_PICTURE_BYTES = 64 * 1024 * 1024
_ALL_PARTS_BYTES = 64 * 1024 * 1024
_NOTE_BYTES = 64 * 1024
_MANY_NOTES = 64
_PDF_WITHIN = 1024
"""Where readers look for a document's mark (ISO 32000-1, annex H.3.4.1)."""

# Compressed data holds every short pattern somewhere. Each of these asks for 54 bits or more, so
# that all of them together are found in a gigabyte of noise less than once in a million times: a
# letter of either case counts 7 bits, a space or bracket 5, a character of any text 1.4.
_TEXT_12 = rb"(?:[\t\n\r\x20-\x7e]{12}|[\t\n\r\x20-\x7e]{0,11}\Z)"
_TEXT_16 = rb"(?:[\t\n\r\x20-\x7e]{16}|[\t\n\r\x20-\x7e]{0,15}\Z)"
_TEXTS = (
    ("page", rb"<(?:script|iframe|object)[\s>/]"),
    ("page", rb"<(?:html|body)[\s>/]" + _TEXT_12),
    ("page", rb"<svg[\s>/]" + _TEXT_16),
    ("page", rb"<!(?:doctype\s+(?:html|svg)|entity\s)"),
    ("page", rb"<hta:application"),
    ("page", rb"[\s\"'/]on(?:load|error|click|begin|focus|toggle|mouseover)\s{0,9}="),
    ("script", rb"<\?php\s" + _TEXT_12),
    ("script", rb"<%@\s{0,9}(?:page|import|taglib)\s"),
)
_BYTES = (
    ("archive", rb"Rar!\x1a\x07[\x00\x01]"),
    ("archive", rb"7z\xbc\xaf\x27\x1c\x00[\x02-\x04]"),
    ("archive", rb"MSCF\x00\x00\x00\x00"),
    ("program", rb"\x7fELF[\x01\x02][\x01\x02]\x01[\x00\x03\x09]"),
    ("program", rb"\xfa\xed\xfe[\x07\x0c]\x00\x00[\x00\x01]"),
    # Programs of macOS for several processors, and Java's classes.
    ("program", rb"\xca\xfe\xba\xbe\x00\x00\x00[\x00-\x7f]"),
)
_MARKS = [
    *((second, re.compile(mark, re.IGNORECASE)) for second, mark in _TEXTS),
    *((second, re.compile(mark)) for second, mark in _BYTES),
]
# The length or size behind a signature is the start of a comment to a script; this is its end.
_SCRIPT_HEAD = re.compile(
    rb"(?:GIF8[79]a|BM|RIFF|\xff\xd8\xff[\xe0-\xef])(?:/\*|=.{0,9}/\*)", re.DOTALL
)
_SCRIPT_GOES_ON = re.compile(rb"\*/(?=[^(]{0,64}\()[\t\n\r\x20-\x7e]{12}")

_PNG_NOTE = re.compile(
    rb"zTXt[^\x00]{1,79}\x00\x00|iTXt[^\x00]{1,79}\x00\x01\x00[^\x00]{0,99}\x00[^\x00]{0,999}\x00"
)
_ZIP_END, _ZIP_ENTRY, _ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x01\x02", b"PK\x06\x07"
_ZIP_END_BYTES, _ZIP64_LOCATOR_BYTES = 22, 20
_PE_OFFSET_AT, _PE_WITHIN = 0x3C, 4096
_PLACES = (
    ("archive", 257, b"ustar"),
    ("disc image", 32_769, b"CD001"),
    ("disc image", -512, b"koly\0\0\0\4"),
)
"""Where a tar, an ISO 9660 and an Apple disc image have their marks."""


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
    """What else it is: a page, a script, an archive, a program, a document or a disc image."""
    with source.open("rb") as file:
        size = size_of(source)
        seconds = chain(
            _by_places(file, size),
            (_named(part) for part in _parts(file, size, found)),
        )
        return next((second for second in seconds if second is not None), None)


def _by_places(file: BinaryIO, size: int) -> Iterator[str | None]:
    """By marks that count only where they lie."""
    for second, at, mark in _PLACES:
        start = at if at >= 0 else size + at
        if 0 <= start < size and _read(file, Range(start, start + len(mark))) == mark:
            yield second
    yield "document" if b"%PDF-" in _read(file, Range(0, _PDF_WITHIN)) else None
    yield "archive" if _is_zip(file, size) else None


def _parts(file: BinaryIO, size: int, found: Format) -> Iterator[bytes]:
    """All of a picture; of clips and sounds what lies beside the payload."""
    if AssetKind.IMAGE in found.mime_types or size <= 2 * _EDGE_BYTES:
        whole = _read(file, Range(0, min(size, _PICTURE_BYTES)))
        yield whole
        if found.name == "png":
            yield from _notes(whole)
        return
    yield _read(file, Range(size - _EDGE_BYTES, size))
    left = _ALL_PARTS_BYTES
    for beside in beside_payload(file, size, found.name):
        # Notes are appended to a box as they are to a file.
        middle = min(beside.stop, beside.start + _PART_BYTES)
        for part in (Range(beside.start, middle), Range(middle, beside.stop).last(_EDGE_BYTES)):
            left -= part.size
            if left < 0:
                return
            yield _read(file, part)


def _notes(png: bytes) -> Iterator[bytes]:
    """The compressed texts of a PNG."""
    for note in islice(_PNG_NOTE.finditer(png), _MANY_NOTES):
        compressed = png[note.end() : note.end() + _NOTE_BYTES]
        try:
            yield zlib.decompressobj().decompress(compressed, _NOTE_BYTES)
        except zlib.error:
            continue


def _read(file: BinaryIO, part: Range) -> bytes:
    file.seek(part.start)
    return file.read(part.size)


def _named(part: bytes) -> str | None:
    for second, mark in _MARKS:
        if mark.search(part):
            return second
    if _SCRIPT_HEAD.match(part) and _SCRIPT_GOES_ON.search(part):
        return "script"
    return "program" if any(_is_pe(part, at.start()) for at in re.finditer(b"MZ", part)) else None


def _is_pe(part: bytes, at: int) -> bool:
    offset = int.from_bytes(part[at + _PE_OFFSET_AT : at + _PE_OFFSET_AT + 4], "little")
    start = at + offset
    return 0 < offset < _PE_WITHIN and part[start : start + 4] == b"PE\0\0"


def _is_zip(file: BinaryIO, size: int) -> bool:
    """Whether a directory of entries lies where its end says (PKWARE APPNOTE, 4.3.16)."""
    start = max(0, size - _ZIP_END_BYTES - 0xFFFF - _ZIP64_LOCATOR_BYTES)
    tail = _read(file, Range(start, size))
    for end in re.finditer(re.escape(_ZIP_END), tail):
        at = end.start()
        if tail[at - _ZIP64_LOCATOR_BYTES :].startswith(_ZIP64_LOCATOR):
            return True
        said_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
        said_start = int.from_bytes(tail[at + 16 : at + 20], "little")
        # Some readers go by the place it is said to have, others count back from its end.
        for first in (start + at - said_bytes, said_start):
            if first >= 0 and _read(file, Range(first, first + 4)) == _ZIP_ENTRY:
                return True
    return False
