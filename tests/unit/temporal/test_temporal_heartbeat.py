"""How often a step may fail, and of what."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from proto.errors import ErrorCode
from services.comfy.connection import ComfyUnavailable
from services.store.objects import ObjectStoreUnavailable
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import STRIKES, beating, heartbeating


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        async with heartbeating():
            raise error

    return step


async def strikes_after(error: Exception, before: int) -> int:
    """What the next try finds, after one that failed so."""
    beats: list[Any] = []
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_details=[before])
    environment.on_heartbeat = lambda *details: beats.append(details[0])
    with pytest.raises(type(error)):
        await environment.run(failing(error))
    return int(beats[-1]) if beats else before


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("cut off"),
        TimeoutError(),
        ObjectStoreUnavailable("down"),
        ComfyUnavailable("away"),
    ],
)
async def test_what_comes_back_is_waited_for(error: Exception) -> None:
    assert await strikes_after(error, STRIKES - 1) == STRIKES - 1


async def test_failure_without_a_known_reason_is_final_after_a_few() -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_details=[STRIKES - 1])
    with pytest.raises(ApplicationError, match="a bug of ours") as failure:
        await environment.run(failing(ValueError("a bug of ours")))
    assert failure.value.type == ErrorCode.INTERNAL
    assert failure.value.non_retryable


async def test_file_that_kills_its_worker_is_given_up() -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_details=[STRIKES])
    with pytest.raises(ApplicationError, match="its process ended") as failure:
        await environment.run(failing(ValueError("never reached")))
    assert failure.value.non_retryable


async def test_failure_that_is_named_is_passed_on() -> None:
    named = permanent(ErrorCode.MISSING_ASSET, "gone")
    assert await strikes_after(named, 2) == 2


async def test_heartbeat_tells_what_is_known_by_then() -> None:
    beats: list[Any] = []
    known, beaten = ["pending"], asyncio.Event()

    async def wait() -> None:
        async with beating(lambda: known[-1]):
            await beaten.wait()
            known.append("running")
            beaten.clear()
            await beaten.wait()

    def note(*details: Any) -> None:
        beats.append(details[0])
        beaten.set()

    environment = ActivityEnvironment()
    environment.on_heartbeat = note
    await environment.run(wait)
    assert beats == ["pending", "running"]
