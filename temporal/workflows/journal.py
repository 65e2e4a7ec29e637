from dataclasses import dataclass

from temporalio import workflow

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import Stage
from proto.plan import PREPARATION, PlanRef
from proto.render import PromptRef, Record, RenderRequest
from temporal.queues import JOB_SEGMENT, JOB_STAGE, PROMPT_IDS, RECORD
from temporal.workflows.call import call

NEWEST_PROMPTS = 20
"""How many prompts the Web UI shows; the rows have all of them."""


@dataclass(frozen=True)
class Failure:
    """code: None for a job that was stopped. cause: for the operator, exact."""

    code: ErrorCode | None
    cause: str | None


class Journal:
    """Tells what becomes of a job: events to its owner, details to who reads the Web UI."""

    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._prompt_ids: list[str] = []
        self._backend_id: str | None = None
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
        self.show(stage)
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

    def submits(self, prompt: PromptRef, plan: PlanRef) -> None:
        self._backend_id = prompt.backend_id
        self._prompt_ids.append(prompt.prompt_id)
        count = len(plan.segments)
        part = "preparation" if prompt.segment == PREPARATION else f"{prompt.segment + 1}/{count}"
        workflow.upsert_search_attributes(
            [
                PROMPT_IDS.value_set(self._prompt_ids[-NEWEST_PROMPTS:]),
                JOB_SEGMENT.value_set(part),
            ]
        )
        self.show(self.stage)

    def show(self, stage: Stage) -> None:
        if stage is not self.stage:
            self.stage = stage
            workflow.upsert_search_attributes([JOB_STAGE.value_set(stage)])
        rows = {
            "stage": self.stage,
            "template": self._request.template,
            "owner": self._request.owner,
            "backend": self._backend_id or "none yet",
            "prompts": ", ".join(self._prompt_ids[-NEWEST_PROMPTS:]) or "none yet",
        }
        lines = [f"| {name} | {value} |" for name, value in rows.items()]
        heading = f"### Job {self._request.job_id}"
        workflow.set_current_details("\n".join([heading, "", "| | |", "|---|---|", *lines]))
