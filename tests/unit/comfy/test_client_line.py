import asyncio
import time

import pytest

from services.comfy.connection import ComfyUnavailable
from services.comfy.line import Line
from services.comfy.presence import Whereabouts
from tests.unit.comfy.client_factory import P1, P2, P3, Backend, ended, newer


def busy() -> Backend:
    return Backend(running=[(1, P1)], pending=[(2, P2)], newer=False)


async def test_many_watchers_share_one_look_at_the_line() -> None:
    backend = busy()
    async with newer(backend) as comfy:
        line = Line(comfy)
        places = await asyncio.gather(*(line.find(P2, since=0) for _ in range(20)))
    assert {place.where for place in places} == {Whereabouts.PENDING}
    assert {place.ahead for place in places} == {1}
    assert backend.count("GET /queue") == 1


async def test_look_is_reused_while_it_is_young() -> None:
    backend = busy()
    async with newer(backend) as comfy:
        patient, hasty = Line(comfy, max_age_s=3600), Line(comfy, max_age_s=0)
        for line in (patient, patient, patient, hasty, hasty):
            await line.find(P1, since=0)
    assert backend.count("GET /queue") == 3


async def test_look_from_before_the_submission_says_nothing_of_the_prompt() -> None:
    backend = busy()
    async with newer(backend) as comfy:
        line = Line(comfy, max_age_s=3600)
        await line.find(P1, since=0)
        backend.pending.append((3, P3))
        place = await line.find(P3, since=time.monotonic())
    assert (place.where, place.ahead) == (Whereabouts.PENDING, 2)


async def test_request_under_way_since_before_the_submission_is_not_shared() -> None:
    backend = busy()
    backend.gate.clear()
    async with newer(backend) as comfy:
        line = Line(comfy, max_age_s=3600)
        first = asyncio.create_task(line.find(P1, since=0))
        await backend.was_asked("GET /queue")
        backend.pending.append((3, P3))
        second = asyncio.create_task(line.find(P3, since=time.monotonic()))
        await backend.was_asked("GET /queue", times=2)
        backend.gate.set()
        assert (await first).where is Whereabouts.RUNNING
        assert (await second).where is Whereabouts.PENDING


async def test_prompt_that_ended_after_the_look_was_taken_is_never_absent() -> None:
    backend = busy()
    async with newer(backend) as comfy:
        line = Line(comfy, max_age_s=3600)
        backend.running, backend.history = [], ended(P1)
        await line.find(P2, since=0)
        place = await line.find(P1, since=0)
    assert place.entry is not None
    assert (place.where, place.entry.prompt_id) == (Whereabouts.ENDED, P1)


async def test_history_is_asked_only_for_prompts_that_left_the_line() -> None:
    backend = busy()
    backend.history = ended(P3)
    async with newer(backend) as comfy:
        line = Line(comfy)
        await asyncio.gather(*(line.find(prompt_id, since=0) for prompt_id in (P1, P2, P3)))
    assert [path for path in backend.asked if "history" in path] == [f"GET /history/{P3}"]


async def test_newer_server_is_spared_the_graphs() -> None:
    backend = Backend(running=[(1, P1)])
    async with newer(backend) as comfy:
        assert (await Line(comfy).find(P1, since=0)).where is Whereabouts.RUNNING
    assert backend.asked == ["GET /api/jobs"]


async def test_caller_that_leaves_does_not_take_the_others_along() -> None:
    backend = busy()
    backend.gate.clear()
    async with newer(backend) as comfy:
        line = Line(comfy)
        leaving, staying = (asyncio.create_task(line.find(P1, since=0)) for _ in range(2))
        await backend.was_asked("GET /queue")
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        backend.gate.set()
        assert (await staying).where is Whereabouts.RUNNING
    assert backend.count("GET /queue") == 1


async def test_next_caller_is_served_after_all_others_left() -> None:
    backend = busy()
    backend.gate.clear()
    async with newer(backend) as comfy:
        line = Line(comfy, max_age_s=3600)
        leaving = asyncio.create_task(line.find(P1, since=0))
        await backend.was_asked("GET /queue")
        leaving.cancel()
        next_one = asyncio.create_task(line.find(P1, since=0))
        with pytest.raises(asyncio.CancelledError):
            await leaving
        backend.gate.set()
        assert (await next_one).where is Whereabouts.RUNNING


async def test_failure_reaches_all_who_wait_and_nobody_else() -> None:
    backend = busy()
    backend.status = 502
    async with newer(backend) as comfy:
        line = Line(comfy, max_age_s=3600)
        finds = [line.find(P1, since=0) for _ in range(3)]
        failures = await asyncio.gather(*finds, return_exceptions=True)
        assert [type(failure) for failure in failures] == [ComfyUnavailable] * 3
        backend.status = 200
        assert (await line.find(P1, since=0)).where is Whereabouts.RUNNING
