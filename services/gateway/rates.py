"""How often somebody may ask, and what is said to who may do no more for now."""

import math
import time

from proto.errors import ErrorCode
from proto.limits import Limits
from services.gateway.errors import ApiError
from services.settings import Settings
from services.store import limits
from services.store.database import Connection, Pool
from services.store.identity import Bearer

FRESH_S = 5.0
"""How long an operator's change of somebody's request rate may take to count."""
TRY_AGAIN_S = 60


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
