"""How long a job still takes, as far as that is known."""

from services.store.checkpoints import Pace
from temporal.activities.outlook import FINISHING_S, Outlook

SOONEST, LATEST = FINISHING_S


def outlook(pace: Pace | None = None, *, rest_frames: int = 0) -> Outlook:
    return Outlook(steps=10, length=100, rest_frames=rest_frames, pace=pace)


def test_nothing_is_said_before_anything_is_known() -> None:
    assert outlook().left(0, 5.0) is None
    assert outlook().left(1, 5.0) is None


def test_steps_of_its_own_tell_the_rest_of_the_segment() -> None:
    left = outlook().left(5, 50.0)
    assert left is not None
    assert left.low - SOONEST <= 50 <= left.high - LATEST


def test_earlier_segments_alike_tell_before_the_first_step() -> None:
    left = outlook(Pace(low=1.0, high=2.0), rest_frames=200).left(0, 10.0)
    assert left is not None
    assert (left.low - SOONEST, left.high - LATEST) == (290, 590)


def test_own_steps_count_more_than_what_others_took() -> None:
    left = outlook(Pace(low=100.0, high=100.0)).left(5, 50.0)
    assert left is not None
    assert left.high - LATEST < 100


def test_segments_to_come_take_as_long_as_this_one_where_nothing_else_is_known() -> None:
    alone, with_more = outlook().left(5, 50.0), outlook(rest_frames=100).left(5, 50.0)
    assert alone is not None
    assert with_more is not None
    assert with_more.low - alone.low <= 100 <= with_more.high - alone.high


def test_overdue_segment_is_not_finished_in_the_past() -> None:
    left = outlook(Pace(low=1.0, high=2.0)).left(0, 1000.0)
    assert left is not None
    assert (left.low, left.high) == FINISHING_S
