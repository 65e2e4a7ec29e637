"""PNG, JPEG, WebP, AVIF, HEIC, BMP and GIF as cameras, phones and editors write them."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

from tests.corpus import pngs
from tests.corpus.case import Case, Desk
from tests.corpus.kitchen import ffmpeg
from tests.corpus.valid.picture import Pictures, half_clear, packed, saved

ORIENTATION = 0x0112
UNTURN = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What makes stored pixels of upright ones, by orientation (EXIF 2.3, 4.6.4)."""


def stored(image: Image.Image, orientation: int) -> Image.Image:
    turn = UNTURN[orientation]
    return image if turn is None else image.transpose(turn)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def cases(seed: int) -> Iterator[Case]:
    picture = Pictures(seed)
    yield from _pngs(picture)
    yield from _jpegs(picture)
    yield from _webps(picture)
    yield from _heifs(picture)
    yield from _old_ones(picture)


def _pngs(picture: Pictures) -> Iterator[Case]:
    yield picture("png-rgb", ".png", saved("PNG"))
    yield picture("png-upper", ".PNG", saved("PNG"))
    yield picture("png-named-jpg", ".jpg", saved("PNG"))
    yield picture("png-no-extension", "", saved("PNG"))
    yield picture("png-double-extension", ".php.png", saved("PNG"))
    yield picture("png-alpha", ".png", lambda image, _: packed(half_clear(image), "PNG"))
    yield picture("png-grey", ".png", saved("PNG", "L"), marked=False)
    yield picture("png-grey-alpha", ".png", saved("PNG", "LA"), marked=False)
    yield picture("png-one-bit", ".png", saved("PNG", "1"), marked=False)
    yield picture("png-palette", ".png", saved("PNG", "P"))
    yield picture("png-palette-clear", ".png", saved("PNG", "P", transparency=b"\xff\x80" * 20))
    yield picture("png-interlaced", ".png", lambda i, _: pngs.interlaced(*i.size, i.tobytes()))
    yield picture("png-exif-6", ".png", _turned("PNG", 6))
    yield picture("png-text", ".png", _with_chunk(b"tEXt", b"Comment\0a rainy day"))
    yield picture("png-gamma", ".png", _with_chunk(b"gAMA", struct.pack(">I", 45455)))
    yield picture("png-unknown-chunk", ".png", _with_chunk(b"prIv", bytes(300)))
    yield picture("png-animated", ".png", lambda i, _: packed(i, "PNG", save_all=True, **_next(i)))
    yield picture("png-smallest", ".png", saved("PNG"), size=(64, 64))
    yield picture("png-narrow", ".png", saved("PNG"), size=(64, 1900))
    yield picture("png-large", ".png", saved("PNG", compress_level=1), size=(6000, 4000))


def _jpegs(picture: Pictures) -> Iterator[Case]:
    yield picture("jpeg-baseline", ".jpg", saved("JPEG"))
    yield picture("jpeg-jpeg", ".JPEG", saved("JPEG"))
    yield picture("jpeg-named-png", ".png", saved("JPEG"))
    yield picture("jpeg-progressive", ".jpg", saved("JPEG", progressive=True))
    yield picture("jpeg-444", ".jpg", saved("JPEG", subsampling=0))
    yield picture("jpeg-422", ".jpg", saved("JPEG", subsampling=1))
    yield picture("jpeg-coarse", ".jpg", saved("JPEG", quality=5))
    yield picture("jpeg-restarts", ".jpg", saved("JPEG", restart_marker_blocks=4))
    yield picture("jpeg-grey", ".jpg", saved("JPEG", "L"), marked=False)
    yield picture("jpeg-comment", ".jpg", saved("JPEG", comment=b"made by hand"))
    yield picture("jpeg-xmp", ".jpg", saved("JPEG", xmp=_XMP))
    yield picture(
        "jpeg-padded", ".jpg", lambda i, d: packed(i, "JPEG") + bytes(d.dice.randrange(9000))
    )
    yield picture("jpeg-odd-size", ".jpg", saved("JPEG"), size=(131, 77))
    for orientation in UNTURN:
        yield picture(f"jpeg-exif-{orientation}", ".jpg", _turned("JPEG", orientation))
    yield picture("jpeg-exif-9", ".jpg", saved("JPEG", exif=exif(9)))
    yield picture("jpeg-several", ".jpg", lambda i, _: packed(i, "MPO", save_all=True, **_next(i)))
    yield picture("jpeg-motion-photo", ".jpg", _motion_photo)


def _webps(picture: Pictures) -> Iterator[Case]:
    yield picture("webp-lossy", ".webp", saved("WEBP"))
    yield picture("webp-lossless", ".webp", saved("WEBP", lossless=True))
    yield picture("webp-alpha", ".webp", lambda i, _: packed(half_clear(i), "WEBP"))
    yield picture("webp-exif-8", ".webp", _turned("WEBP", 8))
    yield picture(
        "webp-animated", ".webp", lambda i, _: packed(i, "WEBP", save_all=True, **_next(i))
    )
    yield picture("webp-upper", ".WebP", saved("WEBP"))


def _heifs(picture: Pictures) -> Iterator[Case]:
    yield picture("avif", ".avif", saved("AVIF", speed=10))
    yield picture("avif-444", ".avif", saved("AVIF", speed=10, subsampling="4:4:4"))
    yield picture("avif-alpha", ".avif", lambda i, _: packed(half_clear(i), "AVIF", speed=10))
    yield picture(
        "avif-animated",
        ".avif",
        lambda i, _: packed(i, "AVIF", save_all=True, speed=10, **_next(i)),
    )
    yield picture("avif-ten-bit", ".avif", _ten_bit_avif, size=(128, 96))
    yield picture("heic", ".heic", _heic)
    yield picture("heic-upper", ".HEIC", _heic)
    yield picture("heic-heif", ".heif", _heic)
    yield picture("heic-several", ".heic", lambda i, _: _heif([i, i.rotate(180)]))
    yield picture(
        "heic-exif-6", ".heic", lambda i, _: _heif([stored(i, 6)], exif=exif(6).tobytes())
    )
    yield picture("heic-alpha", ".heic", lambda i, _: _heif([half_clear(i)]))
    yield picture("heic-ten-bit", ".heic", _ten_bit_heic)


def _old_ones(picture: Pictures) -> Iterator[Case]:
    yield picture("bmp", ".bmp", saved("BMP"))
    yield picture("bmp-palette", ".bmp", saved("BMP", "P"))
    yield picture("bmp-one-bit", ".bmp", saved("BMP", "1"), marked=False)
    yield picture("bmp-top-down", ".bmp", _top_down)
    yield picture("gif", ".gif", saved("GIF"))
    yield picture("gif-animated", ".gif", lambda i, _: packed(i, "GIF", save_all=True, **_next(i)))
    yield picture("gif-clear", ".gif", saved("GIF", "P", transparency=0), marked=False)
    yield picture("gif-upper", ".GIF", saved("GIF"))


def _next(image: Image.Image) -> dict[str, Any]:
    """Options of a file with more pictures, each another."""
    more = []
    for index in (1, 2):
        other = image.copy()
        ImageDraw.Draw(other).ellipse((20, 20 + 9 * index, 50, 50 + 9 * index), fill=(9, 9, 9))
        more.append(other)
    return {"append_images": more}


def _turned(form: str, orientation: int) -> Any:
    def write(image: Image.Image, _desk: Desk) -> bytes:
        return packed(stored(image, orientation), form, exif=exif(orientation))

    return write


def _with_chunk(name: bytes, content: bytes) -> Any:
    def write(image: Image.Image, _desk: Desk) -> bytes:
        return pngs.with_chunk(packed(image, "PNG"), name, content)

    return write


def _motion_photo(image: Image.Image, desk: Desk) -> bytes:
    """As phones keep them: the clip lies behind the picture."""
    clip = desk.spare(".mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=96x64:rate=15", "-frames:v", 8, "-bitexact", clip)
    content = clip.read_bytes()
    note = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" MicroVideo="1" MicroVideoOffset="{len(content)}"/>'
    return packed(image, "JPEG", xmp=note.encode()) + content


def _heif(images: list[Image.Image], **options: Any) -> bytes:
    file: Any = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for image in images:
        file.add_from_pillow(image)
    target = BytesIO()
    file.save(target, quality=80, save_all=True, **options)
    return target.getvalue()


def _heic(image: Image.Image, _desk: Desk) -> bytes:
    return _heif([image])


def _ten_bit_heic(image: Image.Image, _desk: Desk) -> bytes:
    deep = b"".join(bytes((value, value)) for value in image.tobytes())
    file = pillow_heif.from_bytes("RGB;16", image.size, deep)
    target = BytesIO()
    file.save(target, quality=80)
    return target.getvalue()


def _ten_bit_avif(image: Image.Image, desk: Desk) -> bytes:
    still, path = desk.spare(".png"), desk.spare(".avif")
    image.save(still)
    coding = ("-c:v", "libaom-av1", "-still-picture", 1, "-cpu-used", 8, "-pix_fmt", "yuv420p10le")
    ffmpeg("-i", still, *coding, "-bitexact", path)
    return path.read_bytes()


def _top_down(image: Image.Image, _desk: Desk) -> bytes:
    """The first row first, which a negative height says."""
    width, height = image.size
    blue_first = b"".join(
        image.crop((0, y, width, y + 1)).tobytes("raw", "BGR").ljust(-(-3 * width // 4) * 4, b"\0")
        for y in range(height)
    )
    header = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 24, 0, len(blue_first), 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(blue_first), 0, 0, 54) + header + blue_first


_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"/></x:xmpmeta>'
