"""A seed is a plan: the same one again, and everything gets its turn."""

from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from proto.job import AspectRatio, Mode, QualityProfile
from services.comfy_sim.faults import read_fault
from tests.chaos.plan import MORE_KILLS, FaultKind, Moment, faults, orders
from tests.chaos.profiles import seconds_of, write_small_profiles
from tests.chaos.scripts import EXPLAINS, SCRIPTS, order_for
from tests.chaos.targets import CUSTOMERS, WAYS, targets
from workflows_comfy.plan import capacity
from workflows_comfy.profiles import FAMILIES, load_profiles

STAND_INS = 2
KINDS = len(FaultKind) - 1
DECK = len(targets(STAND_INS)) * (KINDS + MORE_KILLS) + STAND_INS * len(SCRIPTS)


def one_deck(seed: int) -> list[object]:
    return list(islice(faults(seed, targets(STAND_INS), 3.0, 20.0, list(SCRIPTS)), DECK))


def test_seed_decides_the_plan() -> None:
    assert orders(7, 40) == orders(7, 40)
    assert orders(7, 40) != orders(8, 40)
    assert one_deck(7) == one_deck(7)
    assert one_deck(7) != one_deck(8)


def test_more_orders_begin_with_the_same() -> None:
    assert orders(7, 40)[:10] == orders(7, 10)


def test_long_orders_are_others_only_in_what_makes_them_long() -> None:
    plain, mixed = orders(7, 60), orders(7, 60, segments=12, long_every=3)
    assert [order.segments for order in mixed] == [12, 1, 1] * 20
    assert [order for order in mixed if order.segments == 1] == [
        order for order in plain if order.number % 3
    ]
    assert all(a.settings == b.settings for a, b in zip(plain, mixed, strict=True))


def test_long_orders_are_kept_and_taken_up_again() -> None:
    long = [order for order in orders(1, 300, segments=12) if order.segments > 1]
    assert {order.mode for order in long} == {"animate", "audio-performance"}
    assert {(order.cancel is not None, order.retries) for order in long} == {
        (stopped, retried) for stopped in (True, False) for retried in (True, False)
    }
    assert any(order.keep_after_s is not None for order in long)
    assert not any(order.cancel and order.keep_after_s is not None for order in long)


@pytest.mark.parametrize("segments", [2, 4, 32])
def test_sample_needs_as_many_segments_as_wanted(segments: int, tmp_path: Path) -> None:
    profiles = write_small_profiles(tmp_path / "profiles.json")
    for mode in Mode:
        settings = load_profiles(profiles).settings(
            FAMILIES[mode], QualityProfile.STANDARD, AspectRatio.SQUARE
        )
        frames = seconds_of(mode, segments, profiles) * settings.fps
        assert capacity(mode, settings, segments - 1) < frames < capacity(mode, settings, segments)


def test_every_mode_and_every_change_of_mind_has_its_turn() -> None:
    many = orders(1, 300)
    modes = Counter((order.mode, order.settings.get("animate_submode")) for order in many)
    assert modes == {
        ("animate", "move"): 100,
        ("animate", "mix"): 100,
        ("audio-performance", None): 100,
    }
    assert {order.cancel for order in many} == {None, *Moment}
    assert all(order.streamed for order in many if order.cancel)


def test_every_target_is_hurt_in_every_way_before_any_is_again() -> None:
    hurt = Counter(
        (fault.target.name, fault.name)
        for fault in islice(faults(3, targets(STAND_INS), 3.0, 20.0, list(SCRIPTS)), DECK)
    )
    names = {target.name for target in targets(STAND_INS)}
    assert {name for name, _ in hurt} == names
    assert {count for (_, kind), count in hurt.items() if kind != FaultKind.KILL} == {1}
    assert {count for (_, kind), count in hurt.items() if kind == FaultKind.KILL} == {
        1 + MORE_KILLS
    }
    assert len({kind for name, kind in hurt if name == "gateway"}) == KINDS


def test_faults_last_no_longer_than_asked() -> None:
    for fault in islice(faults(3, targets(STAND_INS), 3.0, 4.0, list(SCRIPTS)), 300):
        assert 0 <= fault.seconds <= 4.0


def test_every_script_is_one_a_stand_in_knows() -> None:
    for name in SCRIPTS:
        for seed in range(10):
            read_fault(order_for(name, Random(seed)))  # noqa: S311
    assert EXPLAINS.keys() <= SCRIPTS.keys()


def test_every_way_belongs_to_a_target() -> None:
    ways = {way for target in targets(STAND_INS) for way in target.ways}
    assert ways == set(WAYS)
    [ingress] = [target for target in targets(STAND_INS) if target.name == "ingress"]
    assert {way.user for way in ingress.ways} == {CUSTOMERS, "ingress"}
