import json
import struct
from contextlib import aclosing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from websockets.asyncio.client import ClientConnection

from services.comfy.connection import ComfyConnection, ComfyUnavailable
from services.comfy.hints import progress_hints
from services.comfy.socket import StepProgress, Wake, frames
from tests.unit.comfy.comfy_factory import (
    ENDLESS_STEPS,
    Bench,
    add_media,
    move,
    read_until,
    served,
    still,
)


async def test_progress_tells_each_step_and_then_the_end(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        async with aclosing(progress_hints(bench.comfy, "bench", "p", silence_s=60)) as hints:
            pending = anext(hints)
            prompt_id = await bench.submit(move(steps=3), "p")
            seen = [await pending]
            while not (isinstance(seen[-1], Wake) and seen[-1].event == "executing"):
                seen.append(await anext(hints))
        steps = [hint.value for hint in seen if isinstance(hint, StepProgress)]
        assert set(steps) <= {1, 2, 3}
        assert seen[-1] == Wake(prompt_id=prompt_id, event="executing")


async def test_socket_of_a_dead_server_is_unavailable() -> None:
    async with ComfyConnection("http://127.0.0.1:9") as comfy:
        with pytest.raises(ComfyUnavailable):
            await anext(frames(comfy, "c"))


async def test_messages_come_in_the_order_of_a_real_server(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as reader:
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
    async with served(tmp_path) as bench, bench.socket("other") as bystander:
        hello = json.loads(await bystander.recv())
        assert hello["data"]["sid"] == "other"
        await bench.finish(await bench.submit(still()))
        kinds = [json.loads(await bystander.recv())["type"] for _ in range(3)]
        assert kinds == ["status"] * 3


async def test_second_socket_goes_deaf_when_the_first_one_closes(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        first = await bench.socket("bench")
        await first.recv()
        async with bench.socket("bench") as second, bench.socket("other") as bystander:
            await second.recv()
            await first.close()
            await bystander.recv()
            await bench.finish(await bench.submit(still()))
            assert [await bystander.recv() for _ in range(3)]
            assert await heard(second) == []


async def test_second_socket_hears_while_the_first_one_stays(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as first:
        await first.recv()
        async with bench.socket("bench") as second, bench.socket("other") as bystander:
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
    async with bench.socket("bench") as reader:
        await reader.recv()
        return bool(json.loads(await reader.recv()) == executing(node_id))


def executing(node_id: str) -> dict[str, Any]:
    return {"type": "executing", "data": {"node": node_id}}


async def test_server_names_a_client_that_has_no_name(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("") as reader:
        assert len(json.loads(await reader.recv())["data"]["sid"]) == 32


async def test_feature_flags_are_answered(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("c") as reader:
        await reader.send('{"type": "feature_flags", "data": {}}')
        messages = await read_until(reader, "feature_flags")
        assert messages[-1]["data"]["max_upload_size"] == 100 << 20


@pytest.mark.parametrize(
    "first", ["not json", "[1]", "5", '{"type": "other"}'], ids=["text", "list", "number", "other"]
)
async def test_odd_message_of_a_client_is_borne(tmp_path: Path, first: str) -> None:
    async with served(tmp_path) as bench, bench.socket("c") as reader:
        await reader.send(first)
        await reader.send(b"\x00")
        await bench.finish(await bench.submit(still()))
        assert len([await read_until(reader, "status") for _ in range(4)]) == 4


async def pictures(bench: Bench, declared: dict[str, Any]) -> list[bytes]:
    """The binary messages of a run of two steps."""
    frames = []
    add_media(bench.sim.files.folder("input"))
    async with bench.socket("bench") as reader:
        await reader.send(json.dumps({"type": "feature_flags", "data": declared}))
        await read_until(reader, "feature_flags")
        await bench.submit(move(steps=2), "p")
        async for frame in reader:
            if isinstance(frame, bytes):
                frames.append(frame)
            elif json.loads(frame)["type"] == "execution_success":
                break
    return frames


async def test_samplers_show_nothing_unless_asked_to(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert await pictures(bench, {}) == []


async def test_preview_is_a_jpeg_behind_two_numbers(tmp_path: Path) -> None:
    async with served(tmp_path, previews=True) as bench:
        first, _ = await pictures(bench, {})
        assert struct.unpack_from(">II", first) == (1, 1)
        assert Image.open(BytesIO(first[8:])).format == "JPEG"


async def test_preview_says_of_which_node_it_is_to_a_client_that_asks(tmp_path: Path) -> None:
    async with served(tmp_path, previews=True) as bench:
        first, _ = await pictures(bench, {"supports_preview_metadata": True})
        event, length = struct.unpack_from(">II", first)
        metadata = json.loads(first[8 : 8 + length])
        assert (event, metadata["node_id"], metadata["prompt_id"]) == (4, "sampler", "p")
        assert Image.open(BytesIO(first[8 + length :])).format == "JPEG"


async def test_cached_run_tells_only_what_it_had_made(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as reader:
        await bench.finish(await bench.submit(still()))
        await read_until(reader, "execution_success")
        await bench.submit(still())
        kinds = [message["type"] for message in await read_until(reader, "execution_success")]
    head = ["status", "executing", "status", "status", "execution_start", "execution_cached"]
    assert kinds == [*head, "executed", "progress_state", "execution_success"]
