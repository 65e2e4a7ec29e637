"""What blocks a request, what could not be checked, and the words for all of it."""

import pytest

from proto.asset import Notice
from proto.errors import ErrorCode, FieldError, Remedy
from proto.job import AnyJobRequest, PromiseWarning, QualityProfile, SecondsRange
from proto.media import Crop, Face, Loudness
from services.gateway.preflight import (
    file_errors,
    is_being_read,
    length_error,
    not_checked,
    wanted_files,
    warnings,
)
from services.store.assets import AssetRow
from tests.integration.refusals import ENGINE_WORDS
from tests.unit.gateway.preflight_factory import (
    FACE,
    GOOD_CLIP,
    GOOD_PICTURE,
    GOOD_SOUND,
    LEFT,
    RIGHT,
    clip,
    mix,
    move,
    perform,
    picture,
    proposal,
    sound,
)
from workflows_comfy.plan import PlanRefused

FILES = {"picture": GOOD_PICTURE, "clip": GOOD_CLIP, "sound": GOOD_SOUND}


def errors(request: AnyJobRequest, **rows: AssetRow) -> list[FieldError]:
    return file_errors(wanted_files(request), FILES | rows)


def refused_length(request: AnyJobRequest, driving: AssetRow) -> FieldError:
    with pytest.raises(PlanRefused) as refusal:
        proposal(request, driving)
    return length_error(refusal.value, driving)


def test_whole_request_has_no_errors() -> None:
    assert errors(move()) == errors(mix()) == errors(perform()) == []


@pytest.mark.parametrize("asset_id", ["", "gone"])
def test_file_that_is_not_there_is_to_be_added(asset_id: str) -> None:
    [error] = errors(move(motion_video_asset_id=asset_id))
    assert (error.code, error.action) == (ErrorCode.MISSING_ASSET, Remedy.ADD)
    assert error.field == "motion_video_asset_id"


def test_file_of_another_kind_is_to_be_replaced() -> None:
    [error] = errors(move(ground_truth_asset_id="clip"))
    assert (error.code, error.action) == (ErrorCode.WRONG_ASSET_KIND, Remedy.REPLACE)
    assert "a picture" in error.message


def test_unusable_file_blocks_with_its_own_reason() -> None:
    broken = GOOD_CLIP.model_copy(
        update={"unusable": Notice(code="invalid_asset_format", message="It ends too early.")}
    )
    [error] = errors(move(), clip=broken)
    assert (error.code, error.action) == (ErrorCode.INVALID_ASSET_FORMAT, Remedy.REPLACE)
    assert error.message == "It ends too early."


def test_every_wrong_file_is_told() -> None:
    wrong = errors(move(ground_truth_asset_id="", reference_asset_ids=["picture", "sound"]))
    assert [error.field for error in wrong] == ["ground_truth_asset_id", "reference_asset_ids.1"]


def test_too_long_a_file_is_to_be_trimmed_to_what_the_quality_makes() -> None:
    driving = clip(seconds=66)
    asked = move(quality_profile=QualityProfile.DRAFT)
    error = refused_length(asked, driving)
    assert (error.code, error.action) == (ErrorCode.TOO_LONG, Remedy.TRIM)
    assert error.trim_to_seconds == 63.3
    mended = asked.model_copy(update={"duration_override_seconds": error.trim_to_seconds})
    assert proposal(mended, driving).plan.duration_s == pytest.approx(63.3, abs=0.05)


def test_too_long_a_sound_is_to_be_trimmed_too() -> None:
    driving, asked = sound(seconds=300), perform(quality_profile=QualityProfile.DRAFT)
    error = refused_length(asked, driving)
    mended = asked.model_copy(update={"duration_override_seconds": error.trim_to_seconds})
    assert proposal(mended, driving).plan.duration_s == error.trim_to_seconds


def test_too_short_a_file_is_to_be_replaced() -> None:
    error = refused_length(move(), clip(seconds=0.25))
    assert (error.code, error.action) == (ErrorCode.TOO_SHORT, Remedy.REPLACE)


def test_too_short_a_wish_is_to_be_mended_not_the_file() -> None:
    driving = clip(seconds=4)
    error = refused_length(move(duration_override_seconds=0.1), driving)
    assert (error.code, error.action) == (ErrorCode.TOO_SHORT, Remedy.TRIM)
    assert error.trim_to_seconds is not None
    mended = move(duration_override_seconds=error.trim_to_seconds)
    assert proposal(mended, driving).plan.frames >= 5


def test_what_was_looked_into_is_checked() -> None:
    assert not_checked(wanted_files(move()), FILES) == []
    assert not_checked(wanted_files(perform()), FILES) == []


def test_what_could_not_be_looked_into_is_named() -> None:
    files = FILES | {"picture": picture(looked=False), "sound": sound(loudness=None)}
    assert not_checked(wanted_files(perform()), files) == [
        "ground_truth_asset_id",
        "audio_asset_id",
    ]


def test_file_that_is_not_read_yet_is_named_hints_included() -> None:
    unread = picture(examination=None)
    wanted = wanted_files(move(reference_asset_ids=["hint"]))
    assert not_checked(wanted, FILES | {"hint": unread}) == ["reference_asset_ids.0"]


def test_file_is_read_until_it_is_known_or_refused() -> None:
    unread = picture(examination=None)
    broken = unread.model_copy(update={"unusable": Notice(code="x", message="x")})
    assert is_being_read(unread)
    assert not is_being_read(picture(looked=False))
    assert not is_being_read(broken)


TINY = Face(x=0.45, y=0.4, width=0.05, height=0.05)
WAIT = SecondsRange(low=1200, high=2400)
BAD_CLIP = clip([LEFT, RIGHT], seconds=30, size=(640, 360), cuts=[0.3])
EVERYTHING: list[tuple[AnyJobRequest, AssetRow, AssetRow]] = [
    (move(), BAD_CLIP, picture(size=(300, 300))),
    (mix(), clip([LEFT, RIGHT], size=(250, 400), cuts=[2.0]), picture(TINY)),
    (mix(), clip(size=(100, 400)), picture(LEFT, RIGHT)),
    (move(duration_override_seconds=9), GOOD_CLIP, picture(FACE)),
    (move(crop=Crop(x=0.7, width=0.3)), clip(size=(400, 2000)), picture(FACE)),
    (perform(), sound(Loudness(integrated_lufs=None, peak_dbfs=-80)), GOOD_PICTURE),
    (perform(), sound(Loudness(integrated_lufs=-50, peak_dbfs=-30)), GOOD_PICTURE),
    (perform(), sound(speech_s=0), GOOD_PICTURE),
]


@pytest.mark.parametrize(("request_", "driving", "character"), EVERYTHING)
def test_every_warning_is_short_and_has_one_act(
    request_: AnyJobRequest, driving: AssetRow, character: AssetRow
) -> None:
    told: list[PromiseWarning] = warnings(proposal(request_, driving, character), WAIT)
    assert len({(warning.code, warning.field) for warning in told}) == len(told) >= 2
    for warning in told:
        assert warning.action is not None, warning
        assert (warning.trim_to_seconds is not None) == (warning.action is Remedy.TRIM)
        assert (warning.aspect_ratio is not None) == (warning.action is Remedy.USE_SHAPE)
        assert warning.message.count(". ") <= 1, warning.message
        assert len(warning.message) <= 140, warning.message
        assert not ENGINE_WORDS.search(warning.message)


def test_what_spoils_a_video_most_is_told_first() -> None:
    told = warnings(proposal(mix(), BAD_CLIP, picture(size=(300, 300))), WAIT)
    assert [warning.code for warning in told] == [
        "no_face",
        "several_people",
        "cut_in_clip",
        "ratio_misfit",
        "clip_ratio_misfit",
        "low_resolution",
        "clip_short_side",
        "long_video",
        "busy",
    ]
