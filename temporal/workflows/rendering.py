import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from temporalio.common import Priority
from temporalio.exceptions import ActivityError

from proto.event import EventType
from proto.ids import prompt_id
from proto.job import JobStatus, Stage
from proto.plan import PREPARATION, PlanRef
from proto.render import (
    Checkpoint,
    CollectRequest,
    HoldRequest,
    InputsRef,
    JoinLine,
    PromptEnd,
    PromptOutcome,
    PromptRef,
    RenderRequest,
    SegmentWork,
    SlotGrant,
    Submission,
    Submitted,
    TurnRequest,
    UploadedInputs,
    UploadRequest,
    Watch,
)
from temporal.queues import (
    AWAIT_DONE,
    CHECK_TURN,
    COLLECT,
    ENSURE_SUBMITTED,
    JOIN_LINE,
    UPLOAD_INPUTS,
)
from temporal.workflows.call import call
from temporal.workflows.chain import Chain
from temporal.workflows.journal import Journal, part_of
from temporal.workflows.place import Place
from temporal.workflows.setbacks import (
    Lost,
    Setback,
    Setbacks,
    lost_segment,
    setback_of_outcome,
    setback_of_step,
)

# Where rendering begins and ends in the job's progress.
RENDERING = 0.06
RENDERED = 0.92

# For loading the models, for every step of a full-size segment on a slow GPU, and for every frame
# that is prepared.
LOADING = timedelta(minutes=30)
PER_STEP = timedelta(minutes=3)
PER_PREPARED_FRAME = timedelta(seconds=5)
FULL_SIZE_SAMPLES = 77 * 720 * 1280
WATCHED_AT_MOST = timedelta(days=7)

FRONT_OF_THE_LINE = 1
"""The priority of an attempt after a lost one: its job has waited already."""

T = TypeVar("T")


class Kept(Exception):
    """The owner keeps what is done, and nothing of this job renders now."""


class Rendering:
    """One job's prompts: each in a place on a GPU, to its checkpoint.

    The place is kept from one segment to the next while nobody else is to have it: its backend's
    caches hold what the segments share. keeps: the owner wants no further segment. priority: of
    the place that is waited for.
    """

    def __init__(
        self,
        request: RenderRequest,
        journal: Journal,
        plan: PlanRef,
        inputs: InputsRef,
        chain: Chain,
    ) -> None:
        self._request = request
        self._journal = journal
        self._plan = plan
        self._inputs = inputs
        self._chain = chain
        self._place: Place | None = None
        self.prompt: PromptRef | None = None
        self.keeps = request.keeps
        self.priority = request.priority

    def grant(self, grant: SlotGrant) -> None:
        """A grant for an attempt that is over finds no place that waits for it."""
        if self._place is not None:
            self._place.grant(grant)

    def let_go(self) -> None:
        if self._place is not None:
            self._place.release()
            self._place = None

    async def make(self, index: int) -> Checkpoint:
        """Attempt after attempt, each a prompt of its own, until one leaves what it has to.

        Raises Lost when what it goes on from is gone, and Kept.
        """
        setbacks = Setbacks()
        retries = False
        while True:
            generation = self._chain.next_generation(index)
            try:
                return await self._attempt(index, generation, retries=retries)
            except Setback as setback:
                setbacks.add(setback)
            except ActivityError as error:
                lost, failed = lost_segment(error), setback_of_step(error)
                if lost is not None:
                    raise Lost(lost) from error
                if failed is None:
                    raise
                setbacks.add(failed)
            self.prompt = None
            self.let_go()
            retries = True

    async def _attempt(self, index: int, generation: int, *, retries: bool) -> Checkpoint:
        self._journal.begins(index, self._plan)
        place = await self._have_place(index, generation, retries=retries)
        work, uploaded = await self._upload(place, index, generation)
        submitted = await self._submit(place, work, uploaded)
        outcome = await self._watch(work)
        self.prompt = None
        if outcome.end is not PromptEnd.SUCCEEDED:
            raise setback_of_outcome(outcome)
        return await self._collect(place, work, submitted, outcome)

    async def _have_place(self, index: int, generation: int, *, retries: bool) -> Place:
        """The place of the segment before, or one that is waited for."""
        place = self._place
        if place is None or not place.is_held:
            self.let_go()
            return await self._take_place(index, generation, retries=retries)
        place.committed = False
        return place

    async def _take_place(self, index: int, generation: int, *, retries: bool) -> Place:
        """In the line of what the job needs; in another one when the backends change meanwhile."""
        left = 0
        for turn in count():
            name = f"queued/{index}/{generation}" + (f"/{turn}" if turn else "")
            self._journal.show(Stage.IN_LINE, JobStatus.QUEUED)
            joined = await call(
                JOIN_LINE,
                JoinLine(
                    job_id=self._request.job_id, key=self._journal.key(name), progress=RENDERING
                ),
                activity_id=name,
                summary=f"join the line for {part_of(self._plan, index)}",
            )
            request = HoldRequest(
                job_id=self._request.job_id,
                segment=index,
                generation=generation,
                prompt_id=prompt_id(self._request.job_id, index, generation),
                ability=joined.ability,
                turn=left,
            )
            priority = self._priority(retries=retries)
            part = part_of(self._plan, index)
            self._place = Place(request, joined.line, priority, part=part)
            self._journal.waits_for(f"a GPU in the line {joined.line}")
            leaves = partial(self._leaves_line, priority, retries=retries)
            if await self._place.wait(until=leaves):
                return self._place
            if self._may_stop():
                raise Kept
            left += leaves()
        raise RuntimeError("the line never ends by itself")

    def _leaves_line(self, priority: Priority, *, retries: bool) -> bool:
        """Whether the job is to wait no more, or elsewhere in the line than by that priority."""
        return self._may_stop() or self._priority(retries=retries) != priority

    def _may_stop(self) -> bool:
        return self.keeps and self._chain.can_stop

    def _priority(self, *, retries: bool) -> Priority:
        return Priority(
            priority_key=FRONT_OF_THE_LINE if retries else self.priority,
            fairness_key=self._request.owner,
            fairness_weight=self._request.weight,
        )

    async def _upload(
        self, place: Place, index: int, generation: int
    ) -> tuple[SegmentWork, UploadedInputs]:
        """To the backend of the place; to another one when the place moves meanwhile."""
        for turn in count():
            work = self._work(place, index, generation)
            request = UploadRequest(
                work=work,
                inputs=self._inputs,
                before=self._chain.before(index),
                preparation=self._chain.preparation,
            )
            self._journal.waits_for(f"its files to reach {work.prompt.backend_id}")
            upload = asyncio.create_task(
                call(
                    UPLOAD_INPUTS,
                    request,
                    activity_id=f"upload-{index}-{generation}" + (f"-{turn}" if turn else ""),
                    summary=f"files of {self._name(work)}",
                )
            )
            try:
                moved = await place.moves_before(upload)
            finally:
                if not upload.done():
                    upload.cancel()
                    # Nobody asks how an upload that was given up has ended.
                    upload.add_done_callback(lambda done: done.cancelled() or done.exception())
            if not moved:
                return work, await upload
        raise RuntimeError("the uploads never end by themselves")

    def _work(self, place: Place, index: int, generation: int) -> SegmentWork:
        if place.backend_id is None:
            raise RuntimeError("a segment is rendered only in a place that was given")
        return SegmentWork(
            plan=self._plan,
            prompt=PromptRef(
                job_id=self._request.job_id,
                segment=index,
                generation=generation,
                prompt_id=prompt_id(self._request.job_id, index, generation),
                backend_id=place.backend_id,
            ),
        )

    def _name(self, work: SegmentWork) -> str:
        return f"{part_of(self._plan, work.prompt.segment)} on {work.prompt.backend_id}"

    async def _submit(self, place: Place, work: SegmentWork, uploaded: UploadedInputs) -> Submitted:
        # Noted before it is sent: from here on a cancellation has to withdraw it.
        place.committed = True
        self.prompt = work.prompt
        self._journal.submits(work.prompt, self._plan)
        return await call(
            ENSURE_SUBMITTED,
            Submission(work=work, uploaded=uploaded),
            activity_id=f"submit-{work.prompt.segment}-{work.prompt.generation}",
            summary=f"{self._name(work)}, prompt {work.prompt.prompt_id}",
        )

    async def _watch(self, work: SegmentWork) -> PromptOutcome:
        index = work.prompt.segment
        begin, share = self._chain.share(index)
        whole = RENDERED - RENDERING
        return await call(
            AWAIT_DONE,
            Watch(
                work=work,
                progress_from=RENDERING + whole * begin,
                progress_share=whole * share,
                patience_s=_patience(self._plan, index).total_seconds(),
                rest_frames=self._chain.frames_after(index),
            ),
            activity_id=f"render-{index}-{work.prompt.generation}",
            summary=self._name(work),
            start_to_close=WATCHED_AT_MOST,
        )

    async def _collect(
        self, place: Place, work: SegmentWork, submitted: Submitted, outcome: PromptOutcome
    ) -> Checkpoint:
        self._journal.waits_for(f"the files of {self._name(work)}")
        index, attempt = work.prompt.segment, f"{work.prompt.segment}-{work.prompt.generation}"
        collecting = call(
            COLLECT,
            CollectRequest(work=work, inputs=self._inputs, submitted=submitted, outcome=outcome),
            activity_id=f"collect-{attempt}",
            summary=f"{self._name(work)} to storage",
        )
        if self._chain.is_last(index) or self.keeps:
            # The GPU is free from here on; fetching needs no place on it.
            self.let_go()
            also = self._journal.record(
                f"collecting/{attempt}",
                EventType.COLLECTING_OUTPUTS,
                Stage.FINISHING,
                RENDERED,
            )
        else:
            also = self._yield_place(place, attempt, outcome.execution_s or 0.0)
        return await meanwhile(also, collecting)

    async def _yield_place(self, place: Place, attempt: str, render_s: float) -> None:
        """Let the place go when somebody else is to have it first."""
        if place.backend_id is None:
            return
        turn = await call(
            CHECK_TURN,
            TurnRequest(
                job_id=self._request.job_id, backend_id=place.backend_id, render_s=render_s
            ),
            activity_id=f"turn-{attempt}",
            summary=f"may it stay on {place.backend_id}",
        )
        if turn.cause is not None:
            self.let_go()


async def meanwhile(also: Awaitable[None], work: Awaitable[T]) -> T:
    """Do the work while the other is done; both are over when it is."""
    other = asyncio.ensure_future(also)
    try:
        return await work
    finally:
        await other


def _patience(plan: PlanRef, index: int) -> timedelta:
    """How long a prompt may run: by its steps, and by what one step has to compute."""
    if index == PREPARATION:
        return LOADING + PER_PREPARED_FRAME * plan.frames
    samples = plan.width * plan.height * plan.segments[index].length
    return LOADING + PER_STEP * plan.steps * max(samples / FULL_SIZE_SAMPLES, 0.1)
