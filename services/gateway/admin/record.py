"""A job's page: everything that is known of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from proto.admin import (
    InputUse,
    JobCheckpoint,
    JobInput,
    JobPrompt,
    JobRecord,
    JobRun,
    StageTime,
    StoredAt,
    TimelineEntry,
)
from proto.errors import ErrorCode
from proto.job import TERMINAL, Job, JobOutput, OutputName, Stage
from proto.media import StoredFile
from services.gateway.admin.abilities import Case, read_case, uses_of
from services.gateway.errors import ApiError
from services.gateway.state import Gateway
from services.gateway.views import Views
from services.settings import Settings
from services.store import admin_jobs, assets, audit, checkpoints, jobs, outputs, prompts
from services.store.admin_jobs import InputRow, Moment
from services.store.audit import Actor
from services.store.checkpoints import CheckpointRow
from services.store.database import Connection
from services.store.jobs import JobRow
from temporal.client import workflow_id

NEWEST_LINES = 50
SAME = {"job_id", "owner", "status", "cause", "backend_id", "prompt_id", "run", "priority"}
"""What the record takes from the row as it is."""


def subject(job_id: str) -> str:
    """What the audit calls a job."""
    return f"job/{job_id}"


async def note_look(connection: Connection, operator: Actor, job: JobRow) -> None:
    """Leave an audit line where an operator looks at another's job."""
    if job.owner != operator.name:
        await audit.note_access(connection, operator, "job.read", subject(job.job_id))


async def get_job(connection: Connection, job_id: str) -> JobRow:
    """The job, whoever owns it."""
    try:
        return await jobs.get(connection, job_id)
    except LookupError as error:
        raise ApiError(ErrorCode.NOT_FOUND, "There is no such job.") from error


async def read_record(gateway: Gateway, views: Views, job_id: str) -> JobRecord:
    async with gateway.pool.acquire() as connection:
        row = await get_job(connection, job_id)
        standing = await admin_jobs.get_standing(connection, job_id)
        case = await read_case(connection, row)
        tried = await prompts.list_of_job(connection, job_id)
        made = await checkpoints.list_of_job(connection, job_id)
        moments = await admin_jobs.list_moments(connection, job_id)
        lines = await audit.list_of_subject(connection, subject(job_id), NEWEST_LINES)
    job = await _job(gateway, views, row)
    timeline = list(_timeline(moments, now=datetime.now(UTC)))
    return JobRecord(
        **row.model_dump(include=SAME),
        line=standing.line,
        deleted=standing.deleted,
        job=job,
        settings=row.settings.model_dump(mode="json"),
        plan_url=_plan_url(views, row),
        prompts=[JobPrompt(**prompt.model_dump()) for prompt in tried],
        checkpoints=[_checkpoint(views, checkpoint) for checkpoint in made],
        timeline=timeline,
        stages=_stages(timeline),
        inputs=list(_inputs(views, case)),
        output=job.output,
        manifest_url=_file_url(job.output, OutputName.MANIFEST),
        debug_url=_file_url(job.output, OutputName.DEBUG),
        runs=_runs(gateway.settings, row),
        retryable=case.retryable(),
        replayable=case.replayable(row.template),
        cancellable=case.cancellable(),
        audit=lines,
    )


async def _job(gateway: Gateway, views: Views, row: JobRow) -> Job:
    character_id = row.request.ground_truth_asset_id
    async with gateway.pool.acquire() as connection:
        characters = await assets.find(connection, row.owner, [character_id])
        made = await outputs.find_of_jobs(connection, [row.job_id])
    return views.job(
        row,
        character=characters.get(character_id),
        output=made.get(row.job_id),
        wait=await gateway.board.wait(row),
    )


def _timeline(moments: Sequence[Moment], *, now: datetime) -> Iterator[TimelineEntry]:
    ends: list[datetime | None] = [after.at for _, after in pairwise(moments)]
    if moments:
        ends.append(None if moments[-1].status in TERMINAL else now)
    for moment, end in zip(moments, ends, strict=True):
        seconds = (end - moment.at).total_seconds() if end else None
        yield TimelineEntry(**moment.model_dump(), seconds=seconds)


def _stages(timeline: Sequence[TimelineEntry]) -> list[StageTime]:
    spent: defaultdict[Stage, float] = defaultdict(float)
    for entry in timeline:
        # Between its end and its retry a job is in no stage.
        if entry.status not in TERMINAL and entry.seconds is not None:
            spent[entry.stage] += entry.seconds
    return [StageTime(stage=stage, seconds=spent[stage]) for stage in Stage if stage in spent]


def _checkpoint(views: Views, row: CheckpointRow) -> JobCheckpoint:
    shown = row.model_dump(include=set(JobCheckpoint.model_fields) - {"files", "graph"})
    return JobCheckpoint(
        **shown,
        files={kind: _stored(views, file) for kind, file in row.files.items()},
        graph=_stored(views, row.submitted.graph),
    )


def _stored(views: Views, file: StoredFile) -> StoredAt:
    return StoredAt(url=_url(views, file.key), **file.model_dump())


def _url(views: Views, key: str) -> str:
    return views.signer.sign(views.origin, key)


def _plan_url(views: Views, row: JobRow) -> str | None:
    return _url(views, row.plan.key) if row.plan and row.parts_purged_at is None else None


def _file_url(output: JobOutput | None, name: OutputName) -> str | None:
    file = output.files.get(name) if output else None
    return file.url if file else None


def _inputs(views: Views, case: Case) -> Iterator[JobInput]:
    for asset_id, uses in uses_of(case.row.request).items():
        row = case.inputs.get(asset_id)
        yield _gone(asset_id, uses) if row is None else _input(views, row, uses)


def _input(views: Views, row: InputRow, uses: list[InputUse]) -> JobInput:
    kept = not row.purged
    return JobInput(
        asset_id=row.asset_id,
        uses=uses,
        kind=row.kind,
        original_filename=row.original_filename,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        facts=row.facts,
        purged=row.purged,
        url=_url(views, row.original_key) if kept else None,
        thumbnail_url=_url(views, row.thumbnail_key) if kept and row.thumbnail_key else None,
    )


def _gone(asset_id: str, uses: list[InputUse]) -> JobInput:
    known: dict[str, Any] = dict.fromkeys(JobInput.model_fields)
    return JobInput(**known | {"asset_id": asset_id, "uses": uses, "purged": True})


def _runs(settings: Settings, row: JobRow) -> list[JobRun]:
    started = [workflow_id(row.job_id, run) for run in range(1, row.run + 1)]
    return [
        JobRun(run=run, workflow_id=name, temporal_url=temporal_url(settings, name))
        for run, name in enumerate(started, start=1)
    ]


def temporal_url(settings: Settings, name: str) -> str | None:
    """Where the Temporal Web UI shows a workflow; None where we don't know it."""
    if settings.temporal_ui_url is None:
        return None
    base = str(settings.temporal_ui_url).rstrip("/")
    return f"{base}/namespaces/{settings.temporal_namespace}/workflows/{name}"
