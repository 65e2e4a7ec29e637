"""/queue: what runs, what waits, and taking things out of it."""

from tests.contract.graphs import picture
from tests.contract.patience import until
from tests.contract.server import Server, events, new_id


async def test_an_item_is_number_id_graph_extra_data_and_outputs(idle: Server) -> None:
    async with idle.busy() as running:
        receipt = (await idle.post_prompt(picture())).json()
        line = await idle.line()
    (shown,), (waiting,) = line.running, line.pending
    # Newer servers may have replaced nodes of the graph, and may show more than five things.
    assert (shown[1], "large" in shown[2], shown[4]) == (running, True, ["show"])
    assert waiting[:2] == [receipt["number"], receipt["prompt_id"]]
    assert waiting[3]["client_id"] == idle.client_id
    assert waiting[4] == ["save"]


async def test_the_lowest_number_runs_first(idle: Server) -> None:
    async with idle.busy():
        last = [await idle.submit(picture()) for _ in range(4)]
        front = (await idle.post_prompt(picture(), front=True)).json()
        wanted = [front["prompt_id"], *last]
        assert front["number"] < 0
        assert (await idle.line()).pending_ids() == wanted
    for prompt_id in wanted:
        await idle.finish(prompt_id)
    assert list(await idle.get("/history", max_items=len(wanted))) == wanted


async def test_what_runs_and_what_waits_is_counted(idle: Server) -> None:
    async with idle.busy():
        for _ in range(2):
            await idle.submit(picture())
        assert (await idle.get("/prompt"))["exec_info"]["queue_remaining"] == 3


async def test_a_prompt_is_in_the_queue_or_else_in_the_history(idle: Server) -> None:
    async def ended(prompt_id: str) -> bool:
        waits_or_runs = prompt_id in (await idle.line()).ids()
        entry = await idle.entry(prompt_id)
        assert waits_or_runs or entry, "neither here nor there"
        return bool(entry)

    for prompt_id in [await idle.submit(picture()) for _ in range(8)]:

        async def look(prompt_id: str = prompt_id) -> bool:
            return await ended(prompt_id)

        await until(look)


async def test_a_deleted_prompt_leaves_nothing_and_takes_nobody_along(idle: Server) -> None:
    async with idle.busy() as running:
        deleted, kept = [await idle.submit(picture()) for _ in range(2)]
        await idle.command("/queue", {"delete": [deleted]})
        line = await idle.line()
        assert (line.running_ids(), line.pending_ids()) == ([running], [kept])
    assert events(await idle.finish(kept))[-1] == "execution_success"
    assert await idle.entry(deleted) == {}


async def test_a_deletion_takes_one_copy_of_an_id(idle: Server) -> None:
    prompt_id = new_id()
    async with idle.busy():
        for _ in range(3):
            await idle.submit(picture(), prompt_id=prompt_id)
        await idle.command("/queue", {"delete": [prompt_id]})
        assert (await idle.line()).pending_ids() == [prompt_id, prompt_id]
        await idle.command("/queue", {"delete": [prompt_id, prompt_id]})
        assert (await idle.line()).pending_ids() == []


async def test_a_running_prompt_is_not_deleted(idle: Server) -> None:
    async with idle.busy() as running:
        await idle.command("/queue", {"delete": [running]})
        assert (await idle.line()).running_ids() == [running]
