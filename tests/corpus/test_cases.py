"""The corpus itself: enough of it, each case once, and the same for the same seed."""

from collections import Counter
from pathlib import Path

import pytest

from tests.corpus.case import Canary, Either, Refused, made
from tests.corpus.catalogue import all_cases, sample

CANARY = Canary("http://127.0.0.1:9", Path("canary.mp4"))


def test_each_case_has_a_name_of_its_own() -> None:
    names = Counter(case.name for case in all_cases(1))
    assert [name for name, count in names.items() if count > 1] == []


def test_there_are_enough_of_both_and_few_on_the_border() -> None:
    cases = all_cases(1)
    assert sum(not case.is_hostile for case in cases) >= 150
    assert sum(isinstance(case.expected, Refused) for case in cases) >= 150
    assert sum(isinstance(case.expected, Either) for case in cases) <= 0.05 * len(cases)


def test_seeds_differ_in_names_and_facts_and_not_in_cases() -> None:
    one, other = all_cases(1), all_cases(2)
    assert [case.name for case in one] == [case.name for case in other]
    assert [case.filename for case in one] != [case.filename for case in other]
    assert [case.expected for case in one] != [case.expected for case in other]


@pytest.mark.parametrize("part", ["picture", "clip", "sound", "hostile"])
def test_a_seed_makes_the_same_bytes_again(tmp_path: Path, part: str) -> None:
    for case in sample([c for c in all_cases(3) if c.name.startswith(part)], 8):
        first = made(case, 3, tmp_path / "first" / case.name, CANARY)
        again = made(case, 3, tmp_path / "again" / case.name, CANARY)
        assert first == again, case.name


def test_another_seed_makes_other_bytes(tmp_path: Path) -> None:
    [one] = [case for case in all_cases(1) if case.name == "clip/h264.mp4"]
    [other] = [case for case in all_cases(2) if case.name == "clip/h264.mp4"]
    assert made(one, 1, tmp_path / "1", CANARY) != made(other, 2, tmp_path / "2", CANARY)
