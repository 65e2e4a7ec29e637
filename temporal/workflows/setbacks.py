"""Attempts that came to nothing, and how many of them a segment survives."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from proto.errors import FAILURE_WORDS, ErrorCode
from proto.render import PromptEnd, PromptOutcome
from temporal.queues import (
    CHECKPOINT_LOST,
    COLLECT,
    ENSURE_SUBMITTED,
    UNREACHABLE,
    UPLOAD_INPUTS,
)


class Why(StrEnum):
    """What stopped an attempt. Most of it says nothing about the job."""

    NOT_UPLOADED = "not uploaded"
    NOT_SUBMITTED = "not submitted"
    REFUSED = "refused"
    MACHINE_FAULT = "machine fault"
    INTERRUPTED = "interrupted by somebody else"
    LOST = "lost while it waited"
    LOST_RUNNING = "lost while it ran"
    MOVED = "moved"
    STALLED = "stalled"
    UNREACHABLE = "backend unreachable"
    NOT_COLLECTED = "not collected"


# A job that makes its backend crash must not take one backend after the other with it, so what was
# lost while it ran counts for more than what was lost in line.
SURVIVED: Mapping[Why, int] = MappingProxyType(
    {
        Why.NOT_UPLOADED: 10,
        Why.NOT_SUBMITTED: 20,
        Why.REFUSED: 1,
        Why.MACHINE_FAULT: 1,
        Why.INTERRUPTED: 4,
        Why.LOST: 20,
        Why.LOST_RUNNING: 5,
        Why.MOVED: 50,
        Why.STALLED: 1,
        Why.UNREACHABLE: 20,
        Why.NOT_COLLECTED: 2,
    }
)

CODES: Mapping[Why, ErrorCode] = MappingProxyType(
    {
        Why.NOT_UPLOADED: ErrorCode.COMFYUI_UPLOAD_FAILURE,
        Why.NOT_SUBMITTED: ErrorCode.COMFYUI_QUEUE_FAILURE,
        Why.REFUSED: ErrorCode.COMFYUI_QUEUE_FAILURE,
        Why.STALLED: ErrorCode.GENERATION_TIMEOUT,
        Why.NOT_COLLECTED: ErrorCode.RESULT_COLLECTION_FAILURE,
    }
)

STEPS: Mapping[str, Why] = MappingProxyType(
    {
        UPLOAD_INPUTS.name: Why.NOT_UPLOADED,
        ENSURE_SUBMITTED.name: Why.NOT_SUBMITTED,
        COLLECT.name: Why.NOT_COLLECTED,
    }
)

ENDS: Mapping[PromptEnd, Why] = MappingProxyType(
    {
        PromptEnd.INTERRUPTED: Why.INTERRUPTED,
        PromptEnd.LOST: Why.LOST,
        PromptEnd.MOVED: Why.MOVED,
        PromptEnd.STALLED: Why.STALLED,
        PromptEnd.UNREACHABLE: Why.UNREACHABLE,
    }
)


class Setback(Exception):
    """An attempt came to nothing, and another one may do better."""

    def __init__(self, why: Why, cause: str) -> None:
        super().__init__(cause)
        self.why = why


class Lost(Exception):
    """A checkpoint's files are missing or damaged."""

    def __init__(self, segment: int) -> None:
        super().__init__(f"the checkpoint of segment {segment}")
        self.segment = segment


class Setbacks:
    """The setbacks of one segment."""

    def __init__(self) -> None:
        self._counts: Counter[Why] = Counter()
        self._causes: list[str] = []

    def add(self, setback: Setback) -> None:
        """Raises ApplicationError, with every cause so far, when it is one too many."""
        self._counts[setback.why] += 1
        self._causes.append(f"{setback.why}: {setback}")
        if self._counts[setback.why] > SURVIVED[setback.why]:
            code = CODES.get(setback.why, ErrorCode.GENERATION_FAILURE)
            raise ApplicationError("; ".join(self._causes), type=code, non_retryable=True)


def setback_of_outcome(outcome: PromptOutcome) -> Exception:
    """What to raise for a prompt that made no video."""
    cause = outcome.cause or str(outcome.end)
    if outcome.end is PromptEnd.LOST and outcome.ran:
        return Setback(Why.LOST_RUNNING, cause)
    if outcome.end in ENDS:
        return Setback(ENDS[outcome.end], cause)
    if outcome.machine_fault:
        return Setback(Why.MACHINE_FAULT, cause)
    return ApplicationError(cause, type=ErrorCode.GENERATION_FAILURE, non_retryable=True)


def setback_of_step(error: ActivityError) -> Setback | None:
    """The setback that a failed step is; None where its failure is final."""
    why = STEPS.get(error.activity_type)
    code = named_code(error)
    if is_cancelled_exception(error) or why is None or code not in {None, CODES[why]}:
        return None
    if why is Why.NOT_SUBMITTED and code is not None and not is_unreachable(error):
        why = Why.REFUSED
    return Setback(why, cause_of(error))


def lost_segment(error: ActivityError) -> int | None:
    """The segment whose checkpoint a step found missing or damaged."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == CHECKPOINT_LOST:
        return int(cause.details[0])
    return None


def is_unreachable(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and UNREACHABLE in error.cause.details


def code_of(error: BaseException) -> ErrorCode:
    """The class of a failure that ended a job."""
    return named_code(error) or ErrorCode.INTERNAL


def named_code(error: BaseException) -> ErrorCode | None:
    """The class an activity or the workflow gave to its failure."""
    failure = error.cause if isinstance(error, ActivityError) else error
    named = failure.type if isinstance(failure, ApplicationError) else None
    return ErrorCode(named) if named in set(FAILURE_WORDS) else None


def cause_of(error: BaseException) -> str:
    """For the operator, exact."""
    if isinstance(error, ActivityError) and error.cause is not None:
        return f"{error.activity_type}: {error.cause}"
    return str(error)
