"""What `animatrix doctor` says of servers that are asked directly."""

import asyncio
import json
import socket
import sys
from pathlib import Path

import pytest
from aiohttp import web

from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve
from services.doctor.asking import ask_all
from services.doctor.report import Report, Verdict, in_words
from tests.unit.comfy.client_factory import serving
from workflows_comfy.profiles import load_profiles

TEXT_ENCODER = "umt5_xxl_fp8_e4m3fn_scaled.safetensors"


async def ask(*urls: str) -> Report:
    return await ask_all(list(urls), {}, load_profiles(None), None)


def words(report: Report) -> str:
    return "\n".join(in_words(report))


async def test_backend_that_has_all_is_well(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path)) as sim:
        report = await ask(sim.url)
    assert report.verdict is Verdict.WELL
    assert "can render animate/move: draft, standard, high" in words(report)
    assert "All is well." in words(report)


async def test_missing_file_is_named_with_its_folder_and_what_it_blocks(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path, without=(TEXT_ENCODER,))) as sim:
        report = await ask(sim.url)
    assert report.verdict is Verdict.LACKING
    assert f"add {TEXT_ENCODER} in models/text_encoders" in words(report)
    assert "without it, not: animate/mix (draft, standard, high)" in words(report)
    assert "It can render nothing yet." in words(report)


async def test_missing_node_is_named_with_its_package(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path, without_nodes=("DWPreprocessor",))) as sim:
        report = await ask(sim.url)
    assert report.verdict is Verdict.LACKING
    assert "add the node DWPreprocessor (comfyui_controlnet_aux)" in words(report)
    assert "can render audio/s2v: draft, standard, high" in words(report)


async def test_small_card_can_do_all_but_high(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path, vram_gb=16)) as sim:
        report = await ask(sim.url)
    assert "can render animate/move: draft, standard\n" in words(report)
    assert "of video memory; it has 17 GB" in words(report)


async def test_old_version_is_told() -> None:
    async def stats(request: web.Request) -> web.Response:
        return web.json_response({"system": {"comfyui_version": "0.3.40"}, "devices": []})

    async def nothing(request: web.Request) -> web.Response:
        return web.json_response({})

    async def no_models(request: web.Request) -> web.Response:
        return web.json_response([])

    routes = [("/system_stats", stats), ("/object_info", nothing), ("/models/{name}", no_models)]
    async with serving(*(("GET", *route) for route in routes)) as url:
        report = await ask(url)
    assert "This version is older than any we were tried with" in words(report)
    assert report.verdict is Verdict.LACKING


async def test_refused_credentials_point_to_the_access_file() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=401)

    async with serving(("*", "/{path:.*}", refuse)) as url:
        report = await ask(url)
    assert "refuses us: our credentials are refused" in words(report)
    assert "ANIMATRIX_COMFY_ACCESS" in words(report)
    assert report.verdict is Verdict.NO_ANSWER


async def test_something_else_at_the_address_is_told_from_silence() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>welcome</html>")

    async with serving(("*", "/{path:.*}", page)) as url:
        assert "answers, and is no ComfyUI" in words(await ask(url))


async def test_one_of_two_that_does_not_answer_is_missing_and_not_all(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path)) as sim:
        report = await ask(sim.url, f"http://127.0.0.1:{free_port()}")
    assert report.verdict is Verdict.LACKING
    assert "does not answer" in words(report)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def run(*arguments: str) -> tuple[int | None, str]:
    """The command's exit status and what it said, in a place where nothing is configured."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.cli", "doctor", *arguments),
        env={},
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_command_needs_no_settings_for_an_address(tmp_path: Path) -> None:
    async with serve(SimOptions(base_dir=tmp_path, without=(TEXT_ENCODER,))) as sim:
        status, said = await run("--url", sim.url, "--json")
    [backend] = json.loads(said)["backends"]
    assert (status, backend["abilities"], backend["facts"]["version"]) == (1, [], "0.3.64")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--url", "http://127.0.0.1:9"], "does not answer"),
        (["--url", "gpu-1"], "--url: Input should be a valid URL"),
        ([], "ANIMATRIX_DATABASE_URL"),
    ],
    ids=["nobody there", "no address", "no settings"],
)
async def test_command_fails_in_words(arguments: list[str], says: str) -> None:
    status, said = await run(*arguments)
    assert status == 2
    assert says in said
