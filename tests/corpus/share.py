import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

Thing = TypeVar("Thing")


async def share(
    given: AsyncIterator[Thing], at_once: int, work: Callable[[Thing], Awaitable[None]]
) -> None:
    """Have each thing worked on, so many at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(thing: Thing) -> None:
        try:
            await work(thing)
        finally:
            gate.release()

    async with asyncio.TaskGroup() as group:
        async for thing in given:
            await gate.acquire()
            group.create_task(one(thing))
