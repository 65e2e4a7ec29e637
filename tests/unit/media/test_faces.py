import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.local.samples.index import CHARACTER, FOLDER
from services.media.faces import find_faces

SIDE = 500


def character(width: int, height: int, x: int, y: int, scale: float) -> Image.Image:
    """The packaged character, scaled, with its left upper corner at (x, y) of a grey picture."""
    with Image.open(FOLDER / CHARACTER) as image:
        figure = image.convert("RGB")
    figure = figure.resize((round(figure.width * scale), round(figure.height * scale)))
    picture = Image.new("RGB", (width, height), (120, 120, 120))
    picture.paste(figure, (x, y))
    return picture


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.0, 2.0])
def test_the_characters_face_is_found_at_every_size(scale: float) -> None:
    picture = character(round(832 * scale), round(1216 * scale), 0, 0, scale)
    [face] = find_faces(picture)
    assert [face.x, face.y] == pytest.approx([0.33, 0.22], abs=0.05)
    assert face.width * 832 == pytest.approx(face.height * 1216, rel=0.1)
    assert 0.15 < face.height < 0.3


def test_a_small_face_is_found_where_it_is() -> None:
    [face] = find_faces(character(1200, 1600, 700, 300, 0.5))
    middle = [face.x + face.width / 2, face.y + face.height / 2]
    assert middle == pytest.approx([0.76, 0.31], abs=0.05)
    assert face.height < 0.1


def test_two_faces_come_the_larger_first() -> None:
    picture = character(1600, 1216, 0, 0, 0.6)
    picture.paste(character(832, 1216, 0, 0, 1.0), (768, 0))
    larger, smaller = find_faces(picture)
    assert larger.x > 0.5 > smaller.x
    assert larger.height > smaller.height


def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


def soft_noise() -> NDArray[np.uint8]:
    small = Image.fromarray(noise()[:40, :40]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(small)


def checks() -> NDArray[np.uint8]:
    rows, columns = np.indices((SIDE, SIDE)) // 25
    return np.repeat(((rows + columns) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)


def rings() -> NDArray[np.uint8]:
    rows, columns = np.indices((SIDE, SIDE)) - SIDE / 2
    waves = 127 + 120 * np.sin(np.hypot(rows, columns) / 9)
    return np.repeat(waves.astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize(
    "pixels", [noise(), soft_noise(), checks(), rings()], ids=["noise", "soft", "checks", "rings"]
)
def test_no_face_is_seen_in_a_pattern(pixels: NDArray[np.uint8]) -> None:
    assert find_faces(Image.fromarray(pixels)) == []


def test_a_picture_without_a_face_gives_none() -> None:
    assert find_faces(Image.new("RGB", (64, 64), "white")) == []
