import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.comfy.access import Access
from services.comfy.connection import ComfyConnection, ComfyDenied, ComfyUnavailable
from services.comfy.socket import frames
from tests.unit.comfy.client_factory import serving

CADDYFILE = """
{{
	admin off
	persist_config off
	auto_https disable_redirects
	skip_install_trust
	default_bind 127.0.0.1
	storage file_system "{folder}"
	log {{
		level ERROR
	}}
}}
https://localhost:{port} {{
	tls internal
	@stranger not header Authorization "Bearer letmein"
	route {{
		respond @stranger "token, please" 401
		handle_path /gpus/1/* {{
			reverse_proxy {target}
		}}
	}}
}}
"""


@asynccontextmanager
async def ingress(target: str, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """TLS of its own CA, a token and a path prefix before the server at `target`: (url, ca)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "Caddyfile"
    config.write_text(CADDYFILE.format(folder=folder, port=port, target=target))
    caddy = Path(sys.executable).with_name("caddy")
    command = [str(caddy), "run", "--adapter", "caddyfile", "--config", str(config)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        ca = folder / "pki" / "authorities" / "local" / "root.crt"
        url = f"https://localhost:{port}/gpus/1"
        await _ready(process, url, ca)
        yield url, ca
    finally:
        process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, url: str, ca: Path) -> None:
    while True:
        assert process.returncode is None
        if ca.is_file():
            async with ComfyConnection(url, access=Access(ca=ca)) as comfy:
                try:
                    await comfy.get_json("/prompt")
                except ComfyDenied:
                    return
                except ComfyUnavailable:
                    await asyncio.sleep(0.05)
                    continue
                pytest.fail("the ingress lets strangers in")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def backend() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"path": request.path})

    async def greet(request: web.Request) -> web.WebSocketResponse:
        reply = web.WebSocketResponse()
        await reply.prepare(request)
        await reply.send_str(request.query["clientId"])
        return reply

    async with serving(("GET", "/ws", greet), ("GET", "/{path:.*}", answer)) as url:
        yield url


async def test_server_behind_an_ingress_is_used_like_any_other(tmp_path: Path) -> None:
    async with (
        backend() as target,
        ingress(target, tmp_path) as (url, ca),
        ComfyConnection(url, access=Access(bearer=SecretStr("letmein"), ca=ca)) as comfy,
    ):
        assert await comfy.get_json("/queue") == {"path": "/queue"}
        assert [frame async for frame in frames(comfy, "c")] == ["c"]


async def test_ingress_says_no_to_another_token(tmp_path: Path) -> None:
    async with (
        backend() as target,
        ingress(target, tmp_path) as (url, ca),
        ComfyConnection(url, access=Access(bearer=SecretStr("rotated"), ca=ca)) as comfy,
    ):
        with pytest.raises(ComfyDenied, match=r"GET /gpus/1/queue: 401 .*token, please"):
            await comfy.get_json("/queue")
        with pytest.raises(ComfyDenied):
            await anext(frames(comfy, "c"))


async def test_certificate_of_an_unknown_authority_is_unavailable(tmp_path: Path) -> None:
    async with (
        backend() as target,
        ingress(target, tmp_path) as (url, _),
        ComfyConnection(url) as comfy,
    ):
        with pytest.raises(ComfyUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await comfy.get_json("/queue")
        with pytest.raises(ComfyUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await anext(frames(comfy, "c"))
