"""Every job, as operators look for it and read it."""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from proto.admin import AdminJob, AdminJobFilter, AdminJobPage, JobRecord
from proto.errors import ErrorCode
from proto.job import AnimateSubmode, JobStatus, Mode
from services.gateway.admin.record import get_job, note_look, read_record
from services.gateway.jobs import Search
from services.gateway.operator import OperatorDep
from services.gateway.state import CursorDep, GatewayDep, LimitParam, TimeParam, ViewsDep
from services.store import admin_jobs, audit
from services.store.page import Cursor, cut_page

router = APIRouter()

Text = Annotated[str | None, Query(max_length=300)]
IdPrefix = Annotated[str | None, Query(pattern=r"^([Ff]-)?[0-9a-fA-F-]{1,36}$")]
TemplateName = Annotated[str | None, Query(pattern=r"^[\w./-]{1,100}(@[\w.-]{1,40})?$")]


@dataclass(frozen=True)
class Wanted:
    """As AdminJobFilter. job_id: its first characters, or the reference of a failed video."""

    job_id: IdPrefix = None
    search: Annotated[Search | None, Query()] = None
    owner: Text = None
    status: Annotated[list[JobStatus] | None, Query()] = None
    mode: Annotated[Mode | None, Query()] = None
    submode: Annotated[AnimateSubmode | None, Query()] = None
    template: TemplateName = None
    backend: Text = None
    prompt_id: Text = None
    error: Annotated[ErrorCode | None, Query()] = None
    since: TimeParam = None
    until: TimeParam = None

    @property
    def sought(self) -> AdminJobFilter:
        prefix = self.job_id.lower().removeprefix("f-") if self.job_id else None
        rest = asdict(self)
        return AdminJobFilter(job_id_prefix=prefix, statuses=rest.pop("status"), **rest)


@router.get("/jobs")
async def search_jobs(
    wanted: Annotated[Wanted, Depends()],
    gateway: GatewayDep,
    operator: OperatorDep,
    cursor: CursorDep,
    limit: LimitParam = 50,
) -> AdminJobPage:
    """The jobs of all owners, newest first; those that match all of what is asked for."""
    async with gateway.pool.acquire() as connection:
        await audit.note_access(connection, operator, "jobs.read", "jobs/all")
        rows = await admin_jobs.list_page(connection, wanted.sought, cursor, limit + 1)
    items, next_cursor = cut_page(rows, limit, _cursor)
    return AdminJobPage(items=items, next_cursor=next_cursor)


@router.get("/jobs/{job_id}")
async def show_job(
    job_id: str, gateway: GatewayDep, operator: OperatorDep, views: ViewsDep
) -> JobRecord:
    """Everything of a job."""
    async with gateway.pool.acquire() as connection:
        await note_look(connection, operator, await get_job(connection, job_id))
    return await read_record(gateway, views, job_id)


def _cursor(job: AdminJob) -> Cursor:
    return Cursor(at=job.created_at, id=job.job_id)
