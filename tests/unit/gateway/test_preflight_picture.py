"""What is said of a character's picture before a video is made."""

import pytest

from proto.errors import Remedy
from proto.job import AspectRatio, PromiseWarning
from proto.media import Crop, Face
from services.gateway.preflight import warnings
from services.store.assets import AssetRow
from tests.unit.gateway.preflight_factory import (
    FACE,
    GOOD_CLIP,
    LEFT,
    RIGHT,
    codes,
    move,
    picture,
    proposal,
)

WIDE = (1920, 1080)


def said(character: AssetRow, **fields: object) -> list[PromiseWarning]:
    return warnings(proposal(move(**fields), GOOD_CLIP, character), None)


def test_good_picture_is_not_talked_about() -> None:
    assert said(picture(FACE)) == []


def test_picture_without_a_face_is_to_be_replaced() -> None:
    [warning] = said(picture())
    assert (warning.code, warning.action) == ("no_face", Remedy.REPLACE)
    assert warning.field == "ground_truth_asset_id"


def test_face_that_nobody_looked_for_is_not_missed() -> None:
    assert said(picture(looked=False)) == []
    assert said(picture(examination=None)) == []


def test_face_that_the_crop_leaves_out_is_to_be_framed() -> None:
    corner = Face(x=0.02, y=0.1, width=0.1, height=0.2)
    assert said(picture(corner)) == []
    [warning] = said(picture(corner), crop=Crop(x=0.5, width=0.5))
    assert (warning.code, warning.action) == ("face_outside", Remedy.FRAME)


def test_two_faces_are_counted_and_one_is_to_be_framed() -> None:
    [warning] = said(picture(LEFT, RIGHT))
    assert (warning.code, warning.action) == ("several_people", Remedy.FRAME)
    assert "2 faces" in warning.message


def test_crop_on_one_of_two_faces_settles_it() -> None:
    assert "several_people" not in codes(
        move(crop=Crop(width=0.5, height=0.5)), GOOD_CLIP, picture(LEFT, RIGHT)
    )


def test_somebody_in_the_background_is_not_counted() -> None:
    far = Face(x=0.8, y=0.1, width=0.05, height=0.09)
    assert said(picture(FACE, far)) == []


@pytest.mark.parametrize(("height", "told"), [(0.09, ["face_small"]), (0.1, []), (0.11, [])])
def test_face_is_small_under_a_tenth_of_the_height(height: float, told: list[str]) -> None:
    face = Face(x=0.4, y=0.4, width=0.1, height=height)
    assert [warning.code for warning in said(picture(face))] == told


def test_small_face_is_large_enough_once_it_is_framed_closer() -> None:
    face = Face(x=0.45, y=0.45, width=0.08, height=0.08)
    crop = Crop(x=0.25, y=0.25, width=0.5, height=0.5)
    assert codes(move(), GOOD_CLIP, picture(face, size=(2160, 3840))) == ["face_small"]
    assert codes(move(crop=crop), GOOD_CLIP, picture(face, size=(2160, 3840))) == []


@pytest.mark.parametrize(
    ("size", "told"),
    [((1350, 1920), []), ((1351, 1920), ["ratio_misfit"]), ((1080, 2401), ["ratio_misfit"])],
)
def test_picture_that_loses_more_than_a_fifth_does_not_fit(
    size: tuple[int, int], told: list[str]
) -> None:
    assert [warning.code for warning in said(picture(FACE, size=size))] == told


def test_misfit_says_how_much_is_cut_off_and_where() -> None:
    wide, tall = picture(FACE, size=(1920, 1920)), picture(FACE, size=(1080, 1920))
    [at_sides] = said(wide)
    assert at_sides.action is Remedy.FRAME
    assert "45 %" in at_sides.message
    assert "sides" in at_sides.message
    [above] = [
        warning
        for warning in said(tall, aspect_ratio=AspectRatio.SQUARE)
        if warning.code == "ratio_misfit"
    ]
    assert "45 %" in above.message
    assert "top and bottom" in above.message


def test_who_framed_the_picture_is_not_told_that_it_is_cut() -> None:
    square = picture(FACE, size=(1920, 1920))
    assert codes(move(crop=Crop(x=0.1, width=0.8)), GOOD_CLIP, square) == []


@pytest.mark.parametrize(("width", "told"), [(431, ["low_resolution"]), (432, [])])
def test_picture_far_smaller_than_the_video_looks_soft(width: int, told: list[str]) -> None:
    """Standard makes 576 × 1024."""
    assert [w.code for w in said(picture(FACE, size=(width, 768)))] == told


def test_narrow_crop_of_a_large_picture_looks_soft_too() -> None:
    crop = Crop(x=0.4, y=0.1, width=0.2, height=0.2)
    assert codes(move(crop=crop), GOOD_CLIP, picture(FACE)) == ["low_resolution"]
