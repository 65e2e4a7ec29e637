from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proto.errors import ErrorCode
from proto.job import MAX_SEED, AnyJobRequest, Mode, QualityProfile
from proto.plan import PREPARATION, GraphRole, InputRole, OutputKind, Plan, Segment
from tests.unit.workflows_comfy.render_factory import (
    LONG,
    animate,
    audio,
    mix,
    planned,
    settings,
    template,
)
from workflows_comfy.catalog import graphs_of, load_template
from workflows_comfy.plan import (
    PlanRefused,
    Source,
    TooLong,
    TooManySegments,
    TooShort,
    capacity,
    max_duration_s,
    plan,
    rendered_length,
    segment_seed,
)

CLIP_REQUESTS = [make(quality_profile=name) for make in (animate, mix) for name in QualityProfile]
SOUND_REQUESTS = [audio(quality_profile=name) for name in QualityProfile]
REQUESTS = [*CLIP_REQUESTS, *SOUND_REQUESTS]


def name_of(request: AnyJobRequest) -> str:
    return f"{template(request).template_id}-{request.quality_profile}"


def most_frames(request: AnyJobRequest) -> int:
    found = settings(request)
    return capacity(request.mode, found, found.max_segments)


def of_frames(request: AnyJobRequest, frames: int) -> Source:
    """A clip or a sound that fills exactly so many frames."""
    return Source(duration_s=float(frames / settings(request).fps))


def wishing(request: AnyJobRequest, **wishes: Any) -> AnyJobRequest:
    return request.model_copy(update=wishes)


def yielded(made: Plan) -> list[int]:
    return [
        frame
        for segment in made.segments
        for frame in range(segment.start_frame, segment.start_frame + segment.frames)
    ]


def check(made: Plan) -> None:
    """What holds of every plan, however long and however it was asked for."""
    assert yielded(made) == list(range(made.frames))
    prompts = [*([made.preparation] if made.preparation else []), *made.segments]
    assert sum(prompt.share for prompt in prompts) == pytest.approx(1)
    assert min(prompt.share for prompt in prompts) > 0
    assert [segment.index for segment in made.segments] == list(range(len(made.segments)))
    assert len({prompt.checkpoint for prompt in prompts}) == len(prompts)
    assert made.graphs.keys() == {prompt.graph for prompt in prompts}
    for segment in made.segments:
        check_segment(made, segment)


def check_segment(made: Plan, segment: Segment) -> None:
    last = segment is made.segments[-1]
    assert segment.outputs[OutputKind.VIDEO] == segment.frames > 0
    assert segment.outputs.get(OutputKind.LATENT) == (None if last else 20)
    assert (InputRole.PREVIOUS in segment.inputs) == (segment.index > 0)
    assert segment.length % 4 == 1
    assert 5 <= segment.length <= made.settings.segment_frames
    assert 0 <= segment.seed <= MAX_SEED
    if made.mode is Mode.ANIMATE:
        check_clip_segment(segment)
    else:
        assert segment.length == 77


def check_clip_segment(segment: Segment) -> None:
    again = 5 if segment.index else 0
    assert segment.read_start == segment.start_frame - again
    assert segment.read_frames == segment.frames + again
    assert 0 <= segment.length - segment.read_frames <= 3


@pytest.mark.parametrize("request_", REQUESTS, ids=name_of)
def test_every_length_from_one_frame_to_the_longest_is_planned_or_too_short(
    request_: AnyJobRequest,
) -> None:
    for frames in range(1, most_frames(request_) + 1):
        try:
            made = planned(request_, of_frames(request_, frames))
        except TooShort:
            assert frames < 5
        else:
            assert made.frames == frames >= 5
            check(made)


@given(
    request=st.sampled_from(REQUESTS),
    frames=st.integers(5, 3000),
    segments=st.none() | st.integers(0, 13),
    seconds=st.none() | st.floats(0.4, 600),
)
def test_a_plan_is_as_long_as_the_smallest_of_source_and_wishes(
    request: AnyJobRequest, frames: int, segments: int | None, seconds: float | None
) -> None:
    wishes = {"extension_segments": segments, "duration_override_seconds": seconds}
    asked, fps = wishing(request, **wishes), settings(request).fps
    sound = request.mode is Mode.AUDIO_PERFORMANCE
    limits = [frames]
    if segments is not None:
        limits.append(capacity(request.mode, settings(request), 1 + segments))
    if seconds is not None:
        limits.append(ceil(Fraction(seconds) * fps) if sound else round(Fraction(seconds) * fps))
    try:
        made = planned(asked, of_frames(request, frames))
    except TooLong:
        assert min(limits) > most_frames(request)
    else:
        assert made.frames == min(limits)
        assert segments is None or len(made.segments) <= 1 + segments
        check(made)


@given(frames=st.integers(5, 1900), request=st.sampled_from(SOUND_REQUESTS))
def test_a_sound_takes_a_chunk_for_each_eighty_frames(frames: int, request: AnyJobRequest) -> None:
    if frames <= most_frames(request):
        made = planned(request, of_frames(request, frames))
        assert len(made.segments) == ceil((frames + 3) / 80)
        assert {(one.read_start, one.read_frames) for one in made.segments} == {
            (one.start_frame, one.frames) for one in made.segments
        }


@given(duration_s=st.floats(0, 200), request=st.sampled_from(CLIP_REQUESTS))
def test_every_clip_is_planned_within_half_a_frame_or_refused(
    duration_s: float, request: AnyJobRequest
) -> None:
    fps = settings(request).fps
    try:
        made = planned(request, Source(duration_s=duration_s))
    except TooLong:
        assert duration_s > most_frames(request) / fps
    except TooShort:
        assert duration_s < 5 / fps
    else:
        assert abs(made.duration_s - duration_s) <= float(Fraction(1, 2) / fps)


@given(duration_s=st.floats(0, 200), request=st.sampled_from(SOUND_REQUESTS))
def test_every_sound_is_covered_to_its_end_or_refused(
    duration_s: float, request: AnyJobRequest
) -> None:
    try:
        made = planned(request, Source(duration_s=duration_s))
    except TooLong:
        assert duration_s > most_frames(request) / 16
    except TooShort:
        assert duration_s <= 4 / 16
    else:
        assert made.frames == ceil(Fraction(duration_s) * 16)
        assert made.duration_s == duration_s


@pytest.mark.parametrize(
    ("request_", "segments", "last"),
    [(animate(), 3, (144, 43, 49)), (mix(), 3, (144, 43, 49)), (audio(), 3, (157, 35, 77))],
    ids=["move", "mix", "sound"],
)
def test_twelve_seconds_are_three_segments(
    request_: AnyJobRequest, segments: int, last: tuple[int, int, int]
) -> None:
    made = planned(request_, LONG)
    end = made.segments[-1]
    assert made.frames == 192
    assert len(made.segments) == segments
    assert (end.read_start, end.frames, end.length) == last
    assert [one.graph for one in made.segments] == ["first", "next", "next"]


def test_a_short_video_is_one_segment_and_needs_nothing_else() -> None:
    made = planned(mix())
    (only,) = made.segments
    assert (only.graph, only.share, made.preparation) == (GraphRole.WHOLE, 1.0, None)
    assert only.inputs == [InputRole.CHARACTER, InputRole.MOTION]
    assert made.graphs == {GraphRole.WHOLE: made.template}


def test_masks_for_all_segments_are_made_before_the_first() -> None:
    made = planned(mix(), LONG)
    assert made.preparation is made.prompt(PREPARATION)
    first, *_, last = made.segments
    held = last.read_start + last.length
    assert made.preparation is not None
    assert (made.preparation.read_start, made.preparation.read_frames) == (0, held)
    assert made.preparation.outputs == {OutputKind.MASK: held}
    assert made.preparation.inputs == [InputRole.MOTION]
    assert made.preparation.share < first.share
    assert all(InputRole.MASK in segment.inputs for segment in made.segments)


def test_move_and_sound_prepare_nothing() -> None:
    for request in (animate(), audio()):
        made = planned(request, LONG)
        assert made.preparation is None
        assert not [one for one in made.segments if InputRole.MASK in one.inputs]
        assert made.graphs[GraphRole.FIRST] == made.template


@pytest.mark.parametrize("request_", [animate(), mix(), audio()], ids=["move", "mix", "sound"])
def test_a_template_without_further_segments_makes_one(request_: AnyJobRequest) -> None:
    graphs = graphs_of(load_template(template(request_).template_id, "1.0.0"))
    one = plan(request_, of_frames(request_, 77), settings(request_), graphs, 7, "job")
    assert [segment.graph for segment in one.segments] == [GraphRole.WHOLE]
    with pytest.raises(TooLong, match=r"at most 4\.8"):
        plan(request_, of_frames(request_, 78), settings(request_), graphs, 7, "job")
    asked = wishing(request_, extension_segments=1)
    with pytest.raises(TooManySegments):
        plan(asked, of_frames(request_, 77), settings(request_), graphs, 7, "job")


@given(seed=st.integers(0, MAX_SEED))
def test_each_segment_has_a_seed_of_its_own_that_the_jobs_seed_decides(seed: int) -> None:
    seeds = [segment_seed(seed, index) for index in range(32)]
    assert seeds == [segment_seed(seed, index) for index in range(32)]
    assert seeds[0] == seed
    assert len(set(seeds)) == 32
    assert max(seeds) <= MAX_SEED


def test_a_seed_never_changes() -> None:
    """A job taken up again after an update must go on as it began."""
    assert segment_seed(7, 1) == 6965639573707763


def test_counted_frames_win_over_the_length() -> None:
    assert planned(animate(), Source(duration_s=3.0, frames=47)).frames == 47


def test_a_wanted_length_makes_a_long_clip_fit() -> None:
    source = Source(duration_s=300, frames=4800)
    assert planned(animate(duration_override_seconds=2), source).frames == 32


def test_a_wanted_number_of_segments_makes_a_long_clip_fit() -> None:
    source = Source(duration_s=300, frames=4800)
    assert planned(animate(extension_segments=0), source).frames == 77
    assert planned(animate(extension_segments=2), source).frames == 221


def test_a_wanted_number_of_segments_never_pads() -> None:
    assert planned(animate(extension_segments=5)).frames == 48


def test_a_wanted_length_trims_the_sound() -> None:
    made = planned(audio(duration_override_seconds=1.03), Source(duration_s=30))
    assert (made.frames, made.duration_s) == (17, 1.03)


@given(frames=st.integers(1, 5000))
def test_rendered_length_is_the_least_that_holds_the_frames(frames: int) -> None:
    assert rendered_length(frames) == min(n for n in range(5, 5010, 4) if n >= frames)


def test_too_long_says_what_fits() -> None:
    with pytest.raises(TooLong) as refused:
        planned(animate(quality_profile="high"), Source(duration_s=100))
    assert refused.value.limit_s == pytest.approx(1445 / 24)
    assert refused.value.actual_s == 100
    assert refused.value.field == "motion_video_asset_id"
    assert str(refused.value) == (
        "Your motion clip runs 100.0 seconds, and High makes at most 60.2. "
        "Trim it or ask for a shorter length."
    )


@pytest.mark.parametrize("request_", REQUESTS, ids=name_of)
def test_the_length_a_refusal_names_is_then_accepted(request_: AnyJobRequest) -> None:
    source = Source(duration_s=500)
    with pytest.raises(TooLong) as refused:
        planned(request_, source)
    limit_s = refused.value.limit_s
    assert limit_s == max_duration_s(request_.mode, settings(request_))
    shorter = planned(wishing(request_, duration_override_seconds=limit_s), source)
    assert shorter.frames == planned(request_, Source(duration_s=limit_s)).frames
    assert shorter.frames == most_frames(request_)
    assert len(shorter.segments) == settings(request_).max_segments


@pytest.mark.parametrize("duration_s", [0, 0.25])
def test_too_short_says_what_is_needed(duration_s: float) -> None:
    with pytest.raises(TooShort, match=r"needs at least 0\.4") as refused:
        planned(audio(), Source(duration_s=duration_s))
    assert refused.value.code is ErrorCode.TOO_SHORT
    assert refused.value.field == "audio_asset_id"


def test_extra_segments_beyond_the_profile_are_refused() -> None:
    with pytest.raises(TooManySegments) as refused:
        planned(animate(extension_segments=14))
    assert (refused.value.limit, refused.value.actual) == (13, 14)
    assert isinstance(refused.value, PlanRefused)
    assert "at most 63.3 seconds" in str(refused.value)


@given(width=st.integers(16, 8000), height=st.integers(16, 8000))
def test_clip_crop_has_the_shape_of_the_result(width: int, height: int) -> None:
    made = planned(mix(), Source(duration_s=3, width=width, height=height))
    crop, size = made.clip_crop, made.settings
    shape = (crop.width * width) / (crop.height * height)
    assert shape == pytest.approx(size.width / size.height)
    assert max(crop.width, crop.height) == pytest.approx(1)
    assert crop.x == pytest.approx((1 - crop.width) / 2)
