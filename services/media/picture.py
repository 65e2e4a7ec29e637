import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pillow_heif
from av.video.frame import VideoFrame
from PIL import ExifTags, Image, ImageFile, TiffImagePlugin

from proto.errors import ErrorCode
from proto.formats import Format, sniff
from proto.media import AssetKind, Crop, DynamicRange, MediaFacts
from services.media import limits, upright
from services.media.colours import DEPTH, CodePoints, code_points, depth_of, opaque_srgb
from services.media.errors import MediaRefused
from services.media.fields import progressive
from services.media.graph import Step, filter_pictures
from services.media.pages import count_pages
from services.media.remote import Source
from services.media.source import open_picture, pictures, read_head, unreadable

pillow_heif.register_heif_opener(thumbnails=False)

THUMBNAIL_SIDE = 512
DISPLAY_SIDE = 2048
_SHOWN = {"png", "jpeg", "webp", "avif", "gif", "bmp"}
_SCALED = "jpeg"
"""Its decoder gives an eighth, a quarter or a half in less time."""
_REDUCIBLE = {"L", "RGB", "CMYK"}

# What brings a picture upright, by EXIF's orientation (CIPA DC-008, 4.6.4).
_UNTURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# The same in degrees clockwise, and mirrors.
_ROTATIONS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_MIRRORED = {2, 4, 5, 7}
_LYING = {5, 6, 7, 8}

_SUBFILE_TYPE, _REDUCED, _DNG_VERSION = 254, 1, 50706
# What Pillow's decoders raise for files that are broken inside, each of them once seen.
_BROKEN = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_SOME_CONTRAST = 32
_LOOK_AT_FRAMES = 48


@dataclass(frozen=True)
class _Stored:
    """A picture upright, in the colours of its file. size: in pixels, whatever was decoded of it.

    turn: EXIF's orientation, which the picture had.
    """

    image: Image.Image
    size: tuple[int, int]
    turn: int
    depth: int
    pages: int
    said: CodePoints


def thumbnail(path: Source, facts: MediaFacts, out: Path) -> bool:
    """Write a JPEG of at most 512 px a side; a sound has none, and gives False."""
    if facts.kind is AssetKind.AUDIO:
        return False
    if facts.kind is AssetKind.IMAGE:
        image = read_upright(path, at_least=2 * THUMBNAIL_SIDE)
    else:
        image = _still(path)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return True


def normalise_picture(path: Source, out: Path, width: int, height: int, crop: Crop | None) -> None:
    """Write an upright, opaque sRGB PNG of exactly width x height, with nothing but its pixels.

    What `crop` keeps, or the whole picture, covers the size; what stands out is cut evenly.
    """
    image = read_upright(path)
    box = cover_box(image.size, Fraction(width, height), crop or Crop())
    sized = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
    save_png(sized, out)


def cover_box(
    size: tuple[int, int], ratio: Fraction, crop: Crop
) -> tuple[float, float, float, float]:
    """The largest box of that ratio in the middle of the crop: left, upper, right, lower."""
    left, top = crop.x * size[0], crop.y * size[1]
    width = min(crop.width, 1 - crop.x) * size[0]
    height = min(crop.height, 1 - crop.y) * size[1]
    kept_width, kept_height = min(width, height * float(ratio)), min(height, width / float(ratio))
    left, top = left + (width - kept_width) / 2, top + (height - kept_height) / 2
    return left, top, min(left + kept_width, size[0]), min(top + kept_height, size[1])


def read_upright(source: Source, at_least: int | None = None) -> Image.Image:
    """The whole picture as opaque 8-bit sRGB, turned as its file asks. Raises MediaRefused.

    at_least: pixels a side that are enough, where fewer are quicker.
    """
    stored = _read(source, at_least)
    image = stored.image
    if at_least is not None and image.mode in _REDUCIBLE:
        image = image.reduce(max(1, min(image.size) // at_least))
    opaque = opaque_srgb(image, stored.said)
    # Pillow would write comments and profiles on.
    opaque.info.clear()
    return opaque


def picture_facts(source: Source, found: Format) -> MediaFacts:
    """Raises MediaRefused, for a picture that ends too early as well."""
    # A JPEG is read to its end, but not all of its pixels have to be made for that.
    stored = _read(source, at_least=1)
    return MediaFacts(
        kind=AssetKind.IMAGE,
        mime_type=found.mime_types[AssetKind.IMAGE],
        codec=found.name,
        width=stored.size[0],
        height=stored.size[1],
        rotation=_ROTATIONS.get(stored.turn, 0),
        mirrored=stored.turn in _MIRRORED,
        depth=stored.depth,
        dynamic_range=stored.said.dynamic_range,
        has_alpha=stored.image.has_transparency_data,
        pages=stored.pages,
    )


def shows_everywhere(facts: MediaFacts) -> bool:
    """True for a picture that every browser shows, upright, as we read it."""
    if facts.dynamic_range in {DynamicRange.PQ, DynamicRange.HLG}:
        return False
    # Not all heed what other formats say of how a picture lies.
    turned = facts.rotation != 0 or facts.mirrored
    return facts.codec in _SHOWN and (facts.codec == "jpeg" or not turned)


def draw_display_copy(source: Source, out: Path) -> None:
    """Write a JPEG that every browser shows, of at most DISPLAY_SIDE pixels a side."""
    image = read_upright(source, at_least=DISPLAY_SIDE)
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), Image.Resampling.LANCZOS)
    image.save(out, "JPEG", quality=90, optimize=True, progressive=True)


def _read(source: Source, at_least: int | None) -> _Stored:
    found = sniff(read_head(source))
    if found is None:
        raise unreadable()
    version = source.stat().st_mtime_ns if isinstance(source, Path) else 0
    return _decoded(source, version, found.name, at_least if found.name == _SCALED else None)


# Facts, thumbnail and copy are drawn one after the other, and decoding a HEIC takes long.
@lru_cache(maxsize=1)
def _decoded(source: Source, _version: int, name: str, at_least: int | None) -> _Stored:
    """at_least: pixels a side of a JPEG that are enough."""
    try:
        with source.open("rb") as file, Image.open(file, formats=[_pillow(name)]) as image:
            _check_size(*image.size)
            _check_developed(image)
            return _stored(source, image, name, at_least)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except _BROKEN as error:
        raise unreadable() from error


def _stored(source: Source, image: ImageFile.ImageFile, name: str, at_least: int | None) -> _Stored:
    size, turn = image.size, _turn_of_decoder(image)
    depth = depth_of(source, image, name)
    pages = count_pages(source, image, name)
    said = code_points(source, image, name)
    if at_least is not None:
        image.draft(None, (at_least, at_least))
    image.load()
    image.info[DEPTH] = depth
    if turn is not None:
        return _Stored(image, size, turn, depth, pages, said)
    turn = _orientation(image)
    turned = image.transpose(_UNTURN[turn]) if turn in _UNTURN else image
    return _Stored(turned, size[::-1] if turn in _LYING else size, turn, depth, pages, said)


def _pillow(name: str) -> str:
    return "HEIF" if name == "heic" else name.upper()


def _turn_of_decoder(image: Image.Image) -> int | None:
    """The orientation of a picture that its decoder turns by itself."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2.get(ExifTags.Base.Orientation, 1))
    if isinstance(image, pillow_heif.HeifImageFile):
        return int(image.info.get("original_orientation") or 1)
    return None


def _orientation(image: Image.Image) -> int:
    """As browsers find it: not in XMP, and nothing where EXIF is broken."""
    tags = Image.Exif()
    try:
        tags.load(image.info.get("exif", b""))
        turn = tags.get(ExifTags.Base.Orientation)
    except _BROKEN:
        return 1
    return turn if turn in _UNTURN else 1


def _check_developed(image: Image.Image) -> None:
    """The first picture of a raw photograph is the little preview of a camera."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    if image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED or _DNG_VERSION in image.tag_v2:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            "This is a raw photograph. Export it as JPEG, PNG or TIFF, and add that.",
        )


def save_png(image: Image.Image, out: Path) -> None:
    # A third of the default's time for a file that is a sixth larger.
    image.save(out, "PNG", compress_level=1)


def to_picture(frame: VideoFrame) -> Image.Image:
    """frame: rgb24."""
    plane = frame.planes[0]
    size = (frame.width, frame.height)
    return Image.frombytes("RGB", size, bytes(plane), "raw", "RGB", plane.line_size, 1)


def _check_size(width: int, height: int) -> None:
    if min(width, height) < limits.MIN_PICTURE_SIDE:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            f"This picture is {width} x {height} pixels. Use one of at least "
            f"{limits.MIN_PICTURE_SIDE} pixels a side.",
        )
    if max(width, height) > limits.MAX_PICTURE_SIDE or width * height > limits.MAX_PICTURE_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> MediaRefused:
    return MediaRefused(
        ErrorCode.TOO_LARGE,
        f"This picture is larger than {limits.MAX_PICTURE_SIDE} pixels a side or "
        f"{limits.MAX_PICTURE_PIXELS // 1_000_000} megapixels. Save it smaller.",
    )


def _still(path: Source) -> Image.Image:
    """The first frame that is not blank, for many clips fade in from black."""
    with open_picture(path) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            fit = upright.fitting_steps(first, aspect, THUMBNAIL_SIDE, THUMBNAIL_SIDE)
            return [*fit, Step("format", "rgb24")]

        frames = islice(
            filter_pictures(progressive(pictures(container, stream)), steps), _LOOK_AT_FRAMES
        )
        first: Image.Image | None = None
        for frame in frames:
            image = to_picture(frame)
            if first is None:
                first = image
            if _has_contrast(image):
                return image
    if first is None:
        raise unreadable()
    return first


def _has_contrast(image: Image.Image) -> bool:
    darkest, brightest = image.convert("L").getextrema()
    return float(brightest) - float(darkest) > _SOME_CONTRAST  # type: ignore[arg-type]
