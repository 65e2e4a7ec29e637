"""Taking a prompt back, wherever it is, without touching another."""

import pytest

from tests.contract.graphs import blank, node, picture, slow
from tests.contract.patience import until
from tests.contract.server import Server, events, new_id

ROUNDS = 5
ENDS = {"execution_interrupted", "execution_success"}


async def assert_over(server: Server, prompt_id: str) -> None:
    """It ended in one of the ways a cancelled prompt can, and does not come back."""
    entry = await server.entry(prompt_id)
    assert entry == {} or events(entry)[-1] in ENDS
    await server.run(picture())
    assert prompt_id not in (await server.line()).ids()
    assert await server.entry(prompt_id) == entry


async def test_an_interrupt_by_id_ends_that_prompt(idle: Server) -> None:
    async with idle.busy() as running:
        pass
    entry = await idle.finish(running)
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    event, data = entry["status"]["messages"][-1]
    assert event == "execution_interrupted"
    assert data["node_id"] not in data["executed"]


async def test_an_interrupt_leaves_what_waits_alone(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
    assert events(await idle.finish(running))[-1] == "execution_interrupted"
    assert events(await idle.finish(waiting))[-1] == "execution_success"


@pytest.mark.usefixtures("sockets")
async def test_an_interrupt_of_an_unknown_id_leaves_what_runs_alone(idle: Server) -> None:
    client_id = new_id()
    async with idle.follow(client_id) as socket, idle.busy(client_id=client_id) as running:
        await idle.command("/interrupt", {"prompt_id": new_id()})
        for _ in range(5):
            heard = await socket.read_to(lambda message: message.type == "executing")
            assert heard[-1].data["prompt_id"] == running


async def test_an_interrupt_of_what_waits_does_nothing(idle: Server) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
        await idle.command("/interrupt", {"prompt_id": waiting})
        line = await idle.line()
        assert (line.running_ids(), line.pending_ids()) == ([running], [waiting])
    assert events(await idle.finish(waiting))[-1] == "execution_success"


async def test_an_interrupt_of_what_ended_does_not_reach_the_next(idle: Server) -> None:
    ended = new_id()
    await idle.run(picture(), prompt_id=ended)
    await idle.command("/interrupt", {"prompt_id": ended})
    assert events(await idle.run(picture()))[-1] == "execution_success"


async def test_an_interrupt_that_is_no_object_is_a_server_error(idle: Server) -> None:
    assert (await idle.http.post("/interrupt", json=[])).status_code == 500


async def test_an_interrupted_run_keeps_what_it_had_shown(idle: Server) -> None:
    shown = {"small": blank(), "first": node("PreviewImage", images=["small", 0])}
    prompt_id = await idle.submit(slow() | shown)
    await until(lambda: idle.runs(prompt_id))
    await idle.cancel(prompt_id)
    entry = await idle.entry(prompt_id)
    event, data = entry["status"]["messages"][-1]
    assert event == "execution_interrupted"
    assert ("first" in entry["outputs"]) == ("first" in data["executed"])


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_a_prompt_just_sent_can_be_cancelled(idle: Server, round_: int) -> None:
    prompt_id = await idle.submit(slow())
    await idle.cancel(prompt_id)
    await assert_over(idle, prompt_id)


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_a_running_prompt_can_be_cancelled(idle: Server, round_: int) -> None:
    async with idle.busy() as running:
        await idle.cancel(running)
    await assert_over(idle, running)


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_a_waiting_prompt_can_be_cancelled(idle: Server, round_: int) -> None:
    async with idle.busy() as running:
        waiting = await idle.submit(picture())
        await idle.cancel(waiting)
        assert (await idle.line()).ids() == [running]
    await assert_over(idle, waiting)
    assert await idle.entry(waiting) == {}


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_a_prompt_about_to_end_can_be_cancelled(idle: Server, round_: int) -> None:
    prompt_id = await idle.submit(picture())
    await idle.cancel(prompt_id)
    await assert_over(idle, prompt_id)
