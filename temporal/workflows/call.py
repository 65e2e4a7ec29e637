from collections.abc import Mapping
from datetime import timedelta

from temporalio import workflow

from temporal.queues import Input, Result, Step


async def call(
    step: Step[Input, Result],
    argument: Input,
    *,
    activity_id: str,
    summary: str,
    start_to_close: timedelta | None = None,
) -> Result:
    """Run an activity by the table's rules.

    activity_id: fixed, so that an operator's command can name it. start_to_close: only for a step
    whose table row leaves it to the call.
    """
    result: Result = await workflow.execute_activity(
        step.name,
        argument,
        result_type=step.result,
        task_queue=step.queue,
        activity_id=activity_id,
        summary=summary,
        start_to_close_timeout=start_to_close or step.start_to_close,
        heartbeat_timeout=step.heartbeat,
        retry_policy=step.retry,
    )
    return result


def details(heading: str, rows: Mapping[str, str]) -> str:
    """Markdown for the Temporal Web UI."""
    lines = [f"| {name} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join([f"### {heading}", "", "| | |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
