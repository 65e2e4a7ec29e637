from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from proto.media import AssetKind, Crop
from services.media.errors import MediaRefused
from services.media.picture import cover_box, draw_display_copy, normalise_picture, thumbnail
from services.media.probe import probe
from services.media.proxy import plays_everywhere
from tests.unit.media.media_factories import (
    ORIENTATION,
    Clip,
    Pixels,
    Sound,
    corners,
    grey,
    quarters,
    read_picture,
    write_clip,
    write_picture,
    write_sound,
)

TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: np.rot90(pixels, 1),
    7: lambda pixels: np.rot90(pixels, 2).transpose(1, 0, 2),
    8: lambda pixels: np.rot90(pixels, 3),
}
"""How a picture lies in its file under each EXIF orientation."""
ASKED = {
    1: (0, False),
    2: (0, True),
    3: (180, False),
    4: (180, True),
    5: (90, True),
    6: (90, False),
    7: (270, True),
    8: (270, False),
}


def normalised(source: Path, width: int = 96, height: int = 64, crop: Crop | None = None) -> Pixels:
    out = source.with_name("normalised.png")
    normalise_picture(source, out, width, height, crop)
    with Image.open(out) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (width, height))
    return read_picture(out)


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tiff"])
def test_a_picture_stands_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    lying = np.ascontiguousarray(TURNS[orientation](quarters(192, 128)))
    source = write_picture(tmp_path / f"a{suffix}", lying, orientation)
    assert corners(normalised(source)) == "RGBW"
    facts = probe(source, AssetKind.IMAGE)
    assert (facts.width, facts.height) == (192, 128)
    assert (facts.rotation, facts.mirrored) == ASKED[orientation]


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK", "I;16"])
def test_any_mode_becomes_rgb_of_the_same_brightness(tmp_path: Path, mode: str) -> None:
    pixels = grey(255)
    pixels[:32] = 0
    image = Image.fromarray(pixels).convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    else:
        image = image.convert("RGB").convert(mode)
    source = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(source)
    assert np.abs(normalised(source).astype(int) - pixels).mean() < 3


def test_half_of_sixteen_bits_is_half_of_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((64, 96), 32_896, np.uint16)).save(tmp_path / "a.png")
    assert set(normalised(tmp_path / "a.png").ravel()) == {128}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_alpha_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    pixels = np.zeros((64, 96, 4), np.uint8)
    pixels[:, :48, 3] = 255
    image = Image.fromarray(pixels)
    if mode == "P":
        image = image.quantize(4)
    image.convert(mode).save(tmp_path / "a.png")
    shown = normalised(tmp_path / "a.png")
    assert shown[:, :40].max() < 6
    assert shown[:, 56:].min() > 249


def test_another_profile_is_turned_into_srgb(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red_is_blue = srgb.replace(b"rXYZ", b"?").replace(b"bXYZ", b"rXYZ").replace(b"?", b"bXYZ")
    Image.fromarray(quarters()).save(tmp_path / "a.png", icc_profile=red_is_blue)
    assert corners(normalised(tmp_path / "a.png")) == "BGRW"


def test_a_broken_profile_is_ignored(tmp_path: Path) -> None:
    Image.fromarray(quarters()).save(tmp_path / "a.png", icc_profile=b"not a profile")
    assert np.array_equal(normalised(tmp_path / "a.png"), quarters())


def test_nothing_but_pixels_is_kept(tmp_path: Path) -> None:
    source, exif, texts = tmp_path / "a.png", Image.Exif(), PngInfo()
    exif[ORIENTATION], exif[0x010F] = 1, "secret-phone"
    texts.add_text("workflow", "secret-graph")
    Image.fromarray(quarters()).save(source, exif=exif, pnginfo=texts, dpi=(72, 72))
    normalised(source)
    assert b"secret" not in (tmp_path / "normalised.png").read_bytes()
    with Image.open(tmp_path / "normalised.png") as image:
        assert image.info == {}


@pytest.mark.parametrize("shift", [0, 1, 7, 8])
def test_a_crop_is_exact_to_a_pixel(tmp_path: Path, shift: int) -> None:
    rows, columns = np.indices((128, 192)) // 8
    board = np.repeat(((rows + columns) % 2 * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    source = write_picture(tmp_path / "a.png", board)
    crop = Crop(x=(32 + shift) / 192, y=(16 + shift) / 128, width=96 / 192, height=64 / 128)
    shown = normalised(source, crop=crop).astype(int)
    assert np.array_equal(shown, board[16 + shift : 80 + shift, 32 + shift : 128 + shift])


def test_a_crop_is_of_the_upright_picture(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(TURNS[6](quarters(192, 128)))
    source = write_picture(tmp_path / "a.jpg", lying, 6)
    shown = normalised(source, crop=Crop(x=0.5, y=0, width=0.5, height=0.5))
    assert corners(shown) == "GGGG"


def test_what_stands_out_is_cut_evenly(tmp_path: Path) -> None:
    tall = np.concatenate([grey(0, 96, 50), quarters(), grey(0, 96, 50)])
    assert np.array_equal(normalised(write_picture(tmp_path / "a.png", tall)), quarters())


@pytest.mark.parametrize("size", [(97, 65), (641, 479), (65, 301)])
def test_odd_sizes_are_covered(tmp_path: Path, size: tuple[int, int]) -> None:
    source = write_picture(tmp_path / "a.png", grey(200, *size))
    assert set(normalised(source).ravel()) == {200}


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    source = write_picture(tmp_path / "a.jpg", noise)
    normalised(source)
    first = (tmp_path / "normalised.png").read_bytes()
    normalised(source)
    assert (tmp_path / "normalised.png").read_bytes() == first


FRACTION = st.floats(0, 0.99)
SIDE = st.integers(64, 8192)


@given(SIDE, SIDE, FRACTION, FRACTION, st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_cover_box_lies_inside_the_picture(
    width: int, height: int, x: float, y: float, share_x: float, share_y: float
) -> None:
    crop = Crop(x=x, y=y, width=share_x, height=share_y)
    left, top, right, bottom = cover_box((width, height), Fraction(9, 16), crop)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert (right - left) / (bottom - top) == pytest.approx(9 / 16, rel=1e-3)


def test_a_thumbnail_is_upright_and_small(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(TURNS[8](quarters(1200, 800)))
    source = write_picture(tmp_path / "a.jpg", lying, 8)
    assert thumbnail(source, probe(source, AssetKind.IMAGE), tmp_path / "t.jpg")
    shown = read_picture(tmp_path / "t.jpg")
    assert shown.shape == (341, 512, 3)
    assert corners(shown) == "RGBW"


def test_a_clips_thumbnail_passes_over_a_black_start(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip([grey(0)] * 10 + [quarters()] * 10))
    assert thumbnail(source, probe(source, AssetKind.VIDEO), tmp_path / "t.jpg")
    assert corners(read_picture(tmp_path / "t.jpg")) == "RGBW"


def test_a_blank_clip_has_a_blank_thumbnail(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip([grey(128)] * 5))
    assert thumbnail(source, probe(source, AssetKind.VIDEO), tmp_path / "t.jpg")
    assert abs(float(read_picture(tmp_path / "t.jpg").mean()) - 128) < 4


def test_a_sound_has_no_thumbnail(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", Sound(codec="pcm_s16le"))
    assert not thumbnail(source, probe(source, AssetKind.AUDIO), tmp_path / "t.jpg")


@pytest.mark.parametrize("suffix", [".gif", ".tiff", ".webp", ".png"])
def test_first_of_several_pictures_is_used(tmp_path: Path, suffix: str) -> None:
    first, *others = [Image.new("RGB", (96, 64), name) for name in ("red", "green", "blue")]
    path = tmp_path / f"several{suffix}"
    first.save(path, save_all=True, append_images=others, lossless=True)
    assert probe(path, AssetKind.IMAGE).pages == 3
    assert np.abs(normalised(path).mean((0, 1)) - (255, 0, 0)).max() < 3


def test_previews_of_a_camera_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "camera.jpg"
    image = Image.new("RGB", (96, 64), "red")
    image.save(path, "MPO", save_all=True, append_images=[image.resize((48, 32))])
    assert probe(path, AssetKind.IMAGE).pages == 1


def test_lab_becomes_rgb(tmp_path: Path) -> None:
    path = tmp_path / "lab.tiff"
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = Image.new("RGB", (96, 64), (200, 90, 40))
    turned = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    assert turned is not None
    turned.save(path)
    assert np.abs(normalised(path).mean((0, 1)) - (200, 90, 40)).max() < 4


@pytest.mark.parametrize(("brightest", "depth"), [(1.0, 32), (255.0, 32)])
def test_floats_keep_their_brightness(tmp_path: Path, brightest: float, depth: int) -> None:
    path = tmp_path / "float.tiff"
    ramp = np.tile(np.linspace(0, brightest, 96, dtype=np.float32), (64, 1))
    Image.fromarray(ramp).save(path)
    assert probe(path, AssetKind.IMAGE).depth == depth
    assert np.abs(normalised(path)[:, 48] - 128.0).max() < 4


@pytest.mark.parametrize("suffix", [".heic", ".tiff"])
def test_picture_that_no_browser_shows_has_a_copy(tmp_path: Path, suffix: str) -> None:
    path = write_picture(tmp_path / f"a{suffix}", quarters(192, 128))
    facts = probe(path, AssetKind.IMAGE)
    assert not plays_everywhere(path, facts)
    draw_display_copy(path, tmp_path / "copy.jpg")
    assert corners(read_picture(tmp_path / "copy.jpg")) == "RGBW"
    with Image.open(tmp_path / "copy.jpg") as copy:
        assert (copy.format, copy.size) == ("JPEG", (192, 128))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".heic", ".gif", ".bmp", ".webp"])
def test_half_a_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"half{suffix}"
    Image.effect_noise((200, 200), 60).convert("RGB").save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaRefused, match="damaged or incomplete"):
        probe(path, AssetKind.IMAGE)
