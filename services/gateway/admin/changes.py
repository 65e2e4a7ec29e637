"""What operators do to a job. Each change and its audit line are one transaction."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import JsonValue

from proto.admin import JobRecord, PriorityChange, Reason, ReplayRequest
from proto.errors import ErrorCode
from proto.ids import new_id
from proto.job import TERMINAL, JobStatus
from proto.plan import TemplateRef
from services.gateway.admin.abilities import Case, read_case
from services.gateway.admin.record import get_job, read_record, subject
from services.gateway.admin.words import by_whom
from services.gateway.errors import ApiError
from services.gateway.jobs import expected_of, reopen_job, require_files
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep, ViewsDep
from services.store import admin_jobs, assets, audit, jobs
from services.store import credits as ledger
from services.store.database import Connection
from services.store.jobs import JobRow
from workflows_comfy.catalog import UnknownTemplate, load_template, templates

router = APIRouter()


@dataclass(frozen=True)
class Asked:
    """Which job is to be changed, and by whom."""

    job_id: str
    gateway: GatewayDep
    operator: OperatorDep
    views: ViewsDep

    async def record(self, job_id: str) -> JobRecord:
        """The job after the change, which is begun at once."""
        self.gateway.dispatcher.wake()
        self.gateway.board.forget()
        return await read_record(self.gateway, self.views, job_id)


AskedDep = Annotated[Asked, Depends()]


@router.post("/retry/{job_id}", status_code=202)
async def retry(asked: AskedDep, body: Reason) -> JobRecord:
    """Take a failed or stopped job up at its last checkpoint."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        row = await _lock(connection, asked.job_id)
        case = await read_case(connection, row)
        ability = case.retryable()
        if ability.reason is not None and not case.gone:
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, ability.reason)
        await ledger.reserve(connection, row.owner, row.job_id, await expected_of(connection, row))
        await reopen_job(connection, row)
        await _note(connection, asked, row, "job.retry", body.reason)
    return await asked.record(asked.job_id)


@router.post("/jobs/{job_id}/cancel", status_code=202)
async def cancel(asked: AskedDep, body: Reason) -> JobRecord:
    """Stop a job, whoever owns it."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        row = await _lock(connection, asked.job_id)
        if not await jobs.request_cancel(connection, row):
            raise ApiError(ErrorCode.NOT_CANCELLABLE, await _standing(connection, row))
        await _note(connection, asked, row, "job.cancel", body.reason)
    return await asked.record(asked.job_id)


@router.post("/jobs/{job_id}/priority")
async def set_priority(asked: AskedDep, body: PriorityChange) -> JobRecord:
    """Give a job another place in line; one that renders has it from its next segment on."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        row = await _lock(connection, asked.job_id)
        if row.status in TERMINAL or row.status is JobStatus.CANCELLING:
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, await _standing(connection, row))
        if body.expected_priority not in {None, row.priority}:
            raise await _stale_priority(connection, row)
        await admin_jobs.set_priority(connection, row.job_id, body.priority)
        await _note(connection, asked, row, "job.priority", body.reason)
    return await asked.record(asked.job_id)


@router.post("/jobs/{job_id}/replay", status_code=202)
async def replay(asked: AskedDep, body: ReplayRequest) -> JobRecord:
    """A new job of the same owner with the same inputs, settings and seed."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        row = await _lock(connection, asked.job_id)
        template = _template(row, body.template_version)
        await _check_replayable(connection, await read_case(connection, row), template)
        job_id = await _begin_again(connection, row, template)
        await audit.write(
            connection,
            who=asked.operator,
            action="job.replay",
            subject=subject(row.job_id),
            before={"template": str(row.template)},
            after={"job_id": job_id, "template": str(template)},
            why=body.reason,
        )
    return await asked.record(job_id)


def _template(row: JobRow, version: str | None) -> TemplateRef:
    """The job's own, or the asked version of it."""
    if version is None:
        return row.template
    template_id = row.template.template_id
    try:
        return load_template(template_id, version).ref
    except UnknownTemplate as error:
        released = [one.version for one in templates() if one.template_id == template_id]
        message = f"There is no {template_id}@{version}. Released: {', '.join(released)}."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="template_version") from error


async def _check_replayable(connection: Connection, case: Case, template: TemplateRef) -> None:
    ability = case.replayable(template)
    if ability.reason is not None:
        code = ErrorCode.MISSING_ASSET if case.gone else ErrorCode.NOT_POSSIBLE_NOW
        raise ApiError(code, ability.reason)
    # From here to the end of the transaction none of them can go.
    await require_files(connection, case.row.job_id)


async def _begin_again(connection: Connection, row: JobRow, template: TemplateRef) -> str:
    job_id = new_id()
    await ledger.reserve(connection, row.owner, job_id, await expected_of(connection, row))
    await jobs.insert(
        connection,
        jobs.NewJob(
            job_id=job_id,
            owner=row.owner,
            template=template,
            request=row.request,
            settings=row.settings,
            seed=row.seed,
            asset_ids=await assets.list_of_job(connection, row.job_id),
            frame_count=row.frame_count,
            segment_count=row.segment_count,
        ),
    )
    return job_id


async def _lock(connection: Connection, job_id: str) -> JobRow:
    await admin_jobs.lock(connection, job_id)
    return await get_job(connection, job_id)


async def _note(
    connection: Connection, asked: Asked, before: JobRow, action: str, why: str
) -> None:
    await audit.write(
        connection,
        who=asked.operator,
        action=action,
        subject=subject(before.job_id),
        before=_state(before),
        after=_state(await jobs.get(connection, before.job_id)),
        why=why,
    )


def _state(row: JobRow) -> JsonValue:
    return {"status": row.status.value, "priority": row.priority, "run": row.run}


async def _standing(connection: Connection, row: JobRow) -> str:
    line = await audit.find_newest(connection, subject(row.job_id))
    said = f"This job is {row.status} already"
    return f"{said}, changed last {by_whom(line)}." if line else f"{said}."


async def _stale_priority(connection: Connection, row: JobRow) -> ApiError:
    line = await audit.find_newest(connection, subject(row.job_id))
    said = f", {by_whom(line)}" if line else ""
    message = f"The priority is {row.priority} by now{said}. Look again, then decide."
    return ApiError(ErrorCode.NOT_POSSIBLE_NOW, message, field="expected_priority")
