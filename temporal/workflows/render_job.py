import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from itertools import count
from typing import TypeVar

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from proto.errors import ErrorCode
from proto.event import EventType
from proto.ids import prompt_id
from proto.job import Stage
from proto.plan import PlanRef
from proto.render import (
    CollectedSegment,
    CollectRequest,
    Finished,
    FinishRequest,
    HoldRequest,
    JobRef,
    JoinLine,
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
    UploadedInputs,
    UploadRequest,
    Watch,
)
from temporal.queues import (
    AWAIT_DONE,
    CANCEL_PROMPT,
    COLLECT,
    ENSURE_SUBMITTED,
    FINISH,
    JOB_SEGMENT,
    JOB_STAGE,
    JOIN_LINE,
    NORMALISE_INPUTS,
    PLAN_SEGMENTS,
    PROMPT_IDS,
    RECORD,
    RENDER_JOB,
    SLOT_GRANTED,
    UPLOAD_INPUTS,
)
from temporal.workflows.call import call
from temporal.workflows.place import Place
from temporal.workflows.setbacks import (
    Setback,
    Setbacks,
    cause_of,
    code_of,
    setback_of_outcome,
    setback_of_step,
)

# Where each stage starts in the job's progress. Rendering takes nearly all of the time.
NORMALISED = 0.04
RENDERING = 0.06
RENDERED = 0.92
FINISHING = 0.95

# For loading the models, and for every step of a full-size segment on a slow GPU.
LOADING = timedelta(minutes=30)
PER_STEP = timedelta(minutes=3)
FULL_SIZE_SAMPLES = 77 * 720 * 1280
WATCHED_AT_MOST = timedelta(days=7)

FRONT_OF_THE_LINE = 1
"""The priority of an attempt after a lost one: its job has waited already."""

T = TypeVar("T")


@workflow.defn(name=RENDER_JOB)
class RenderJob:
    """Make one job's video: normalise, plan, render each segment in a GPU's slot, finish."""

    @workflow.init
    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._place: Place | None = None
        self._prompt: PromptRef | None = None
        self._prompt_ids: list[str] = []
        self._stage = Stage.READING_FILES

    @workflow.signal(name=SLOT_GRANTED)
    def slot_granted(self, grant: SlotGrant) -> None:
        """A grant for an attempt that is over finds no place that waits for it."""
        if self._place is not None:
            self._place.grant(grant)

    @workflow.run
    async def run(self, request: RenderRequest) -> Finished:
        try:
            return await self._render()
        except (ActivityError, ApplicationError, asyncio.CancelledError) as error:
            if is_cancelled_exception(error):
                await self._end(EventType.CANCELLED)
            else:
                await self._end(EventType.FAILED, code_of(error), cause_of(error))
            raise

    async def _render(self) -> Finished:
        job = JobRef(job_id=self._request.job_id)
        inputs = await call(
            NORMALISE_INPUTS, job, activity_id="normalise", summary="read and shape the files"
        )
        plan = await self._meanwhile(
            self._record("uploaded", EventType.UPLOADED, Stage.READING_FILES, NORMALISED),
            call(
                PLAN_SEGMENTS,
                PlanRequest(job_id=job.job_id, inputs=inputs),
                activity_id="plan",
                summary="plan the segments",
            ),
        )
        segments = [
            await self._render_segment(plan, inputs, index) for index in range(plan.segment_count)
        ]
        finished = await self._meanwhile(
            self._record("finishing", EventType.PROGRESS, Stage.FINISHING, FINISHING),
            call(
                FINISH,
                FinishRequest(job_id=job.job_id, plan=plan, inputs=inputs, segments=segments),
                activity_id="finish",
                summary="join, add the sound, publish",
            ),
        )
        await self._record("completed", EventType.COMPLETED, Stage.FINISHING, 1.0)
        return finished

    async def _render_segment(
        self, plan: PlanRef, inputs: NormalisedInputs, index: int
    ) -> SegmentResult:
        """Attempt after attempt, each a prompt of its own, until one makes the video."""
        setbacks = Setbacks()
        for generation in count():
            try:
                return await self._attempt(plan, inputs, index, generation)
            except Setback as setback:
                setbacks.add(setback)
        raise RuntimeError("the attempts never end by themselves")

    async def _attempt(
        self, plan: PlanRef, inputs: NormalisedInputs, index: int, generation: int
    ) -> SegmentResult:
        place = await self._take_place(index, generation)
        try:
            work, uploaded = await self._upload(place, plan, inputs, index, generation)
            submitted = await self._submit(place, work, uploaded)
            outcome = await self._watch(work)
        except ActivityError as error:
            setback = setback_of_step(error)
            if setback is None:
                raise
            self._prompt = None
            raise setback from error
        finally:
            # The GPU is free from here on; fetching needs no place on it.
            self._place = None
            place.release()
        self._prompt = None
        if outcome.end is not PromptEnd.SUCCEEDED:
            raise setback_of_outcome(outcome)
        return await self._collect(work, submitted, outcome)

    async def _take_place(self, index: int, generation: int) -> Place:
        """In the line of what the job needs; in another one when the backends change meanwhile."""
        for turn in count():
            key = f"queued/{index}/{generation}" + (f"/{turn}" if turn else "")
            self._show(Stage.IN_LINE)
            joined = await call(
                JOIN_LINE,
                JoinLine(job_id=self._request.job_id, key=key, progress=RENDERING),
                activity_id=key,
                summary="join the line",
            )
            request = HoldRequest(
                job_id=self._request.job_id,
                segment=index,
                generation=generation,
                prompt_id=prompt_id(self._request.job_id, index, generation),
                ability=joined.ability,
            )
            self._place = place = Place(request, joined.line, self._priority(generation))
            try:
                if await place.wait():
                    return place
            except asyncio.CancelledError:
                place.release()
                raise
        raise RuntimeError("the line never ends by itself")

    def _priority(self, generation: int) -> Priority:
        return Priority(
            priority_key=FRONT_OF_THE_LINE if generation else self._request.priority,
            fairness_key=self._request.owner,
            fairness_weight=self._request.weight,
        )

    async def _upload(
        self, place: Place, plan: PlanRef, inputs: NormalisedInputs, index: int, generation: int
    ) -> tuple[SegmentWork, UploadedInputs]:
        """To the backend of the place; to another one when the place moves meanwhile."""
        for turn in count():
            work = self._work(place, plan, index, generation)
            upload = asyncio.create_task(
                call(
                    UPLOAD_INPUTS,
                    UploadRequest(work=work, inputs=inputs),
                    activity_id=f"upload-{index}-{generation}" + (f"-{turn}" if turn else ""),
                    summary=f"to {work.prompt.backend_id}",
                )
            )
            try:
                moved = await place.moves_before(upload)
            finally:
                if not upload.done():
                    upload.cancel()
            if not moved:
                return work, await upload
        raise RuntimeError("the uploads never end by themselves")

    def _work(self, place: Place, plan: PlanRef, index: int, generation: int) -> SegmentWork:
        if place.backend_id is None:
            raise RuntimeError("a segment is rendered only in a place that was given")
        return SegmentWork(
            plan=plan,
            prompt=PromptRef(
                job_id=self._request.job_id,
                segment=index,
                generation=generation,
                prompt_id=prompt_id(self._request.job_id, index, generation),
                backend_id=place.backend_id,
            ),
        )

    async def _submit(self, place: Place, work: SegmentWork, uploaded: UploadedInputs) -> Submitted:
        # Noted before it is sent: from here on a cancellation has to withdraw it.
        place.committed = True
        self._prompt = work.prompt
        self._prompt_ids.append(work.prompt.prompt_id)
        workflow.upsert_search_attributes(
            [
                PROMPT_IDS.value_set(self._prompt_ids),
                JOB_SEGMENT.value_set(f"{work.prompt.segment + 1}/{work.plan.segment_count}"),
            ]
        )
        self._show(self._stage)
        return await call(
            ENSURE_SUBMITTED,
            Submission(work=work, uploaded=uploaded),
            activity_id=f"submit-{work.prompt.segment}-{work.prompt.generation}",
            summary=f"prompt {work.prompt.prompt_id}",
        )

    async def _watch(self, work: SegmentWork) -> PromptOutcome:
        plan, prompt = work.plan, work.prompt
        share = (RENDERED - RENDERING) / plan.segment_count
        return await call(
            AWAIT_DONE,
            Watch(
                work=work,
                progress_from=RENDERING + share * prompt.segment,
                progress_share=share,
                patience_s=_patience(plan).total_seconds(),
            ),
            activity_id=f"render-{prompt.segment}-{prompt.generation}",
            summary=f"segment {prompt.segment + 1} of {plan.segment_count}",
            start_to_close=WATCHED_AT_MOST,
        )

    async def _collect(
        self, work: SegmentWork, submitted: Submitted, outcome: PromptOutcome
    ) -> SegmentResult:
        prompt = work.prompt
        attempt = f"{prompt.segment}-{prompt.generation}"
        try:
            collected: CollectedSegment = await self._meanwhile(
                self._record(
                    f"collecting/{attempt}",
                    EventType.COLLECTING_OUTPUTS,
                    Stage.FINISHING,
                    RENDERED,
                ),
                call(
                    COLLECT,
                    CollectRequest(work=work, outcome=outcome),
                    activity_id=f"collect-{attempt}",
                    summary=f"segment {prompt.segment + 1} to storage",
                ),
            )
        except ActivityError as error:
            setback = setback_of_step(error)
            if setback is None:
                raise
            raise setback from error
        return SegmentResult(
            segment=prompt.segment,
            generation=prompt.generation,
            prompt_id=prompt.prompt_id,
            backend_id=prompt.backend_id,
            seed=collected.seed,
            video=collected.video,
            frames=collected.frames,
            submitted=submitted,
            outcome=outcome,
        )

    async def _end(
        self, ending: EventType, code: ErrorCode | None = None, cause: str | None = None
    ) -> None:
        """Take back what still runs, then say how the job ended.

        A backend that does not answer must not keep a job from ending: its prompt stays noted as
        unsettled, and is withdrawn once the backend is back.
        """
        if self._prompt is not None:
            try:
                await call(
                    CANCEL_PROMPT,
                    self._prompt,
                    activity_id=f"cancel-{self._prompt.segment}-{self._prompt.generation}",
                    summary="take the prompt back",
                )
            except ActivityError as error:
                cause = "; ".join(part for part in (cause, cause_of(error)) if part)
        await self._record(str(ending), ending, self._stage, 0.0, code, cause)

    async def _meanwhile(self, record: Awaitable[None], work: Awaitable[T]) -> T:
        """Do the work while the record is written; both are over when it is."""
        recording = asyncio.ensure_future(record)
        try:
            return await work
        finally:
            await recording

    async def _record(
        self,
        key: str,
        event: EventType,
        stage: Stage,
        progress: float,
        code: ErrorCode | None = None,
        cause: str | None = None,
    ) -> None:
        self._show(stage)
        record = Record(
            job_id=self._request.job_id,
            key=key,
            type=event,
            stage=stage,
            progress=progress,
            error_code=code,
            cause=cause,
        )
        await call(RECORD, record, activity_id=f"record-{key}", summary=key)

    def _show(self, stage: Stage) -> None:
        if stage is not self._stage:
            self._stage = stage
            workflow.upsert_search_attributes([JOB_STAGE.value_set(stage)])
        place = self._place
        rows = {
            "stage": self._stage,
            "template": self._request.template,
            "owner": self._request.owner,
            "backend": (place.backend_id if place else None) or "none now",
            "prompts": ", ".join(self._prompt_ids) or "none yet",
        }
        lines = [f"| {name} | {value} |" for name, value in rows.items()]
        heading = f"### Job {self._request.job_id}"
        workflow.set_current_details("\n".join([heading, "", "| | |", "|---|---|", *lines]))


def _patience(plan: PlanRef) -> timedelta:
    """How long a segment's prompt may run: by its steps, and by what one step has to compute."""
    segments = plan.segment_count
    samples = plan.width * plan.height * plan.frames / segments
    size = max(samples / FULL_SIZE_SAMPLES, 0.1)
    return LOADING + PER_STEP * (plan.total_steps / segments) * size
