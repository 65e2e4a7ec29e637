import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode
from proto.render import PromptEnd, PromptRef
from services.comfy import prompts as comfy_prompts
from services.comfy.connection import ComfyAmbiguous, ComfyRejected, ComfyUnavailable
from services.comfy.presence import Whereabouts, find_prompt
from services.store import prompts
from services.store.database import Pool
from services.store.prompts import PromptRow
from temporal.activities.backends import POST_TIMEOUT_S, BackendLink
from temporal.activities.failures import permanent
from temporal.queues import ENSURE_SUBMITTED, UNREACHABLE
from workflows_comfy.nodes import Graph

ARRIVAL_S = POST_TIMEOUT_S + 5
"""A request that was begun this long ago has arrived, or never will."""

FENCE_S = 5.0
LOOK_AGAIN_S = 0.5
MAX_CAUSE_CHARS = 4000


class Submitter:
    """Gets one prompt into its backend's line exactly once.

    ComfyUI runs the same id twice if it is sent twice, and a lost answer says nothing. So the right
    to send is taken in the prompt's row, by one try at a time. Who finds it taken looks into the
    backend's line and memory until the request must have arrived, and only then takes it over.
    """

    def __init__(self, pool: Pool, link: BackendLink, prompt: PromptRef) -> None:
        self._pool = pool
        self._link = link
        self._prompt = prompt

    async def submit(self, graph: Graph) -> None:
        """Raises ComfyUnavailable to be tried again, or a permanent failure."""
        async with self._pool.acquire() as connection:
            row = await prompts.note(connection, self._prompt)
        while not await self._is_there(row):
            if row.withdrawn_at is not None:
                raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, "it was withdrawn meanwhile")
            if row.posting_age_s is None or row.posting_age_s > ARRIVAL_S:
                await self._post(row, graph)
                return
            check_time_left()
            await asyncio.sleep(LOOK_AGAIN_S)
            async with self._pool.acquire() as connection:
                row = await prompts.get(connection, self._prompt.prompt_id)

    async def give_up(self, error: ComfyUnavailable) -> None:
        """Leave the backend: whatever arrived there after all is to be withdrawn."""
        cause = f"{self._link.backend_id} was silent for too long: {error}"
        async with self._pool.acquire() as connection:
            await prompts.withdraw(connection, self._prompt)
            await prompts.abandon(
                connection, self._prompt.prompt_id, outcome=PromptEnd.UNREACHABLE, cause=cause
            )
        raise ApplicationError(
            cause, UNREACHABLE, type=ErrorCode.COMFYUI_QUEUE_FAILURE, non_retryable=True
        ) from error

    async def _is_there(self, row: PromptRow) -> bool:
        if row.posted_at is not None:
            return True
        if row.posting_at is None:
            return False
        place = await find_prompt(self._link.quick, row.prompt_id)
        if place.where is Whereabouts.ABSENT:
            return False
        await self._mark_posted()
        return True

    async def _post(self, row: PromptRow, graph: Graph) -> None:
        check_time_left()
        started = time.monotonic()
        async with self._pool.acquire() as connection:
            claim = await prompts.claim_posting(connection, row)
        # A process that was frozen here must not send: by now another try may have.
        if claim is None or time.monotonic() - started > FENCE_S:
            raise ComfyUnavailable("another try may be sending it")
        sending = asyncio.create_task(self._send_claimed(graph, claim))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            # Whoever withdraws it has to know whether it got there.
            await asyncio.wait([sending])
            raise

    async def _send_claimed(self, graph: Graph, claim: datetime) -> None:
        try:
            await self._send(graph)
        except ComfyAmbiguous:
            await self._look_for_it()
        except ComfyUnavailable:
            async with self._pool.acquire() as connection:
                await prompts.drop_claim(connection, self._prompt.prompt_id, claim)
            raise
        await self._mark_posted()

    async def _send(self, graph: Graph) -> None:
        origin = self._prompt.model_dump(exclude={"backend_id"})
        try:
            await comfy_prompts.submit(
                self._link.quick,
                graph,
                prompt_id=self._prompt.prompt_id,
                client_id=self._prompt.prompt_id,
                extra_pnginfo={"animatrix": origin},
            )
        except ComfyRejected as error:
            await self._refuse(error)

    async def _look_for_it(self) -> None:
        """After an answer that was lost: it is there now, or a later try finds out."""
        place = await find_prompt(self._link.quick, self._prompt.prompt_id)
        if place.where is Whereabouts.ABSENT:
            raise ComfyUnavailable("the answer was lost, and the prompt is not there yet")

    async def _refuse(self, error: ComfyRejected) -> None:
        cause = f"{error}: {json.dumps(error.node_errors)}"[:MAX_CAUSE_CHARS]
        async with self._pool.acquire() as connection:
            if error.queued:
                # Half of it was accepted: somebody has to take that back.
                await prompts.abandon(
                    connection, self._prompt.prompt_id, outcome=PromptEnd.FAILED, cause=cause
                )
            else:
                await prompts.settle(
                    connection,
                    self._prompt.prompt_id,
                    outcome=PromptEnd.FAILED,
                    cause=cause,
                    answer=str(error),
                )
        raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, cause) from error

    async def _mark_posted(self) -> None:
        async with self._pool.acquire() as connection:
            await prompts.mark_posted(connection, self._prompt.prompt_id)


def check_time_left() -> None:
    """No request of this try may be on its way when the server starts the next one."""
    info = activity.info()
    limit = ENSURE_SUBMITTED.start_to_close
    spent = datetime.now(UTC) - info.started_time
    if limit is not None and spent > limit - timedelta(seconds=POST_TIMEOUT_S + FENCE_S):
        raise ComfyUnavailable("too late in this try to submit")
