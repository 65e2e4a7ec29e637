"""PNG chunk by chunk."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"


def chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def header(width: int, height: int, depth: int = 8, colours: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced))


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """The picture with one more chunk right after its header."""
    at = len(SIGNATURE) + 25
    return png[:at] + chunk(name, content) + png[at:]


def png_of(width: int, height: int, rows: bytes, *, depth: int = 8, colours: int = 2) -> bytes:
    """rows: as they are before compression, each with its filter byte."""
    body = chunk(b"IDAT", zlib.compress(rows, 9))
    return SIGNATURE + header(width, height, depth, colours) + body + END


def interlaced(width: int, height: int, pixels: bytes) -> bytes:
    """Adam7, of RGB pixels."""
    rows = bytearray()
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    for left, top, right, down in (*passes, (0, 1, 1, 2)):
        for y in range(top, height, down):
            row = [pixels[3 * (y * width + x) :][:3] for x in range(left, width, right)]
            rows += b"\0" + b"".join(row) if row else b""
    body = chunk(b"IDAT", zlib.compress(bytes(rows)))
    return SIGNATURE + header(width, height, interlaced=1) + body + END
