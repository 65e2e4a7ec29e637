import asyncio

from temporalio import activity

from proto.backend import BackendState
from proto.event import EventType
from proto.job import JobWarning
from proto.plan import PREPARATION
from proto.render import LostCheckpoint, Resumed, ResumeRequest, Turn, TurnRequest
from services.store import backends, checkpoints, jobs, line
from services.store.checkpoints import CheckpointRow
from services.store.database import Connection, Pool
from services.store.jobs import Change, JobRow
from services.store.objects import ObjectStore
from temporal.activities.heartbeat import heartbeating
from temporal.queues import CHECK_TURN, LOSE_CHECKPOINT, RESUME

SERVED_WITHIN_S = 3600.0
"""How far back it counts what an owner had of the GPUs."""

MADE_AGAIN = "made_again"


class CheckpointActivities:
    """What a job has made already, and whether it goes on where it is."""

    def __init__(self, pool: Pool, objects: ObjectStore) -> None:
        self._pool = pool
        self._objects = objects

    @activity.defn(name=RESUME.name)
    async def resume(self, request: ResumeRequest) -> Resumed:
        """The checkpoints of the plan whose files are all there."""
        async with heartbeating():
            async with self._pool.acquire() as connection:
                rows = await checkpoints.list_of_job(connection, request.job_id)
                generations = await checkpoints.next_generations(connection, request.job_id)
            there = await asyncio.gather(*(self._is_there(row) for row in rows))
            for row, is_there in zip(rows, there, strict=True):
                if not is_there:
                    lost = f"lost/{row.segment}/{row.generation}"
                    await self._lose(request.job_id, row.segment, lost)
        wanted = range(PREPARATION, len(request.plan.segments))
        made = [
            row.checkpoint()
            for row, is_there in zip(rows, there, strict=True)
            if is_there and row.segment in wanted
        ]
        return Resumed(made=made, generations=generations)

    @activity.defn(name=LOSE_CHECKPOINT.name)
    async def lose_checkpoint(self, lost: LostCheckpoint) -> None:
        await self._lose(lost.job_id, lost.segment, lost.key)

    @activity.defn(name=CHECK_TURN.name)
    async def check_turn(self, request: TurnRequest) -> Turn:
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, request.job_id)
            return Turn(cause=await _who_goes_first(connection, job, request))

    async def _is_there(self, row: CheckpointRow) -> bool:
        found = await asyncio.gather(*(self._objects.holds(file) for file in row.files.values()))
        return all(found)

    async def _lose(self, job_id: str, segment: int, key: str) -> None:
        warning = JobWarning(
            code=MADE_AGAIN,
            message="A part of your video was damaged in storage. It is made again.",
            segment=max(segment, 0),
        )
        async with self._pool.acquire() as connection, connection.transaction():
            job = await jobs.get(connection, job_id)
            await checkpoints.lose(connection, job_id, segment)
            await jobs.add_warning(connection, job_id, warning)
            change = Change(
                key=key, type=EventType.PROGRESS, stage=job.stage, progress=job.progress
            )
            await jobs.record(connection, job_id, change)


async def _who_goes_first(connection: Connection, job: JobRow, request: TurnRequest) -> str | None:
    """Who waits for the place with a better right to it: more urgent, or less served lately."""
    backend = await backends.find(connection, request.backend_id)
    if backend is None or backend.state is not BackendState.OFFERED:
        return f"{request.backend_id} takes no new work"
    rivals = await line.list_rivals(connection, request.backend_id)
    for rival in rivals:
        if rival.priority < job.priority:
            return f"{rival.owner} waits with priority {rival.priority}"
    others = [
        rival for rival in rivals if rival.owner != job.owner and rival.priority == job.priority
    ]
    if not others:
        return None
    served_s = await checkpoints.served_s(connection, job.owner, SERVED_WITHIN_S)
    ours = (served_s + request.render_s) / await jobs.owner_weight(connection, job.owner)
    for rival in others:
        theirs = await checkpoints.served_s(connection, rival.owner, SERVED_WITHIN_S)
        if theirs / rival.weight < ours:
            return f"{rival.owner} had {theirs:.0f} s, {job.owner} {served_s:.0f} s lately"
    return None
