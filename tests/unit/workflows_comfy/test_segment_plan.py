from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proto.errors import ErrorCode
from proto.job import QualityProfile
from proto.plan import Plan
from tests.unit.workflows_comfy.render_factory import animate, audio, mix, planned, settings
from workflows_comfy.plan import (
    PlanRefused,
    Source,
    TooLong,
    TooManySegments,
    TooShort,
    max_duration_s,
    rendered_length,
)

QUALITIES = st.sampled_from(list(QualityProfile))


def only(plan: Plan) -> tuple[int, int, int]:
    (segment,) = plan.segments
    assert (segment.start_frame, segment.read_start, segment.share) == (0, 0, 1.0)
    return segment.frames, segment.read_frames, segment.length


@given(frames=st.integers(5, 77), quality=QUALITIES)
def test_every_clip_that_fits_keeps_its_frames(frames: int, quality: QualityProfile) -> None:
    request = animate(quality_profile=quality)
    fps = settings(request).fps
    plan = planned(request, Source(duration_s=float(frames / fps)))
    made, read, length = only(plan)
    assert made == read == plan.frames == frames
    assert length % 4 == 1
    assert frames <= length < frames + 4
    assert plan.duration_s == float(frames / fps)


@given(duration_s=st.floats(0, 60), quality=QUALITIES)
def test_every_clip_is_planned_within_half_a_frame_or_refused(
    duration_s: float, quality: QualityProfile
) -> None:
    request = animate(quality_profile=quality)
    fps = settings(request).fps
    try:
        plan = planned(request, Source(duration_s=duration_s))
    except TooLong:
        assert duration_s > 77 / fps
    except TooShort:
        assert duration_s < 5 / fps
    else:
        assert abs(plan.duration_s - duration_s) <= float(Fraction(1, 2) / fps)


@given(duration_s=st.floats(0, 60), quality=QUALITIES)
def test_every_sound_is_covered_to_its_end_or_refused(
    duration_s: float, quality: QualityProfile
) -> None:
    try:
        plan = planned(audio(quality_profile=quality), Source(duration_s=duration_s))
    except TooLong:
        assert duration_s > 77 / 16
    except TooShort:
        assert duration_s <= 4 / 16
    else:
        assert plan.frames == ceil(Fraction(duration_s) * 16) <= 77
        assert plan.duration_s == duration_s
        assert only(plan) == (plan.frames, plan.frames, 77)


@given(frames=st.integers(5, 77), wanted=st.floats(0.4, 20))
def test_a_wanted_length_shortens_and_never_pads(frames: int, wanted: float) -> None:
    source = Source(duration_s=frames / 16, frames=frames)
    plan = planned(animate(duration_override_seconds=wanted), source)
    assert plan.frames == min(frames, round(Fraction(wanted) * 16))


def test_counted_frames_win_over_the_length() -> None:
    assert planned(animate(), Source(duration_s=3.0, frames=47)).frames == 47


def test_a_wanted_length_makes_a_long_clip_fit() -> None:
    source = Source(duration_s=30, frames=480)
    assert planned(animate(duration_override_seconds=2), source).frames == 32


def test_a_wanted_length_trims_the_sound() -> None:
    plan = planned(audio(duration_override_seconds=1.03), Source(duration_s=30))
    assert (plan.frames, plan.duration_s) == (17, 1.03)


@given(frames=st.integers(1, 5000))
def test_rendered_length_is_the_least_that_holds_the_frames(frames: int) -> None:
    assert rendered_length(frames) == min(n for n in range(5, 5010, 4) if n >= frames)


def test_too_long_says_what_fits() -> None:
    with pytest.raises(TooLong) as refused:
        planned(animate(quality_profile="high"), Source(duration_s=10))
    assert refused.value.limit_s == pytest.approx(77 / 24)
    assert refused.value.actual_s == 10
    assert refused.value.field == "motion_video_asset_id"
    assert str(refused.value) == (
        "Your motion clip runs 10.0 seconds, and High makes at most 3.2. "
        "Trim it or ask for a shorter length."
    )


@pytest.mark.parametrize("duration_s", [0, 0.25])
def test_too_short_says_what_is_needed(duration_s: float) -> None:
    with pytest.raises(TooShort, match=r"needs at least 0\.4") as refused:
        planned(audio(), Source(duration_s=duration_s))
    assert refused.value.code is ErrorCode.TOO_SHORT
    assert refused.value.field == "audio_asset_id"


def test_extra_segments_beyond_the_profile_are_refused() -> None:
    with pytest.raises(TooManySegments) as refused:
        planned(animate(extension_segments=1))
    assert (refused.value.limit, refused.value.actual) == (0, 1)
    assert isinstance(refused.value, PlanRefused)
    assert planned(animate(extension_segments=0)).frames == 48


def test_max_duration_is_the_longest_that_plans() -> None:
    limit_s = max_duration_s(settings(audio()))
    assert planned(audio(), Source(duration_s=limit_s)).frames == 77


@given(width=st.integers(16, 8000), height=st.integers(16, 8000))
def test_clip_crop_has_the_shape_of_the_result(width: int, height: int) -> None:
    plan = planned(mix(), Source(duration_s=3, width=width, height=height))
    crop, size = plan.clip_crop, plan.settings
    shape = (crop.width * width) / (crop.height * height)
    assert shape == pytest.approx(size.width / size.height)
    assert max(crop.width, crop.height) == pytest.approx(1)
    assert crop.x == pytest.approx((1 - crop.width) / 2)
