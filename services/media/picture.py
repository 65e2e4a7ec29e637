import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path

import pillow_heif
from av.video.frame import VideoFrame
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from proto.errors import ErrorCode
from proto.formats import Format, sniff
from proto.media import AssetKind, Crop, MediaFacts
from services.media import limits, upright
from services.media.errors import MediaRefused
from services.media.fields import progressive
from services.media.graph import Step, filter_pictures
from services.media.remote import Source
from services.media.source import open_picture, pictures, read_head, unreadable

pillow_heif.register_heif_opener(thumbnails=False)

THUMBNAIL_SIDE = 512
DISPLAY_SIDE = 2048
_PILLOW = {"heic": "HEIF"}
# Cameras put previews into what they call pages of a JPEG or HEIC.
_PAGED = {"png", "webp", "gif", "tiff", "avif"}
# Degrees clockwise, and mirrors, by EXIF's orientation (CIPA DC-008, 4.6.4).
_ROTATIONS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_MIRRORED = {2, 4, 5, 7}
_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")
_WHITE = 255
_PAPER = "white"
_SOME_CONTRAST = 32
_LOOK_AT_FRAMES = 48


def thumbnail(path: Source, facts: MediaFacts, out: Path) -> bool:
    """Write a JPEG of at most 512 px a side; a sound has none, and gives False."""
    if facts.kind is AssetKind.AUDIO:
        return False
    image = _of_picture(path) if facts.kind is AssetKind.IMAGE else _still(path)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return True


def normalise_picture(path: Source, out: Path, width: int, height: int, crop: Crop | None) -> None:
    """Write an upright, opaque sRGB PNG of exactly width x height, with nothing but its pixels.

    What `crop` keeps, or the whole picture, covers the size; what stands out is cut evenly.
    """
    image = _opaque_srgb(read_upright(path))
    box = cover_box(image.size, Fraction(width, height), crop or Crop())
    sized = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
    sized.info.clear()
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
    """The whole picture, decoded and turned as its EXIF says. Raises MediaRefused.

    at_least: pixels a side that are enough, where decoding fewer is quicker.
    """
    with _opened(source) as image:
        if at_least is not None:
            image.draft(None, (at_least, at_least))
        image.load()
        return ImageOps.exif_transpose(image)


def picture_facts(source: Source, found: Format) -> MediaFacts:
    """Raises MediaRefused."""
    with _opened(source) as image:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
        pages = getattr(image, "n_frames", 1) if found.name in _PAGED else 1
        image.load()
        width, height = ImageOps.exif_transpose(image).size
        return MediaFacts(
            kind=AssetKind.IMAGE,
            mime_type=found.mime_types[AssetKind.IMAGE],
            codec=found.name,
            width=width,
            height=height,
            rotation=_ROTATIONS.get(turn, 0),
            mirrored=turn in _MIRRORED,
            depth=_depth(image),
            has_alpha=image.has_transparency_data,
            pages=pages,
        )


def draw_display_copy(source: Source, out: Path) -> None:
    """Write a JPEG that every browser shows, of at most DISPLAY_SIDE pixels a side."""
    image = _opaque_srgb(read_upright(source))
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), Image.Resampling.LANCZOS)
    image.save(out, "JPEG", quality=90, optimize=True, progressive=True)


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    """Of a size we accept. What goes wrong in reading it raises MediaRefused."""
    found = sniff(read_head(source))
    if found is None:
        raise unreadable()
    formats = [_PILLOW.get(found.name, found.name.upper())]
    try:
        with source.open("rb") as file, Image.open(file, formats=formats) as image:
            _check_size(*image.size)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, RuntimeError, SyntaxError, ValueError) as error:
        # What Pillow's decoders raise for files that are broken inside; RuntimeError is AVIF's.
        raise unreadable() from error


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


def _opaque_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    flat = _opaque(image)
    if profile is None:
        return flat.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(flat, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A profile that is broken or made for other channels: browsers ignore it too.
        return flat.convert("RGB")
    return flat.convert("RGB") if turned is None else turned


def _depth(image: Image.Image) -> int:
    depths = {"1": 1, "F": 32, "I": 32}
    known = 16 if image.mode.startswith("I;16") else depths.get(image.mode, 8)
    return int(image.info.get("bit_depth", known))


def _opaque(image: Image.Image) -> Image.Image:
    """Without alpha or palette, 8 bits a channel, in the colours the picture came in."""
    if image.mode == "LAB":
        made = ImageCms.profileToProfile(image, _LAB, _SRGB, outputMode="RGB")
        return image.convert("RGB") if made is None else made
    if image.mode == "F":
        brightest = float(image.getextrema()[1])  # type: ignore[arg-type]
        scale = _WHITE if brightest <= 1 else 1
        return image.point(lambda level: level * scale).convert("L")
    if image.mode.startswith("I"):
        # Pillow cuts 16-bit greys off at 255 instead of scaling them.
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, _PAPER)
        return Image.alpha_composite(paper, layers).convert("RGB")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _of_picture(source: Source) -> Image.Image:
    return _opaque_srgb(read_upright(source, at_least=2 * THUMBNAIL_SIDE))


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
