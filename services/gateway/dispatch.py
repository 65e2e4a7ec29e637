import asyncio

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from proto.event import EventType
from proto.job import JobStatus
from proto.render import RenderRequest
from services.store import jobs
from services.store.database import DATABASE_ERRORS, Pool
from services.store.jobs import Change, JobRow
from temporal.client import cancel_render, start_render

log = structlog.get_logger()
SWEEP_S = 2.0
BATCH = 50


class Dispatcher:
    """Carries what the rows say to the workflows: jobs to start, jobs to cancel.

    The row is written first and alone decides, so a job survives a gateway that dies between its
    row and its workflow, and a workflow server that is away. Every step may be repeated, by any
    number of gateways.
    """

    def __init__(self, pool: Pool, temporal: Client) -> None:
        self._pool = pool
        self._temporal = temporal
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        self._wanted.set()

    async def run(self) -> None:
        while True:
            self._wanted.clear()
            try:
                await self._start_accepted()
                await self._send_cancellations()
            except (RPCError, *DATABASE_ERRORS) as error:
                log.warning("dispatch put off", cause=repr(error))
                await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.wait_for(self._wanted.wait(), SWEEP_S)
            except TimeoutError:
                continue

    async def _start_accepted(self) -> None:
        while await self._start_one():
            pass

    async def _start_one(self) -> bool:
        # The row stays locked until its workflow runs: a cancellation meanwhile waits, and then
        # finds a workflow to cancel.
        async with self._pool.acquire() as connection, connection.transaction():
            job = await jobs.claim_to_start(connection)
            if job is None:
                return False
            if job.status is JobStatus.CANCELLING:
                await jobs.record(connection, job.job_id, _cancelled(job))
            else:
                await start_render(self._temporal, _request(job))
                await jobs.mark_render_started(connection, job.job_id)
            return True

    async def _send_cancellations(self) -> None:
        async with self._pool.acquire() as connection:
            wanted = await jobs.list_to_cancel(connection, BATCH)
        for job_id in wanted:
            await cancel_render(self._temporal, job_id)
            async with self._pool.acquire() as connection:
                await jobs.mark_cancel_sent(connection, job_id)


def _request(job: JobRow) -> RenderRequest:
    return RenderRequest(
        job_id=job.job_id,
        owner=job.owner,
        mode=job.mode,
        template=str(job.template),
        priority=job.priority,
    )


def _cancelled(job: JobRow) -> Change:
    return Change(key="cancelled", type=EventType.CANCELLED, stage=job.stage, progress=job.progress)
