import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityHandle

from proto.errors import FAILURE_WORDS, ErrorCode
from proto.event import EventType
from proto.ids import prompt_id
from proto.job import Stage
from proto.plan import PlanRef
from proto.render import (
    CollectRequest,
    Finished,
    FinishRequest,
    HoldRequest,
    JobRef,
    NormalisedInputs,
    PlanRequest,
    PromptEnd,
    PromptOutcome,
    PromptRef,
    Record,
    RenderRequest,
    SegmentResult,
    SegmentWork,
    SlotGrant,
    Submission,
    Submitted,
    UploadRequest,
    Watch,
)
from temporal.queues import (
    AWAIT_DONE,
    CANCEL_PROMPT,
    COLLECT,
    ENSURE_SUBMITTED,
    FINISH,
    HOLD_SLOT,
    JOB_SEGMENT,
    JOB_STAGE,
    MAX_GENERATIONS,
    NORMALISE_INPUTS,
    PLAN_SEGMENTS,
    PROMPT_IDS,
    RECORD,
    RENDER_JOB,
    SLOT_GRANTED,
    UPLOAD_INPUTS,
)
from temporal.workflows.call import call

# Where each stage starts in the job's progress. Rendering takes nearly all of the time.
NORMALISED = 0.04
RENDERING = 0.06
RENDERED = 0.92
FINISHING = 0.95

WATCH_BASE = timedelta(minutes=30)
WATCH_PER_STEP = timedelta(minutes=2)

EXHAUSTED = {
    UPLOAD_INPUTS.name: ErrorCode.COMFYUI_UPLOAD_FAILURE,
    COLLECT.name: ErrorCode.RESULT_COLLECTION_FAILURE,
}
"""What it means that an activity has used up its retries, where it is not our own fault."""


@dataclass(frozen=True)
class Rendered:
    """A prompt that ended well, with all that is needed to fetch what it made."""

    work: SegmentWork
    generation: int
    submitted: Submitted
    outcome: PromptOutcome


@workflow.defn(name=RENDER_JOB)
class RenderJob:
    """Make one job's video: normalise, plan, render each segment in a GPU's slot, finish."""

    @workflow.init
    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._grant: SlotGrant | None = None
        self._prompt: PromptRef | None = None
        self._prompt_ids: list[str] = []
        self._stage = Stage.READING_FILES

    @workflow.signal(name=SLOT_GRANTED)
    def slot_granted(self, grant: SlotGrant) -> None:
        """A newer grant replaces an older one: the place it told of is gone."""
        self._grant = grant

    @workflow.run
    async def run(self, request: RenderRequest) -> Finished:
        try:
            return await self._render()
        except (ActivityError, ApplicationError, asyncio.CancelledError) as error:
            if is_cancelled_exception(error):
                await self._end(EventType.CANCELLED)
            else:
                await self._end(EventType.FAILED, _code(error), _cause(error))
            raise

    async def _render(self) -> Finished:
        job = JobRef(job_id=self._request.job_id)
        inputs = await call(
            NORMALISE_INPUTS, job, activity_id="normalise", summary="read and shape the files"
        )
        await self._record("uploaded", EventType.UPLOADED, Stage.READING_FILES, NORMALISED)
        plan = await call(
            PLAN_SEGMENTS,
            PlanRequest(job_id=job.job_id, inputs=inputs),
            activity_id="plan",
            summary="plan the segments",
        )
        segments = [
            await self._render_segment(plan, inputs, index) for index in range(plan.segment_count)
        ]
        await self._record("finishing", EventType.PROGRESS, Stage.FINISHING, FINISHING)
        finished = await call(
            FINISH,
            FinishRequest(job_id=job.job_id, plan=plan, inputs=inputs, segments=segments),
            activity_id="finish",
            summary="join, add the sound, publish",
        )
        await self._record("completed", EventType.COMPLETED, Stage.FINISHING, 1.0)
        return finished

    async def _render_segment(
        self, plan: PlanRef, inputs: NormalisedInputs, index: int
    ) -> SegmentResult:
        await self._record(f"queued/{index}", EventType.QUEUED, Stage.IN_LINE, RENDERING)
        hold = self._hold(index)
        try:
            await workflow.wait_condition(lambda: self._holds(index))
            rendered = await self._render_in_slot(plan, inputs, index)
        finally:
            hold.cancel()
        # The GPU is free from here on; fetching needs no place on it.
        await self._record(
            f"collecting/{index}", EventType.COLLECTING_OUTPUTS, Stage.FINISHING, RENDERED
        )
        return await self._collect(rendered, index)

    def _hold(self, index: int) -> ActivityHandle[None]:
        """Take a place in the line for GPUs; the agent that has one signals which backend it is."""
        return workflow.start_activity(
            HOLD_SLOT.name,
            HoldRequest(job_id=self._request.job_id, segment=index),
            task_queue=HOLD_SLOT.queue,
            activity_id=f"hold-{index}",
            summary=f"a GPU for segment {index + 1}",
            start_to_close_timeout=HOLD_SLOT.start_to_close,
            heartbeat_timeout=HOLD_SLOT.heartbeat,
            retry_policy=HOLD_SLOT.retry,
            cancellation_type=ActivityCancellationType.TRY_CANCEL,
            priority=Priority(
                priority_key=self._request.priority, fairness_key=self._request.owner
            ),
        )

    def _holds(self, index: int) -> bool:
        return self._grant is not None and self._grant.segment == index

    async def _render_in_slot(
        self, plan: PlanRef, inputs: NormalisedInputs, index: int
    ) -> Rendered:
        outcome: PromptOutcome | None = None
        for generation in range(MAX_GENERATIONS):
            if generation:
                key = f"queued/{index}/{generation}"
                await self._record(key, EventType.QUEUED, Stage.IN_LINE, RENDERING)
            rendered = await self._attempt(plan, inputs, index, generation)
            outcome = rendered.outcome
            if outcome.end is PromptEnd.SUCCEEDED:
                return rendered
            if outcome.end is PromptEnd.FAILED:
                break
        cause = f"segment {index}: {outcome.cause or outcome.end if outcome else ''}"
        raise ApplicationError(cause, type=ErrorCode.GENERATION_FAILURE, non_retryable=True)

    async def _attempt(
        self, plan: PlanRef, inputs: NormalisedInputs, index: int, generation: int
    ) -> Rendered:
        if self._grant is None:
            raise RuntimeError("a segment is rendered only in a slot")
        work = SegmentWork(
            job_id=self._request.job_id,
            plan=plan,
            segment=index,
            backend_id=self._grant.backend_id,
        )
        attempt = f"{index}-{generation}"
        uploaded = await call(
            UPLOAD_INPUTS,
            UploadRequest(work=work, inputs=inputs),
            activity_id=f"upload-{attempt}",
            summary=f"to {work.backend_id}",
        )
        prompt = self._new_prompt(work, generation)
        submitted = await call(
            ENSURE_SUBMITTED,
            Submission(
                work=work, generation=generation, prompt_id=prompt.prompt_id, uploaded=uploaded
            ),
            activity_id=f"submit-{attempt}",
            summary=f"prompt {prompt.prompt_id}",
        )
        outcome = await self._watch(work, prompt, attempt)
        self._prompt = None
        return Rendered(work, generation, submitted, outcome)

    def _new_prompt(self, work: SegmentWork, generation: int) -> PromptRef:
        # Noted before it is sent: from here on a cancellation has to withdraw it.
        self._prompt = PromptRef(
            backend_id=work.backend_id,
            prompt_id=prompt_id(work.job_id, work.segment, generation),
        )
        self._prompt_ids.append(self._prompt.prompt_id)
        workflow.upsert_search_attributes(
            [
                PROMPT_IDS.value_set(self._prompt_ids),
                JOB_SEGMENT.value_set(f"{work.segment + 1}/{work.plan.segment_count}"),
            ]
        )
        self._show()
        return self._prompt

    async def _watch(self, work: SegmentWork, prompt: PromptRef, attempt: str) -> PromptOutcome:
        patience = WATCH_BASE + WATCH_PER_STEP * work.plan.total_steps
        share = (RENDERED - RENDERING) / work.plan.segment_count
        return await call(
            AWAIT_DONE,
            Watch(
                work=work,
                prompt_id=prompt.prompt_id,
                deadline=(workflow.now() + patience).timestamp(),
                progress_from=RENDERING + share * work.segment,
                progress_share=share,
            ),
            activity_id=f"render-{attempt}",
            summary=f"segment {work.segment + 1} of {work.plan.segment_count}",
            start_to_close=patience + WATCH_BASE,
        )

    async def _collect(self, rendered: Rendered, index: int) -> SegmentResult:
        collected = await call(
            COLLECT,
            CollectRequest(
                work=rendered.work, generation=rendered.generation, outcome=rendered.outcome
            ),
            activity_id=f"collect-{index}",
            summary=f"segment {index + 1} to storage",
        )
        return SegmentResult(
            segment=index,
            generation=rendered.generation,
            prompt_id=rendered.outcome.prompt_id,
            backend_id=rendered.work.backend_id,
            seed=collected.seed,
            video=collected.video,
            frames=collected.frames,
            submitted=rendered.submitted,
            outcome=rendered.outcome,
        )

    async def _end(
        self, ending: EventType, code: ErrorCode | None = None, cause: str | None = None
    ) -> None:
        """Leave nothing running on a backend, then say how the job ended."""
        if self._prompt is not None:
            try:
                await call(
                    CANCEL_PROMPT,
                    self._prompt,
                    activity_id=f"cancel-{self._prompt.prompt_id}",
                    summary="take the prompt back",
                )
            except ActivityError as error:
                cause = "; ".join(part for part in (cause, _cause(error)) if part)
        await self._record(str(ending), ending, self._stage, 0.0, code, cause)

    async def _record(
        self,
        key: str,
        event: EventType,
        stage: Stage,
        progress: float,
        code: ErrorCode | None = None,
        cause: str | None = None,
    ) -> None:
        self._stage = stage
        self._show()
        workflow.upsert_search_attributes([JOB_STAGE.value_set(stage)])
        record = Record(
            job_id=self._request.job_id,
            key=key,
            type=event,
            stage=stage,
            progress=progress,
            prompt_id=self._prompt_ids[-1] if self._prompt_ids else None,
            backend_id=self._grant.backend_id if self._grant else None,
            error_code=code,
            cause=cause,
        )
        await call(RECORD, record, activity_id=f"record-{key}", summary=key)

    def _show(self) -> None:
        rows = {
            "stage": self._stage,
            "template": self._request.template,
            "owner": self._request.owner,
            "backend": self._grant.backend_id if self._grant else "none yet",
            "prompts": ", ".join(self._prompt_ids) or "none yet",
        }
        lines = [f"| {name} | {value} |" for name, value in rows.items()]
        heading = f"### Job {self._request.job_id}"
        workflow.set_current_details("\n".join([heading, "", "| | |", "|---|---|", *lines]))


def _code(error: BaseException) -> ErrorCode:
    """The class of a failure: what the activity named, or what its exhaustion means."""
    if isinstance(error, ActivityError):
        named = error.cause.type if isinstance(error.cause, ApplicationError) else None
        return _named(named) or EXHAUSTED.get(error.activity_type, ErrorCode.INTERNAL)
    named = error.type if isinstance(error, ApplicationError) else None
    return _named(named) or ErrorCode.INTERNAL


def _named(failure_type: str | None) -> ErrorCode | None:
    return ErrorCode(failure_type) if failure_type in set(FAILURE_WORDS) else None


def _cause(error: BaseException) -> str:
    if isinstance(error, ActivityError) and error.cause is not None:
        return f"{error.activity_type}: {error.cause}"
    return str(error)
