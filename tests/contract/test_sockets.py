"""/ws: what is told to whom, and when."""

import json

import pytest

from tests.contract.graphs import Graph, picture
from tests.contract.messages import Message, Socket
from tests.contract.server import Server, new_id, places

pytestmark = pytest.mark.usefixtures("sockets")

ROUNDS = 5


async def run_and_hear(server: Server, graph: Graph) -> list[Message]:
    """What a prompt's client is told about it, up to its end."""
    client_id, prompt_id = new_id(), new_id()
    async with server.follow(client_id) as socket:
        await server.submit(graph, prompt_id=prompt_id, client_id=client_id)
        heard = await socket.read_to(lambda message: message.ends(prompt_id))
    return [message for message in heard if message.about(prompt_id)]


async def all_heard(server: Server, socket: Socket) -> list[Message]:
    """Everything a socket was sent so far: up to the end of a prompt of its own."""
    prompt_id = await server.submit(picture(), client_id=socket.greeting.data["sid"])
    return await socket.read_to(lambda message: message.ends(prompt_id))


def types(messages: list[Message]) -> list[str]:
    """What happened, without how far the prompt or the queue is."""
    return [m.type for m in messages if m.type not in ("progress_state", "status")]


def waiting(message: Message) -> int:
    count: int = message.data["status"]["exec_info"]["queue_remaining"]
    return count


async def test_a_socket_is_greeted_with_its_id_and_the_queue(idle: Server) -> None:
    client_id = new_id()
    async with idle.follow(client_id) as socket:
        assert (socket.greeting.type, socket.greeting.data["sid"]) == ("status", client_id)
        assert waiting(socket.greeting) == 0


@pytest.mark.parametrize("query", ["", "clientid=lower-case"])
async def test_a_socket_without_an_id_is_given_one(idle: Server, query: str) -> None:
    async with idle.listen(query) as socket:
        client_id = socket.greeting.data["sid"]
        assert client_id not in ("", "lower-case")
        assert types(await all_heard(idle, socket))[-1] == "executing"


async def test_a_ping_is_answered(server: Server) -> None:
    async with server.follow(new_id()) as socket:
        await (await socket.connection.ping())


async def test_a_client_that_tells_its_features_is_told_the_servers(server: Server) -> None:
    async with server.follow(new_id()) as socket:
        told = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
        await socket.connection.send(json.dumps(told))
        heard = await socket.read_to(lambda message: message.type == "feature_flags")
        assert heard[-1].data["max_upload_size"] == server.traits.max_upload_bytes


async def test_a_success_is_told_from_its_start_to_its_end(idle: Server) -> None:
    graph = picture()
    heard = await run_and_hear(idle, graph)
    told = types(heard)
    assert told[:2] == ["execution_start", "execution_cached"]
    assert told[-2:] == ["execution_success", "executing"]
    running = [m.data["node"] for m in heard if m.type == "executing"]
    assert running == ["image", "save", None]


async def test_an_output_is_told_when_its_node_is_done(idle: Server) -> None:
    heard = await run_and_hear(idle, picture())
    entry = await idle.entry(heard[0].data["prompt_id"])
    # Newer servers may tell of nodes that are no outputs too.
    (done,) = [m for m in heard if m.type == "executed" and m.data["node"] == "save"]
    assert done.data["display_node"] == "save"
    assert places(done.data["output"]) == places(entry["outputs"]["save"])


async def test_progress_tells_every_node_so_far(idle: Server) -> None:
    graph = picture()
    heard = await run_and_hear(idle, graph)
    last = [message.data["nodes"] for message in heard if message.type == "progress_state"][-1]
    assert {node_id: told["state"] for node_id, told in last.items()} == {
        "image": "finished",
        "save": "finished",
    }
    for node_id, told in last.items():
        assert (told["node_id"], told["display_node_id"]) == (node_id, node_id)
        assert told["value"] == told["max"]


async def test_what_is_cached_is_told_as_done_without_running(idle: Server) -> None:
    if "--cache-none" in idle.traits.argv:
        pytest.skip("the server was started without a cache")
    graph = picture()
    files = await idle.render(graph)
    heard = await run_and_hear(idle, graph)
    assert [m.data["node"] for m in heard if m.type == "executing"] == [None]
    (cached,) = [m.data["nodes"] for m in heard if m.type == "execution_cached"]
    (done,) = [m.data for m in heard if m.type == "executed" and m.data["node"] == "save"]
    assert (set(cached), places(done["output"])) == (set(graph), files)


async def test_a_failure_is_told_with_its_node(idle: Server) -> None:
    heard = await run_and_hear(idle, await idle.failing())
    assert types(heard)[-2:] == ["execution_error", "executing"]
    (error,) = [message.data for message in heard if message.type == "execution_error"]
    assert (error["node_id"], error["node_type"]) == ("load", "LoadImage")
    assert "execution_success" not in types(heard)


async def test_an_interrupt_is_told_with_its_node(idle: Server) -> None:
    client_id = new_id()
    async with idle.follow(client_id) as socket:
        async with idle.busy(client_id=client_id) as prompt_id:
            await socket.read_to(lambda message: message.type == "executing")
        heard = await socket.read_to(lambda message: message.ends(prompt_id))
    assert types(heard)[-2:] == ["execution_interrupted", "executing"]
    (told,) = [message.data for message in heard if message.type == "execution_interrupted"]
    _, remembered = (await idle.entry(prompt_id))["status"]["messages"][-1]
    assert (told["node_id"], told["node_type"]) == (remembered["node_id"], remembered["node_type"])


async def test_other_clients_are_told_nothing_of_a_prompt(idle: Server) -> None:
    async with idle.follow(new_id()) as bystander:
        prompt_ids = [await idle.submit(picture()), await idle.submit(await idle.failing())]
        for prompt_id in prompt_ids:
            await idle.finish(prompt_id)
        heard = await all_heard(idle, bystander)
    assert not [message for message in heard if message.data.get("prompt_id") in prompt_ids]


async def test_everybody_is_told_how_a_prompt_of_nobody_goes_on(idle: Server) -> None:
    async with idle.follow(new_id()) as bystander:
        prompt_id = new_id()
        await idle.post_body({"prompt": picture(), "prompt_id": prompt_id})
        await idle.finish(prompt_id)
        heard = await all_heard(idle, bystander)
    assert {message.type for message in heard if message.about(prompt_id)} == {"progress_state"}


async def test_nobody_is_told_how_a_prompt_of_nobody_fails(idle: Server) -> None:
    async with idle.follow(new_id()) as bystander:
        prompt_id = new_id()
        await idle.post_body({"prompt": await idle.failing(), "prompt_id": prompt_id})
        await idle.finish(prompt_id)
        heard = await all_heard(idle, bystander)
    assert "execution_error" not in types(heard)


async def test_everybody_is_told_the_length_of_the_queue(idle: Server) -> None:
    async with idle.busy(), idle.follow(new_id()) as bystander:
        assert waiting(bystander.greeting) == 1
        prompt_id = await idle.submit(picture())
        await bystander.read_to(lambda m: m.type == "status" and waiting(m) == 2)
        await idle.command("/queue", {"delete": [prompt_id]})
        await bystander.read_to(lambda m: m.type == "status" and waiting(m) == 1)


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_the_history_has_a_success_when_its_end_is_told(idle: Server, round_: int) -> None:
    heard = await run_and_hear(idle, picture())
    assert await idle.entry(heard[0].data["prompt_id"])


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_the_history_has_a_failure_when_its_end_is_told(idle: Server, round_: int) -> None:
    heard = await run_and_hear(idle, await idle.failing())
    assert await idle.entry(heard[0].data["prompt_id"])


async def test_a_client_that_comes_back_is_told_what_runs_now(idle: Server) -> None:
    client_id = new_id()
    async with idle.busy(client_id=client_id) as prompt_id:
        async with idle.follow(client_id) as first:
            await first.read_to(lambda message: message.type == "executing")
        async with idle.follow(client_id) as second:
            now = await second.read_to(lambda message: message.type == "executing")
            assert isinstance(now[-1].data["node"], str)
            assert types(now) == ["executing"]
            live = await second.read_to(lambda message: message.type == "executing")
            assert live[-1].about(prompt_id)


async def test_a_client_that_comes_back_too_late_is_told_nothing(idle: Server) -> None:
    client_id = new_id()
    prompt_id = await idle.submit(picture(), client_id=client_id)
    await idle.finish(prompt_id)
    async with idle.follow(client_id) as socket:
        heard = await all_heard(idle, socket)
    assert not [message for message in heard if message.about(prompt_id)]


async def test_the_second_socket_of_a_client_is_the_one_that_is_told(idle: Server) -> None:
    client_id = new_id()
    async with idle.follow(client_id), idle.follow(client_id) as second:
        heard = await all_heard(idle, second)
    assert types(heard)[-2:] == ["execution_success", "executing"]
