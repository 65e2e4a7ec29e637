"""Any picture made opaque 8-bit sRGB, as its profile or its code points say it is to be seen."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageFilter, TiffImagePlugin

from proto.media import DynamicRange
from services.media import tone
from services.media.hollow import Box, boxes, size_of
from services.media.remote import Source

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")
_PAPER = "white"
_WHITE = 255
_WHITES = (255.0, 65_535.0)
_BRIGHT_LIGHT = 16.0
"""Floats up to here count from a white of 1, and what is brighter is clipped."""
_DEEP = 16

DEPTH = "bit_depth"
"""What a picture's `info` calls the bits of each of its colours."""

_RANGES = {16: DynamicRange.PQ, 18: DynamicRange.HLG}
_BT709, _BT2020, _P3 = 1, 9, 12
_TABLE_SIDE = 33
_GAMMA = 2.4
"""Of what `tone.shown` gives; pictures have sRGB's own curve."""
_KNEE, _SLOPE = 0.04045, 12.92
_PNG_START, _PNG_DEPTH_AT = 8, 24
_BITS_PER_SAMPLE = 258
_MAX_BOXES = 1000


@dataclass(frozen=True)
class CodePoints:
    """Primaries and transfer by the numbers of ITU-T H.273, 8.1 and 8.2."""

    primaries: int = _BT709
    transfer: int = 13

    @property
    def dynamic_range(self) -> DynamicRange:
        return _RANGES.get(self.transfer, DynamicRange.SDR)

    @property
    def is_srgb(self) -> bool:
        return self.dynamic_range is DynamicRange.SDR and self.primaries not in {_BT2020, _P3}


def code_points(source: Source, image: Image.Image, format_name: str) -> CodePoints:
    """What a file says of its colours beside a profile; sRGB where it says nothing."""
    if format_name == "heic":
        said: dict[str, int] = image.info.get("nclx_profile") or {}
        if not said:
            return CodePoints()
        return CodePoints(said["color_primaries"], said["transfer_characteristics"])
    find = {"png": _png_colours, "avif": _avif_colours}.get(format_name)
    if find is None:
        return CodePoints()
    with source.open("rb") as file:
        found = find(file)
    return CodePoints() if found is None else found


def depth_of(source: Source, image: Image.Image, format_name: str) -> int:
    """Bits of each colour in the file, whatever the decoder makes of them."""
    known: int | None = None
    if format_name == "png" and image.mode != "P":
        with source.open("rb") as file:
            known = file.read(_PNG_DEPTH_AT + 1)[_PNG_DEPTH_AT]
    elif format_name == "avif":
        with source.open("rb") as file:
            known = _avif_depth(file)
    elif isinstance(image, TiffImagePlugin.TiffImageFile) and image.mode != "P":
        said = image.tag_v2.get(_BITS_PER_SAMPLE, 1)
        known = max(said) if isinstance(said, tuple) else int(said)
    return int(known or image.info.get(DEPTH, 8))


def opaque_srgb(image: Image.Image, said: CodePoints) -> Image.Image:
    """A new picture, on white paper where it was clear."""
    flat = _opaque(image)
    profile = image.info.get("icc_profile")
    # Code points of high dynamic range go before a profile, which is for those who can't read them.
    if said.dynamic_range is not DynamicRange.SDR or (profile is None and not said.is_srgb):
        primaries = _P3 if said.primaries == _P3 else _BT2020
        return flat.convert("RGB").filter(_table(said.dynamic_range, primaries))
    if profile is None:
        return flat.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(flat, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A profile that is broken or made for other channels: browsers ignore it too.
        return flat.convert("RGB")
    return flat.convert("RGB") if turned is None else turned


def _opaque(image: Image.Image) -> Image.Image:
    """Without alpha or palette, 8 bits a channel, in the colours the picture came in."""
    if image.mode == "LAB":
        made = ImageCms.profileToProfile(image, _LAB, _SRGB, outputMode="RGB")
        return image.convert("RGB") if made is None else made
    if image.mode == "F" or image.mode.startswith("I"):
        return _scaled_grey(image)
    if image.has_transparency_data:
        base = "L" if image.mode in {"1", "L", "LA", "La"} else "RGB"
        layer = image.convert("LA" if base == "L" else "RGBA")
        paper = Image.new(base, image.size, _PAPER)
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _scaled_grey(image: Image.Image) -> Image.Image:
    """Pillow cuts deep greys off at 255 instead of scaling them."""
    grey = image if image.mode == "F" else image.convert("I").convert("F")
    scale = _WHITE / _white(grey, image)
    return grey.point(lambda level: level * scale + 0.5).convert("L")


def _white(grey: Image.Image, image: Image.Image) -> float:
    """The level that stands for white; of floats and 32 bits the file does not tell it."""
    depth = int(image.info.get(DEPTH, _DEEP))
    if image.mode != "F" and depth <= _DEEP:
        return 2.0**depth - 1
    lightest: Any = grey.getextrema()[1]
    if image.mode == "F" and lightest <= _BRIGHT_LIGHT:
        return 1.0
    return next((white for white in _WHITES if lightest <= white), float(lightest))


@cache
def _table(found: DynamicRange, primaries: int) -> ImageFilter.Color3DLUT:
    axis = np.linspace(0, 1, _TABLE_SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    signal = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    if found is DynamicRange.SDR:
        signal = _srgb_light(signal) ** (1 / _GAMMA)
    seen = _srgb_signal(tone.shown(signal, found, primaries) ** _GAMMA)
    return ImageFilter.Color3DLUT(_TABLE_SIDE, seen.reshape(-1).tolist())


# IEC 61966-2-1, 5.2.
def _srgb_light(signal: tone.Light) -> tone.Light:
    return np.where(signal <= _KNEE, signal / _SLOPE, ((signal + 0.055) / 1.055) ** 2.4)


def _srgb_signal(light: tone.Light) -> tone.Light:
    return np.where(light <= _KNEE / _SLOPE, light * _SLOPE, 1.055 * light ** (1 / 2.4) - 0.055)


def _png_colours(file: BinaryIO) -> CodePoints | None:
    """The cICP chunk (PNG, third edition, 11.3.2.6), which lies before the pixels."""
    file.seek(_PNG_START)
    for _ in range(_MAX_BOXES):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IDAT":  # noqa: PLR2004
            return None
        if head[4:] == b"cICP":
            primaries, transfer = file.read(2).ljust(2, b"\0")
            return CodePoints(primaries, transfer)
        file.seek(int.from_bytes(head[:4]) + 4, 1)
    return None


def _avif_colours(file: BinaryIO) -> CodePoints | None:
    """The first colour property (ISO 14496-12, 12.1.5); a second one is of a gain map."""
    for box in _properties(file):
        file.seek(box.start)
        kind, primaries, transfer = struct.unpack(">4sHH", file.read(8).ljust(8, b"\0"))
        if (box.name, kind) == (b"colr", b"nclx"):
            return CodePoints(primaries, transfer)
    return None


def _avif_depth(file: BinaryIO) -> int | None:
    """ISO 23008-12, 6.5.6."""
    for box in _properties(file):
        file.seek(box.start)
        if box.name == b"pixi" and len(content := file.read(6)) == 6:  # noqa: PLR2004
            return content[5]
    return None


def _properties(file: BinaryIO) -> list[Box]:
    within = Box(b"", 0, size_of(file))
    for name, version_bytes in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        found = next((box for box in _boxes(file, within) if box.name == name), None)
        if found is None:
            return []
        within = Box(name, found.start + version_bytes, found.stop)
    return list(_boxes(file, within))


def _boxes(file: BinaryIO, within: Box) -> Iterator[Box]:
    return islice(boxes(file, within.start, within.stop), _MAX_BOXES)
