"""How much an owner may do: asked before anything is taken on, and told in words."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from proto.errors import ErrorCode
from proto.limits import CreditEntry, CreditPage, LimitName, LimitsReport, LimitUse
from proto.plan import RenderSettings
from services.gateway.errors import ApiError
from services.gateway.rates import TRY_AGAIN_S, limits_of, refused
from services.gateway.state import BearerDep, CursorDep, Gateway, GatewayDep, LimitParam, OwnerDep
from services.store import checkpoints, limits
from services.store import credits as ledger
from services.store.checkpoints import Alike
from services.store.credits import Charge
from services.store.database import Connection
from services.store.page import Cursor, cut_page

router = APIRouter(tags=["limits"])

SECONDS_PER_FRAME = 1.0
"""What a frame is expected to take before anything like it was rendered."""
DAY = timedelta(days=1)


async def check_upload(gateway: Gateway, connection: Connection, owner: str, size: int) -> None:
    """Raises ApiError when a file of so many bytes is too much for today."""
    allowed = await limits_of(connection, gateway.settings, owner)
    if not allowed.uploads_per_day and not allowed.upload_bytes_per_day:
        return
    used = await limits.uploads_of_day(connection, owner)
    wait_s = _seconds_until(used.oldest_at + DAY) if used.oldest_at else TRY_AGAIN_S
    if allowed.uploads_per_day and used.count >= allowed.uploads_per_day:
        raise refused("You have added as many files today as you may. They are all kept.", wait_s)
    if allowed.upload_bytes_per_day and used.size_bytes + size > allowed.upload_bytes_per_day:
        words = "This file is more than you may still add today. The others are kept."
        raise refused(words, wait_s)


async def take_on(
    gateway: Gateway, connection: Connection, owner: str, job_id: str, gpu_seconds: float
) -> None:
    """Reserve what a run of a job needs, in the transaction that accepts it.

    Raises ApiError when the owner has too much waiting, or has used the day's render time up.
    """
    allowed = await limits_of(connection, gateway.settings, owner)
    if allowed.waiting_jobs or allowed.gpu_seconds_per_day:
        await limits.lock(connection, owner)
    if allowed.waiting_jobs:
        waiting = (await limits.unfinished(connection, owner)).waiting
        if waiting >= allowed.waiting_jobs:
            words = f"{waiting} of your videos wait already. Try again once one of them has begun."
            raise refused(words, TRY_AGAIN_S)
    if allowed.gpu_seconds_per_day:
        charges = await ledger.charges_of_day(connection, owner)
        _check_day(allowed.gpu_seconds_per_day, charges, gpu_seconds)
    await ledger.reserve(connection, owner, job_id, gpu_seconds)


def _check_day(allowed: float, charges: list[Charge], wanted: float) -> None:
    if wanted > allowed:
        words = "This video needs more render time than you have in a day. Make it shorter."
        raise ApiError(ErrorCode.LIMIT_REACHED, words)
    left = sum(charge.gpu_seconds for charge in charges)
    for charge in charges:
        if left + wanted <= allowed:
            return
        left -= charge.gpu_seconds
        free_at = charge.counts_at + DAY
    if sum(charge.gpu_seconds for charge in charges) + wanted > allowed:
        words = "Your render time for today is used up. Your files and settings are kept."
        raise refused(words, _seconds_until(free_at))


async def expected_seconds(
    connection: Connection, template_id: str, settings: RenderSettings, frames: int
) -> float:
    """What rendering so many frames is expected to take, at most."""
    pace = await checkpoints.find_pace(connection, Alike.of(template_id, settings))
    return frames * (pace.high if pace else SECONDS_PER_FRAME)


def _seconds_until(at: datetime) -> float:
    return max(1.0, (at - datetime.now(UTC)).total_seconds())


async def report_of(gateway: Gateway, owner: str) -> LimitsReport:
    """Every limit of the owner's, with how much of it is used."""
    async with gateway.pool.acquire() as connection:
        allowed = await limits_of(connection, gateway.settings, owner)
        uploads = await limits.uploads_of_day(connection, owner)
        jobs = await limits.unfinished(connection, owner)
        charges = await ledger.charges_of_day(connection, owner)
        rate = allowed.requests_per_minute
        requests = await limits.requests_used(connection, f"owner/{owner}", rate) if rate else 0
    upload_reset = uploads.oldest_at + DAY if uploads.oldest_at else None
    gpu_reset = charges[0].counts_at + DAY if charges else None
    rows: list[tuple[LimitName, float, float, datetime | None]] = [
        (LimitName.REQUESTS, requests, rate, None),
        (LimitName.UPLOADS, uploads.count, allowed.uploads_per_day, upload_reset),
        (LimitName.UPLOAD_BYTES, uploads.size_bytes, allowed.upload_bytes_per_day, upload_reset),
        (LimitName.RUNNING_JOBS, jobs.running, allowed.running_jobs, None),
        (LimitName.WAITING_JOBS, jobs.waiting, allowed.waiting_jobs, None),
        (
            LimitName.GPU_SECONDS,
            round(sum(charge.gpu_seconds for charge in charges), 1),
            allowed.gpu_seconds_per_day,
            gpu_reset,
        ),
    ]
    return LimitsReport(
        items=[
            LimitUse(name=name, used=used, limit=limit or None, resets_at=reset)
            for name, used, limit, reset in rows
        ]
    )


async def _report(gateway: GatewayDep, bearer: BearerDep) -> LimitsReport:
    return await report_of(gateway, bearer.owner)


LimitsDep = Annotated[LimitsReport, Depends(_report)]


@router.get("/api/credits")
async def list_credits(
    gateway: GatewayDep, owner: OwnerDep, cursor: CursorDep, limit: LimitParam = 50
) -> CreditPage:
    """What the caller's videos took of the render time, newest first."""
    return await credits_of(gateway, owner, cursor, limit)


async def credits_of(gateway: Gateway, owner: str, cursor: Cursor | None, limit: int) -> CreditPage:
    async with gateway.pool.acquire() as connection:
        rows = await ledger.list_page(connection, owner, cursor, limit + 1)
    items, next_cursor = cut_page(rows, limit, _cursor)
    return CreditPage(items=items, next_cursor=next_cursor)


def _cursor(entry: CreditEntry) -> Cursor:
    return Cursor(at=entry.at, id=entry.entry_id)
