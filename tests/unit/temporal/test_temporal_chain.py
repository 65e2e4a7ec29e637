"""What of a plan is made, and what is to be made next."""

import pytest

from proto.media import StoredFile
from proto.plan import PREPARATION, Outline, OutputKind, PlanRef
from proto.render import Checkpoint, Resumed
from temporal.workflows.chain import Chain


def checkpoint(segment: int, generation: int = 0) -> Checkpoint:
    file = StoredFile(key=f"{segment}-{generation}", sha256="0" * 64, size_bytes=1)
    return Checkpoint(
        segment=segment, generation=generation, frames=72, files={OutputKind.VIDEO: file}
    )


def chain(*made: int, segments: int = 4, preparation: float | None = None) -> Chain:
    share = (1 - (preparation or 0)) / segments
    plan = PlanRef(
        key="plan",
        sha256="0" * 64,
        width=64,
        height=64,
        frames=72 * segments,
        steps=6,
        preparation=preparation,
        segments=[Outline(frames=72, length=77, share=share)] * segments,
    )
    found = [checkpoint(index) for index in made]
    return Chain(plan, Resumed(made=found, generations=dict.fromkeys(made, 1)))


def indexes(checkpoints: list[Checkpoint]) -> list[int]:
    return [found.segment for found in checkpoints]


def test_segments_are_made_in_order_and_not_again() -> None:
    plan = chain(0)
    order = []
    while (index := plan.next_missing()) is not None:
        order.append(index)
        plan.add(checkpoint(index))
    assert order == [1, 2, 3]


def test_what_all_share_is_made_first_and_only_where_something_is_missing() -> None:
    assert chain(preparation=0.1).next_missing() == PREPARATION
    assert chain(0, 1, preparation=0.1).next_missing() == PREPARATION
    assert chain(PREPARATION, 0, preparation=0.1).next_missing() == 1
    assert chain(0, 1, 2, 3, preparation=0.1).next_missing() is None


def test_lost_segment_is_made_again_though_later_ones_are_there() -> None:
    plan = chain(0, 1, 2)
    plan.lose(1)
    assert indexes(plan.playable()) == [0]
    assert plan.next_missing() == 1
    assert not plan.is_last(1)
    plan.add(checkpoint(1, 1))
    assert indexes(plan.playable()) == [0, 1, 2]
    assert plan.is_last(3)


def test_attempt_after_a_resume_has_a_number_of_its_own() -> None:
    plan = chain(0)
    assert [plan.next_generation(0), plan.next_generation(0)] == [1, 2]
    assert plan.next_generation(1) == 0


def test_stopped_chain_wants_nothing_after_what_is_made() -> None:
    plan = chain(0, 1)
    assert plan.can_stop
    plan.stop()
    assert plan.next_missing() is None
    assert indexes(plan.playable()) == [0, 1]
    assert not plan.is_whole


def test_what_is_lost_of_a_stopped_chain_is_made_again() -> None:
    plan = chain(0, 2)
    plan.stop()
    assert plan.next_missing() == 1
    assert not plan.can_stop


@pytest.mark.parametrize("made", [(), (PREPARATION,)])
def test_nothing_is_kept_before_the_first_segment(made: tuple[int, ...]) -> None:
    assert not chain(*made, preparation=0.1).can_stop


@pytest.mark.parametrize("preparation", [None, 0.1])
def test_progress_of_segments_adds_up_to_all_of_it(preparation: float | None) -> None:
    plan = chain(preparation=preparation)
    order = [*([PREPARATION] if preparation else []), *range(4)]
    begin = 0.0
    for index in order:
        start, share = plan.share(index)
        assert start == pytest.approx(begin)
        begin = start + share
    assert begin == pytest.approx(1.0)


def test_frames_after_are_those_of_what_is_missing() -> None:
    plan = chain(0, 2)
    assert plan.frames_after(1) == 77
    plan.add(checkpoint(1))
    assert plan.frames_after(3) == 0
