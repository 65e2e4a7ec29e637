"""The production ways in, run for real before the stack's gateway and object store."""

import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from proto.media import AssetKind
from services.local.child import program
from services.local.layout import ROOT, Layout
from services.local.stack import Stack
from tests.access import Way, let_in
from tests.integration.conftest import Asset, Order
from tests.integration.ingresses import API, STUDIO, Doors, opened
from tests.media_factory import make_sound
from tests.studio import eventually

MIB = 1024 * 1024
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["nginx", "caddy"])
async def doors(
    request: pytest.FixtureRequest,
    stack: Stack,
    layout: Layout,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Doors]:
    folder = tmp_path_factory.mktemp("doors") / request.param
    async with opened(request.param, layout, folder) as doors:
        yield doors


@pytest_asyncio.fixture(loop_scope="session")
async def browser(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    async with doors.client() as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def way(stack: Stack, layout: Layout) -> Way:
    return await let_in(layout.database_url)


def path_of(url: str) -> str:
    return httpx.URL(url).raw_path.decode()


async def test_page_is_served_with_what_keeps_it_safe(
    browser: httpx.AsyncClient, doors: Doors
) -> None:
    for path in ("/", "/gallery", "/operator", "/operator/jobs"):
        answer = await browser.get(doors.url() + path)
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-cache"
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY
    assert "<title>" in answer.text


async def test_hashed_files_are_kept_by_browsers(browser: httpx.AsyncClient, doors: Doors) -> None:
    script = next((ROOT / "frontend" / "dist" / "assets").glob("*.js")).name
    answer = await browser.get(
        f"{doors.url()}/assets/{script}", headers={"Accept-Encoding": "gzip"}
    )
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert (await browser.get(f"{doors.url()}/assets/none.js")).status_code in {200, 404}


def test_http_2_is_spoken(doors: Doors) -> None:
    for host in (STUDIO, API):
        said = doors.curl(
            "-o", "/dev/null", "-w", "%{http_version}", doors.url(host) + "/readyz", host=host
        )
        assert said.stdout == "2", said.stderr


async def test_api_answers_at_both_hosts_and_pages_at_one(
    browser: httpx.AsyncClient, doors: Doors, way: Way
) -> None:
    for host in (STUDIO, API):
        answer = await browser.get(f"{doors.url(host)}/api/me", headers=way.headers)
        assert answer.json()["owner"] == way.owner
        assert {name: answer.headers.get_list(name) for name in SECURITY} == {
            name: [value] for name, value in SECURITY.items()
        }
    assert (await browser.get(f"{doors.url(API)}/")).status_code == 404
    assert (await browser.get(f"{doors.url()}/metrics")).headers["content-type"] != "text/plain"


async def test_events_come_while_the_stream_is_open(
    browser: httpx.AsyncClient, doors: Doors, way: Way, order: Order
) -> None:
    seen = []
    url = f"{doors.url()}/api/events"
    async with browser.stream("GET", url, headers=way.headers) as stream:
        lines = stream.aiter_lines()
        async for line in lines:
            if line == "event: hello":
                break
        job = await order(duration_override_seconds=0.5)
        async for line in lines:
            if job["job_id"] in line:
                seen.append(line)
                break
    assert seen


async def test_large_upload_goes_through_and_a_larger_one_is_refused_in_words(
    browser: httpx.AsyncClient, doors: Doors, way: Way, tmp_path: Path
) -> None:
    url = f"{doors.url()}/api/assets/{AssetKind.AUDIO}"
    sound = make_sound(tmp_path / "long.wav", seconds=90)
    assert 15 * MIB < sound.stat().st_size < 20 * MIB
    files = {"file": ("long.wav", sound.read_bytes())}
    answer = await browser.post(url, files=files, headers=way.headers)
    assert answer.status_code == 201, answer.text
    refused = doors.curl(
        *("-F", f"file=@{_large(tmp_path)}", "-H", f"Authorization: Bearer {way.token}"),
        *("-o", "-", "-w", "\n%{http_code} %{content_type}", url),
    )
    body, _, status = refused.stdout.rpartition("\n")
    assert status == "413 application/problem+json", refused
    assert '"code":"too_large"' in body


def _large(folder: Path) -> Path:
    path = folder / "large.wav"
    with path.open("wb") as file:
        file.truncate(60 * MIB)
    return path


async def test_part_of_a_file_is_had_by_signed_address_only(
    browser: httpx.AsyncClient, doors: Doors, clip: Asset
) -> None:
    address = doors.url() + path_of(clip["storage_url"])
    whole = await browser.get(address)
    part = await browser.get(address, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole.content)}"
    assert "set-cookie" not in part.headers
    assert not [name for name in part.headers if name.startswith("x-amz")]
    for wrong in (
        address.partition("?")[0],
        address.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        address.replace("/uploads/", "/inputs/"),
    ):
        refused = await browser.get(wrong)
        assert refused.status_code in {403, 404}
        assert refused.content.strip() == b""
    assert (await browser.put(address, content=b"x")).status_code in {403, 405}


async def test_hot_file_is_served_while_the_object_store_is_away(
    browser: httpx.AsyncClient, doors: Doors, stack: Stack, voice: Asset
) -> None:
    if doors.name == "caddy":
        pytest.skip("Caddy keeps no files without a plugin")
    address = doors.url() + path_of(voice["storage_url"])
    first = await browser.get(address)
    store = psutil.Process(stack.pids["files"])
    store.send_signal(signal.SIGSTOP)
    try:
        again = await browser.get(address)
    finally:
        store.send_signal(signal.SIGCONT)
    assert again.content == first.content
    assert (first.headers["x-cache"], again.headers["x-cache"]) == ("MISS", "HIT")
    other = address.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert (await browser.get(other)).status_code in {403, 404}


def test_other_names_get_no_answer(doors: Doors) -> None:
    name = "elsewhere.example"
    assert doors.curl("-k", doors.url(name), host=name).returncode != 0


async def test_gateway_that_is_away_is_said_at_once(
    browser: httpx.AsyncClient, doors: Doors, stack: Stack
) -> None:
    gateway = stack.pids["gateway"]
    os.kill(gateway, signal.SIGKILL)
    try:
        assert (await browser.get(f"{doors.url()}/api/me")).status_code == 502
    finally:

        async def back() -> bool:
            stack.tend()
            return stack.ready_pids.get("gateway") not in {None, gateway}

        await eventually(back)


def test_caddyfile_is_valid_as_it_is() -> None:
    config = ROOT / "deploy" / "caddy" / "Caddyfile"
    command = [program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(config)]
    caddy = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Valid configuration" in caddy.stdout + caddy.stderr
