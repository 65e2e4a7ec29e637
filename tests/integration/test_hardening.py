"""What an answer tells a browser to refuse, and what a request may not be."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope

from services.gateway.errors import ApiError
from services.gateway.hardening import (
    MAX_BODY_BYTES,
    UPLOAD_BYTES_PER_S,
    BoundedBodies,
    SoundRequests,
)
from services.local.layout import HOST, Layout
from services.local.stack import Stack
from services.settings import UploadLimits
from tests.integration.conftest import Asset
from tests.studio import Studio

MIB = 1024 * 1024
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TELLING = ("server", "via", "x-powered-by", "x-amz", "x-seaweed", "seaweed", "access-control")
SEALED = "default-src 'none'; frame-ancestors 'none'"


def check_answer(answer: httpx.Response) -> None:
    """What every answer has, and none has."""
    found = {name: answer.headers.get_list(name) for name in EVERYWHERE}
    assert found == {name: [value] for name, value in EVERYWHERE.items()}
    assert "camera=()" in answer.headers["permissions-policy"]
    assert [name for name in answer.headers if name.startswith(TELLING)] == []


@pytest.mark.parametrize(
    "path",
    ["/", "/operator", "/assets/none.js", "/robots.txt", "/api/me", "/s/unknown", "/media/x"],
)
async def test_every_answer_is_locked_down(studio: Studio, path: str) -> None:
    answer = await studio.http.get(path, headers={"Origin": "https://elsewhere.example"})
    check_answer(answer)
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "strict-transport-security" not in answer.headers


async def test_https_asks_to_stay_on_https(stack: Stack, layout: Layout) -> None:
    root = layout.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    trust = ssl.create_default_context(cafile=str(root))
    url = f"https://localhost:{layout.ports['https']}"
    async with httpx.AsyncClient(base_url=url, verify=trust) as client:
        for path in ("/", "/api/openapi.json"):
            answer = await client.get(path)
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            check_answer(answer)


async def test_answer_of_the_api_is_no_page_and_is_kept_nowhere(studio: Studio) -> None:
    answer = await studio.http.get("/api/me")
    assert answer.headers["content-security-policy"] == SEALED
    assert answer.headers["cache-control"] == "no-store"


async def test_uploaded_file_never_acts_as_a_page(studio: Studio, character: Asset) -> None:
    url = character["storage_url"]
    part = await studio.http.get(url, headers={"Range": "bytes=0-9", "Origin": "https://a.example"})
    assert part.status_code == 206
    assert part.headers.get_list("content-security-policy") == ["sandbox"]
    check_answer(part)
    again = await studio.http.get(url, headers={"If-None-Match": part.headers["etag"]})
    assert again.status_code == 304
    assert "cache-control" not in part.headers or "no-store" not in part.headers["cache-control"]


async def test_refused_address_of_a_file_tells_nothing_of_the_store(
    studio: Studio, character: Asset
) -> None:
    address = character["storage_url"]
    unsigned = await studio.http.get(address.partition("?")[0])
    beyond = await studio.http.get(address, headers={"Range": "bytes=99999999999-"})
    assert (unsigned.status_code, unsigned.content) == (403, b"")
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"].startswith("bytes */")
    check_answer(unsigned)


async def test_sign_in_is_not_told_to_the_store(studio: Studio, character: Asset) -> None:
    """It would take them for its own, and refuse."""
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x", "Cookie": "animatrix=x"}
    answer = await studio.http.get(character["storage_url"], headers=headers)
    assert answer.status_code == 200


async def test_other_origins_may_ask_nothing(studio: Studio) -> None:
    asking = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = await studio.http.options("/api/jobs/animate", headers=asking)
    assert answer.status_code in {404, 405}
    check_answer(answer)


async def test_client_can_not_say_where_it_comes_from(studio: Studio) -> None:
    headers = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https"}
    found = (await studio.http.get("/api/assets", headers=headers)).json()["items"]
    assert all(asset["storage_url"].startswith("http://localhost") for asset in found)


@pytest.mark.parametrize("size", [MIB + 1, 3 * MIB])
@pytest.mark.parametrize("declared", [True, False])
async def test_request_that_is_too_large_is_refused_in_words(
    studio: Studio,
    size: int,
    declared: bool,  # noqa: FBT001
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, size, 65536):
            yield b" " * min(65536, size - start)

    content = b" " * size if declared else parts()
    answer = await studio.http.post("/api/jobs/animate", content=content)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "too_large"


async def test_nested_json_does_no_harm(studio: Studio) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        answer = await studio.http.post("/api/jobs/animate", content=content, headers=headers)
        assert answer.status_code == 422
    assert (await studio.http.get("/healthz")).status_code == 200


async def test_request_with_too_many_headers_is_refused(studio: Studio) -> None:
    many = {f"X-{number}": "1" for number in range(150)}
    assert (await studio.http.get("/api/me", headers=many)).status_code == 431
    assert (await studio.http.get("/api/me", headers={"X": "1" * 50_000})).status_code == 431


@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "-", "a:port", "[::1", ""])
async def test_malformed_host_gets_no_signed_address(
    stack: Stack, layout: Layout, host: str
) -> None:
    port = layout.ports["gateway"]
    head = f"GET /api/assets HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(head)
    status = await reader.readline()
    writer.close()
    assert status.split()[1] in {b"400", b"421"}


async def test_silent_client_is_cut_off(stack: Stack, layout: Layout) -> None:
    """One that never ends its request's head."""
    reader, writer = await asyncio.open_connection(HOST, layout.ports["http"])
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    async with asyncio.timeout(60):
        rest = await reader.read()
    writer.close()
    assert b"200 OK" not in rest


class Sending:
    """A client's side of one request: `parts`, then silence, or the end.

    pause_s: before each part.
    """

    def __init__(self, *parts: bytes, ends: bool = False, pause_s: float = 0.0) -> None:
        self._parts = list(parts)
        self._ends = ends
        self._pause_s = pause_s
        self.answer: list[Message] = []

    async def receive(self) -> Message:
        if not self._parts:
            await asyncio.Event().wait()
        await asyncio.sleep(self._pause_s)
        body = self._parts.pop(0)
        more = bool(self._parts) or not self._ends
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message: Message) -> None:
        self.answer.append(message)


def request_of(path: str, *headers: tuple[bytes, bytes], method: str = "POST") -> Scope:
    return {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers],
        "server": ("localhost", 80),
        "state": {},
    }


async def _welcome(_: Request) -> Response:
    return Response()


async def _keep(request: Request) -> Response:
    await request.body()
    return Response(status_code=201)


DOOR = Starlette(routes=[Route("/{path:path}", _welcome, methods=["GET", "POST"])])
STORE = Starlette(routes=[Route("/api/assets/video", _keep, methods=["POST"])])


async def test_client_that_stops_in_its_body_is_cut_off() -> None:
    client = Sending(b"{", b'"prompt":')
    bounded = BoundedBodies(DOOR, within_s=0.05)
    scope = request_of("/api/jobs/animate", (b"transfer-encoding", b"chunked"))
    await bounded(scope, client.receive, client.send)
    assert client.answer[0]["status"] == 408


async def test_upload_that_stops_is_cut_off() -> None:
    client = Sending(b"x" * 100)
    with pytest.raises(ApiError, match="too long to arrive"):
        await BoundedBodies(STORE, within_s=0.05)(
            request_of("/api/assets/video"), client.receive, client.send
        )


async def test_upload_on_a_slow_line_goes_on() -> None:
    """Each part earns it another second."""
    client = Sending(*[b"x" * UPLOAD_BYTES_PER_S] * 6, ends=True, pause_s=0.03)
    await BoundedBodies(STORE, within_s=0.1)(
        request_of("/api/assets/video"), client.receive, client.send
    )
    assert client.answer[0]["status"] == 201


async def test_large_request_is_refused_before_it_is_read() -> None:
    client = Sending()
    scope = request_of("/api/jobs/animate", (b"content-length", b"%d" % (MAX_BODY_BYTES + 1)))
    await BoundedBodies(DOOR, within_s=0.05)(scope, client.receive, client.send)
    assert client.answer[0]["status"] == 413


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"studio.example", 200),
        (b"STUDIO.example:443", 200),
        (b"api.studio.example", 200),
        (b"localhost:8080", 200),
        (b"127.0.0.1", 200),
        (b"studio.example:8443", 421),
        (b"elsewhere.example", 421),
        (b"studio.example.elsewhere.example", 421),
    ],
)
async def test_only_the_known_host_is_answered(host: bytes, status: int) -> None:
    client = Sending(b"")
    known = SoundRequests(DOOR, ["https://studio.example/", "https://api.studio.example"])
    await known(request_of("/api/me", (b"host", host), method="GET"), client.receive, client.send)
    assert client.answer[0]["status"] == status


def test_own_address_has_to_be_an_origin() -> None:
    with pytest.raises(ValueError, match="is no origin"):
        SoundRequests(DOOR, ["studio.example"])


async def test_upload_may_be_larger_than_anything_else(studio: Studio) -> None:
    """It arrives whole, and is refused for what it is."""
    assert UploadLimits().largest > 4 * MIB
    content = b"ID3" + bytes(4 * MIB)
    answer = await studio.try_upload("audio", content, "silence.mp3")
    assert answer.status_code in {415, 422}
