from collections.abc import Sequence

from temporalio import activity

from proto.backend import Backend, ability
from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import Stage
from proto.render import InLine, JoinLine
from services.store import backends, jobs
from services.store.database import Pool
from services.store.jobs import Change
from temporal.activities.failures import permanent
from temporal.queues import JOIN_LINE, TaskQueue, line_of


class LineActivities:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name=JOIN_LINE.name)
    async def join_line(self, request: JoinLine) -> InLine:
        """Choose the line by what the job needs, and tell that it waits there."""
        async with self._pool.acquire() as connection, connection.transaction():
            job = await jobs.get(connection, request.job_id)
            needed = ability(str(job.template), job.settings.quality_profile)
            line = choose_line(needed, await backends.list_all(connection))
            change = Change(
                key=request.key,
                type=EventType.QUEUED,
                stage=Stage.IN_LINE,
                progress=request.progress,
            )
            await jobs.record(connection, job.job_id, change)
            await jobs.set_line(connection, job.job_id, line)
        return InLine(ability=needed, line=line)


def choose_line(needed: str, known: Sequence[Backend]) -> str:
    """The one line of all that any backend can render; a line of its own for what only some can.

    Raises a permanent failure when every backend was asked and none can. One whose agent is of a
    release that does not know the version yet was not asked.
    """
    asked = [backend for backend in known if _was_asked(backend, needed)]
    able = [backend for backend in asked if needed in (backend.abilities or [])]
    if len(able) == len(asked):
        return TaskQueue.GPU
    if not able and len(asked) == len(known):
        lacks = [
            f"{backend.backend_id} lacks {', '.join(backend.missing.get(needed, []))}"
            for backend in asked
        ]
        raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, f"{needed}: {'; '.join(lacks)}")
    return line_of(needed)


def _was_asked(backend: Backend, needed: str) -> bool:
    known = backend.abilities is not None
    return known and needed in {*backend.missing, *(backend.abilities or [])}
