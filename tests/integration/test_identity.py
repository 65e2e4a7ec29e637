"""Who is let in, what they may hand on, and how it ends."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from proto.identity import Role, Scope
from services.local.layout import HOST, Layout
from services.local.stack import Stack
from services.local.welcome import make_link
from services.store.audit import Actor
from tests.access import Way, let_in
from tests.integration.doorway import gateway

TOKENS_ONLY = [Scope.TOKENS_READ, Scope.TOKENS_WRITE]
_numbers = count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def ada(stack: Stack, layout: Layout) -> Way:
    """A creator nobody has met before."""
    return await let_in(layout.database_url, f"ada-{next(_numbers)}", Role.CREATOR)


@pytest_asyncio.fixture(loop_scope="session")
async def program(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody yet."""
    async with httpx.AsyncClient(base_url=layout.url, timeout=30) as client:
        yield client


@asynccontextmanager
async def browsing(layout: Layout, address: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the gateway itself, as the ingress tells of it. address: None for our own."""
    url = f"http://{HOST}:{layout.ports['gateway']}"
    headers = {} if address is None else {"X-Forwarded-For": address}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as browser:
        yield browser


async def make_token(program: httpx.AsyncClient, way: Way, **body: Any) -> dict[str, Any]:
    answer = await program.post(
        "/api/tokens", json={"name": "a program", **body}, headers=way.headers
    )
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def bearing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def code_of(layout: Layout) -> str:
    link = await make_link(layout, Actor("console"))
    return link.partition("#code=")[2]


async def audit_of(http: httpx.AsyncClient, subject: str) -> list[tuple[str, str]]:
    """Who did what to it, newest first."""
    answer = await http.get("/api/admin/audit", params={"subject": subject})
    return [(line["who"], line["action"]) for line in answer.json()["items"]]


# Tokens


async def test_token_is_shown_once_and_does_what_its_scopes_say(
    program: httpx.AsyncClient, ada: Way, http: httpx.AsyncClient
) -> None:
    token = await make_token(program, ada, scopes=["jobs:read"], days=7)
    headers = bearing(token["secret"])
    assert (await program.get("/api/jobs", headers=headers)).status_code == 200
    assert (await program.get("/api/assets", headers=headers)).status_code == 403
    listed = await program.get("/api/tokens", headers=ada.headers)
    assert token["secret"] not in listed.text
    [row] = [one for one in listed.json()["items"] if one["token_id"] == token["token_id"]]
    assert row["last_used_at"] is not None
    assert row["scopes"] == ["jobs:read"]
    line = await audit_of(http, f"token/{token['token_id']}")
    assert line == [(ada.owner, "token.make")]


async def test_token_makes_none_that_may_more_or_lives_longer(
    program: httpx.AsyncClient, ada: Way
) -> None:
    first = await make_token(program, ada, scopes=TOKENS_ONLY, days=3)
    headers = bearing(first["secret"])
    body = {"name": "more", "scopes": ["jobs:read"]}
    answer = await program.post("/api/tokens", json=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "scopes")
    answer = await program.post("/api/tokens", json={"name": "child"}, headers=headers)
    child = answer.json()
    assert sorted(child["scopes"]) == sorted(TOKENS_ONLY)
    assert child["expires_at"] == first["expires_at"]


async def test_nobody_gives_what_their_role_may_not(program: httpx.AsyncClient, ada: Way) -> None:
    body = {"name": "all", "scopes": ["admin:read"]}
    answer = await program.post("/api/tokens", json=body, headers=ada.headers)
    assert answer.status_code == 403
    assert "admin:read" in answer.json()["message"]


async def test_revoked_token_is_worthless_at_once_and_twice_is_harmless(
    program: httpx.AsyncClient, ada: Way
) -> None:
    token = await make_token(program, ada)
    path = f"/api/tokens/{token['token_id']}"
    for _ in range(2):
        assert (await program.delete(path, headers=ada.headers)).status_code == 204
    answer = await program.get("/api/me", headers=bearing(token["secret"]))
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_anothers_token_is_as_none(
    program: httpx.AsyncClient, ada: Way, layout: Layout
) -> None:
    bea = await let_in(layout.database_url, "bea", Role.CREATOR)
    token = await make_token(program, bea)
    theirs = await program.delete(f"/api/tokens/{token['token_id']}", headers=ada.headers)
    none = await program.delete("/api/tokens/none", headers=ada.headers)
    assert theirs.status_code == none.status_code == 404
    assert theirs.json()["message"] == none.json()["message"]
    answer = await program.get("/api/me", headers=bearing(token["secret"]))
    assert answer.status_code == 200


async def test_fifty_tokens_are_enough_until_one_is_revoked(
    program: httpx.AsyncClient, ada: Way
) -> None:
    tokens = [await make_token(program, ada) for _ in range(49)]
    body = {"name": "one more"}
    answer = await program.post("/api/tokens", json=body, headers=ada.headers)
    assert answer.status_code == 409
    await program.delete(f"/api/tokens/{tokens[0]['token_id']}", headers=ada.headers)
    await make_token(program, ada)


async def test_stream_ends_once_its_token_is_revoked(program: httpx.AsyncClient, ada: Way) -> None:
    token = await make_token(program, ada)
    async with program.stream("GET", "/api/events", headers=bearing(token["secret"])) as stream:
        assert stream.status_code == 200
        path = f"/api/tokens/{token['token_id']}"
        await program.delete(path, headers=ada.headers)
        async with asyncio.timeout(60):
            async for _ in stream.aiter_bytes():
                pass


# Browsers


async def test_browser_that_is_signed_out_from_elsewhere_is_out(
    layout: Layout, program: httpx.AsyncClient, ada: Way
) -> None:
    async with browsing(layout) as first, browsing(layout) as second:
        for browser in (first, second):
            signed = await browser.post("/api/sign-in/token", json={"token": ada.token})
            assert signed.status_code == 200
        sessions = (await first.get("/api/sessions")).json()["items"]
        [other] = [one for one in sessions if not one["current"] and one["browser"] != "tests"]
        path = f"/api/sessions/{other['session_id']}"
        for _ in range(2):
            assert (await first.delete(path)).status_code == 204
        assert (await second.get("/api/me")).status_code == 401
        assert (await first.get("/api/me")).status_code == 200
        bea = await let_in(layout.database_url, "bea", Role.CREATOR)
        assert (await program.delete(path, headers=bea.headers)).status_code == 404


async def test_sign_in_gives_a_new_session_and_ends_the_one_before(
    layout: Layout, ada: Way
) -> None:
    async with browsing(layout) as browser:
        chosen = {"Cookie": "animatrix=chosen-by-somebody-else"}
        body = {"token": ada.token}
        signed = await browser.post("/api/sign-in/token", json=body, headers=chosen)
        first = signed.cookies["animatrix"]
        assert first != "chosen-by-somebody-else"
        assert "HttpOnly" in signed.headers["set-cookie"]
        assert "SameSite=lax" in signed.headers["set-cookie"]
        assert (await browser.get("/api/me", headers=chosen)).status_code == 401
        await browser.post("/api/sign-in/token", json=body)
        assert browser.cookies["animatrix"] != first
        browser.cookies.clear()
        earlier = {"Cookie": f"animatrix={first}"}
        assert (await browser.get("/api/me", headers=earlier)).status_code == 401


async def test_session_ends_with_the_token_that_began_it(
    layout: Layout, program: httpx.AsyncClient, ada: Way
) -> None:
    token = await make_token(program, ada, days=1)
    async with browsing(layout) as browser:
        signed = await browser.post("/api/sign-in/token", json={"token": token["secret"]})
    assert signed.json()["expires_at"] == token["expires_at"]


async def test_token_that_may_little_signs_no_browser_in(
    layout: Layout, program: httpx.AsyncClient, ada: Way
) -> None:
    token = await make_token(program, ada, scopes=["jobs:read"])
    async with browsing(layout, "203.0.113.1") as browser:
        signed = await browser.post("/api/sign-in/token", json={"token": token["secret"]})
        assert signed.status_code == 403
        assert "animatrix" not in signed.cookies


async def test_failed_attempts_are_slowed_by_address_and_noted_without_the_secret(
    layout: Layout, ada: Way, http: httpx.AsyncClient
) -> None:
    async with browsing(layout, "203.0.113.2") as guessing:
        for _ in range(10):
            answer = await guessing.post("/api/sign-in/token", json={"token": "amx_guessed"})
            assert answer.status_code == 403
        answer = await guessing.post("/api/sign-in/token", json={"token": ada.token})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
    async with browsing(layout, "203.0.113.3") as other:
        answer = await other.post("/api/sign-in/token", json={"token": ada.token})
        assert answer.status_code == 200
    lines = await http.get("/api/admin/audit", params={"action": "session.refused"})
    own = [line for line in lines.json()["items"] if line["address"] == "203.0.113.2"]
    assert len(own) == 10
    assert "guessed" not in lines.text


async def test_link_signs_in_once_on_this_machine(layout: Layout, stack: Stack) -> None:
    code = await code_of(layout)
    async with browsing(layout) as browser:
        assert (await browser.post("/api/sign-in/link", json={"code": code})).status_code == 200
        assert (await browser.get("/api/me")).json()["owner"] == "local"
        assert (await browser.post("/api/sign-in/link", json={"code": code})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "203.0.113.4"}, {"Host": "studio.example"}],
    ids=["another machine", "another name"],
)
async def test_link_is_nothing_elsewhere(
    layout: Layout, stack: Stack, headers: dict[str, str]
) -> None:
    code = await code_of(layout)
    async with browsing(layout) as browser:
        options = (await browser.get("/api/sign-in", headers=headers)).json()
        assert "link" not in options["methods"]
        answer = await browser.post("/api/sign-in/link", json={"code": code}, headers=headers)
        assert answer.status_code == 403
        assert (await browser.post("/api/sign-in/link", json={"code": code})).status_code == 200


async def test_ingress_believes_nobody_where_they_come_from(
    program: httpx.AsyncClient, ada: Way
) -> None:
    spoofed = {"X-Forwarded-For": "203.0.113.5", "Forwarded": "for=203.0.113.5"}
    signed = await program.post("/api/sign-in/token", json={"token": ada.token}, headers=spoofed)
    assert signed.status_code == 200
    sessions = (await program.get("/api/sessions")).json()["items"]
    [own] = [one for one in sessions if one["current"]]
    assert own["address"] == HOST


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: next(iter(headers.values())))
async def test_foreign_page_changes_nothing_and_signs_nobody_in(
    layout: Layout, ada: Way, headers: dict[str, str]
) -> None:
    code = await code_of(layout)
    async with browsing(layout) as browser:
        for path, body in (("token", {"token": ada.token}), ("link", {"code": code})):
            forced = await browser.post(f"/api/sign-in/{path}", json=body, headers=headers)
            assert forced.status_code == 403
            assert "set-cookie" not in forced.headers
        await browser.post("/api/sign-in/token", json={"token": ada.token})
        assert (await browser.post("/api/sign-out", headers=headers)).status_code == 403
        assert (await browser.get("/api/me")).status_code == 200


# Operators


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_door(stack: Stack, layout: Layout) -> AsyncIterator[tuple[str, str]]:
    """The URLs of a gateway without anybody, and of its database."""
    name = "nobody_yet"
    connection = await asyncpg.connect(layout.database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    database = layout.database_url.rpartition("/")[0] + f"/{name}"
    async with gateway(layout, database_url=database) as url:
        yield url, database


async def test_last_operator_stays_one(own_door: tuple[str, str]) -> None:
    url, database = own_door
    way = await let_in(database, "ops", Role.OPERATOR)
    async with httpx.AsyncClient(base_url=url, headers=way.headers, timeout=30) as operator:
        for change in ({"disabled": True}, {"role": "creator"}):
            body = {**change, "reason": "a mistake"}
            answer = await operator.patch("/api/admin/users/ops", json=body)
            assert answer.status_code == 409
            assert "last operator" in answer.json()["message"]
        await let_in(database, "second", Role.OPERATOR)
        body = {"role": "creator", "reason": "has another task"}
        assert (await operator.patch("/api/admin/users/ops", json=body)).status_code == 200
        assert (await operator.get("/api/admin/users")).status_code == 403


async def test_closed_account_can_do_nothing_until_it_is_open_again(
    layout: Layout, program: httpx.AsyncClient, ada: Way, http: httpx.AsyncClient
) -> None:
    path = f"/api/admin/users/{ada.owner}"
    async with browsing(layout) as browser:
        await browser.post("/api/sign-in/token", json={"token": ada.token})
        closed = await http.patch(path, json={"disabled": True, "reason": "has left"})
        assert closed.json()["disabled_at"] is not None
        assert (await browser.get("/api/me")).status_code == 401
        assert (await program.get("/api/me", headers=ada.headers)).status_code == 401
        again = await http.patch(path, json={"disabled": False, "reason": "is back"})
        assert again.json()["disabled_at"] is None
        assert (await browser.get("/api/me")).status_code == 401
        assert (await program.get("/api/me", headers=ada.headers)).status_code == 200
    lines = await audit_of(http, f"user/{ada.owner}")
    assert lines == [("local", "user.change")] * 2


async def test_operator_adds_a_program_and_gives_it_a_token(
    program: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    body = {"owner": "billing", "name": "Billing", "role": "service", "reason": "sends jobs"}
    assert (await http.post("/api/admin/users", json=body)).status_code == 201
    assert (await http.post("/api/admin/users", json=body)).status_code == 409
    asked = {"name": "live", "scopes": ["jobs:write"], "days": 30}
    made = await http.post("/api/admin/users/billing/tokens", json=asked)
    assert made.status_code == 201
    headers = bearing(made.json()["secret"])
    assert (await program.get("/api/me", headers=headers)).json()["owner"] == "billing"
    token_id = made.json()["token_id"]
    listed = (await http.get("/api/admin/users/billing/tokens")).json()["items"]
    assert [one["token_id"] for one in listed] == [token_id]
    for _ in range(2):
        assert (await http.delete(f"/api/admin/tokens/{token_id}")).status_code == 204
    assert (await program.get("/api/me", headers=headers)).status_code == 401
    lines = await audit_of(http, f"token/{token_id}")
    assert lines == [("local", "token.revoke"), ("local", "token.make")]


async def test_operators_token_gives_no_more_than_it_has(
    program: httpx.AsyncClient, layout: Layout, stack: Stack, ada: Way
) -> None:
    scopes = [Scope.ADMIN_WRITE]
    way = await let_in(layout.database_url, "narrow", Role.OPERATOR, scopes)
    path = f"/api/admin/users/{ada.owner}/tokens"
    body = {"name": "more", "scopes": ["jobs:read"]}
    answer = await program.post(path, json=body, headers=way.headers)
    assert answer.status_code == 403


async def test_nobody_is_as_unknown_as_that(http: httpx.AsyncClient) -> None:
    body = {"disabled": True, "reason": "to see"}
    assert (await http.patch("/api/admin/users/nobody", json=body)).status_code == 404
    assert (await http.get("/api/admin/users/nobody/tokens")).status_code == 404
    assert (await http.delete("/api/admin/tokens/none")).status_code == 404


# Doors


@pytest.mark.parametrize(
    ("settings", "method"),
    [({"token_sign_in": "1"}, "token"), ({"oidc_issuer": "http://127.0.0.1:9"}, "oidc")],
    ids=["token", "oidc"],
)
async def test_open_door_with_a_way_to_sign_in_takes_no_links(
    stack: Stack, layout: Layout, settings: dict[str, str], method: str
) -> None:
    code = await code_of(layout)
    async with (
        gateway(layout, "0.0.0.0", **settings) as url,  # noqa: S104
        httpx.AsyncClient(base_url=url) as browser,
    ):
        assert (await browser.get("/api/sign-in")).json()["methods"] == [method]
        answer = await browser.post("/api/sign-in/link", json={"code": code})
        assert answer.status_code == 403


# The shell of the machine


def animatrix(
    layout: Layout, *arguments: str, **changes: str
) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if "ANIMATRIX" not in name}
    own = {"ANIMATRIX_DATA_DIR": str(layout.data), "ANIMATRIX_PORT": str(layout.ports.base)}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env=kept | own | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_link_of_the_command_signs_in(stack: Stack, layout: Layout) -> None:
    said = animatrix(layout, "link")
    address, _, code = said.stdout.strip().partition("#code=")
    assert address == f"{layout.url}/sign-in"
    async with browsing(layout) as browser:
        assert (await browser.post("/api/sign-in/link", json={"code": code})).status_code == 200


async def test_token_of_the_command_works_until_the_command_revokes_it(
    program: httpx.AsyncClient, layout: Layout, http: httpx.AsyncClient
) -> None:
    database = {"ANIMATRIX_DATABASE_URL": layout.database_url}
    asked = ("token", "create", "shell", "--role", "service", "--scope", "jobs:read")
    made = animatrix(layout, *asked, "--days", "2", "--name", "cron", **database)
    secret = made.stdout.strip()
    found = (await program.get("/api/me", headers=bearing(secret))).json()
    assert (found["owner"], found["scopes"]) == ("shell", ["jobs:read"])
    listed = animatrix(layout, "token", "list", "shell").stdout
    assert secret not in listed
    assert "cron" in listed
    assert animatrix(layout, "token", "revoke", found["token_id"]).returncode == 0
    assert (await program.get("/api/me", headers=bearing(secret))).status_code == 401
    lines = await audit_of(http, f"token/{found['token_id']}")
    assert lines == [("console", "token.revoke"), ("console", "token.make")]


async def test_user_of_the_command_is_added_and_closed(
    layout: Layout, http: httpx.AsyncClient
) -> None:
    assert animatrix(layout, "user", "add", "kim", "--name", "Kim").returncode == 0
    assert animatrix(layout, "user", "disable", "kim", "--reason", "has left").returncode == 0
    [line] = [one for one in animatrix(layout, "user", "list").stdout.splitlines() if "kim" in one]
    assert "closed" in line
    assert await audit_of(http, "user/kim") == [
        ("console", "user.change"),
        ("console", "user.add"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "disable", "nobody"), "nobody called nobody"),
        (("user", "add", "Not An Owner"), "owner"),
        (("token", "revoke", "none"), "no such token"),
        (("token", "create", "UPPER"), "owner"),
        (("token", "create", "lee", "--scope", "admin:read"), "does not allow admin:read"),
    ],
)
async def test_command_that_can_not_do_it_says_why(
    stack: Stack, layout: Layout, arguments: tuple[str, ...], words: str
) -> None:
    said = animatrix(layout, *arguments)
    assert said.returncode == 1
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_command_without_a_studio_says_so(layout: Layout) -> None:
    said = animatrix(layout, "link", ANIMATRIX_DATA_DIR=f"{layout.data}-none")
    assert (said.returncode, said.stdout) == (1, "")
    assert "There is no studio in" in said.stderr
