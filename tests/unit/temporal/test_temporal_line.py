"""Which line a job waits in."""

from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError

from proto.backend import Backend, BackendSource, BackendState
from proto.errors import ErrorCode
from temporal.activities.lining import choose_line

MOVE, HIGH = "animate/move@draft", "animate/move@high"


def backend(*abilities: str, known: bool = True) -> Backend:
    return Backend(
        backend_id="gpu",
        url="http://gpu.example",
        source=BackendSource.CONSOLE,
        state=BackendState.OFFERED,
        reason=None,
        answering=True,
        facts=None,
        abilities=list(abilities) if known else None,
        missing={HIGH: ["24 GB of video memory; it has 16 GB"]},
        lines=[],
        running=0,
        pending=0,
        seen_at=None,
        state_changed_at=datetime.now(UTC),
    )


def test_what_all_can_render_waits_in_the_one_line() -> None:
    assert choose_line(MOVE, [backend(MOVE), backend(MOVE, HIGH)]) == "gpu"


def test_what_only_some_can_render_waits_in_a_line_of_its_own() -> None:
    assert choose_line(HIGH, [backend(MOVE), backend(MOVE, HIGH)]) == f"gpu/{HIGH}"


def test_job_waits_while_there_is_no_backend() -> None:
    assert choose_line(MOVE, []) == "gpu"


def test_job_waits_for_a_backend_that_was_never_asked() -> None:
    assert choose_line(HIGH, [backend(MOVE), backend(known=False)]) == f"gpu/{HIGH}"


def test_what_none_can_render_fails_at_once_with_what_is_missing() -> None:
    with pytest.raises(ApplicationError, match="24 GB of video memory") as failure:
        choose_line(HIGH, [backend(MOVE)])
    assert failure.value.type == ErrorCode.COMFYUI_QUEUE_FAILURE
    assert failure.value.non_retryable
