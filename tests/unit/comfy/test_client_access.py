import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.comfy import prompts
from services.comfy.access import Access, bare_url, read_access
from services.comfy.connection import (
    ComfyConnection,
    ComfyDenied,
    ComfyError,
    ComfyProtocol,
    ComfyRejected,
    ComfyUnavailable,
)
from services.comfy.socket import frames
from tests.unit.comfy.client_factory import serving

TOKEN = "t0ken-of-ours"
PASSWORD = "p/w#1 ü"
BEARER = Access(bearer=SecretStr(TOKEN))
BASIC = "Basic dXNlcjpwL3cjMSDDvA=="


def write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "access.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server that keeps every request it got and answers each with {}."""
    requests: list[web.Request] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        requests.append(request)
        if request.path.endswith("/ws"):
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            return socket
        return web.json_response({})

    async with serving(("*", "/{path:.*}", answer)) as url:
        yield url, requests


async def ask_both_ways(url: str, access: Access | None) -> None:
    async with ComfyConnection(url, access=access) as comfy:
        await comfy.get_json("/queue")
        assert [frame async for frame in frames(comfy, "c 1")] == []


async def test_token_goes_with_requests_and_socket() -> None:
    async with listening() as (url, requests):
        await ask_both_ways(url, BEARER)
        sent = [request.headers["Authorization"] for request in requests]
    assert sent == [f"Bearer {TOKEN}"] * 2


async def test_user_in_the_url_becomes_credentials_and_is_never_shown() -> None:
    async with listening() as (url, requests):
        with_user = url.replace("://", "://user:p%2Fw%231%20%C3%BC@") + "/gpu/"
        await ask_both_ways(with_user, None)
        assert [request.headers["Authorization"] for request in requests] == [BASIC] * 2
        assert ComfyConnection(with_user).url == bare_url(with_user) == f"{url}/gpu"


async def test_given_credentials_win_over_those_in_the_url() -> None:
    async with listening() as (url, requests):
        await ask_both_ways(url.replace("://", "://user:old@"), BEARER)
        assert requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


async def test_path_prefix_goes_before_requests_and_socket() -> None:
    async with listening() as (url, requests):
        await ask_both_ways(f"{url}/gpus/1", None)
        assert [request.path_qs for request in requests] == [
            "/gpus/1/queue",
            "/gpus/1/ws?clientId=c%201",
        ]


async def test_no_browser_header_is_ever_sent() -> None:
    async with listening() as (url, requests):
        await ask_both_ways(url, BEARER)
        names = {name.lower() for request in requests for name in request.headers}
    assert not {name for name in names if name == "origin" or name.startswith("sec-fetch-")}


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_told_from_everything_else(status: int) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, text="who are you?")

    async with serving(("*", "/{path:.*}", refuse)) as url, ComfyConnection(url) as comfy:
        with pytest.raises(ComfyDenied, match=rf"GET /queue: {status} after .* who are you\?"):
            await comfy.get_json("/queue")
        with pytest.raises(ComfyDenied, match=f"POST /prompt: {status}"):
            await prompts.submit(comfy, {}, prompt_id="p", client_id="c", extra_pnginfo={})
        with pytest.raises(ComfyDenied, match=f"/ws: {status}"):
            await anext(frames(comfy, "c"))


async def test_redirect_takes_no_credentials_anywhere() -> None:
    async with listening() as (elsewhere, requests):

        async def redirect(request: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(f"{elsewhere}{request.path}?state=abc")

        async with (
            serving(("*", "/{path:.*}", redirect)) as url,
            ComfyConnection(url, access=BEARER) as comfy,
        ):
            with pytest.raises(ComfyProtocol, match=f"redirected to {elsewhere}/queue$"):
                await comfy.get_json("/queue")
            with pytest.raises(ComfyUnavailable, match="307"):
                await anext(frames(comfy, "c"))
        assert requests == []


async def test_error_never_repeats_a_secret_that_the_server_echoes() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(status=418, text=f"{request.headers['Authorization']} {PASSWORD}")

    access = Access(username="user", password=SecretStr(PASSWORD))
    async with (
        serving(("*", "/{path:.*}", echo)) as url,
        ComfyConnection(url, access=access) as comfy,
    ):
        with pytest.raises(ComfyRejected) as refusal:
            await comfy.get_json("/queue")
    assert "Basic ***" in str(refusal.value)
    assert BASIC.split()[1] not in str(refusal.value)
    assert PASSWORD not in str(refusal.value)


async def test_unreachable_server_with_a_user_is_named_without_it() -> None:
    async with ComfyConnection("http://user:hush@127.0.0.1:9/x") as comfy:
        for attempt in (comfy.get_json("/queue"), anext(frames(comfy, "c"))):
            text = ""
            with suppress(ComfyError):
                try:
                    await attempt
                except ComfyUnavailable as error:
                    text = str(error)
                    raise
            assert text
            assert "hush" not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hush/x@host",
        "https://user:1234/hush@host",
        "https://user:1#hush@host",
        "https://host/?token=hush",
    ],
)
def test_url_that_would_show_its_secret_is_refused_without_it(url: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded") as refusal:
        ComfyConnection(url)
    assert "hush" not in str(refusal.value)


def test_access_shows_no_secret() -> None:
    access = Access(username="user", password=SecretStr("hush"))
    assert "hush" not in f"{access!r} {access} {access.model_dump_json()}"


def test_file_gives_access_by_bare_url(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    path = write(
        tmp_path,
        {
            "https://gpu-1.example/comfy/": {"bearer": TOKEN, "ca": "ca.pem"},
            "https://gpu-2.example": {"username": "user", "password": "hush"},
        },
    )
    found = read_access(path)
    assert list(found) == ["https://gpu-1.example/comfy", "https://gpu-2.example"]
    assert found["https://gpu-1.example/comfy"].headers() == {"Authorization": f"Bearer {TOKEN}"}
    assert found["https://gpu-1.example/comfy"].ca == tmp_path / "ca.pem"
    assert found["https://gpu-2.example"].headers() == {"Authorization": "Basic dXNlcjpodXNo"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"https://h": {"bearer": "hush"', "Invalid JSON"),
        ('["hush"]', "object"),
        ({"https://h": "hush"}, "https://h: "),
        ({"https://h": {"bearer": "hush", "username": "u", "password": "p"}}, "either bearer"),
        ({"https://h": {"username": "hush"}}, "belong together"),
        ({"https://h": {"bearer": "hush\n"}}, "bearer: .*printable"),
        ({"https://h": {"username": "hush:u", "password": "hush"}}, "colon"),
        ({"https://h": {"password": {"value": "hush"}, "username": "u"}}, "password: "),
        ({"https://h": {"tokn": "hush"}}, "tokn: "),
        ({"https://h": {"ca": "nowhere.pem"}}, "no file .*nowhere.pem"),
        ({"https://user:hush@h": {}}, "https://h is named with a user"),
        ({"https://user:hush/x@h": {}}, "percent-encoded"),
    ],
)
def test_wrong_file_is_told_without_its_secrets(
    tmp_path: Path, content: Any, complaint: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(ValueError, match=complaint) as refusal:
        read_access(path)
    assert str(path) in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"access\.json: No such file"):
        read_access(tmp_path / "access.json")


def test_bundle_without_certificates_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ValueError, match=r"ca\.pem: not a bundle"):
        ComfyConnection("https://host", access=Access(ca=tmp_path / "ca.pem"))
