import io
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.video.frame import VideoFrame
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from proto.errors import ErrorCode
from proto.formats import sniff
from proto.media import AssetKind, Crop, MediaFacts
from services.media import limits, upright
from services.media.errors import MediaRefused
from services.media.graph import Step, filter_pictures
from services.media.remote import Source
from services.media.source import open_picture, pictures, read_head, unreadable

THUMBNAIL_SIDE = 512
_SRGB = ImageCms.createProfile("sRGB")
_PAPER = "white"
_SOME_CONTRAST = 32
_LOOK_AT_FRAMES = 48


def thumbnail(path: Source, facts: MediaFacts, out: Path) -> bool:
    """Write a JPEG of at most 512 px a side; a sound has none, and gives False."""
    if facts.kind is AssetKind.AUDIO:
        return False
    image = _opaque_srgb(read_upright(path)) if facts.kind is AssetKind.IMAGE else _still(path)
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


def read_upright(path: Source) -> Image.Image:
    """The whole picture, decoded and turned as its EXIF says. Raises MediaRefused."""
    found = sniff(read_head(path))
    if found is None:
        raise unreadable()
    try:
        with path.open("rb") as file, Image.open(file, formats=[found.name.upper()]) as image:
            _check_size(*image.size)
            image.load()
            return ImageOps.exif_transpose(image)
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


def _opaque(image: Image.Image) -> Image.Image:
    """Without alpha or palette, 8 bits a channel, in the colours the picture came in."""
    if image.mode.startswith("I"):
        # Pillow cuts 16-bit greys off at 255 instead of scaling them.
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, _PAPER)
        return Image.alpha_composite(paper, layers).convert("RGB")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _still(path: Source) -> Image.Image:
    """The first frame that is not blank, for many clips fade in from black."""
    with open_picture(path) as (container, stream):
        aspect = upright.pixel_aspect(stream)

        def steps(first: VideoFrame) -> list[Step]:
            size = upright.upright_size(first, aspect)
            fit = upright.fit_steps(size, THUMBNAIL_SIDE, THUMBNAIL_SIDE)
            return [*upright.source_steps(first), *fit, Step("format", "rgb24")]

        frames = islice(filter_pictures(pictures(container, stream), steps), _LOOK_AT_FRAMES)
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
