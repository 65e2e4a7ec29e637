"""Every try of an activity: measured, named in the log and in its span."""

import asyncio
import time
from datetime import datetime
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from temporalio import activity
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from proto.errors import ErrorCode
from proto.render import (
    CollectRequest,
    PromptEnd,
    PromptOutcome,
    PromptRef,
    Submission,
    UploadRequest,
    Watch,
)
from services.logs import subject
from services.telemetry import metrics, tracing

NAMES = ("job_id", "asset_id", "prompt_id", "backend_id", "segment")
NS = 1_000_000_000


class Observing(ClientInterceptor, Interceptor):
    """For a client: its workers observe their activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Observed(next)


class _Observed(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info, argument = activity.info(), input.args[0] if input.args else None
        ids = ids_of(argument)
        structlog.contextvars.bind_contextvars(**_shown(ids), activity=info.activity_type)
        trace.get_current_span().set_attributes({**ids, "attempt": info.attempt})
        _tell_start(info)
        began, outcome = time.monotonic(), "cancelled"
        try:
            result = await super().execute_activity(input)
        except Exception as error:
            outcome = "failed"
            _tell_refusal(argument, error)
            raise
        except asyncio.CancelledError:
            _tell_cancelled(argument)
            raise
        else:
            outcome = "completed"
            _tell_end(argument, result)
            return result
        finally:
            took_s = time.monotonic() - began
            metrics.ACTIVITY_SECONDS.labels(info.activity_type, outcome).observe(took_s)


def ids_of(argument: object) -> dict[str, str | int]:
    """What an activity works at, as far as what it was given says so."""
    source = _prompt(argument) or argument
    found = {name: getattr(source, name, None) for name in NAMES}
    return {name: value for name, value in found.items() if value is not None}


def _prompt(argument: object) -> PromptRef | None:
    if isinstance(argument, (UploadRequest, Submission, Watch, CollectRequest)):
        return argument.work.prompt
    return argument if isinstance(argument, PromptRef) else None


def _shown(ids: dict[str, str | int]) -> dict[str, str]:
    return subject(**{name: str(value) for name, value in ids.items()})


def _tell_start(info: activity.Info) -> None:
    waited = info.started_time - info.current_attempt_scheduled_time
    waited_s = max(waited.total_seconds(), 0)
    metrics.ACTIVITY_WAIT.labels(info.activity_type).observe(waited_s)
    if info.attempt > 1:
        metrics.ACTIVITY_RETRIES.labels(info.activity_type).inc()


def _tell_end(argument: object, result: object) -> None:
    if isinstance(argument, Watch) and isinstance(result, PromptOutcome):
        _tell_prompt(argument.work.prompt, result.end, result.cause, result.execution_s)


def _tell_cancelled(argument: object) -> None:
    """A watcher whose worker stops is followed by another one; its prompt goes on."""
    details = activity.cancellation_details()
    if isinstance(argument, Watch) and details is not None and details.cancel_requested:
        _tell_prompt(argument.work.prompt, "cancelled", None, None)


def _tell_refusal(argument: object, error: Exception) -> None:
    refused = isinstance(error, ApplicationError) and error.type == ErrorCode.COMFYUI_QUEUE_FAILURE
    if isinstance(argument, Submission) and refused:
        _tell_prompt(argument.work.prompt, "refused", str(error), None)


def _tell_prompt(
    prompt: PromptRef, outcome: str, cause: str | None, execution_s: float | None
) -> None:
    # A try that was stopped before it had read the plan does not know it.
    template = structlog.contextvars.get_contextvars().get("template", "unknown")
    metrics.PROMPTS.labels(prompt.backend_id, outcome).inc()
    if execution_s is not None:
        metrics.PROMPT_SECONDS.labels(prompt.backend_id, template).observe(execution_s)
    span = tracing.begin_prompt(
        prompt.prompt_id,
        start_ns=_ns(activity.info().scheduled_time),
        attributes={**ids_of(prompt), "template": template, "outcome": outcome},
    )
    if outcome not in {PromptEnd.SUCCEEDED, "cancelled"}:
        span.set_status(Status(StatusCode.ERROR, cause))
    span.end()


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * NS)
