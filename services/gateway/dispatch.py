import asyncio
import time

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from proto.errors import ErrorCode, job_error
from proto.event import EventType
from proto.job import Deletion, JobStatus
from proto.render import RenderRequest
from services.store import admin_jobs, deletions, jobs, prompts, templates, webhooks
from services.store.database import DATABASE_ERRORS, Connection, Pool
from services.store.jobs import Change, JobRow, Started
from temporal.client import (
    cancel_render,
    end_deletion,
    prioritise_render,
    render_ended,
    start_deletion,
    start_render,
    tell_render,
    wake_webhook,
    withdraw_prompt,
)

log = structlog.get_logger()
SWEEP_S = 2.0
BATCH = 50
MANY = 1000
ASK_AGAIN_S = 60.0
"""A withdrawal runs for as long as its backend is away, and is not asked for all the time."""
UNDO_S = 60.0
"""How long a deleted job can be restored at least."""
CHECK_AFTER_S = 10.0
"""How long a job's workflow may go unseen."""


class Dispatcher:
    """Keeps rows and workflows at one: jobs to start, to cancel, to delete, ended by themselves.

    The row is written first and alone decides, so a job survives a gateway that dies between its
    row and its workflow, and a workflow server that is away. Every step may be repeated, by any
    number of gateways.

    console: the origin of the operators' console, where it is known. at_once: how many of one
    owner's jobs are worked at together; 0 for any number.
    """

    def __init__(
        self, pool: Pool, temporal: Client, *, console: str | None = None, at_once: int = 0
    ) -> None:
        self._pool = pool
        self._at_once = at_once
        self._console = console
        self._temporal = temporal
        self._wanted = asyncio.Event()
        self._swept_at = -SWEEP_S
        self._asked: dict[str, float] = {}

    def wake(self) -> None:
        self._wanted.set()

    async def run(self) -> None:
        while True:
            self._wanted.clear()
            try:
                await self._do_wanted()
                # While jobs come one after the other, the rest need not be asked for after each.
                if not self._wanted.is_set() or time.monotonic() - self._swept_at >= SWEEP_S:
                    await self._sweep()
                    self._swept_at = time.monotonic()
            except (RPCError, *DATABASE_ERRORS) as error:
                log.warning("dispatch put off", cause=repr(error))
                await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.wait_for(self._wanted.wait(), SWEEP_S)
            except TimeoutError:
                continue

    async def _do_wanted(self) -> None:
        """What somebody waits for at a page."""
        await self._start_accepted()
        await self._send_cancellations()
        await self._send_wishes()

    async def _sweep(self) -> None:
        await self._send_priorities()
        await self._withdraw_left_behind()
        await self._settle_ended()
        await self._start_deletions()
        await self._end_deletions()
        await self._end_failing_canaries()
        await self._wake_webhooks()

    async def _start_accepted(self) -> None:
        while await self._start_one():
            pass

    async def _start_one(self) -> bool:
        # The row stays locked until its workflow runs: a cancellation meanwhile waits, and then
        # finds a workflow to cancel.
        async with self._pool.acquire() as connection, connection.transaction():
            job = await jobs.claim_to_start(connection, self._at_once)
            if job is None:
                return False
            if job.status is JobStatus.CANCELLING:
                await jobs.record(connection, job.job_id, _cancelled(job))
            else:
                await self._start(connection, job)
                await jobs.mark_render_started(connection, job.job_id)
            return True

    async def _start(self, connection: Connection, job: JobRow) -> None:
        weight = await jobs.owner_weight(connection, job.owner)
        await start_render(self._temporal, _request(job, weight), console=self._console)

    async def _send_cancellations(self) -> None:
        async with self._pool.acquire() as connection:
            wanted = await jobs.list_to_cancel(connection, BATCH)
        for job in wanted:
            await cancel_render(self._temporal, job.job_id, job.run)
            async with self._pool.acquire() as connection:
                await jobs.mark_cancel_sent(connection, job.job_id)

    async def _send_wishes(self) -> None:
        async with self._pool.acquire() as connection:
            wishes = await jobs.list_wishes(connection, BATCH)
        for wish in wishes:
            await tell_render(self._temporal, wish.job_id, wish.run, wish.wish)
            async with self._pool.acquire() as connection:
                await jobs.mark_wish_sent(connection, wish)

    async def _send_priorities(self) -> None:
        async with self._pool.acquire() as connection:
            changed = await admin_jobs.list_priorities(connection, BATCH)
        for job in changed:
            await prioritise_render(self._temporal, job.job_id, job.run, job.priority)
            async with self._pool.acquire() as connection:
                await admin_jobs.mark_priority_sent(connection, job)

    async def _withdraw_left_behind(self) -> None:
        """Prompts that an ended job, or an attempt that was given up, has left on a backend."""
        async with self._pool.acquire() as connection:
            left = await prompts.list_left_behind(connection, MANY)
        now = time.monotonic()
        self._asked = {
            prompt.prompt_id: self._asked.get(prompt.prompt_id, -ASK_AGAIN_S) for prompt in left
        }
        for prompt in left:
            if now - self._asked[prompt.prompt_id] >= ASK_AGAIN_S:
                await withdraw_prompt(self._temporal, prompt.ref)
                self._asked[prompt.prompt_id] = now

    async def _start_deletions(self) -> None:
        async with self._pool.acquire() as connection:
            wanted = await deletions.list_to_start(connection, BATCH)
        for job in wanted:
            deletion = Deletion(job_id=job.job_id, number=job.number, undo_s=UNDO_S)
            await start_deletion(self._temporal, deletion)
            async with self._pool.acquire() as connection:
                await deletions.mark_started(connection, job)

    async def _end_deletions(self) -> None:
        async with self._pool.acquire() as connection:
            restored = await deletions.list_to_end(connection, BATCH)
        for job in restored:
            await end_deletion(self._temporal, job.job_id, job.number)
            async with self._pool.acquire() as connection:
                await deletions.mark_ended(connection, job)

    async def _end_failing_canaries(self) -> None:
        async with self._pool.acquire() as connection:
            for ended in await templates.end_failing_canaries(connection):
                log.warning("canary taken back", **ended.model_dump())

    async def _wake_webhooks(self) -> None:
        async with self._pool.acquire() as connection:
            wakes = await webhooks.list_to_wake(connection, BATCH)
        for wake in wakes:
            await wake_webhook(self._temporal, wake.webhook_id, wake.owner)
            async with self._pool.acquire() as connection:
                await webhooks.mark_woken(connection, wake)

    async def _settle_ended(self) -> None:
        """Jobs whose workflow was ended by hand, or is gone with its server's memory."""
        async with self._pool.acquire() as connection:
            unseen = await jobs.list_to_check(connection, CHECK_AFTER_S, BATCH)
        for job in unseen:
            await self._check(job)

    async def _check(self, started: Started) -> None:
        job_id = started.job_id
        try:
            ending = await render_ended(self._temporal, job_id, started.run)
        except LookupError:
            # Prompts' ids do not change, so what it had in progress is found again.
            ending = None
            async with self._pool.acquire() as connection:
                await self._start(connection, await jobs.get(connection, job_id))
        async with self._pool.acquire() as connection, connection.transaction():
            await jobs.mark_checked(connection, job_id)
            job = await jobs.get(connection, job_id)
            if ending is not None and job.run == started.run:
                await jobs.record(connection, job_id, _ended_by_hand(job, ending))


def _request(job: JobRow, weight: float) -> RenderRequest:
    return RenderRequest(
        job_id=job.job_id,
        owner=job.owner,
        mode=job.mode,
        template=str(job.template),
        priority=job.priority,
        weight=weight,
        run=job.run,
    )


def _cancelled(job: JobRow) -> Change:
    return Change(
        key=f"cancelled/{job.run}",
        type=EventType.CANCELLED,
        stage=job.stage,
        progress=job.progress,
    )


def _ended_by_hand(job: JobRow, ending: str) -> Change:
    """What to tell of a job whose workflow has ended without telling it."""
    if job.status is JobStatus.CANCELLING or ending == "canceled":
        return _cancelled(job)
    return Change(
        key=f"ended/{job.run}",
        type=EventType.FAILED,
        stage=job.stage,
        progress=job.progress,
        error=job_error(job.job_id, ErrorCode.INTERNAL),
        cause=f"its workflow was {ending}",
    )
