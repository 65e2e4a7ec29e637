from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from proto.look import DRIFT_LIMITS, Drift, Look, Trait
from services.media.errors import BadSegment
from services.media.look import drift, look_of_picture, look_of_video
from tests.media_factory import make_picture
from tests.unit.media.media_factories import (
    Clip,
    Pixels,
    grey,
    save_segment,
    truncated,
    write_clip,
    write_picture,
)


def warmer(scene: Image.Image) -> Image.Image:
    red, green, blue = scene.split()
    warm, cold = red.point(lambda level: level + 20), blue.point(lambda level: level - 30)
    return Image.merge("RGB", [warm, green, cold])


SHIFTS: dict[Trait, Callable[[Image.Image], Image.Image]] = {
    Trait.COLOUR: warmer,
    Trait.EXPOSURE: lambda scene: scene.point(lambda level: round(level * 0.6)),
    Trait.SHARPNESS: lambda scene: scene.filter(ImageFilter.GaussianBlur(2)),
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    """A figure before a slope, with the grain of a real picture."""
    path = make_picture(tmp_path_factory.mktemp("scene") / "a.png", 288, 512)
    with Image.open(path) as image:
        pixels = np.asarray(image).astype(int)
    grain = np.random.default_rng(1).normal(0, 8, (*pixels.shape[:2], 1))
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def panned(image: Image.Image, count: int = 17) -> list[Pixels]:
    pixels = np.asarray(image)
    return [np.roll(pixels, 2 * number, axis=1) for number in range(count)]


def segment(path: Path, image: Image.Image, crf: int = 12) -> Path:
    return write_clip(path, Clip(panned(image), fps=16, crf=crf))


def drifted(folder: Path, scene: Image.Image, later: Path) -> Drift:
    first = look_of_video(segment(folder / "first.mp4", scene))
    return drift(look_of_video(later), first, None)


def test_a_copy_does_not_drift(tmp_path: Path, scene: Image.Image) -> None:
    found = drifted(tmp_path, scene, segment(tmp_path / "later.mp4", scene))
    assert (found.colour, found.exposure, found.sharpness) == (0, 0, 1)
    assert not found.exceeds()


@pytest.mark.parametrize("trait", SHIFTS)
def test_a_shift_is_noticed_and_named(tmp_path: Path, scene: Image.Image, trait: Trait) -> None:
    found = drifted(tmp_path, scene, segment(tmp_path / "later.mp4", SHIFTS[trait](scene)))
    assert found.exceeded() == [trait]
    assert found.exceeds()


def test_growing_brighter_is_noticed_too(tmp_path: Path, scene: Image.Image) -> None:
    brighter = scene.point(lambda level: min(255, level + 50))
    found = drifted(tmp_path, scene, segment(tmp_path / "later.mp4", brighter))
    assert found.exposure == pytest.approx(50 / 255, abs=0.03)
    assert Trait.EXPOSURE in found.exceeded()


@pytest.mark.parametrize("crf", [18, 23, 28])
def test_the_noise_of_encoding_is_no_drift(tmp_path: Path, scene: Image.Image, crf: int) -> None:
    assert not drifted(tmp_path, scene, segment(tmp_path / "b.mp4", scene, crf)).exceeds()


def test_limits_can_be_wider(tmp_path: Path, scene: Image.Image) -> None:
    darker = SHIFTS[Trait.EXPOSURE](scene)
    found = drifted(tmp_path, scene, segment(tmp_path / "later.mp4", darker))
    assert not found.exceeds(DRIFT_LIMITS.model_copy(update={"exposure": 0.5}))


def test_flat_pictures_are_as_sharp_as_each_other(tmp_path: Path) -> None:
    looks = [
        look_of_video(save_segment(tmp_path / f"{level}.mp4", [grey(level)] * 9))
        for level in (90, 100)
    ]
    assert drift(looks[1], looks[0], None).sharpness == pytest.approx(1, abs=0.1)


def test_a_picture_is_compared_but_not_judged_by(tmp_path: Path, scene: Image.Image) -> None:
    portrait = look_of_picture(write_picture(tmp_path / "a.png", grey(20)))
    look = look_of_video(segment(tmp_path / "a.mp4", scene))
    found = drift(look, look, portrait)
    assert found.from_picture_exposure == pytest.approx(look.luma - 20 / 255, abs=0.01)
    assert (found.from_picture_colour or 0) > 1
    assert not found.exceeds()


def test_a_video_looks_like_the_picture_it_shows(tmp_path: Path, scene: Image.Image) -> None:
    scene.save(tmp_path / "a.png")
    picture = look_of_picture(tmp_path / "a.png")
    found = drift(look_of_video(segment(tmp_path / "a.mp4", scene)), picture, picture)
    assert (found.from_picture_colour or 0) < 1.5
    assert abs(found.from_picture_exposure or 0) < 0.01


@pytest.mark.parametrize(
    ("colour", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((10, 20, 10), (5.30, -5.23, 3.73)),
    ],
)
def test_colours_are_those_of_cielab(
    tmp_path: Path, colour: tuple[int, int, int], lab: tuple[float, float, float]
) -> None:
    Image.new("RGB", (64, 64), colour).save(tmp_path / "a.png")
    look = look_of_picture(tmp_path / "a.png")
    assert (look.lightness, look.a, look.b) == pytest.approx(lab, abs=0.05)


@pytest.mark.parametrize("count", [1, 3, 8, 40])
def test_looks_are_taken_over_the_whole_segment(tmp_path: Path, count: int) -> None:
    levels = [round(60 + 120 * number / count) for number in range(count)]
    path = save_segment(tmp_path / "a.mp4", [grey(level) for level in levels])
    assert look_of_video(path).luma == pytest.approx(np.mean(levels) / 255, abs=0.03)


def test_a_look_survives_the_way_through_json(tmp_path: Path, scene: Image.Image) -> None:
    look = look_of_video(segment(tmp_path / "a.mp4", scene))
    assert Look.model_validate_json(look.model_dump_json()) == look


def test_a_segment_that_does_not_decode_has_no_look(tmp_path: Path) -> None:
    path = truncated(save_segment(tmp_path / "a.mp4", [grey(90)] * 9), 0.5)
    with pytest.raises(BadSegment, match="does not decode"):
        look_of_video(path)
