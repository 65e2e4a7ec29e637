from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import JobStatus, Stage
from proto.plan import PREPARATION, PlanRef
from proto.render import PromptRef, Record, RenderRequest
from temporal.queues import (
    CONSOLE,
    JOB_SEGMENT,
    JOB_STAGE,
    JOB_STATUS,
    PROMPT_IDS,
    RECORD,
    STATUS_SHOWN,
)
from temporal.workflows.call import call, details

STATUSES = MappingProxyType({EventType(status.value): status for status in JobStatus})
"""After each event that changes it."""
NEWEST_PROMPTS = 20
"""How many prompts the Web UI shows; the rows have all of them."""


@dataclass(frozen=True)
class Failure:
    """code: None for a job that was stopped. cause: for the operator, exact."""

    code: ErrorCode | None
    cause: str | None


class Journal:
    """Tells what becomes of a job: events to its owner, details to who reads the Web UI.

    stage: as the owner was told last. Who reads the Web UI is told of the rendering, too.
    """

    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._prompt_ids: list[str] = []
        self._backend_id: str | None = None
        self._part = "none yet"
        self._waits = "a worker"
        self._shown = Stage.READING_FILES
        self._status = JobStatus.ACCEPTED
        self.stage = Stage.READING_FILES

    def key(self, name: str) -> str:
        """The name of a step of this run of the job: a retry's steps are others."""
        return name if self._request.run == 1 else f"{name}@{self._request.run}"

    async def record(
        self,
        name: str,
        event: EventType,
        stage: Stage,
        progress: float,
        *,
        failure: Failure | None = None,
        deciding: bool = False,
    ) -> None:
        self.show(stage, STATUSES.get(event))
        record = Record(
            job_id=self._request.job_id,
            key=self.key(name),
            type=event,
            stage=stage,
            progress=progress,
            error_code=failure.code if failure else None,
            cause=failure.cause if failure else None,
            deciding=deciding,
        )
        await call(RECORD, record, activity_id=f"record-{name}", summary=name)

    def begins(self, index: int, plan: PlanRef) -> None:
        """An attempt at a segment begins. It has no backend yet."""
        self._backend_id = None
        self._part = part_of(plan, index)

    def submits(self, prompt: PromptRef, plan: PlanRef) -> None:
        self._backend_id = prompt.backend_id
        self._prompt_ids.append(prompt.prompt_id)
        count = len(plan.segments)
        part = "preparation" if prompt.segment == PREPARATION else f"{prompt.segment + 1}/{count}"
        workflow.upsert_search_attributes(
            [
                PROMPT_IDS.value_set(self._prompt_ids[-NEWEST_PROMPTS:]),
                JOB_SEGMENT.value_set(part),
                *self._moves_to(Stage.ANIMATING, JobStatus.EXECUTING),
            ]
        )
        self.waits_for(f"{prompt.backend_id} to render it")

    def show(self, stage: Stage, status: JobStatus | None = None) -> None:
        """status: None where it stays as it is."""
        news = self._moves_to(stage, status or self._status)
        if news:
            workflow.upsert_search_attributes(news)
        self.stage = stage
        self._describe()

    def waits_for(self, what: str) -> None:
        self._waits = what
        self._describe()

    def _moves_to(self, stage: Stage, status: JobStatus) -> list[SearchAttributeUpdate[Any]]:
        """The search attributes that change by it."""
        news: list[SearchAttributeUpdate[Any]] = []
        if stage is not self._shown:
            news.append(JOB_STAGE.value_set(stage))
        if status is not self._status:
            news.append(JOB_STATUS.value_set(status))
        self._shown, self._status = stage, status
        if workflow.patched(STATUS_SHOWN):
            return news
        # A run that an older release began tells no more than that one did.
        told = stage in {self.stage, Stage.ANIMATING}
        return [] if told else [JOB_STAGE.value_set(stage)]

    def _describe(self) -> None:
        prompts = [f"`{prompt_id}`" for prompt_id in self._prompt_ids[-NEWEST_PROMPTS:]]
        workflow.set_current_details(
            details(
                f"Job {self._request.job_id}",
                {
                    "waits for": self._waits,
                    "status": self._status,
                    "stage": self._shown,
                    "part": self._part,
                    "backend": self._backend_id or "none yet",
                    "prompt": prompts[-1] if prompts else "none yet",
                    "prompts before": ", ".join(prompts[:-1]) or "none",
                    "template": self._request.template,
                    "owner": self._request.owner,
                    "run": str(self._request.run),
                    **self._links(),
                },
            )
        )

    def _links(self) -> dict[str, str]:
        console: str | None = workflow.memo_value(CONSOLE, None, type_hint=str)
        if console is None:
            return {}
        job_id = self._request.job_id
        return {"console": f"[job {job_id}]({console}/operator/jobs/{job_id})"}


def part_of(plan: PlanRef, index: int) -> str:
    return "preparation" if index == PREPARATION else f"segment {index + 1} of {len(plan.segments)}"
