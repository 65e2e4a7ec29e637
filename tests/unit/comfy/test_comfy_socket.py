import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from services.comfy.connection import ComfyConnection, ComfyUnavailable
from services.comfy.socket import StepProgress, Wake, progress, read_hint
from tests.unit.comfy.comfy_factory import ENDLESS_STEPS, Bench, add_media, move, served, still


def socket(bench: Bench, client_id: str) -> connect:
    url = bench.sim.url.replace("http", "ws")
    return connect(f"{url}/ws?clientId={client_id}", proxy=None)


async def read_until(reader: ClientConnection, event: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    while not messages or messages[-1]["type"] != event:
        messages.append(json.loads(await reader.recv()))
    return messages


async def test_progress_tells_each_step_and_then_the_end(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        async with aclosing(progress(bench.comfy, "bench")) as hints:
            pending = anext(hints)
            prompt_id = await bench.submit(move(steps=3), "p")
            seen = [await pending]
            while not (isinstance(seen[-1], Wake) and seen[-1].event == "executing"):
                seen.append(await anext(hints))
        steps = [hint.value for hint in seen if isinstance(hint, StepProgress)]
        assert set(steps) <= {1, 2, 3}
        assert seen[-1] == Wake(prompt_id=prompt_id, event="executing")


async def test_progress_of_a_dead_server_is_unavailable() -> None:
    async with ComfyConnection("http://127.0.0.1:9") as comfy:
        with pytest.raises(ComfyUnavailable):
            await anext(progress(comfy, "c"))


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        '{"type": "status", "data": {"status": {}}}',
        '{"type": "progress", "data": {}}',
        '{"type": "executing", "data": {"node": "5", "prompt_id": "p"}}',
        '{"type": "executing", "data": {"node": "5"}}',
        '{"type": "executing", "data": null}',
        '{"type": "crystools.monitor", "data": {"cpu": NaN}}',
    ],
)
def test_message_that_says_nothing_about_a_prompt_is_no_hint(frame: str) -> None:
    assert read_hint(frame) is None


async def test_messages_come_in_the_order_of_a_real_server(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, socket(bench, "bench") as reader:
        await reader.recv()
        await bench.submit(still(), "p")
        messages = await read_until(reader, "execution_success")
        tail = [json.loads(await reader.recv()) for _ in range(2)]
    kinds = [message["type"] for message in messages]
    image = ["progress_state", "executing", "progress_state"]
    save = ["progress_state", "executing", "executed", "progress_state"]
    head = ["status", "status", "execution_start", "execution_cached"]
    assert kinds == [*head, *image, *save, "execution_success"]
    assert tail[0]["data"] == {"status": {"exec_info": {"queue_remaining": 0}}}
    assert tail[1] == {"type": "executing", "data": {"node": None, "prompt_id": "p"}}


async def test_bystander_gets_only_the_length_of_the_line(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, socket(bench, "other") as bystander:
        hello = json.loads(await bystander.recv())
        assert hello["data"]["sid"] == "other"
        await bench.finish(await bench.submit(still()))
        kinds = [json.loads(await bystander.recv())["type"] for _ in range(3)]
        assert kinds == ["status"] * 3


async def test_second_socket_goes_deaf_when_the_first_one_closes(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        first = await socket(bench, "bench")
        await first.recv()
        async with socket(bench, "bench") as second, socket(bench, "other") as bystander:
            await second.recv()
            await first.close()
            await bystander.recv()
            await bench.finish(await bench.submit(still()))
            assert [await bystander.recv() for _ in range(3)]
            assert await heard(second) == []


async def test_second_socket_hears_while_the_first_one_stays(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, socket(bench, "bench") as first:
        await first.recv()
        async with socket(bench, "bench") as second, socket(bench, "other") as bystander:
            await bystander.recv()
            await bench.finish(await bench.submit(still()))
            assert [await bystander.recv() for _ in range(3)]
            assert "execution_success" in await heard(second)


async def heard(reader: ClientConnection) -> list[str]:
    """The kinds of messages that have arrived and were not read."""
    await (await reader.ping())
    await reader.close()
    return [json.loads(frame)["type"] async for frame in reader]


async def test_reconnecting_client_is_told_the_node_that_runs(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        await bench.submit(move(steps=ENDLESS_STEPS), "p")
        while not await told_to_run(bench, "sampler"):
            pass


async def told_to_run(bench: Bench, node_id: str) -> bool:
    async with socket(bench, "bench") as reader:
        await reader.recv()
        return bool(json.loads(await reader.recv()) == executing(node_id))


def executing(node_id: str) -> dict[str, Any]:
    return {"type": "executing", "data": {"node": node_id}}


async def test_server_names_a_client_that_has_no_name(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, socket(bench, "") as reader:
        assert len(json.loads(await reader.recv())["data"]["sid"]) == 32


async def test_feature_flags_are_answered(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, socket(bench, "c") as reader:
        await reader.send('{"type": "feature_flags", "data": {}}')
        messages = await read_until(reader, "feature_flags")
        assert messages[-1]["data"]["max_upload_size"] == 100 << 20
