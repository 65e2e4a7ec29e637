import asyncio

import pytest

from proto.render import CancelEnd
from services.comfy.connection import ComfyUnavailable
from services.comfy.withdraw import withdraw
from tests.unit.comfy.client_factory import P1, P2, P3, Backend, ended, newer

both_kinds = pytest.mark.parametrize("is_newer", [True, False])


@both_kinds
async def test_waiting_prompt_is_gone_and_its_neighbours_stay(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(running=[(1, P1)], pending=[(2, P2), (3, P3)], newer=is_newer)
    async with newer(backend) as comfy:
        assert await withdraw(comfy, P2, give_up_after_s=60) is CancelEnd.GONE
    assert (backend.running, backend.pending) == ([(1, P1)], [(3, P3)])


@both_kinds
async def test_running_prompt_is_interrupted(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(running=[(1, P1)], pending=[(2, P2)], newer=is_newer)
    async with newer(backend) as comfy:
        assert await withdraw(comfy, P1, give_up_after_s=60) is CancelEnd.INTERRUPTED
    assert backend.pending == [(2, P2)]


async def test_prompt_that_ended_first_is_finished() -> None:
    async with newer(Backend(history=ended(P1))) as comfy:
        assert await withdraw(comfy, P1, give_up_after_s=60) is CancelEnd.FINISHED


async def test_newer_server_is_told_in_one_request() -> None:
    backend = Backend(running=[(1, P1)])
    async with newer(backend) as comfy:
        await withdraw(comfy, P1, give_up_after_s=60)
    posts = [asked for asked in backend.asked if asked.startswith("POST")]
    assert posts == [f"POST /api/jobs/{P1}/cancel"]


@pytest.mark.parametrize("odd", [(404, ""), (405, ""), (500, ""), (200, "{}"), (200, "done")])
async def test_odd_answer_to_a_cancel_leads_to_the_older_way(odd: tuple[int, str]) -> None:
    backend = Backend(running=[(1, P1)], odd=odd)
    async with newer(backend) as comfy:
        assert await withdraw(comfy, P1, give_up_after_s=60) is CancelEnd.INTERRUPTED


@both_kinds
async def test_second_copy_of_a_prompt_is_taken_back_too(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(pending=[(2, P1)], history=ended(P1), newer=is_newer)
    async with newer(backend) as comfy:
        await withdraw(comfy, P1, give_up_after_s=60)
    assert backend.pending == []


@both_kinds
async def test_node_that_can_not_be_stopped_is_told_apart(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(running=[(1, P1)], newer=is_newer, deaf=True)
    async with newer(backend) as comfy:
        assert await withdraw(comfy, P1, give_up_after_s=0.3) is None
    assert backend.count("POST /interrupt") > 1


@both_kinds
async def test_prompt_is_told_again_until_it_hears(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(running=[(1, P1)], newer=is_newer, deaf=True)
    async with newer(backend) as comfy:
        withdrawing = asyncio.create_task(withdraw(comfy, P1, give_up_after_s=60))
        await backend.was_asked("POST /interrupt", times=2)
        backend.deaf = False
        assert await withdrawing is CancelEnd.INTERRUPTED


async def test_server_that_is_away_is_unavailable() -> None:
    async with newer(Backend(newer=False, status=502)) as comfy:
        with pytest.raises(ComfyUnavailable):
            await withdraw(comfy, P1, give_up_after_s=60)


async def test_cancel_without_an_id_is_never_sent() -> None:
    backend = Backend()
    async with newer(backend) as comfy:
        with pytest.raises(ValueError, match="without an id"):
            await withdraw(comfy, "", give_up_after_s=60)
    assert backend.asked == []
