"""The places of one backend."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from temporal.activities.slots import Places


async def take(places: Places, *prompts: str) -> AsyncExitStack:
    """Have a place for each, until the stack is closed."""

    async def enter() -> AsyncExitStack:
        stack = AsyncExitStack()
        for prompt in prompts:
            await stack.enter_async_context(places.held(prompt))
        return stack

    held: AsyncExitStack = await ActivityEnvironment().run(enter)
    return held


async def test_there_are_as_many_places_as_the_depth() -> None:
    places = Places(2)
    async with await take(places, "a", "b"):
        assert not places.has_room
        with pytest.raises(ApplicationError, match="no room"):
            await take(places, "c")
    assert places.has_room


async def test_place_is_given_as_soon_as_one_is_free() -> None:
    places = Places(1)
    first = await take(places, "a")
    waiting = asyncio.create_task(take(places, "b"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await first.aclose()
    await (await waiting).aclose()


async def test_prompts_of_others_take_places() -> None:
    places = Places(2)
    places.observe(["foreign"])
    async with await take(places, "a"):
        assert not places.has_room
        places.observe(["a"])
        assert places.has_room


async def test_own_prompt_counts_once() -> None:
    places = Places(2)
    async with await take(places, "a"):
        places.observe(["a"])
        assert places.has_room


async def test_prompt_that_just_left_is_not_taken_for_anothers() -> None:
    places = Places(1)
    await (await take(places, "a")).aclose()
    # The line as it was read before its end was seen.
    places.observe(["a"])
    assert places.has_room
