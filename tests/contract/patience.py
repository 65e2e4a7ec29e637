"""Waiting for a condition, not for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE_S = 60.0
PAUSE_S = 0.005

Found = TypeVar("Found")


async def until(look: Callable[[], Awaitable[Found]]) -> Found:
    """The first thing `look` gives that counts as true. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(PAUSE_S)
