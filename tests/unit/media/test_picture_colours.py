"""Pictures that say by code points, not by a profile, how their colours are to be seen."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from proto.media import AssetKind, DynamicRange
from services.media.picture import normalise_picture
from services.media.probe import probe
from services.media.proxy import plays_everywhere

BT709, BT2020, P3 = 1, 9, 12
SRGB, PQ, HLG = 13, 16, 18
REFERENCE_WHITE = {PQ: 0.5807, HLG: 0.75}
"""The signal of 203 cd/m2 (ITU-R BT.2408, table 1)."""
_HEADER_BYTES = 33


def write_png(path: Path, colour: tuple[int, int, int], primaries: int, transfer: int) -> Path:
    Image.new("RGB", (96, 64), colour).save(path)
    checked = b"cICP" + bytes([primaries, transfer, 0, 1])
    chunk = struct.pack(">I", 4) + checked + struct.pack(">I", zlib.crc32(checked))
    png = path.read_bytes()
    path.write_bytes(png[:_HEADER_BYTES] + chunk + png[_HEADER_BYTES:])
    return path


def seen(source: Path) -> list[int]:
    out = source.with_name("seen.png")
    normalise_picture(source, out, 96, 64, None)
    with Image.open(out) as image:
        return [round(level) for level in np.asarray(image).mean((0, 1))]


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_white_of_a_bright_picture_is_white(tmp_path: Path, transfer: int) -> None:
    level = round(255 * REFERENCE_WHITE[transfer])
    source = write_png(tmp_path / "bright.png", (level,) * 3, BT2020, transfer)
    assert min(seen(source)) > 200
    facts = probe(source, AssetKind.IMAGE)
    assert facts.dynamic_range is {PQ: DynamicRange.PQ, HLG: DynamicRange.HLG}[transfer]
    assert not plays_everywhere(source, facts)


def test_wide_colours_are_seen_as_wide(tmp_path: Path) -> None:
    colour = (200, 120, 120)
    red, green, blue = seen(write_png(tmp_path / "wide.png", colour, P3, SRGB))
    assert red > colour[0] + 5
    assert max(green, blue) < colour[1]


def test_colours_of_a_browser_stay(tmp_path: Path) -> None:
    colour = (200, 120, 60)
    source = write_png(tmp_path / "plain.png", colour, BT709, SRGB)
    assert seen(source) == list(colour)
    assert plays_everywhere(source, probe(source, AssetKind.IMAGE))


def test_photograph_of_a_phone_is_toned_down(tmp_path: Path) -> None:
    level = round(255 * REFERENCE_WHITE[PQ])
    source = tmp_path / "phone.heic"
    image = pillow_heif.from_pillow(Image.new("RGB", (96, 64), (level,) * 3))
    image.save(source, color_primaries=BT2020, transfer_characteristics=PQ, quality=100)
    assert probe(source, AssetKind.IMAGE).dynamic_range is DynamicRange.PQ
    assert min(seen(source)) > 200


@pytest.mark.parametrize("suffix", [".gif", ".tiff"])
def test_pages_are_counted_up_to_a_bound(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"many{suffix}"
    pages = [Image.new("L", (64, 64), 40 + index % 200) for index in range(1100)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert probe(path, AssetKind.IMAGE).pages == 1000
