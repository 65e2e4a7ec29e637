"""Pictures in the colours of print, film and science: profiles, depths, TIFF."""

import struct
from collections.abc import Iterator

from PIL import Image, ImageCms

from tests.corpus import icc, pngs
from tests.corpus.case import Case, Desk
from tests.corpus.valid.picture import Pictures, Write, packed, saved
from tests.corpus.valid.pictures import exif, stored


def cases(seed: int) -> Iterator[Case]:
    picture = Pictures(seed)
    profiles = {"p3": icc.colour_profile(icc.P3), "adobe-rgb": icc.colour_profile(icc.ADOBE)}
    for name, profile in profiles.items():
        yield picture(f"jpeg-{name}", ".jpg", saved("JPEG", icc_profile=profile))
        yield picture(f"png-{name}", ".png", saved("PNG", icc_profile=profile))
    yield picture("webp-p3", ".webp", saved("WEBP", icc_profile=profiles["p3"]))
    yield picture(
        "jpeg-grey-profile",
        ".jpg",
        saved("JPEG", "L", icc_profile=icc.grey_profile()),
        marked=False,
    )
    yield picture("jpeg-broken-profile", ".jpg", saved("JPEG", icc_profile=b"\x13broken" * 90))
    yield picture("png-profile-of-grey", ".png", saved("PNG", icc_profile=icc.grey_profile()))
    yield picture("png-short-profile", ".png", saved("PNG", icc_profile=profiles["p3"][:140]))
    yield picture("jpeg-cmyk", ".jpg", saved("JPEG", "CMYK"))
    yield picture("jpeg-cmyk-progressive", ".jpg", saved("JPEG", "CMYK", progressive=True))
    yield picture("png-sixteen-bit", ".png", _deep_png)
    yield picture("png-grey-sixteen-bit", ".png", saved("PNG", "I;16"), marked=False)
    yield from _tiffs(picture)


def _tiffs(picture: Pictures) -> Iterator[Case]:
    yield picture("tiff", ".tif", saved("TIFF"))
    yield picture("tiff-upper", ".TIFF", saved("TIFF"))
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield picture(f"tiff-{compression}", ".tiff", saved("TIFF", compression=compression))
    yield picture("tiff-cmyk", ".tif", saved("TIFF", "CMYK"))
    yield picture("tiff-lab", ".tif", _lab)
    yield picture("tiff-grey", ".tif", saved("TIFF", "L"), marked=False)
    yield picture("tiff-grey-sixteen-bit", ".tif", saved("TIFF", "I;16"), marked=False)
    yield picture("tiff-one-bit", ".tif", saved("TIFF", "1", compression="group4"), marked=False)
    yield picture("tiff-palette", ".tif", saved("TIFF", "P"))
    yield picture("tiff-alpha", ".tif", saved("TIFF", "RGBA"))
    yield picture("tiff-float", ".tif", saved("TIFF", "F"), marked=False)
    yield picture("tiff-pages", ".tif", _pages)
    yield picture("tiff-orientation-6", ".tif", _turned_tiff)
    yield picture("tiff-big-endian", ".tif", _big_endian(depth=8))
    yield picture("tiff-sixteen-bit", ".tif", _big_endian(depth=16))
    yield picture("tiff-profile", ".tif", saved("TIFF", icc_profile=icc.colour_profile(icc.P3)))


def _deep_png(image: Image.Image, _desk: Desk) -> bytes:
    width, height = image.size
    deep = bytes(value for value in image.tobytes() for _ in "16")
    rows = b"".join(b"\0" + deep[y * width * 6 : (y + 1) * width * 6] for y in range(height))
    return pngs.png_of(width, height, rows, depth=16)


def _lab(image: Image.Image, _desk: Desk) -> bytes:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    assert converted is not None
    return packed(converted, "TIFF")


def _pages(image: Image.Image, _desk: Desk) -> bytes:
    others = [image.rotate(180), image.resize((90, 70))]
    return packed(image, "TIFF", save_all=True, append_images=others)


def _turned_tiff(image: Image.Image, _desk: Desk) -> bytes:
    return packed(stored(image, 6), "TIFF", exif=exif(6))


def _big_endian(depth: int) -> Write:
    """Uncompressed RGB in one strip, as old editors wrote it (TIFF 6.0)."""

    def write(image: Image.Image, _desk: Desk) -> bytes:
        pixels = bytes(value for value in image.tobytes() for _ in range(depth // 8))
        depths_at = 8 + len(pixels)
        entries = [
            (256, 4, 1, image.width),
            (257, 4, 1, image.height),
            (258, 3, 3, depths_at),
            (259, 3, 1, 1 << 16),
            (262, 3, 1, 2 << 16),
            (273, 4, 1, 8),
            (277, 3, 1, 3 << 16),
            (278, 4, 1, image.height),
            (279, 4, 1, len(pixels)),
        ]
        head = b"MM\0*" + struct.pack(">I", depths_at + 6)
        directory = struct.pack(">H", len(entries))
        directory += b"".join(struct.pack(">HHII", *entry) for entry in entries) + bytes(4)
        return head + pixels + struct.pack(">3H", depth, depth, depth) + directory

    return write
