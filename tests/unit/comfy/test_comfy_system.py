import asyncio
import signal
import socket
import sys
from pathlib import Path

from services.comfy import system
from services.comfy.connection import ComfyConnection
from tests.unit.comfy.comfy_factory import served


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


async def test_reachable_tells_a_server_from_none(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, ComfyConnection("http://127.0.0.1:9") as nobody:
        assert await system.reachable(bench.comfy)
        assert not await system.reachable(nobody)


async def test_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--base-dir", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.comfy_sim", *options, stderr=asyncio.subprocess.PIPE
    )
    async with ComfyConnection(f"http://127.0.0.1:{port}") as comfy:
        while not await system.reachable(comfy):
            assert process.returncode is None
    process.send_signal(signal.SIGTERM)
    _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
