"""How often an attempt may come to nothing before the job does."""

import pytest
from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode
from proto.render import PromptEnd, PromptOutcome
from temporal.workflows.setbacks import SURVIVED, Setback, Setbacks, Why, setback_of_outcome


def outcome(end: PromptEnd, **fields: bool) -> PromptOutcome:
    return PromptOutcome(prompt_id="p", end=end, cause="why it ended", **fields)


@pytest.mark.parametrize("why", list(Why))
def test_setbacks_end_a_job_only_when_there_are_too_many(why: Why) -> None:
    setbacks = Setbacks()
    for _ in range(SURVIVED[why]):
        setbacks.add(Setback(why, "a cause"))
    with pytest.raises(ApplicationError, match="a cause") as failure:
        setbacks.add(Setback(why, "the last cause"))
    assert failure.value.non_retryable
    assert "the last cause" in str(failure.value)


def test_setbacks_of_different_kinds_do_not_add_up() -> None:
    setbacks = Setbacks()
    for why in Why:
        setbacks.add(Setback(why, "once"))


def test_error_of_the_job_itself_is_final() -> None:
    failure = setback_of_outcome(outcome(PromptEnd.FAILED))
    assert isinstance(failure, ApplicationError)
    assert failure.type == ErrorCode.GENERATION_FAILURE


@pytest.mark.parametrize(
    ("end", "fields", "why"),
    [
        (PromptEnd.FAILED, {"machine_fault": True}, Why.MACHINE_FAULT),
        (PromptEnd.LOST, {"ran": True}, Why.LOST_RUNNING),
        (PromptEnd.LOST, {"ran": False}, Why.LOST),
        (PromptEnd.INTERRUPTED, {}, Why.INTERRUPTED),
        (PromptEnd.STALLED, {"ran": True}, Why.STALLED),
        (PromptEnd.UNREACHABLE, {}, Why.UNREACHABLE),
        (PromptEnd.MOVED, {}, Why.MOVED),
    ],
)
def test_what_says_nothing_about_the_job_is_a_setback(
    end: PromptEnd, fields: dict[str, bool], why: Why
) -> None:
    setback = setback_of_outcome(outcome(end, **fields))
    assert isinstance(setback, Setback)
    assert setback.why is why
