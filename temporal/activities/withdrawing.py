import asyncio

from asyncpg.exceptions import ForeignKeyViolationError

from proto.render import CancelEnd, PromptRef
from services.comfy.connection import ComfyUnavailable
from services.comfy.withdraw import withdraw
from services.store import prompts
from services.store.database import Pool
from services.store.prompts import PromptRow
from temporal.activities.backends import BackendLink, Backends
from temporal.activities.submitting import ARRIVAL_S

LOOK_AGAIN_S = 0.5
GIVE_UP_S = 10.0
"""Well before any try is over: the next one looks anew."""


async def take_back(pool: Pool, backends: Backends, prompt: PromptRef) -> CancelEnd:
    """See to it that a prompt neither waits nor runs, nor ever will.

    Raises ComfyUnavailable when it still runs after a while.
    """
    try:
        async with pool.acquire() as connection:
            row = await prompts.withdraw(connection, prompt)
    except ForeignKeyViolationError:
        # Its job was deleted for good, which waits until all of its prompts are settled.
        return CancelEnd.GONE
    if row.settled_at is not None:
        return CancelEnd.GONE
    end = CancelEnd.GONE
    if row.posting_at is not None:
        link = await backends.link(row.backend_id)
        end = await _withdraw(pool, link, row)
    async with pool.acquire() as connection:
        await prompts.settle_withdrawn(connection, prompt.prompt_id, outcome=f"withdrawn: {end}")
    return end


async def _withdraw(pool: Pool, link: BackendLink, row: PromptRow) -> CancelEnd:
    while True:
        end = await withdraw(link.quick, row.prompt_id, give_up_after_s=GIVE_UP_S)
        if end is None:
            raise ComfyUnavailable(f"{link.backend_id} still runs prompt {row.prompt_id}")
        arrived = row.posted_at is not None or (row.posting_age_s or 0) > ARRIVAL_S
        if end is not CancelEnd.GONE or arrived:
            return end
        # Its row forbids sending it by now, but a request from before may still be on its way.
        await asyncio.sleep(LOOK_AGAIN_S)
        async with pool.acquire() as connection:
            row = await prompts.get(connection, row.prompt_id)
