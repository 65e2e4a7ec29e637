"""The production ways in, run for real before a gateway and the stack's object store."""

import re
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from proto.errors import ErrorCode, Problem
from services.local.caddyfile import FORM_BYTES
from services.local.child import program
from services.local.layout import HOST, ROOT, Layout
from services.local.stack import Stack
from services.settings import Settings, UploadLimits
from services.store.database import Pool
from services.store.objects import UrlSigner, open_object_store
from tests.access import Way, let_in
from tests.conftest import free_port
from tests.integration.conftest import Asset, Order
from tests.integration.ingresses import (
    API,
    CADDYFILE,
    DEPLOY,
    MAX_UPLOAD_BYTES,
    MIB,
    STUDIO,
    Doors,
    Place,
    caddy,
    certify,
    nginx_config,
    nginx_program,
    opened,
    store_by_tls,
    way_in,
)
from tests.integration.test_hardening import EVERYWHERE, SEALED, TELLING
from tests.media_factory import make_sound
from tests.processes import running

SERVERS = ["nginx", "caddy"]
EVERYWHERE_BY_TLS = {**EVERYWHERE, "strict-transport-security": "max-age=31536000"}
NAME = "elsewhere.example"
Large = Callable[[int], Path]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SERVERS)
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


async def signed(doors: Doors, browser: httpx.AsyncClient, way: Way, asset: Asset) -> str:
    """The address that the gateway behind these doors gives for an upload."""
    url = f"{doors.url(API)}/api/assets/{asset['asset_id']}"
    address: str = (await browser.get(url, headers=way.headers)).json()["storage_url"]
    assert address.startswith(f"{doors.url()}/media/uploads/")
    return address


def check_answer(answer: httpx.Response, server: str) -> None:
    found = {name: answer.headers.get_list(name) for name in EVERYWHERE_BY_TLS}
    assert found == {name: [value] for name, value in EVERYWHERE_BY_TLS.items()}
    assert "camera=()" in answer.headers["permissions-policy"]
    assert len(answer.headers.get_list("content-security-policy")) == 1
    known = {"server"} if server == "nginx" else set()
    assert {name for name in answer.headers if name.startswith(TELLING)} == known
    assert answer.headers.get("server", "nginx") == "nginx"


@pytest.mark.parametrize("path", ["/", "/gallery", "/operator", "/operator/jobs"])
async def test_page_may_run_only_its_own(
    browser: httpx.AsyncClient, doors: Doors, path: str
) -> None:
    page = await browser.get(doors.url() + path)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'; script-src 'self'; " in page.headers["content-security-policy"]
    wanted = "operator.html" if path.startswith("/operator") else "index.html"
    assert page.content == (ROOT / "frontend" / "dist" / wanted).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/assets/none.js", "/robots.txt", "/samples/samples.json", "/samples/none"),
        *("/healthz", "/api/me", "/api/none", "/s/unknown", "/media/x", "/media/uploads/"),
    ],
)
async def test_every_answer_is_locked_down(
    browser: httpx.AsyncClient, doors: Doors, path: str
) -> None:
    answer = await browser.get(doors.url() + path, headers={"Origin": "https://a.example"})
    check_answer(answer, doors.server)
    assert "nginx" not in answer.text


async def test_source_of_the_samples_stays_inside(browser: httpx.AsyncClient, doors: Doors) -> None:
    script = next((ROOT / "services" / "local" / "samples").glob("*.py"))
    assert (await browser.get(f"{doors.url()}/samples/{script.name}")).status_code == 404


async def test_hashed_files_are_kept_by_browsers(browser: httpx.AsyncClient, doors: Doors) -> None:
    script = max((ROOT / "frontend" / "dist" / "assets").glob("*.js"), key=_size)
    headers = {"Accept-Encoding": "gzip"}
    answer = await browser.get(f"{doors.url()}/assets/{script.name}", headers=headers)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == script.read_bytes()
    missing = await browser.get(f"{doors.url()}/assets/none.js")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


def _size(path: Path) -> int:
    return path.stat().st_size


@pytest.mark.parametrize("host", [STUDIO, API])
def test_http_2_is_spoken(doors: Doors, host: str) -> None:
    wanted = ("-o", "/dev/null", "-w", "%{http_version} %{http_code}")
    said = doors.curl("--http2", *wanted, f"{doors.url(host)}/readyz")
    assert said.stdout == "2 200", said.stderr


async def test_api_answers_at_both_hosts(
    browser: httpx.AsyncClient, doors: Doors, way: Way
) -> None:
    for host in (STUDIO, API):
        answer = await browser.get(f"{doors.url(host)}/api/me", headers=way.headers)
        assert answer.json()["owner"] == way.owner
        assert answer.headers["content-security-policy"] == SEALED
        check_answer(answer, doors.server)


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/operator", "/assets/x.js", "/s/x", "/media/x", "/samples/x"]
)
async def test_host_of_the_api_has_no_pages(
    browser: httpx.AsyncClient, doors: Doors, path: str
) -> None:
    answer = await browser.get(doors.url(API) + path)
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["content-security-policy"] == SEALED
    check_answer(answer, doors.server)


@pytest.mark.parametrize("host", [STUDIO, API])
async def test_metrics_stay_inside(browser: httpx.AsyncClient, doors: Doors, host: str) -> None:
    for path in ("/metrics", "/api/metrics", "//metrics"):
        assert "# HELP" not in (await browser.get(doors.url(host) + path)).text


async def test_events_come_while_the_stream_is_open(
    browser: httpx.AsyncClient, doors: Doors, way: Way, order: Order
) -> None:
    url = f"{doors.url()}/api/events"
    async with browser.stream("GET", url, headers=way.headers) as stream:
        lines = stream.aiter_lines()
        assert await _find(lines, "event: hello")
        job = await order(duration_override_seconds=0.5)
        assert await _find(lines, job["job_id"])


async def _find(lines: AsyncIterator[str], words: str) -> bool:
    async for line in lines:
        if words in line:
            return True
    return False


async def test_large_upload_goes_through(
    browser: httpx.AsyncClient, doors: Doors, way: Way, tmp_path: Path
) -> None:
    sound = make_sound(tmp_path / "long.wav", seconds=170)
    assert 30 * MIB < sound.stat().st_size < MAX_UPLOAD_BYTES
    with sound.open("rb") as file:
        answer = await browser.post(
            f"{doors.url(API)}/api/assets/audio", files={"file": file}, headers=way.headers
        )
    assert answer.status_code == 201, answer.text
    assert answer.json()["size_bytes"] == sound.stat().st_size


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
@pytest.mark.parametrize(("path", "size"), [("assets/audio", 60 * MIB), ("jobs/animate", 8 * MIB)])
def test_what_is_larger_than_anything_is_refused_in_words(
    doors: Doors, way: Way, large: Large, path: str, size: int, protocol: str
) -> None:
    sending = (protocol, "-X", "POST", "-T", str(large(size)), *_bearer(way))
    wanted = ("-w", "\n%{http_code} %{content_type}\n", f"{doors.url()}/api/{path}")
    # The rest of the body is not taken for the next request.
    after = ("--next", *doors.options, f"{doors.url()}/healthz")
    said = doors.curl(*sending, *wanted, *after)
    words, kind, health = said.stdout.split("\n")
    assert kind == "413 application/problem+json", said
    problem = Problem.model_validate_json(words)
    assert (problem.status, problem.code) == (413, ErrorCode.TOO_LARGE)
    assert health == '{"status":"ok"}', said


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2"])
async def test_what_turns_out_too_large_is_cut_off(
    doors: Doors, way: Way, large: Large, pool: Pool, protocol: str
) -> None:
    """Whoever sends on meanwhile may see only the end of the connection."""
    count = "SELECT count(*) FROM assets"
    before = await pool.fetchval(count)
    chunked = ("-X", "POST", "-T", str(large(60 * MIB)), "-H", "Transfer-Encoding: chunked")
    wanted = ("-o", "/dev/null", "-w", "%{http_code}", f"{doors.url()}/api/assets/audio")
    said = doors.curl(protocol, *chunked, *_bearer(way), *wanted)
    assert said.stdout == "413" or said.returncode != 0
    assert await pool.fetchval(count) == before


def _bearer(way: Way) -> tuple[str, str]:
    return "-H", f"Authorization: Bearer {way.token}"


@pytest.fixture
def large(tmp_path: Path) -> Large:
    """Makes a file of so many bytes."""

    def make(size_bytes: int) -> Path:
        path = tmp_path / "large"
        with path.open("wb") as file:
            file.truncate(size_bytes)
        return path

    return make


async def test_part_of_a_file_can_be_asked_for(
    browser: httpx.AsyncClient, doors: Doors, way: Way, clip: Asset
) -> None:
    address = await signed(doors, browser, way, clip)
    whole = await browser.get(address)
    assert len(whole.content) == clip["size_bytes"]
    part = await browser.get(address, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(whole.content)}"
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["content-security-policy"] == "sandbox"
    beyond = await browser.get(address, headers={"Range": "bytes=99999999999-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    again = await browser.get(address, headers={"If-None-Match": part.headers["etag"]})
    assert again.status_code == 304
    for answer in (whole, part, beyond, again):
        check_answer(answer, doors.server)


async def test_film_is_had_whole_and_in_parts(
    browser: httpx.AsyncClient, doors: Doors, way: Way, voice: Asset, tmp_path: Path
) -> None:
    """Of several slices of the cache."""
    sound = make_sound(tmp_path / "sliced.wav", seconds=20)
    files = {"file": (sound.name, sound.read_bytes())}
    url = f"{doors.url()}/api/assets/audio"
    asset = (await browser.post(url, files=files, headers=way.headers)).json()
    assert asset["size_bytes"] > 3 * MIB
    across = await browser.get(
        asset["storage_url"], headers={"Range": f"bytes={MIB - 5}-{2 * MIB + 5}"}
    )
    assert across.content == sound.read_bytes()[MIB - 5 : 2 * MIB + 6]
    assert (await browser.get(asset["storage_url"])).content == sound.read_bytes()


async def test_file_is_had_by_signed_address_only(
    browser: httpx.AsyncClient, doors: Doors, way: Way, clip: Asset, character: Asset
) -> None:
    address = await signed(doors, browser, way, clip)
    assert (await browser.get(address)).status_code == 200
    for wrong in (
        address.partition("?")[0],
        address.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        address.replace("X-Amz-Expires=", "X-Amz-Expires=9"),
        address.replace(clip["asset_id"], character["asset_id"]),
        address.replace("?", "%3F"),
    ):
        refused = await browser.get(wrong)
        assert refused.status_code in {400, 403, 404}, wrong
        assert refused.content == b""


async def test_credentials_of_a_client_are_not_told_to_the_store(
    browser: httpx.AsyncClient, doors: Doors, way: Way, clip: Asset
) -> None:
    """It would take them for its own, and refuse."""
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=x",
        "Cookie": "animatrix=x",
        "X-Amz-Security-Token": "x",
        "X-Forwarded-Host": NAME,
    }
    address = await signed(doors, browser, way, clip)
    assert (await browser.get(address, headers=headers)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_files_can_only_be_read(
    browser: httpx.AsyncClient, doors: Doors, way: Way, clip: Asset, method: str
) -> None:
    address = await signed(doors, browser, way, clip)
    assert (await browser.request(method, address, content=b"x")).status_code == 405


async def test_hot_file_is_served_while_the_object_store_is_away(
    browser: httpx.AsyncClient, doors: Doors, way: Way, stack: Stack, voice: Asset
) -> None:
    if doors.server == "caddy":
        pytest.skip("Caddy keeps no files without a plugin")
    address = await signed(doors, browser, way, voice)
    first = await browser.get(address)
    with away(stack, "files"):
        again = await browser.get(address)
        part = await browser.get(address, headers={"Range": "bytes=5-9"})
    assert (again.content, part.content) == (first.content, first.content[5:10])
    assert (first.headers["x-cache"], again.headers["x-cache"]) == ("MISS", "HIT")
    for wrong in ("X-Amz-Signature=0", "X-Amz-Signature="):
        tampered = address.partition("X-Amz-Signature=")[0] + wrong
        assert (await browser.get(tampered)).status_code in {400, 403}


@contextmanager
def away(stack: Stack, name: str) -> Iterator[None]:
    server = psutil.Process(stack.pids[name])
    server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send_signal(signal.SIGCONT)


def test_other_names_get_no_answer(doors: Doors) -> None:
    by_tls = doors.curl("-k", doors.url(NAME))
    assert by_tls.returncode != 0
    wanted = ("-o", "/dev/null", "-w", "%{http_code}")
    by_http = doors.curl(*wanted, f"http://{NAME}:{doors.place.http}/")
    by_header = doors.curl(*wanted, "-H", f"Host: {NAME}", doors.url())
    assert {by_http.stdout, by_header.stdout} <= {"000", "421"}


def test_plain_http_leads_to_https(doors: Doors) -> None:
    for host in (STUDIO, API):
        wanted = ("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}")
        said = doors.curl(*wanted, f"http://{host}:{doors.place.http}/jobs?a=1")
        assert said.stdout == f"308 https://{host}/jobs?a=1"


async def test_no_secret_is_logged(
    browser: httpx.AsyncClient, doors: Doors, way: Way, clip: Asset
) -> None:
    address = await signed(doors, browser, way, clip)
    secret = httpx.URL(address).params["X-Amz-Signature"]
    await browser.get(address)
    await browser.get(address.replace("/uploads/", "/none/"))
    await browser.get(f"{doors.url()}/s/some-secret-link")
    logs = logged(doors.place)
    assert not [word for word in (secret, "some-secret-link", way.token) if word in logs]


def logged(place: Place) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in place.folder.glob("*.log"))


@pytest.mark.parametrize("server", SERVERS)
async def test_gateway_that_is_away_is_said_at_once(tmp_path: Path, server: str) -> None:
    place = Place(tmp_path, f"http://{HOST}:{free_port()}")
    doors = Doors(server, place)
    async with running(way_in(server, place)), doors.client() as client:
        for path in ("/api/me", "/media/x"):
            answer = await client.get(f"{doors.url()}{path}?X-Amz-Signature=canary")
            assert (answer.status_code, answer.content) == (502, b"")
            check_answer(answer, server)
    assert "canary" not in logged(place)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_store_may_be_anywhere_and_the_bucket_have_any_name(
    stack: Stack, layout: Layout, settings: Settings, tmp_path: Path, server: str, scheme: str
) -> None:
    bucket, port = f"films-{server}-{scheme}", free_port()
    store = f"https://localhost:{port}" if scheme == "https" else settings.s3_endpoint
    place = Place(tmp_path, store, bucket)
    doors = Doors(server, place)
    shown = settings.model_copy(update={"s3_bucket": bucket, "s3_endpoint": store})
    signer = UrlSigner.from_settings(shown)
    url = signer.sign(doors.url(), "media/über (1).txt", download_name="a b.txt")
    inside = settings.model_copy(update={"s3_bucket": bucket})
    async with (
        open_object_store(inside) as objects,
        running(way_in(server, place), store_by_tls(layout, tmp_path, port)),
        doors.client() as client,
    ):
        await objects.client.create_bucket(Bucket=bucket)
        await objects.put_bytes("media/über (1).txt", b"film", "text/plain")
        answer = await client.get(url)
        assert (answer.status_code, answer.text) == (200, "film")
        assert answer.headers["content-disposition"] == 'attachment; filename="a b.txt"'
        assert (await client.get(url.replace("Signature=", "Signature=0"))).status_code == 403


@pytest.mark.parametrize(("trusted", "scheme"), [(HOST, "https"), ("192.0.2.0/24", "http")])
async def test_load_balancer_that_ends_tls_is_believed_if_it_is_ours(  # noqa: PLR0913, PLR0917
    stack: Stack, layout: Layout, way: Way, clip: Asset, tmp_path: Path, trusted: str, scheme: str
) -> None:
    place = Place(tmp_path, layout.url, gateway=layout.ports["gateway"])
    sites = {"INGRESS_SITE": f"http://{STUDIO}", "INGRESS_API_SITE": f"http://{API}"}
    before = caddy(place, INGRESS_TLS_AT="before", INGRESS_TRUSTED=trusted, **sites)
    told = {"Host": API, "X-Forwarded-Proto": "https", **way.headers}
    url = f"http://{HOST}:{place.http}"
    async with running(before), httpx.AsyncClient(base_url=url) as client:
        asset = (await client.get(f"/api/assets/{clip['asset_id']}", headers=told)).json()
        assert asset["storage_url"].startswith(f"{scheme}://{API}/media/")
        assert (await client.get("/", headers={"Host": NAME})).status_code == 421
        assert (await client.get("/healthz")).text == "ok"


def test_caddyfile_is_valid_as_it_is() -> None:
    said = _say(program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE))
    assert "Valid configuration" in said


def test_nginx_takes_its_files(tmp_path: Path) -> None:
    certify(tmp_path)
    config = nginx_config(Place(tmp_path, f"http://{HOST}:{free_port()}"))
    said = _say(nginx_program(), "-t", "-p", str(tmp_path), "-c", str(config))
    assert "test is successful" in said
    assert "warn" not in said


def test_both_say_the_same_of_what_a_page_may_do_and_how_large_an_upload_is() -> None:
    site = (DEPLOY / "caddy" / "site.caddy").read_text(encoding="utf-8")
    nginx = "".join(path.read_text(encoding="utf-8") for path in (DEPLOY / "nginx").glob("*.conf"))
    rules = re.findall(r'"(default-src [^"]*|camera=[^"]*)"', site)
    assert len(set(rules)) == 3
    assert set(rules) == set(re.findall(r'"(default-src [^"]*|camera=[^"]*)"', nginx))
    fields = UploadLimits.model_fields.values()
    largest = max(field.default for field in fields) + FORM_BYTES
    assert set(re.findall(r"INGRESS_MAX_UPLOAD_BYTES:(\d+)", site)) == {str(largest)}
    assert f"client_max_body_size {largest // MIB}m" in nginx


def _say(*command: str) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return said.stdout + said.stderr
