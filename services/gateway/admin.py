"""What operators see and do. Engine words are allowed here."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field, HttpUrl, TypeAdapter, ValidationError

from proto.backend import Backend, BackendState, backend_id
from proto.errors import ErrorCode
from proto.job import JobStatus, SecondsRange
from proto.model import Model, Request
from services.gateway.errors import ApiError
from services.gateway.jobs import reopen_job
from services.gateway.state import Gateway, GatewayDep
from services.store import backends, checkpoints, jobs, line, prompts
from services.store.checkpoints import CheckpointRow
from services.store.database import Connection
from services.store.jobs import JobRow
from services.store.prompts import PromptRow

router = APIRouter(prefix="/api/admin", tags=["admin"])

URL = TypeAdapter(HttpUrl)
WORKING = [BackendState.OFFERED, BackendState.CORDONED, BackendState.DRAINING]
RESTING = [BackendState.CORDONED, BackendState.DRAINING, BackendState.QUARANTINED]


class BackendList(Model):
    items: list[Backend]


class NewBackend(Request):
    """url: scheme, host, port and path. Credentials belong into the access file, by this URL."""

    url: str = Field(max_length=500)


class Reason(Request):
    reason: str = Field(min_length=3, max_length=300)


class QueuedJob(Model):
    """A waiting job. position: in the order they will most likely be served."""

    position: int
    job_id: str
    owner: str
    priority: int
    line: str | None
    granted: bool
    queued_at: datetime
    wait_seconds: SecondsRange | None


class QueueView(Model):
    """gpus: backends that take work now."""

    waiting: list[QueuedJob]
    running: int
    preparing: int
    gpus: int


class JobRecord(Model):
    """Everything of a job that only operators see: the exact cause, and each prompt's fate."""

    job_id: str
    owner: str
    status: JobStatus
    cause: str | None
    backend_id: str | None
    run: int
    prompts: list[PromptRow]
    checkpoints: list[CheckpointRow]


@router.get("/backends")
async def list_backends(gateway: GatewayDep) -> BackendList:
    async with gateway.pool.acquire() as connection:
        return BackendList(items=await backends.list_all(connection))


@router.post("/backends", status_code=201)
async def add_backend(body: NewBackend, gateway: GatewayDep) -> Backend:
    """Take a ComfyUI server into the line, without a restart of anything."""
    url = _checked(body.url)
    name = backend_id(url)
    async with gateway.pool.acquire() as connection:
        if not await backends.add(connection, name, url):
            raise ApiError(ErrorCode.INVALID_REQUEST, f"{name} is in the line already.")
        return await _find(connection, name)


@router.post("/backends/{name}/cordon")
async def cordon(name: str, body: Reason, gateway: GatewayDep) -> Backend:
    """Give it nothing new. What renders or waits there goes on."""
    return await _set(gateway, name, BackendState.CORDONED, body.reason, WORKING)


@router.post("/backends/{name}/drain")
async def drain(name: str, body: Reason, gateway: GatewayDep) -> Backend:
    """Empty it: nothing new, what waits there goes back to the line, what renders is finished."""
    return await _set(gateway, name, BackendState.DRAINING, body.reason, WORKING)


@router.post("/backends/{name}/uncordon")
async def uncordon(name: str, gateway: GatewayDep) -> Backend:
    """Give it work again, out of quarantine too."""
    return await _set(gateway, name, BackendState.OFFERED, None, RESTING)


@router.post("/backends/{name}/remove")
async def remove(name: str, body: Reason, gateway: GatewayDep) -> Backend:
    """Forget it, once what it renders has ended."""
    return await _set(gateway, name, BackendState.REMOVED, body.reason, [*WORKING, *RESTING])


@router.get("/queue")
async def show_queue(gateway: GatewayDep) -> QueueView:
    async with gateway.pool.acquire() as connection:
        read = await line.read(connection)
    return QueueView(
        waiting=[
            QueuedJob(
                position=position,
                wait_seconds=wait,
                **job.model_dump(include=set(QueuedJob.model_fields)),
            )
            for position, (job, wait) in enumerate(
                zip(read.waiting, read.waits(), strict=True), start=1
            )
        ],
        running=len(read.running),
        preparing=read.preparing,
        gpus=read.gpus,
    )


@router.get("/jobs/{job_id}")
async def show_job(job_id: str, gateway: GatewayDep) -> JobRecord:
    async with gateway.pool.acquire() as connection:
        return await _record(connection, job_id)


@router.post("/retry/{job_id}", status_code=202)
async def retry(job_id: str, gateway: GatewayDep) -> JobRecord:
    """Take a failed or stopped job up at its last checkpoint."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        await reopen_job(connection, await _job(connection, job_id))
        record = await _record(connection, job_id)
    gateway.dispatcher.wake()
    return record


async def _job(connection: Connection, job_id: str) -> JobRow:
    try:
        return await jobs.get(connection, job_id)
    except LookupError as error:
        raise ApiError(ErrorCode.NOT_FOUND, "There is no such job.") from error


async def _record(connection: Connection, job_id: str) -> JobRecord:
    job = await _job(connection, job_id)
    return JobRecord(
        job_id=job.job_id,
        owner=job.owner,
        status=job.status,
        cause=job.cause,
        backend_id=job.backend_id,
        run=job.run,
        prompts=await prompts.list_of_job(connection, job_id),
        checkpoints=await checkpoints.list_of_job(connection, job_id),
    )


async def _set(
    gateway: Gateway,
    name: str,
    state: BackendState,
    reason: str | None,
    allowed: list[BackendState],
) -> Backend:
    async with gateway.pool.acquire() as connection:
        before = await _find(connection, name)
        if not await backends.set_state(connection, name, state, reason, allowed=allowed):
            raise ApiError(ErrorCode.INVALID_REQUEST, f"{name} is {before.state}.")
        return await _find(connection, name)


async def _find(connection: Connection, name: str) -> Backend:
    row = await backends.find(connection, name)
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"There is no backend {name}.")
    return row


def _checked(text: str) -> str:
    try:
        url = URL.validate_python(text)
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, "This is not a URL.", field="url") from error
    if url.username or url.password or url.query or url.fragment:
        message = "Only scheme, host, port and path. Credentials belong into the access file."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="url")
    return text.strip().rstrip("/")
