import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from proto.event import EventType
from proto.job import Stage
from proto.plan import PlanRef
from proto.render import (
    Checkpoint,
    Finished,
    FinishRequest,
    InputsRef,
    JobRef,
    JoinRequest,
    LostCheckpoint,
    NewPriority,
    PlanRequest,
    RenderRequest,
    ResumeRequest,
    SlotGrant,
)
from temporal.queues import (
    CANCEL_PROMPT,
    CONTINUE,
    FINISH,
    GROW,
    KEEP,
    LOSE_CHECKPOINT,
    NORMALISE_INPUTS,
    PLAN_SEGMENTS,
    PRIORITY,
    RENDER_JOB,
    RESUME,
    SLOT_GRANTED,
)
from temporal.workflows.call import call
from temporal.workflows.chain import Chain
from temporal.workflows.journal import Failure, Journal
from temporal.workflows.rendering import Kept, Rendering, meanwhile
from temporal.workflows.setbacks import Lost, cause_of, code_of, lost_segment

# Where each stage starts in the job's progress. Rendering takes nearly all of the time.
NORMALISED = 0.04
FINISHING = 0.95

SEGMENTS_A_RUN = 16
"""After so many the workflow goes on as a new one, so that no history grows long."""


@workflow.defn(name=RENDER_JOB)
class RenderJob:
    """Make one job's video: normalise, plan, render each segment on a GPU, finish.

    Every segment is a checkpoint, and the workflow starts from those there are.
    """

    @workflow.init
    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self._journal = Journal(request)
        self._rendering: Rendering | None = None
        self._growth: asyncio.Task[None] | None = None
        self._lost: list[int] = []
        self._keeps = request.keeps
        self._goes_on = request.goes_on

    @workflow.signal(name=SLOT_GRANTED)
    def slot_granted(self, grant: SlotGrant) -> None:
        if self._rendering is not None:
            self._rendering.grant(grant)

    @workflow.signal(name=KEEP)
    def keep(self) -> None:
        """No further segment: finish the video from what is done."""
        self._keeps = True
        if self._rendering is not None:
            self._rendering.keeps = True

    @workflow.signal(name=CONTINUE)
    def go_on(self) -> None:
        """The owner has seen what a decision was asked for."""
        self._goes_on = True

    @workflow.signal(name=PRIORITY)
    def prioritise(self, new: NewPriority) -> None:
        """Another place in the line: at once while it waits, else from the next segment on."""
        # A worker that did not know the signal has left it in histories without acting on it.
        if not workflow.patched(PRIORITY):
            return
        self._request = self._request.model_copy(update={"priority": new.priority})
        if self._rendering is not None:
            self._rendering.priority = new.priority

    @workflow.run
    async def run(self, request: RenderRequest) -> Finished:
        try:
            return await self._render()
        except (ActivityError, ApplicationError, asyncio.CancelledError) as error:
            if is_cancelled_exception(error):
                await self._end(EventType.CANCELLED, Failure(None, None))
            else:
                failure = Failure(code_of(error), cause_of(error))
                await self._end(EventType.FAILED, failure)
            raise

    async def _render(self) -> Finished:
        job = JobRef(job_id=self._request.job_id)
        self._journal.waits_for("its files to be read and shaped")
        inputs = await call(
            NORMALISE_INPUTS, job, activity_id="normalise", summary="read and shape the files"
        )
        self._journal.waits_for("its segments to be planned")
        plan = await meanwhile(
            self._journal.record("uploaded", EventType.UPLOADED, Stage.READING_FILES, NORMALISED),
            call(
                PLAN_SEGMENTS,
                PlanRequest(job_id=job.job_id, inputs=inputs),
                activity_id="plan",
                summary="plan the segments",
            ),
        )
        chain = Chain(
            plan,
            await call(
                RESUME,
                ResumeRequest(job_id=job.job_id, plan=plan),
                activity_id="resume",
                summary="what is made already",
            ),
        )
        rendering = Rendering(self._request, self._journal, plan, inputs, chain)
        rendering.keeps = self._keeps
        self._rendering = rendering
        try:
            finished = await self._render_and_finish(plan, inputs, chain, rendering)
        finally:
            rendering.let_go()
        self._journal.waits_for("nothing")
        await self._journal.record("completed", EventType.COMPLETED, Stage.FINISHING, 1.0)
        return finished

    async def _render_and_finish(
        self, plan: PlanRef, inputs: InputsRef, chain: Chain, rendering: Rendering
    ) -> Finished:
        """Until everything that was made is found whole, too."""
        while True:
            await self._render_missing(plan, inputs, chain, rendering)
            try:
                return await self._finish(plan, inputs, chain)
            except ActivityError as error:
                lost = lost_segment(error)
                if lost is None:
                    raise
                await self._lose(chain, lost)

    async def _render_missing(
        self, plan: PlanRef, inputs: InputsRef, chain: Chain, rendering: Rendering
    ) -> None:
        made = 0
        while (index := await self._next(chain)) is not None:
            if self._keeps and chain.can_stop:
                chain.stop()
                continue
            if made == SEGMENTS_A_RUN or workflow.info().is_continue_as_new_suggested():
                self._continue_as_new(rendering)
            try:
                checkpoint = await rendering.make(index)
            except Kept:
                continue
            except Lost as lost:
                await self._lose(chain, lost.segment)
                continue
            chain.add(checkpoint)
            made += 1
            if chain.next_missing() is not None:
                self._grow(plan, inputs, chain, checkpoint)
                await self._decide(rendering, checkpoint)

    async def _next(self, chain: Chain) -> int | None:
        while self._lost:
            await self._lose(chain, self._lost.pop())
        return chain.next_missing()

    def _grow(self, plan: PlanRef, inputs: InputsRef, chain: Chain, checkpoint: Checkpoint) -> None:
        """Have what exists joined for who watches, while the next segment renders."""
        playable = chain.playable()
        if checkpoint not in playable:
            return
        name = f"grown/{checkpoint.segment}/{checkpoint.generation}"
        request = JoinRequest(
            job_id=self._request.job_id,
            plan=plan,
            inputs=inputs,
            made=playable,
            key=self._journal.key(name),
        )
        self._growth = asyncio.create_task(self._join(request, name, after=self._growth))

    async def _join(
        self, request: JoinRequest, name: str, *, after: asyncio.Task[None] | None
    ) -> None:
        if after is not None:
            await after
        try:
            await call(GROW, request, activity_id=name, summary=f"{len(request.made)} to watch")
        except ActivityError as error:
            lost = lost_segment(error)
            if lost is not None:
                self._lost.append(lost)
            elif not is_cancelled_exception(error):
                # What is watched meanwhile is no part of the result.
                workflow.logger.warning("not joined: %s", cause_of(error))

    async def _decide(self, rendering: Rendering, checkpoint: Checkpoint) -> None:
        """Wait for the owner's word when a segment has drifted, once for all that follow."""
        if not checkpoint.drifted or self._goes_on or self._keeps:
            return
        rendering.let_go()
        self._journal.waits_for("its owner, to go on or to keep what is made")
        await self._journal.record(
            f"deciding/{checkpoint.segment}/{checkpoint.generation}",
            EventType.QUEUED,
            Stage.IN_LINE,
            0.0,
            deciding=True,
        )
        await workflow.wait_condition(lambda: self._goes_on or self._keeps)

    async def _lose(self, chain: Chain, index: int) -> None:
        """Have a segment made again whose files are missing or damaged, and say so."""
        generation = chain.next_generation(index)
        name = f"lost/{index}/{generation}"
        lost = LostCheckpoint(
            job_id=self._request.job_id, segment=index, key=self._journal.key(name)
        )
        await call(LOSE_CHECKPOINT, lost, activity_id=name, summary="its files are gone")
        chain.lose(index)

    async def _finish(self, plan: PlanRef, inputs: InputsRef, chain: Chain) -> Finished:
        self._stop_growing()
        self._journal.waits_for("the video to be joined and stored")
        return await meanwhile(
            self._journal.record("finishing", EventType.PROGRESS, Stage.FINISHING, FINISHING),
            call(
                FINISH,
                FinishRequest(
                    job_id=self._request.job_id,
                    plan=plan,
                    inputs=inputs,
                    made=chain.playable(),
                    stopped_early=not chain.is_whole,
                ),
                activity_id="finish",
                summary="join, add the sound, publish",
            ),
        )

    def _stop_growing(self) -> None:
        if self._growth is not None:
            self._growth.cancel()

    def _continue_as_new(self, rendering: Rendering) -> None:
        self._stop_growing()
        rendering.let_go()
        said = {"keeps": self._keeps, "goes_on": self._goes_on}
        workflow.continue_as_new(self._request.model_copy(update=said))

    async def _end(self, ending: EventType, failure: Failure) -> None:
        """Take back what still runs, then say how the job ended.

        A backend that does not answer must not keep a job from ending: its prompt stays noted as
        unsettled, and is withdrawn once the backend is back.
        """
        prompt = self._rendering.prompt if self._rendering is not None else None
        if prompt is not None:
            self._journal.waits_for(f"{prompt.backend_id} to drop the prompt")
            try:
                await call(
                    CANCEL_PROMPT,
                    prompt,
                    activity_id=f"cancel-{prompt.segment}-{prompt.generation}",
                    summary=f"take the prompt back from {prompt.backend_id}",
                )
            except ActivityError as error:
                causes = (failure.cause, cause_of(error))
                failure = Failure(failure.code, "; ".join(cause for cause in causes if cause))
        stage = self._journal.stage
        self._journal.waits_for("nothing")
        await self._journal.record(str(ending), ending, stage, 0.0, failure=failure)
