import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from services.comfy import system
from services.comfy.connection import ComfyConnection
from tests.unit.comfy.client_factory import serving
from tests.unit.comfy.comfy_factory import answers, served

NODE_CLASSES = {
    "KSampler": {"input": {"required": {"seed": ["INT"]}, "optional": None}},
    "Odd": {"input": None},
    "Null": None,
}


async def test_stand_in_admits_to_be_one(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        stats = await system.stats(bench.comfy)
        assert (stats.comfyui_version, stats.simulated) == ("0.3.64", True)
        assert "comfy_sim" in stats.argv


async def test_models_of_an_unknown_folder_are_none(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        assert await system.models(bench.comfy, "vae") == ["vae.safetensors"]
        assert await system.models(bench.comfy, "nowhere") == []


async def test_large_models_can_be_left_out(tmp_path: Path) -> None:
    async with served(tmp_path, models=None, high_quality=False) as bench:
        names = await system.models(bench.comfy, "diffusion_models")
        assert names
        assert not [name for name in names if "bf16" in name]


async def test_fingerprint_changes_with_an_input_and_not_with_its_place(tmp_path: Path) -> None:
    async with served(tmp_path) as bench:
        classes = await system.object_info(bench.comfy)
        before = system.fingerprint(classes)
        assert system.fingerprint(dict(reversed(classes.items()))) == before
        classes["KSampler"]["input"]["required"]["new"] = ["INT"]
        assert system.fingerprint(classes) != before


@asynccontextmanager
async def having(
    *devices: dict[str, Any], node_classes: Mapping[str, Any] = NODE_CLASSES
) -> AsyncIterator[ComfyConnection]:
    """A newer server with these devices, and one file among its vae models."""

    async def stats(request: web.Request) -> web.Response:
        server = {"comfyui_version": "0.38.1", "os": "linux", "deploy_environment": "local"}
        return web.json_response({"system": server, "devices": list(devices), "more": {}})

    async def object_info(request: web.Request) -> web.Response:
        return web.json_response(node_classes)

    async def models(request: web.Request) -> web.Response:
        known = request.match_info["folder"] == "vae"
        return web.json_response(["a.safetensors"]) if known else web.Response(status=404)

    routes = [("/system_stats", stats), ("/object_info", object_info), ("/models/{folder}", models)]
    async with (
        serving(*(("GET", *route) for route in routes)) as url,
        ComfyConnection(url) as comfy,
    ):
        yield comfy


async def test_inventory_is_what_the_server_has() -> None:
    async with having({"type": "cuda", "name": "0", "vram_total": 25_000_000_000}) as comfy:
        found = await system.inventory(comfy, ["vae", "loras"])
    assert found.nodes == {"KSampler", "Odd", "Null"}
    assert found.models == {"vae": {"a.safetensors"}, "loras": set()}
    assert (found.facts.version, found.facts.simulated) == ("0.38.1", False)
    assert found.facts.vram_bytes == 25_000_000_000
    assert found.facts.node_fingerprint == system.fingerprint(NODE_CLASSES)


@pytest.mark.parametrize(
    ("devices", "vram_bytes"),
    [
        ([], 0),
        ([{"type": "cpu", "vram_total": 64}], 64),
        ([{"type": "cuda", "vram_total": 24}, {"type": "cuda", "vram_total": 80}], 80),
        ([{"type": "cpu", "vram_total": 512}, {"type": "cuda", "vram_total": 24}], 24),
        ([{"type": "privateuseone", "vram_total": None, "index": None, "new": {}}], 0),
    ],
)
async def test_video_memory_is_that_of_the_largest_card(
    devices: list[dict[str, Any]], vram_bytes: int
) -> None:
    async with having(*devices) as comfy:
        assert (await system.inventory(comfy, [])).facts.vram_bytes == vram_bytes


async def test_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--base-dir", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.comfy_sim", *options, stderr=asyncio.subprocess.PIPE
    )
    async with ComfyConnection(f"http://127.0.0.1:{port}") as comfy:
        while not await answers(comfy):
            assert process.returncode is None
    process.send_signal(signal.SIGTERM)
    _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
