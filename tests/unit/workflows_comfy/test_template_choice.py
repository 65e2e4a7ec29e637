"""Which version a new job is rendered with."""

from datetime import UTC, datetime
from typing import Any

import pytest

from proto.ids import new_id
from proto.template import TemplateStanding
from workflows_comfy.catalog import UnknownTemplate
from workflows_comfy.choice import Choice, choose

MOVE = "animate/move"
CANARY = {
    "canary_percent": 30,
    "canary_since": datetime.now(UTC),
    "canary_least_runs": 5,
    "canary_most_failures": 0.2,
}


def chosen(active: str, **fields: Any) -> Choice:
    standing = TemplateStanding(
        template_id=MOVE,
        active_version=active,
        changed_at=datetime.now(UTC),
        changed_by="ada",
        **fields,
    )
    return choose(MOVE, standing)


def test_the_newest_renders_where_nobody_decided() -> None:
    choice = choose(MOVE, None)
    assert choice.active.version == "1.1.0"
    assert choice.trial_for(new_id()) is None


def test_an_operator_decides() -> None:
    assert chosen("1.0.0").active.version == "1.0.0"


def test_a_version_that_this_release_lacks_is_stood_in_for_by_the_newest() -> None:
    choice = chosen("7.0.0", canary_version="8.0.0", **CANARY)
    assert choice.active.version == "1.1.0"
    assert {choice.trial_for(new_id()) for _ in range(50)} == {None}
    assert choice.absent == ["7.0.0", "8.0.0"]


def test_a_canary_gets_its_share() -> None:
    choice = chosen("1.1.0", canary_version="1.0.0", **CANARY)
    given = [choice.trial_for(new_id()) for _ in range(4000)]
    share = sum(template is not None for template in given) / len(given)
    # Five standard deviations.
    assert share == pytest.approx(0.3, abs=0.037)
    assert {template.version for template in given if template} == {"1.0.0"}


def test_a_job_gets_the_same_answer_each_time() -> None:
    choice = chosen("1.1.0", canary_version="1.0.0", **CANARY)
    ids = [new_id() for _ in range(50)]
    assert [choice.trial_for(one) for one in ids] == [choice.trial_for(one) for one in ids]


def test_a_job_of_a_small_canary_is_one_of_a_larger_one() -> None:
    small = chosen("1.1.0", canary_version="1.0.0", **CANARY | {"canary_percent": 10})
    large = chosen("1.1.0", canary_version="1.0.0", **CANARY | {"canary_percent": 60})
    ids = [new_id() for _ in range(500)]
    tried = {one for one in ids if small.trial_for(one)}
    assert tried
    assert tried <= {one for one in ids if large.trial_for(one)}


@pytest.mark.parametrize(
    ("active", "previous", "goes_back_to"),
    [("1.1.0", None, "1.0.0"), ("1.0.0", None, None), ("1.0.0", "1.1.0", "1.1.0")],
)
def test_going_back_leads_to_what_was_active_else_to_the_next_older(
    active: str, previous: str | None, goes_back_to: str | None
) -> None:
    found = chosen(active, previous_version=previous).previous
    assert (found.version if found else None) == goes_back_to


def test_an_unknown_template_renders_nothing() -> None:
    with pytest.raises(UnknownTemplate):
        choose("animate/dance", None)
