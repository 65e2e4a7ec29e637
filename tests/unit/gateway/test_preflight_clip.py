"""What is said of a motion clip before a video is made."""

from fractions import Fraction

import pytest

from proto.errors import Remedy
from proto.job import AnyJobRequest, AspectRatio, PromiseWarning
from proto.media import Face, SubjectPoint
from services.gateway.preflight import warnings
from services.store.assets import AssetRow
from tests.unit.gateway.preflight_factory import (
    FACE,
    LEFT,
    RIGHT,
    clip,
    codes,
    mix,
    move,
    perform,
    proposal,
    sound,
)

TWO = [LEFT, RIGHT]


def said(driving: AssetRow, request: AnyJobRequest | None = None) -> list[PromiseWarning]:
    return warnings(proposal(request or move(), driving), None)


def test_good_clip_is_not_talked_about() -> None:
    assert said(clip([FACE], [], [FACE], cuts=[])) == []


def test_two_people_in_mix_are_to_be_told_apart() -> None:
    [warning] = said(clip([FACE], TWO), mix())
    assert (warning.code, warning.action) == ("several_people", Remedy.PICK_PERSON)
    assert "2 people" in warning.message


def test_person_who_was_pointed_at_is_chosen() -> None:
    chosen, beside = SubjectPoint(x=0.3, y=0.3), SubjectPoint(x=0.3, y=0.3, label=0)
    assert said(clip(TWO), mix(subject_points=[chosen])) == []
    assert codes(mix(subject_points=[beside]), clip(TWO)) == ["several_people"]


def test_two_people_in_move_ask_for_another_clip() -> None:
    [warning] = said(clip(TWO), move())
    assert (warning.code, warning.action) == ("several_people", Remedy.REPLACE)


def test_people_after_the_end_of_the_video_do_not_count() -> None:
    both = clip([FACE], [FACE], TWO)
    assert codes(move(), both) == ["several_people"]
    assert codes(move(duration_override_seconds=2), both) == []


def test_people_who_are_cut_off_do_not_count() -> None:
    aside = Face(x=0.0, y=0.1, width=0.1, height=0.2)
    assert "several_people" not in codes(move(), clip([FACE, aside], size=(1920, 1080)))


def test_cut_names_its_second_and_the_part_before_it() -> None:
    [warning] = said(clip(cuts=[2.36, 3.0]))
    assert (warning.code, warning.action) == ("cut_in_clip", Remedy.TRIM)
    assert "2.4 seconds" in warning.message
    assert warning.trim_to_seconds == 2.3


def test_video_that_ends_before_the_cut_has_none() -> None:
    shot = clip(cuts=[2.36])
    assert codes(move(duration_override_seconds=2.3), shot) == []
    assert codes(move(duration_override_seconds=2.6), shot) == ["cut_in_clip"]


def test_cut_right_at_the_start_asks_for_another_clip() -> None:
    [warning] = said(clip(cuts=[0.4]))
    assert (warning.action, warning.trim_to_seconds) == (Remedy.REPLACE, None)


@pytest.mark.parametrize("at", [0.0, 0.05, 3.97])
def test_cut_within_a_frame_of_the_ends_is_none(at: float) -> None:
    assert said(clip(cuts=[at])) == []


@pytest.mark.parametrize(
    ("width", "told"), [(1660, []), (1663, ["clip_ratio_misfit"]), (1920, ["clip_ratio_misfit"])]
)
def test_clip_that_loses_more_than_a_third_does_not_fit(width: int, told: list[str]) -> None:
    assert [warning.code for warning in said(clip(size=(width, 1920)))] == told


def test_misfit_of_a_clip_names_the_shape_that_fits() -> None:
    [warning] = said(clip(size=(1920, 1080)))
    assert (warning.action, warning.aspect_ratio) == (Remedy.USE_SHAPE, AspectRatio.LANDSCAPE)
    assert "16:9" in warning.message


def test_clip_of_a_shape_that_we_do_not_make_asks_for_another_one() -> None:
    [warning] = said(clip(size=(600, 2400)))
    assert (warning.code, warning.action) == ("clip_ratio_misfit", Remedy.REPLACE)
    assert warning.aspect_ratio is None


@pytest.mark.parametrize(("width", "told"), [(239, ["clip_short_side"]), (240, [])])
def test_clip_of_few_pixels_can_not_be_followed(width: int, told: list[str]) -> None:
    assert [warning.code for warning in said(clip(size=(width, 427)))] == told


def test_only_mix_shows_the_clip_itself() -> None:
    """Standard makes 576 × 1024."""
    small, enough = clip(size=(287, 511)), clip(size=(288, 512))
    assert codes(mix(), small) == ["low_resolution"]
    assert codes(mix(), enough) == codes(move(), small) == []


@pytest.mark.parametrize(
    ("fps", "told"), [(Fraction(9), ["slow_clip"]), (Fraction(10), []), (Fraction(30), [])]
)
def test_clip_under_ten_pictures_a_second_is_jerky(fps: Fraction, told: list[str]) -> None:
    assert [warning.code for warning in said(clip(fps=fps))] == told


def test_clip_that_was_not_read_yet_is_not_judged() -> None:
    unread = clip(TWO, cuts=[2.0]).model_copy(update={"examination": None})
    assert said(unread, mix()) == []


def test_sound_has_nothing_of_a_clip() -> None:
    assert said(sound(), perform()) == []
