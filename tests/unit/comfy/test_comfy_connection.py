import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.comfy import prompts, system
from services.comfy.connection import (
    ComfyAmbiguous,
    ComfyConnection,
    ComfyProtocol,
    ComfyRejected,
    ComfyUnavailable,
)
from tests.unit.comfy.comfy_factory import served, still

NOWHERE = "http://127.0.0.1:9"


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that reads a request, sends `answer` and hangs up."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def post_one(url: str) -> None:
    async with ComfyConnection(url) as comfy:
        await prompts.submit(comfy, still(), prompt_id="p", client_id="c", extra_pnginfo={})


async def test_url_may_carry_a_path_prefix(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, ComfyConnection(f"{bench.sim.url}/api/") as comfy:
        assert (await system.stats(comfy)).comfyui_version == "0.3.64"


async def test_refused_connection_is_unavailable() -> None:
    async with ComfyConnection(NOWHERE) as comfy:
        with pytest.raises(ComfyUnavailable):
            await comfy.get_json("/queue")


async def test_server_error_on_a_read_is_unavailable(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyUnavailable):
            await bench.comfy.get_json("/history?max_items=many")


async def test_unknown_path_is_rejected(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyRejected) as refusal:
            await bench.comfy.get_json("/nowhere")
        assert refusal.value.status == 404


async def test_page_instead_of_json_is_a_protocol_error(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        with pytest.raises(ComfyProtocol):
            await bench.comfy.get_json("/")


async def test_nan_in_an_answer_is_read() -> None:
    async with (
        answering(http("200 OK", '{"value": NaN}')) as url,
        ComfyConnection(url) as comfy,
    ):
        body = await comfy.get_json("/history")
        assert body["value"] != body["value"]


async def test_error_tells_an_operator_what_came_back_and_no_novel() -> None:
    answer = http("503 Service Unavailable", "no\n  healthy upstream " + "x" * 1000)
    async with answering(answer) as url, ComfyConnection(f"{url}/gpu-1") as comfy:
        with pytest.raises(ComfyUnavailable) as trouble:
            await comfy.get_json("/queue")
    text = str(trouble.value)
    assert re.fullmatch(r"GET /gpu-1/queue: 503 after \d+\.\d s: no healthy upstream x+", text)
    assert len(text) < 400


async def test_request_that_got_no_answer_tells_how_long_it_took() -> None:
    async with ComfyConnection(NOWHERE) as comfy:
        with pytest.raises(
            ComfyUnavailable, match=r"^GET /queue: ConnectError: .+ after \d+\.\d s$"
        ):
            await comfy.get_json("/queue")


async def test_redirect_is_a_protocol_error() -> None:
    async with answering(http("302 Found", "")) as url, ComfyConnection(url) as comfy:
        with pytest.raises(ComfyProtocol):
            await comfy.get_json("/queue")


async def test_prompt_that_was_never_sent_is_not_ambiguous() -> None:
    with pytest.raises(ComfyUnavailable):
        await post_one(NOWHERE)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        http("500 Internal Server Error", "trouble"),
        http("502 Bad Gateway", ""),
        http("504 Gateway Timeout", ""),
        http("200 OK", "<html>welcome</html>"),
        http("200 OK", '{"node_errors": {}}'),
    ],
)
async def test_prompt_without_a_receipt_is_ambiguous(answer: bytes) -> None:
    async with answering(answer) as url:
        with pytest.raises(ComfyAmbiguous):
            await post_one(url)


async def test_refusal_that_is_not_json_is_still_a_refusal() -> None:
    async with answering(http("400 Bad Request", "no")) as url:
        with pytest.raises(ComfyRejected, match=r"POST /prompt: 400 after .* s: no$") as refusal:
            await post_one(url)
        assert refusal.value.error_type is None


async def test_refusal_tells_its_reason() -> None:
    body = '{"error": {"type": "no_prompt", "message": "No prompt", "details": "at all"}}'
    async with answering(http("400 Bad Request", body)) as url:
        with pytest.raises(ComfyRejected, match="POST /prompt: 400: No prompt at all") as refusal:
            await post_one(url)
        assert refusal.value.error_type == "no_prompt"


async def test_silent_server_times_out_as_unavailable() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, ComfyConnection(url, timeout_s=0.05) as comfy:
        with pytest.raises(ComfyUnavailable):
            await comfy.get_json("/queue")
