import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType

from proto.render import HoldRequest, SlotGrant
from temporal.queues import HOLD_SLOT, UNABLE


class Place:
    """A GPU's place: waited for in the line, given by an agent, kept over segments, let go.

    committed: a prompt is sent, so it stays on its backend whatever becomes of the place.
    part: what it is for, in words.
    """

    def __init__(self, request: HoldRequest, line: str, priority: Priority, *, part: str) -> None:
        self._request = request
        self.backend_id: str | None = None
        self.committed = False
        self._released = False
        self._hold = workflow.start_activity(
            HOLD_SLOT.name,
            request,
            task_queue=line,
            activity_id=_name(request),
            summary=f"a GPU in {line} for {part}",
            start_to_close_timeout=HOLD_SLOT.start_to_close,
            heartbeat_timeout=HOLD_SLOT.heartbeat,
            retry_policy=HOLD_SLOT.retry,
            cancellation_type=ActivityCancellationType.TRY_CANCEL,
            priority=priority,
        )
        # Nobody asks how a place that was let go has ended.
        self._hold.add_done_callback(lambda hold: hold.cancelled() or hold.exception())

    def grant(self, grant: SlotGrant) -> None:
        """A newer grant replaces an older one: the place it told of is gone."""
        if grant.prompt_id != self._request.prompt_id or grant.turn not in {
            None,
            self._request.turn,
        }:
            return
        if self.committed and grant.backend_id != self.backend_id:
            # The agent was lost, not its backend: the prompt goes on there, and needs no place
            # anywhere else.
            self.release()
        else:
            self.backend_id = grant.backend_id

    @property
    def is_held(self) -> bool:
        return self.backend_id is not None and not self._released and not self._hold.done()

    async def wait(self, *, until: Callable[[], bool]) -> bool:
        """Until it is given; False when it is wanted no more, or its giver can't render the job."""
        await workflow.wait_condition(
            lambda: self.backend_id is not None or self._hold.done() or until()
        )
        if self.backend_id is not None:
            return True
        if not self._hold.done():
            self.release()
            return False
        try:
            await self._hold
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == UNABLE:
                return False
            raise
        return False

    async def moves_before(self, work: "asyncio.Task[Any]") -> bool:
        """Whether the place is given on another backend before the work is done."""
        backend_id = self.backend_id
        await workflow.wait_condition(lambda: work.done() or self.backend_id != backend_id)
        return self.backend_id != backend_id

    def release(self) -> None:
        self._released = True
        self._hold.cancel()


def _name(request: HoldRequest) -> str:
    """The activity's id. The hold of an earlier turn may still be on its way out."""
    name = f"hold-{request.segment}-{request.generation}"
    return f"{name}-{request.turn}" if request.turn else name
