import pytest

from services.comfy.connection import ComfyDenied, ComfyUnavailable
from services.comfy.presence import Place, Whereabouts, find_prompt, read_line
from tests.unit.comfy.client_factory import P1, P2, P3, Backend, ended, newer

LISTING = '{"jobs": [%s], "pagination": {"offset": 0, "limit": null, "total": 1, "has_more": %s}}'
ODD_ANSWERS = [
    (400, '{"error": "Invalid status value(s): in_progress"}'),
    (401, ""),
    (403, ""),
    (302, ""),
    (429, ""),
    (500, "Server got itself in trouble"),
    (200, "<html>welcome</html>"),
    (200, "[]"),
    (200, '{"jobs": null}'),
    (200, LISTING % ("", "true")),
    (200, LISTING % (f'{{"id": "{P1}", "status": "in_progress"}}', "false")),
    (200, LISTING % (f'{{"id": "{P1}", "status": "completed", "priority": 1}}', "false")),
    # Plausible, and wrong: nothing runs or waits.
    (200, LISTING % ("", "false")),
]


async def test_newer_server_tells_its_line_without_the_graphs() -> None:
    backend = Backend(running=[(3, P1)], pending=[(5, P3), (4, P2)])
    async with newer(backend) as comfy:
        line = await read_line(comfy)
        assert (line.running, line.pending) == ([P1], [P2, P3])
        assert line.numbers == {P1: 3, P2: 4, P3: 5}
        assert await find_prompt(comfy, P3) == Place(where=Whereabouts.PENDING, ahead=2)
    assert backend.count("GET /queue") == 0


@pytest.mark.parametrize("odd", [None, *ODD_ANSWERS])
@pytest.mark.parametrize("is_newer", [True, False])
async def test_prompt_is_found_whatever_the_job_route_answers(
    is_newer: bool,  # noqa: FBT001
    odd: tuple[int, str] | None,
) -> None:
    backend = Backend(running=[(3, P1)], pending=[(4, P2)], history=ended(P3))
    backend.newer, backend.odd = is_newer, odd
    async with newer(backend) as comfy:
        found = [(await find_prompt(comfy, prompt_id)).where for prompt_id in (P1, P2, P3)]
        assert found == [Whereabouts.RUNNING, Whereabouts.PENDING, Whereabouts.ENDED]
        assert (await find_prompt(comfy, "unknown")).where is Whereabouts.ABSENT


@pytest.mark.parametrize("is_newer", [True, False])
async def test_only_the_numbers_of_the_servers_own_counter_are_told(is_newer: bool) -> None:  # noqa: FBT001
    backend = Backend(running=[(500.0, P1)], pending=[(-3, P2), (7, P3)], newer=is_newer)
    async with newer(backend) as comfy:
        line = await read_line(comfy)
        assert (line.running, line.pending, line.numbers) == ([P1], [P2, P3], {P3: 7})


async def test_line_told_in_pages_is_read_whole_another_way() -> None:
    page = LISTING % (f'{{"id": "{P2}", "status": "pending", "priority": 4}}', "true")
    backend = Backend(running=[(3, P1)], pending=[(4, P2)], odd=(200, page))
    async with newer(backend) as comfy:
        assert (await read_line(comfy)).running == [P1]


async def test_older_server_is_asked_for_the_newer_route_once() -> None:
    backend = Backend(running=[(3, P1)], newer=False)
    async with newer(backend) as comfy:
        for _ in range(3):
            await find_prompt(comfy, P1)
    assert backend.asked == ["GET /api/jobs", *["GET /queue"] * 3]


async def test_server_that_was_away_is_asked_again_for_the_newer_route() -> None:
    backend = Backend(running=[(3, P1)], newer=False)
    async with newer(backend) as comfy:
        await find_prompt(comfy, P1)
        backend.status = 502
        with pytest.raises(ComfyUnavailable):
            await find_prompt(comfy, P1)
        backend.status, backend.newer = 200, True
        backend.asked.clear()
        assert (await find_prompt(comfy, P1)).where is Whereabouts.RUNNING
    assert backend.asked == ["GET /api/jobs"]


async def test_absence_has_the_word_of_the_queue_and_then_the_history() -> None:
    backend = Backend()
    async with newer(backend) as comfy:
        assert (await find_prompt(comfy, P1)).where is Whereabouts.ABSENT
    assert backend.asked[-2:] == ["GET /queue", f"GET /history/{P1}"]


async def test_refused_credentials_are_not_hidden_by_the_way_round() -> None:
    backend = Backend(odd=(401, ""), status=401)
    async with newer(backend) as comfy:
        with pytest.raises(ComfyDenied):
            await find_prompt(comfy, P1)
