"""Where secrets come from, and that they come out nowhere."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes, token_hex
from urllib.parse import quote

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio
from google.protobuf.message import Message
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.client import Client

from proto.identity import Role
from services.local.children import settings_of
from services.local.layout import HOST, ROOT, SERVICES, Layout, make_layout
from services.local.stack import Stack
from services.local.welcome import make_link
from services.settings import Settings
from services.store.audit import Actor
from temporal.client import connect
from temporal.codec import ENCODING, EncryptedPayloads, parse_keys
from tests.access import let_in
from tests.conftest import STEP_SECONDS, free_base_port
from tests.integration.collector import collecting
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, eventually

INPUTS = "inputs.json"
"""In what the workflow of every job is told."""
TRACE, PATCH = b'{"traceparent":', b'"deprecated":'
"""In what Temporal's library writes itself, which no codec sees."""
NEEDED = {
    "ANIMATRIX_DATABASE_URL": "postgresql://a:fromvariable@b/c",
    "ANIMATRIX_TEMPORAL_ADDRESS": "a:1",
    "ANIMATRIX_S3_ENDPOINT": "http://a:1",
    "ANIMATRIX_S3_ACCESS_KEY": "a",
    "ANIMATRIX_S3_SECRET_KEY": "b",
    "ANIMATRIX_SECRET_KEY": "c" * 32,
}


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment, with what is needed in it and nothing else of ours."""
    for name in os.environ:
        if name.startswith("ANIMATRIX_"):
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_secrets_are_read_from_files(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.delenv("ANIMATRIX_SECRET_KEY")
    (tmp_path / "ANIMATRIX_SECRET_KEY").write_text("f" * 40 + "\n", encoding="utf-8")
    (tmp_path / "animatrix_payload_keys").write_text("a:b", encoding="utf-8")
    variables.setenv("ANIMATRIX_SECRETS_DIR", str(tmp_path))
    settings = Settings()
    assert settings.secret_key.get_secret_value() == "f" * 40
    assert settings.payload_keys == SecretStr("a:b")


def test_variable_wins_over_a_file(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ANIMATRIX_DATABASE_URL").write_text("postgresql://a:fromfile@b/c")
    variables.setenv("ANIMATRIX_SECRETS_DIR", str(tmp_path))
    assert "fromvariable" in Settings().database_url.get_secret_value()


def test_folder_of_secrets_has_to_be_there(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.setenv("ANIMATRIX_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="ANIMATRIX_SECRETS_DIR"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "s3cret"),
        ("COMFY_URLS", "http://me:s3cret@:x"),
        ("WEBHOOK_NETWORKS", "s3cret"),
        ("MEDIA_URL_MINUTES", "s3cret"),
    ],
)
def test_bad_setting_is_named_and_not_shown(
    variables: pytest.MonkeyPatch, name: str, value: str
) -> None:
    variables.setenv(f"ANIMATRIX_{name}", value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert name.lower() in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


@dataclass
class Canaries:
    """Secrets by name. seen: what the API answered, and where. receiver: of messages."""

    receiver: str
    values: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def plant(self, name: str, value: str | None = None) -> str:
        self.values[name] = value or f"canary{token_hex(20)}"
        return self.values[name]

    def in_text(self, text: str) -> list[str]:
        """The names of those that the text holds, as they are or in another dress."""
        return [
            name
            for name, value in self.values.items()
            if any(dress in text for dress in _dresses(value))
        ]

    async def note(self, answer: httpx.Response) -> None:
        await answer.aread()
        heads = "\n".join(
            f"{name}: {value}" for name, value in answer.headers.items() if name != "set-cookie"
        )
        request = answer.request
        key = f"{request.method} {request.url.path} {len(self.seen)}"
        self.seen[key] = f"{heads}\n{answer.text}"


def _dresses(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode()).decode().rstrip("=")
    return {value, quote(value, safe=""), value.encode().hex(), encoded[:-1]}


@asynccontextmanager
async def refusing() -> AsyncIterator[str]:
    """The address of an ingress that lets nobody in and repeats what it was sent."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = f"Content-Length: {len(head)}\r\nConnection: close\r\n\r\n".encode()
        writer.write(b"HTTP/1.1 401 Unauthorized\r\n" + length + head)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, HOST, 0) as server:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"


@dataclass(frozen=True)
class Aviary:
    """A stack of its own, with canaries for secrets, that has been through much."""

    layout: Layout
    stack: Stack
    canaries: Canaries
    traces: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aviary(
    data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Aviary]:
    folder = tmp_path_factory.mktemp("aviary")
    with collecting() as collector, pytest.MonkeyPatch.context() as variables:
        async with refusing() as refuser:
            canaries = Canaries(receiver=f"http://{refuser}/hook")
            layout = _layout(data_folder / "aviary", canaries, refuser)
            for name, value in _variables(layout, canaries, folder, collector.url).items():
                variables.setenv(name, value)
            stack = Stack(layout, lambda _: None)
            try:
                stack.start()
                await _live(layout, stack, canaries, folder)
                yield Aviary(layout, stack, canaries, repr(collector.spans))
            finally:
                stack.stop()


def _layout(data: Path, canaries: Canaries, refuser: str) -> Layout:
    data.mkdir()
    # The other key of S3 is named in every signed address, and no secret.
    secret = ("s3_secret_key", "database_password", "secret_key")
    planted = {name: canaries.plant(name) for name in secret} | {"s3_access_key": token_hex(10)}
    (data / "secrets.json").write_text(json.dumps(planted), encoding="utf-8")
    layout = make_layout(data, free_base_port(), [], STEP_SECONDS)
    away = f"http://me:{canaries.plant('password in a URL')}@{HOST}:9"
    refused = f"http://me:{canaries.plant('refused password')}@{refuser}"
    return replace(layout, comfy_urls=[*layout.comfy_urls, away, refused])


def _variables(layout: Layout, canaries: Canaries, folder: Path, collector: str) -> dict[str, str]:
    access = folder / "access.json"
    bearer = {"bearer": canaries.plant("bearer of a backend")}
    access.write_text(json.dumps({layout.comfy_urls[0]: bearer}), encoding="utf-8")
    key = canaries.plant("payload key", base64.b64encode(token_bytes(32)).decode())
    return {
        "ANIMATRIX_COMFY_ACCESS": str(access),
        "ANIMATRIX_PAYLOAD_KEYS": f"one:{key}",
        "ANIMATRIX_OIDC_ISSUER": f"http://{HOST}:9/issuer",
        "ANIMATRIX_OIDC_CLIENT_ID": "studio",
        "ANIMATRIX_OIDC_CLIENT_SECRET": canaries.plant("client secret"),
        "ANIMATRIX_TOKEN_SIGN_IN": "1",
        "ANIMATRIX_WEBHOOK_NETWORKS": f"{HOST}/32",
        "ANIMATRIX_OTLP_ENDPOINT": collector,
    }


async def _live(layout: Layout, stack: Stack, canaries: Canaries, folder: Path) -> None:
    way = await let_in(layout.database_url, role=Role.OPERATOR)
    canaries.plant("token", way.token)
    canaries.plant("session", way.session)
    code = canaries.plant("link", (await make_link(layout, Actor("console"))).partition("code=")[2])
    hooks = {"response": [canaries.note]}
    async with httpx.AsyncClient(
        base_url=layout.url, timeout=60, headers=way.headers, event_hooks=hooks
    ) as known:
        job_id = await _work(Studio(known), folder)
    async with httpx.AsyncClient(base_url=layout.url, timeout=60, headers=way.headers) as told:
        await _be_told(told, canaries, job_id)
    async with httpx.AsyncClient(base_url=layout.url, timeout=60, event_hooks=hooks) as stranger:
        await _knock(stranger, canaries, code)
        await _find_nobody_home(stranger, stack, canaries, way.cookie(layout.url))


async def _work(studio: Studio, folder: Path) -> str:
    """A job that is made, one that is refused, and all that can be looked at; gives the first."""
    picture = await studio.upload("image", make_picture(folder / "a.png"))
    clip = await studio.upload("video", make_clip(folder / "b.mp4", seconds=1, sound=False))
    body = {
        "prompt": "The canary sings",
        "quality_profile": "draft",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": clip["asset_id"],
    }
    job = await studio.create("animate", body)
    await studio.until_ended(job["job_id"])
    await studio.http.post("/api/jobs/animate", json={**body, "quality_profile": "none"})
    await studio.try_upload("image", b"no picture", "c.png")
    described = await studio.fetch_json("/api/openapi.json")
    for path, methods in described["paths"].items():
        if "get" in methods and path != "/api/events" and not path.endswith("/stream"):
            await studio.http.get(path.replace("{job_id}", job["job_id"]))
    job_id: str = job["job_id"]
    return job_id


async def _be_told(told: httpx.AsyncClient, canaries: Canaries, job_id: str) -> None:
    """The secrets that an answer shows, once."""
    token = await told.post("/api/tokens", json={"name": "canary", "days": 1})
    canaries.plant("token by a token", token.json()["secret"])
    share = await told.post(f"/api/jobs/{job_id}/shares", json={})
    path = httpx.URL(share.json()["url"]).path
    canaries.plant("share by a token", path.removeprefix("/s/"))
    for part in ("", "/video.mp4", "/poster.jpg", "/nothing"):
        await told.get(path + part)
    await told.post(path)
    await _send_message(told, canaries)


async def _send_message(told: httpx.AsyncClient, canaries: Canaries) -> None:
    """To somebody who does not want it."""
    made = await told.post("/api/webhooks", json={"url": canaries.receiver})
    canaries.plant("webhook", made.json()["secret"].removeprefix("whsec_"))
    path = f"/api/webhooks/{made.json()['webhook_id']}"
    assert (await told.post(f"{path}/test")).is_success

    async def tried() -> httpx.Response | None:
        answer = await told.get(f"{path}/deliveries")
        return answer if answer.json()["items"][0]["attempts"] else None

    await canaries.note(await eventually(tried))


async def _knock(stranger: httpx.AsyncClient, canaries: Canaries, code: str) -> None:
    """Ways in that are refused, and one that is not."""
    wrong = f"amx_{canaries.plant('wrong token')}"
    await stranger.get("/api/me", headers={"Authorization": f"Bearer {wrong}"})
    await stranger.get("/api/me", headers={"Authorization": f"Basic {wrong}"})
    await stranger.post("/api/sign-in/token", json={"token": wrong})
    await stranger.post("/api/sign-in/link", json={"code": canaries.plant("wrong link")})
    await stranger.post("/api/sign-in/link", json={"code": [code]})
    await stranger.get("/api/me", headers={"Cookie": f"animatrix={canaries.plant('cookie')}"})
    await stranger.get(f"/s/{canaries.plant('share')}")
    await stranger.get("/api/sign-in/oidc")
    coming = {"code": canaries.plant("code"), "state": canaries.plant("state")}
    await stranger.get("/api/sign-in/oidc/callback", params=coming)
    signed_in = await stranger.post("/api/sign-in/link", json={"code": code})
    assert signed_in.status_code == 200
    canaries.plant("session by link", signed_in.cookies["animatrix"])


async def _find_nobody_home(
    stranger: httpx.AsyncClient, stack: Stack, canaries: Canaries, cookie: Mapping[str, str]
) -> None:
    """Requests while the gateway is away, which only the ingress can tell of."""
    gateway = psutil.Process(stack.pids["gateway"])
    ending = [*gateway.children(recursive=True), gateway]
    for process in ending:
        process.kill()
    await asyncio.to_thread(psutil.wait_procs, ending[:-1])
    headers = {"Cookie": f"animatrix={cookie['value']}"}
    shared = f"/s/{canaries.values['share']}?sig={canaries.values['code']}"
    for path in (shared, f"/api/me?token={canaries.values['code']}"):
        assert (await stranger.get(path, headers=headers)).status_code >= 500

    async def back() -> bool:
        stack.tend()
        return stack.ready_pids.get("gateway", gateway.pid) != gateway.pid

    await eventually(back)


def _logs(layout: Layout) -> Iterator[tuple[str, str]]:
    """What lies in the data folder, but for the stores of secrets and of files."""
    apart = {layout.data / name for name in ("secrets.json", "postgres", "objects", "caddy")}
    for path in sorted(layout.data.rglob("*")):
        if path.is_file() and not apart & {path, *path.parents}:
            yield str(path), path.read_bytes().decode("utf-8", "replace")


def test_no_secret_is_in_a_log_or_a_file(aviary: Aviary) -> None:
    texts = dict(_logs(aviary.layout))
    assert any(name.endswith("gateway.log") for name in texts)
    assert {name: aviary.canaries.in_text(text) for name, text in texts.items()} == {
        name: [] for name in texts
    }


def test_no_secret_is_in_a_command_line(aviary: Aviary) -> None:
    own = [psutil.Process(pid) for pid in aviary.stack.pids.values()]
    servers = {server for root in own for server in (root, *root.children(recursive=True))}
    found = {server.pid: aviary.canaries.in_text(" ".join(server.cmdline())) for server in servers}
    assert len(found) > len(SERVICES)
    assert set(map(tuple, found.values())) == {()}


async def test_no_secret_is_in_the_database(aviary: Aviary) -> None:
    connection = await asyncpg.connect(aviary.layout.database_url)
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for (table,) in tables:
        rows = await connection.fetch(f'SELECT kept::text FROM "{table}" AS kept')  # noqa: S608
        assert aviary.canaries.in_text("\n".join(row[0] for row in rows)) == [], table
    await connection.close()
    assert {"audit", "jobs", "sessions", "tokens"} <= {row[0] for row in tables}


def test_no_secret_is_in_an_answer(aviary: Aviary) -> None:
    found = {key: aviary.canaries.in_text(text) for key, text in aviary.canaries.seen.items()}
    assert len(found) > 20
    assert {key: names for key, names in found.items() if names} == {}


def test_no_secret_is_in_a_trace(aviary: Aviary) -> None:
    assert "animate" in aviary.traces
    assert aviary.canaries.in_text(aviary.traces) == []


async def test_no_secret_is_in_a_metric(aviary: Aviary) -> None:
    async with httpx.AsyncClient() as client:
        for service in SERVICES:
            port = aviary.layout.ports[f"{service}_metrics"]
            text = (await client.get(f"http://{HOST}:{port}/metrics")).text
            assert "animatrix" in text
            assert aviary.canaries.in_text(text) == []


def test_no_secret_is_in_the_pages(aviary: Aviary) -> None:
    files = [path for path in (ROOT / "frontend" / "dist").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert aviary.canaries.in_text(path.read_bytes().decode("utf-8", "replace")) == []


@dataclass
class Kept:
    """What the workflow server keeps. sealed, open: payloads, in the order they were met."""

    text: str = ""
    sealed: list[Payload] = field(default_factory=list)
    open: list[Payload] = field(default_factory=list)

    def take(self, message: Message) -> None:
        self.text += str(message)
        self._walk(message)

    def _walk(self, message: Message) -> None:
        if isinstance(message, Payload):
            sealed = message.metadata.get("encoding") == ENCODING
            (self.sealed if sealed else self.open).append(message)
        elif not isinstance(message, SearchAttributes):
            for part in _parts(message):
                self._walk(part)


def _parts(message: Message) -> Iterator[Message]:
    """The messages directly in a message."""
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if isinstance(value, Message):
            yield value
        else:
            parts = value.values() if hasattr(value, "values") else value
            yield from (part for part in parts if isinstance(part, Message))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept(aviary: Aviary) -> Kept:
    settings = settings_of(aviary.layout)
    client: Client = await connect(settings, identity="test")
    found = Kept()
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        found.take((await handle.describe()).raw_description)
        async for event in handle.fetch_history_events():
            found.take(event)
    return found


async def test_no_secret_is_in_a_history(aviary: Aviary, kept: Kept) -> None:
    codec = EncryptedPayloads(parse_keys(f"one:{aviary.canaries.values['payload key']}"))
    inside = await codec.decode(kept.sealed)
    read = "\n".join(payload.data.decode("utf-8", "replace") for payload in [*inside, *kept.open])
    assert INPUTS in read
    assert aviary.canaries.in_text(read + kept.text) == []


def test_what_workflows_are_told_can_not_be_read_in_a_history(kept: Kept) -> None:
    assert kept.sealed
    assert INPUTS not in kept.text
    readable = [payload.data for payload in kept.open]
    assert [data for data in readable if TRACE not in data and PATCH not in data] == []
