import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from proto.errors import ErrorCode
from proto.event import EventPage
from proto.ids import new_id
from proto.job import (
    MAX_SEED,
    TERMINAL,
    AgainRequest,
    AnimateRequest,
    AnimateSubmode,
    AnyJobRequest,
    AudioPerformanceRequest,
    Job,
    JobAction,
    JobOutputPage,
    JobPage,
    JobSegmentList,
    JobStatus,
    Mode,
    Origin,
    Promise,
)
from services.gateway.errors import ApiError
from services.gateway.intake import (
    ACCEPTANCE_PATIENCE_S,
    PREVIEW_PATIENCE_S,
    Intake,
    take_in,
    until_read,
)
from services.gateway.limits import expected_seconds, take_on
from services.gateway.state import (
    Caller,
    CallerDep,
    CursorDep,
    Gateway,
    GatewayDep,
    LimitParam,
    NumberParam,
    OwnerDep,
    ViewsDep,
)
from services.gateway.views import Views, actions
from services.store import (
    assets,
    checkpoints,
    events,
    idempotency,
    jobs,
    outputs,
    prompts,
    retention,
)
from services.store.database import Connection
from services.store.jobs import JobFilter, JobRow
from services.store.line import Waiting
from services.store.page import Cursor, cut_page

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]


@dataclass(frozen=True)
class JobPart:
    """index: from 0."""

    job_id: str
    index: int


JobPartDep = Annotated[JobPart, Depends()]


def _findable(search: str) -> str:
    # NUL is the one character that Postgres can't keep in a text, so no prompt has it.
    if "\x00" in search or not search.split():
        raise PydanticCustomError("unfindable_text", "this is nothing to search for")
    return search


Search = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_findable),
]


async def _filter(
    search: Annotated[Search | None, Query()] = None,
    mode: Annotated[Mode | None, Query()] = None,
    submode: Annotated[AnimateSubmode | None, Query()] = None,
    status: Annotated[list[JobStatus] | None, Query()] = None,
) -> JobFilter:
    """search: words that all occur in the prompt, or as parts of its words."""
    return JobFilter(search=search, mode=mode, submode=submode, statuses=status)


JobFilterDep = Annotated[JobFilter, Depends(_filter)]


@router.post("/animate", status_code=202)
async def create_animate(
    body: AnimateRequest,
    gateway: GatewayDep,
    caller: CallerDep,
    views: ViewsDep,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Animate a character with a clip's motion, or put it in the place of the clip's person."""
    return await _create(gateway, caller, views, body, idempotency_key)


@router.post("/audio-performance", status_code=202)
async def create_audio_performance(
    body: AudioPerformanceRequest,
    gateway: GatewayDep,
    caller: CallerDep,
    views: ViewsDep,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Have a character speak or sing a sound file."""
    return await _create(gateway, caller, views, body, idempotency_key)


@router.post("/animate/preview")
async def preview_animate(body: AnimateRequest, gateway: GatewayDep, owner: OwnerDep) -> Promise:
    """What the job would make. Creates nothing."""
    return await _preview(gateway, owner, body)


@router.post("/audio-performance/preview")
async def preview_audio_performance(
    body: AudioPerformanceRequest, gateway: GatewayDep, owner: OwnerDep
) -> Promise:
    """What the job would make. Creates nothing."""
    return await _preview(gateway, owner, body)


@router.get("")
async def list_jobs(
    gateway: GatewayDep,
    owner: OwnerDep,
    views: ViewsDep,
    wanted: JobFilterDep,
    cursor: CursorDep,
    limit: LimitParam = 24,
) -> JobPage:
    """The caller's jobs, newest first; those that match all of what is asked for."""
    async with gateway.pool.acquire() as connection:
        rows = await jobs.list_page(connection, owner, wanted, cursor, limit + 1)
        page, next_cursor = cut_page(
            rows, limit, lambda row: Cursor(at=row.created_at, id=row.job_id)
        )
    items = await _show(gateway, views, owner, page)
    return JobPage(items=items, next_cursor=next_cursor)


@router.get("/{job_id}")
async def get_job(job_id: str, gateway: GatewayDep, owner: OwnerDep, views: ViewsDep) -> Job:
    async with gateway.pool.acquire() as connection:
        row = await find_job(connection, owner, job_id)
    [job] = await _show(gateway, views, owner, [row])
    return job


@router.delete("/{job_id}", status_code=204)
async def delete_job(job_id: str, gateway: GatewayDep, caller: CallerDep) -> None:
    """Delete a video that has ended. It can be restored for a minute; then its files are gone."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        row = await find_job(connection, caller.owner, job_id)
        if not await jobs.delete(connection, row.job_id):
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, "Stop this video first.")
        await caller.note(connection, "job.delete", job_id)
    gateway.dispatcher.wake()


@router.post("/{job_id}/restore")
async def restore_job(job_id: str, gateway: GatewayDep, caller: CallerDep, views: ViewsDep) -> Job:
    """Bring a deleted video back while its files still exist."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await jobs.restore(connection, caller.owner, job_id):
            await caller.note(connection, "job.restore", job_id)
        row = await find_job(connection, caller.owner, job_id)
    gateway.dispatcher.wake()
    [job] = await _show(gateway, views, caller.owner, [row])
    return job


@router.get("/{job_id}/events")
async def list_events(
    job_id: str,
    gateway: GatewayDep,
    owner: OwnerDep,
    after: NumberParam = 0,
    limit: LimitParam = 100,
) -> EventPage:
    """The job's events after number `after`, oldest first."""
    async with gateway.pool.acquire() as connection:
        await find_job(connection, owner, job_id)
        items = await events.list_of_job(connection, job_id, after, limit)
    return EventPage(items=items)


@router.get("/{job_id}/outputs")
async def list_outputs(
    job_id: str, gateway: GatewayDep, owner: OwnerDep, views: ViewsDep
) -> JobOutputPage:
    """What the finished job made; empty until it is completed."""
    async with gateway.pool.acquire() as connection:
        row = await find_job(connection, owner, job_id)
        found = await outputs.find_of_jobs(connection, [job_id])
    done = row.status is JobStatus.COMPLETED
    return JobOutputPage(items=[views.output(output) for output in found.values()] if done else [])


@router.post("/{job_id}/cancel", status_code=202)
async def cancel_job(job_id: str, gateway: GatewayDep, caller: CallerDep, views: ViewsDep) -> Job:
    """Stop a job. Asking again is harmless; a job that has ended says so."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        row = await find_job(connection, caller.owner, job_id)
        asked = await jobs.request_cancel(connection, row)
        row = await find_job(connection, caller.owner, job_id)
        if asked:
            await caller.note(connection, "job.cancel", job_id)
        elif row.status is not JobStatus.CANCELLING:
            raise ApiError(ErrorCode.NOT_CANCELLABLE, f"This video is already {row.status}.")
    gateway.dispatcher.wake()
    gateway.board.forget()
    [job] = await _show(gateway, views, caller.owner, [row])
    return job


@router.post("/{job_id}/keep", status_code=202)
async def keep_job(job_id: str, gateway: GatewayDep, caller: CallerDep, views: ViewsDep) -> Job:
    """Stop a job after the part it renders now, and finish the video from what is done."""
    return await _wish(gateway, views, caller, job_id, JobAction.KEEP)


@router.post("/{job_id}/continue", status_code=202)
async def continue_job(job_id: str, gateway: GatewayDep, caller: CallerDep, views: ViewsDep) -> Job:
    """Go on with a job that waits for a decision."""
    return await _wish(gateway, views, caller, job_id, JobAction.CONTINUE)


@router.post("/{job_id}/retry", status_code=202)
async def retry_job(job_id: str, gateway: GatewayDep, caller: CallerDep, views: ViewsDep) -> Job:
    """Take a failed or stopped job up where it ended. What it has made is not made again."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        row = await find_job(connection, caller.owner, job_id)
        wanted = await expected_of(connection, row)
        await take_on(gateway, connection, row.owner, job_id, wanted)
        await reopen_job(connection, row)
        await caller.note(connection, "job.retry", job_id)
        row = await find_job(connection, caller.owner, job_id)
    gateway.dispatcher.wake()
    [job] = await _show(gateway, views, caller.owner, [row])
    return job


@router.get("/{job_id}/segments")
async def list_segments(
    job_id: str, gateway: GatewayDep, owner: OwnerDep, views: ViewsDep
) -> JobSegmentList:
    """The parts of the job's video, in order."""
    async with gateway.pool.acquire() as connection:
        row = await find_job(connection, owner, job_id)
        made = await checkpoints.list_of_job(connection, job_id)
    return JobSegmentList(items=views.segments(row, made))


@router.post("/{job_id}/segments/{index}/again", status_code=202)
async def make_again(
    part: JobPartDep,
    body: AgainRequest,
    gateway: GatewayDep,
    caller: CallerDep,
    views: ViewsDep,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Make a part of a video, and what follows it, once more, as a job of its own.

    What lies before it is taken over. The older video stays; one that is still rendered ends with
    what it has.
    """
    owner = caller.owner
    asked = _sha256(f"{part.job_id}/{part.index}/{body.model_dump_json()}")
    async with gateway.pool.acquire() as connection, connection.transaction():
        again_id = await _earlier(connection, owner, asked, idempotency_key)
        if again_id is None:
            row = _known(await jobs.find_and_keep(connection, owner, part.job_id))
            again_id = await _begin_again(gateway, connection, row, part.index, body.seed)
            await caller.note(connection, "job.again", again_id, after={"of": part.job_id})
            if idempotency_key is not None:
                await idempotency.remember(connection, owner, idempotency_key, asked, again_id)
        row = await find_job(connection, owner, again_id)
    gateway.dispatcher.wake()
    gateway.board.forget()
    [job] = await _show(gateway, views, owner, [row])
    return job


async def _begin_again(
    gateway: Gateway, connection: Connection, row: JobRow, index: int, seed: int | None
) -> str:
    _require(row, JobAction.AGAIN)
    await require_files(connection, row.job_id)
    if not 0 <= index <= min(row.segments_done, row.segment_count - 1):
        message = "This part of the video is not made yet. Choose one that you can play."
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message, field="index")
    if row.status not in TERMINAL:
        await jobs.set_wish(connection, row.job_id, JobAction.KEEP)
    again_id = new_id()
    wanted = await expected_of(connection, row)
    await take_on(gateway, connection, row.owner, again_id, wanted)
    await _take_over(connection, row, again_id, index, seed)
    return again_id


async def reopen_job(connection: Connection, row: JobRow) -> None:
    """Raises ApiError when the job neither failed nor was stopped, or can't be made any more."""
    if not await jobs.reopen(connection, row):
        message = f"This video is {row.status}. Only a failed or stopped one can be tried again."
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message)
    await require_files(connection, row.job_id)
    # What it left on a backend that is away must not run beside the new attempt.
    await prompts.abandon_all(connection, row.job_id)


async def require_files(connection: Connection, job_id: str) -> None:
    """Keep the files a job was made of until the transaction ends.

    Raises ApiError that says which of them are gone.
    """
    gone = await retention.list_gone_files(connection, job_id)
    if gone:
        names = ", ".join(f"“{file.original_filename}”" for file in gone)
        message = f"We don't have {names} any more. Start a new video and add the file again."
        raise ApiError(ErrorCode.MISSING_ASSET, message)


async def find_job(connection: Connection, owner: str, job_id: str) -> JobRow:
    return _known(await jobs.find(connection, owner, job_id))


def _known(row: JobRow | None) -> JobRow:
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, "This video does not exist, or is not yours.")
    return row


async def _wish(
    gateway: Gateway, views: Views, caller: Caller, job_id: str, action: JobAction
) -> Job:
    async with gateway.pool.acquire() as connection, connection.transaction():
        row = await find_job(connection, caller.owner, job_id)
        _require(row, action)
        await jobs.set_wish(connection, job_id, action)
        await caller.note(connection, f"job.{action}", job_id)
        row = await find_job(connection, caller.owner, job_id)
    gateway.dispatcher.wake()
    [job] = await _show(gateway, views, caller.owner, [row])
    return job


WHY_NOT = {
    JobAction.KEEP: "There is nothing to keep of this video now.",
    JobAction.CONTINUE: "This video does not wait for you.",
    JobAction.AGAIN: "This video has no parts that can be made again.",
}


def _require(row: JobRow, action: JobAction) -> None:
    if action not in actions(row):
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, WHY_NOT[action])


async def _take_over(
    connection: Connection, row: JobRow, job_id: str, segment: int, seed: int | None
) -> None:
    """A job like another one, which goes on from a segment of it."""
    await jobs.insert(
        connection,
        jobs.NewJob(
            job_id=job_id,
            owner=row.owner,
            template=row.template,
            request=row.request,
            settings=row.settings,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
            asset_ids=await assets.list_of_job(connection, row.job_id),
            frame_count=row.frame_count,
            segment_count=row.segment_count,
            origin=Origin(job_id=row.job_id, segment=segment),
        ),
    )
    await checkpoints.take_over(connection, row.job_id, job_id, segment)


async def _create(
    gateway: Gateway, caller: Caller, views: Views, body: AnyJobRequest, key: str | None
) -> Job:
    owner = caller.owner
    await until_read(gateway.pool, owner, body, patience_s=ACCEPTANCE_PATIENCE_S)
    async with gateway.pool.acquire() as connection, connection.transaction():
        asked = _sha256(body.model_dump_json())
        job_id = await _earlier(connection, owner, asked, key)
        if job_id is None:
            job_id = new_id()
            intake = await take_in(gateway, connection, owner, body, job_id=job_id)
            await take_on(gateway, connection, owner, job_id, await _expected(connection, intake))
            await _accept(connection, owner, job_id, intake)
            await caller.note(connection, "job.create", job_id)
            if key is not None:
                await idempotency.remember(connection, owner, key, asked, job_id)
        row = await find_job(connection, owner, job_id)
    gateway.dispatcher.wake()
    gateway.board.forget()
    [job] = await _show(gateway, views, owner, [row])
    return job


async def _earlier(connection: Connection, owner: str, asked: str, key: str | None) -> str | None:
    """The job that the same request with the same key has made."""
    if key is None:
        return None
    try:
        return await idempotency.find_job(connection, owner, key, asked)
    except idempotency.KeyReused as error:
        message = "This Idempotency-Key was used for another request. Use a new one."
        raise ApiError(ErrorCode.IDEMPOTENCY_CONFLICT, message) from error


async def _expected(connection: Connection, intake: Intake) -> float:
    return await expected_seconds(
        connection, intake.template.template_id, intake.settings, intake.rendered_frames
    )


async def expected_of(connection: Connection, row: JobRow) -> float:
    """What rendering all of a job is expected to take, at most."""
    template_id = row.template.template_id
    return await expected_seconds(connection, template_id, row.settings, row.frame_count)


async def _accept(connection: Connection, owner: str, job_id: str, intake: Intake) -> None:
    seed = intake.request.seed
    await jobs.insert(
        connection,
        jobs.NewJob(
            job_id=job_id,
            owner=owner,
            template=intake.template,
            request=intake.request,
            settings=intake.settings,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
            asset_ids=list(intake.assets),
            frame_count=intake.plan.frames,
            segment_count=len(intake.plan.segments),
        ),
    )


async def _preview(gateway: Gateway, owner: str, body: AnyJobRequest) -> Promise:
    await until_read(gateway.pool, owner, body, patience_s=PREVIEW_PATIENCE_S)
    async with gateway.pool.acquire() as connection:
        intake = await take_in(gateway, connection, owner, body)
        pace = await checkpoints.find_pace(connection, intake.alike)
        weight = await jobs.owner_weight(connection, owner)
    place, wait = await gateway.board.newcomer(
        Waiting(
            job_id="new",
            owner=owner,
            priority=body.priority,
            weight=weight,
            queued_at=datetime.now(UTC),
            line=None,
            granted=False,
            frames_left=intake.plan.frames,
            template_id=intake.template.template_id,
            quality=intake.settings.quality_profile,
            aspect_ratio=intake.settings.aspect_ratio,
        )
    )
    estimate = pace.seconds(intake.rendered_frames) if pace else None
    return intake.promise(estimated_seconds=estimate, queue_position=place, wait_seconds=wait)


async def _show(gateway: Gateway, views: Views, owner: str, rows: list[JobRow]) -> list[Job]:
    async with gateway.pool.acquire() as connection:
        characters = await assets.find(
            connection, owner, [row.request.ground_truth_asset_id for row in rows]
        )
        done = await outputs.find_of_jobs(connection, [row.job_id for row in rows])
    return [
        views.job(
            row,
            character=characters.get(row.request.ground_truth_asset_id),
            output=done.get(row.job_id),
            wait=await gateway.board.wait(row),
        )
        for row in rows
    ]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
