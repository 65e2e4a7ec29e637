"""Colour profiles of our own making (ICC.1:2001-04): three primaries or a grey, and a curve."""

import struct

P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
WHITE = (0.9642, 1.0, 0.8249)
GAMMA = 2.2


def colour_profile(primaries: tuple[tuple[float, ...], ...]) -> bytes:
    """primaries: XYZ of red, green and blue, adapted to D50."""
    tags = {b"wtpt": _xyz(WHITE)}
    for name, xyz in zip("rgb", primaries, strict=True):
        tags[f"{name}XYZ".encode()] = _xyz(xyz)
        tags[f"{name}TRC".encode()] = _curve()
    return _profile(b"RGB ", tags)


def grey_profile() -> bytes:
    return _profile(b"GRAY", {b"wtpt": _xyz(WHITE), b"kTRC": _curve()})


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"our own\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(79),
        b"cprt": b"text\0\0\0\0none\0",
    } | tags
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _s15(*WHITE)
    return header.ljust(128, b"\0") + table + body


def _s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(xyz: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _s15(*xyz)


def _curve() -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256))
