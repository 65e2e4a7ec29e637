"""`animatrix-local` as its user sees it: one sentence when it can't start, nothing left behind."""

import json
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from services.local.checks import UNFINISHED
from services.local.layout import HOST
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.studio import Studio, eventually
from workflows_comfy.profiles import PROFILES_FILE

SERVERS = 10


@pytest.fixture
def idle(tmp_path: Path) -> Local:
    """One that is never started for good."""
    return Local(tmp_path / "data", free_base_port())


def check_sentence(local: Local, **environment: str) -> str:
    """The one line with which it refuses to start."""
    result = local.run(**environment)
    assert result.returncode == 1
    assert result.stderr == ""
    [line] = result.stdout.splitlines()
    assert line.startswith("Animatrix can't start: ")
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize("name", ["http", "s3_admin_grpc", "comfy"])
def test_taken_port_is_named(idle: Local, name: str) -> None:
    port = idle.ports[name]
    with socket.create_server((HOST, port)):
        sentence = check_sentence(idle)
    assert f"port {port}" in sentence
    assert "ANIMATRIX_PORT" in sentence


def test_port_that_is_none_is_refused(idle: Local) -> None:
    sentence = check_sentence(idle, ANIMATRIX_PORT="abc")
    assert "ANIMATRIX_PORT is 'abc'" in sentence


def test_folder_that_a_restore_has_half_filled_is_refused(idle: Local) -> None:
    (idle.data / UNFINISHED).touch()
    assert "was not finished" in check_sentence(idle)


def test_renderer_address_that_is_none_is_refused(idle: Local) -> None:
    assert "ANIMATRIX_COMFY_URLS" in check_sentence(idle, ANIMATRIX_COMFY_URLS="not a url")


@pytest.mark.parametrize("content", ["not json", None])
def test_profiles_that_can_not_be_used_are_refused(idle: Local, content: str | None) -> None:
    path = idle.data.with_name("profiles.json")
    if content is not None:
        path.write_text(content)
    sentence = check_sentence(idle, ANIMATRIX_PROFILES=str(path))
    assert "ANIMATRIX_PROFILES" in sentence
    assert str(path) in sentence


def test_profile_with_a_bad_value_names_its_field(idle: Local) -> None:
    profiles = json.loads(PROFILES_FILE.read_bytes())
    profiles["animate"]["draft"]["steps"] = 0
    path = idle.data.with_name("profiles.json")
    path.write_text(json.dumps(profiles))
    assert "animate.draft.steps" in check_sentence(idle, ANIMATRIX_PROFILES=str(path))


async def test_ready_message_names_where_to_go(local_studio: Studio, local: Local) -> None:
    assert f"Animatrix is ready:  {local.url}/sign-in#code=" in local.said
    for name in ("https", "temporal_ui"):
        assert f"localhost:{local.ports[name]}" in local.said
    assert str(local.data) in local.said
    assert "simulated" in local.said


async def test_printed_link_signs_in_once(local_studio: Studio, local: Local) -> None:
    code = local.said.partition("#code=")[2].split()[0]
    async with httpx.AsyncClient(base_url=local.url) as browser:
        body = {"code": code}
        assert (await browser.post("/api/sign-in/link", json=body)).status_code == 200
        assert (await browser.get("/api/me")).json()["role"] == "operator"
        assert (await browser.post("/api/sign-in/link", json=body)).status_code == 403


async def test_second_start_on_the_same_folder_is_refused(
    local_studio: Studio, local: Local
) -> None:
    sentence = check_sentence(local)
    assert "already running" in sentence
    assert str(local.data) in sentence
    assert (await local_studio.http.get("/readyz")).status_code == 200


async def test_job_goes_on_after_a_stop_in_its_middle(
    local_studio: Studio, local: Local, slow_body: dict[str, Any]
) -> None:
    job = await local_studio.create("animate", slow_body)
    await local_studio.until(job["job_id"], "executing")
    code, left = await local.end(signal.SIGTERM)
    assert (code, left) == (0, [])
    await local.start()
    ended = await local_studio.until(job["job_id"], "completed")
    assert await local_studio.fetch(ended["output"]["video_url"])


async def is_whole_without(studio: Studio, local: Local, ended: set[psutil.Process]) -> bool:
    """Each of those that ended has a successor, and all of them serve."""
    now = local.servers()
    if len(now) < SERVERS or now & ended:
        return False
    try:
        return (await studio.http.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def test_servers_that_die_together_again_and_again_all_come_back(
    local_studio: Studio, local: Local
) -> None:
    for _ in range(2):
        ended = local.servers()
        assert len(ended) == SERVERS
        for server in ended:
            server.kill()
        await eventually(partial(is_whole_without, local_studio, local, ended))


async def test_paused_server_is_not_replaced(local_studio: Studio, local: Local) -> None:
    paused, ended = local.child("temporal"), local.child("temporal.worker", "media")
    paused.suspend()
    ended.kill()
    await eventually(partial(has_successor, local, ended))
    assert local.child("temporal") == paused
    paused.resume()
    await eventually(partial(is_whole_without, local_studio, local, {ended}))


async def has_successor(local: Local, ended: psutil.Process) -> bool:
    return len(local.servers()) == SERVERS and ended not in local.servers()


async def test_stop_amid_restarts_ends_everything(local_studio: Studio, local: Local) -> None:
    paused = local.child("temporal")
    paused.suspend()
    for server in local.servers() - {paused}:
        server.kill()
    code, left = await local.end(signal.SIGTERM)
    assert (code, left) == (0, [])
    await local.start()


async def test_killed_stack_leaves_no_server_behind(local_studio: Studio, local: Local) -> None:
    jobs = await local_studio.fetch_json("/api/jobs")
    _, left = await local.end(signal.SIGKILL)
    assert left == []
    await local.start()
    again = await local_studio.fetch_json("/api/jobs")
    assert [job["job_id"] for job in again["items"]] == [job["job_id"] for job in jobs["items"]]
