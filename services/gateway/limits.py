"""How much an owner may do: asked before anything is taken on, and told in words."""

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from proto.errors import ErrorCode
from proto.limits import CreditEntry, CreditPage, LimitName, Limits, LimitsReport, LimitUse
from proto.plan import RenderSettings
from services.gateway.errors import ApiError
from services.gateway.state import BearerDep, CursorDep, Gateway, GatewayDep, LimitParam, OwnerDep
from services.settings import Settings
from services.store import checkpoints, credits, limits
from services.store.checkpoints import Alike
from services.store.credits import Charge
from services.store.database import Connection, Pool
from services.store.identity import Bearer
from services.store.page import Cursor, cut_page

router = APIRouter(tags=["limits"])

FRESH_S = 5.0
"""How long an operator's change of somebody's request rate may take to count."""
SECONDS_PER_FRAME = 1.0
"""What a frame is expected to take before anything like it was rendered."""
TRY_AGAIN_S = 60
DAY = timedelta(days=1)


def defaults(settings: Settings) -> Limits:
    """Of everybody whom no operator has set others for."""
    return Limits(**{name: getattr(settings, f"limit_{name}") for name in Limits.model_fields})


async def limits_of(connection: Connection, settings: Settings, owner: str) -> Limits:
    return limits.merged(defaults(settings), await limits.find_override(connection, owner))


class Rates:
    """Counts requests. Whose rate is another one is remembered for a few seconds."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._known: dict[str, tuple[float, Limits]] = {}

    async def take(self, bearer: Bearer) -> None:
        """Raises ApiError when the caller has asked too often."""
        async with self._pool.acquire() as connection:
            allowed = await self._limits(connection, bearer.owner)
            per_minute = {f"owner/{bearer.owner}": allowed.requests_per_minute}
            if bearer.token_id is not None:
                per_minute[f"token/{bearer.token_id}"] = allowed.token_requests_per_minute
            limited = {subject: rate for subject, rate in per_minute.items() if rate}
            wait_s = await limits.take_request(connection, limited) if limited else None
        if wait_s is not None:
            raise refused("You ask faster than this studio allows. Nothing is lost.", wait_s)

    async def _limits(self, connection: Connection, owner: str) -> Limits:
        now = time.monotonic()
        read_at, known = self._known.get(owner, (0.0, None))
        if known is None or now - read_at > FRESH_S:
            known = await limits_of(connection, self._settings, owner)
            self._known[owner] = (now, known)
        return known


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
    await limits.lock(connection, owner)
    allowed = await limits_of(connection, gateway.settings, owner)
    if allowed.waiting_jobs:
        waiting = (await limits.unfinished(connection, owner)).waiting
        if waiting >= allowed.waiting_jobs:
            words = f"{waiting} of your videos wait already. Try again once one of them has begun."
            raise refused(words, TRY_AGAIN_S)
    if allowed.gpu_seconds_per_day:
        charges = await credits.charges_of_day(connection, owner)
        _check_day(allowed.gpu_seconds_per_day, charges, gpu_seconds)
    await credits.reserve(connection, owner, job_id, gpu_seconds)


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


def refused(words: str, wait_s: float) -> ApiError:
    """wait_s: until it would work again."""
    headers = {"Retry-After": str(max(1, math.ceil(wait_s)))}
    return ApiError(ErrorCode.LIMIT_REACHED, f"{words} {_when(wait_s)}", headers=headers)


def _when(wait_s: float) -> str:
    if wait_s <= TRY_AGAIN_S:
        return "It goes on in a minute at most."
    minutes = math.ceil(wait_s / 60)
    if minutes < 120:  # noqa: PLR2004  two hours are told in hours
        return f"It goes on in about {minutes} minutes."
    return f"It goes on in about {math.ceil(minutes / 60)} hours."


def _seconds_until(at: datetime) -> float:
    return max(1.0, (at - datetime.now(UTC)).total_seconds())


async def report_of(gateway: Gateway, owner: str) -> LimitsReport:
    """Every limit of the owner's, with how much of it is used."""
    async with gateway.pool.acquire() as connection:
        allowed = await limits_of(connection, gateway.settings, owner)
        uploads = await limits.uploads_of_day(connection, owner)
        jobs = await limits.unfinished(connection, owner)
        charges = await credits.charges_of_day(connection, owner)
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
        rows = await credits.list_page(connection, owner, cursor, limit + 1)
    items, next_cursor = cut_page(rows, limit, _cursor)
    return CreditPage(items=items, next_cursor=next_cursor)


def _cursor(entry: CreditEntry) -> Cursor:
    return Cursor(at=entry.at, id=entry.entry_id)
