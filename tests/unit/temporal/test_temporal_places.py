"""The places of one backend."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from temporal.activities.slots import Places, heartbeat_s


async def take(places: Places, *jobs: str) -> AsyncExitStack:
    """Have a place for each, until the stack is closed."""

    async def enter() -> AsyncExitStack:
        stack = AsyncExitStack()
        for job_id in jobs:
            await stack.enter_async_context(places.held(job_id))
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
    places.observe([None])
    async with await take(places, "a"):
        assert not places.has_room
        places.observe(["a"])
        assert places.has_room


async def test_jobs_prompt_takes_no_place_beside_the_jobs_own() -> None:
    places = Places(2)
    async with await take(places, "a"):
        places.observe(["a"])
        assert places.has_room


async def test_job_of_another_agents_time_takes_a_place() -> None:
    places = Places(1)
    places.observe(["a"])
    assert not places.has_room


async def test_job_that_takes_a_new_place_before_it_left_the_old_one_keeps_it() -> None:
    places = Places(2)
    old = await take(places, "a")
    async with await take(places, "a"):
        await old.aclose()
        places.observe(["a", None])
        assert not places.has_room


async def test_job_that_just_left_is_not_taken_for_anothers() -> None:
    places = Places(1)
    await (await take(places, "a")).aclose()
    # The line as it was read before its end was seen.
    places.observe(["a"])
    assert places.has_room


@pytest.mark.parametrize(
    ("held_s", "wait_s"), [(0, 0.25), (5, 0.25), (20, 1.0), (40, 2.0), (3600, 2.0)]
)
def test_long_holder_asks_less_often(held_s: float, wait_s: float) -> None:
    assert heartbeat_s(held_s) == wait_s
