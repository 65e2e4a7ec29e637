from fastapi import APIRouter

from proto.admin import BackendQueue, QueuedJob, QueueView, Saturation
from proto.backend import Backend
from services.gateway.admin.words import counted
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep
from services.store import admin_jobs, backends, line
from services.store.line import Line

router = APIRouter()


@router.get("/queue")
async def show_queue(gateway: GatewayDep, operator: OperatorDep) -> QueueView:
    """Who waits and what renders, by owner and by backend."""
    async with gateway.pool.acquire() as connection:
        read = await line.read(connection)
        running = await admin_jobs.list_running(connection)
        owners = await admin_jobs.list_owners(connection)
        known = await backends.list_all(connection)
        placed = await admin_jobs.list_placed(connection)
    waiting = _waiting(read)
    return QueueView(
        waiting=waiting,
        running=running,
        preparing=read.preparing,
        gpus=read.gpus,
        owners=owners,
        backends=[_backend(row, placed.get(row.backend_id, [])) for row in known],
        oldest=min(waiting, key=lambda job: job.queued_at, default=None),
        saturation=saturation(len(waiting), read.gpus, gateway.settings.saturation_per_gpu),
    )


def saturation(waiting: int, gpus: int, per_gpu: int) -> Saturation:
    """Whether more wait than the backends that take work are meant to have waiting."""
    threshold = max(per_gpu * gpus, 1)
    reached = waiting >= threshold
    where = counted(gpus, "backend") if gpus else "no backend, for none takes work"
    line = f"{counted(waiting, 'job')} in line for {where}"
    message = f"Saturated: {line}; {threshold} are too many." if reached else f"{line}."
    return Saturation(waiting=waiting, threshold=threshold, reached=reached, message=message)


def _waiting(read: Line) -> list[QueuedJob]:
    return [
        QueuedJob(
            position=position,
            wait_seconds=wait,
            **job.model_dump(include=set(QueuedJob.model_fields)),
        )
        for position, (job, wait) in enumerate(
            zip(read.waiting, read.waits(), strict=True), start=1
        )
    ]


def _backend(row: Backend, job_ids: list[str]) -> BackendQueue:
    shown = row.model_dump(include=set(BackendQueue.model_fields))
    return BackendQueue(job_ids=job_ids, **shown)
