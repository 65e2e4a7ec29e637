"""Sign-in by an OpenID provider, with a real one and with one that lies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.identity import Role
from services.gateway.people import Person
from services.local.layout import Layout
from services.local.stack import Stack
from services.store.database import Pool
from tests.access import let_in
from tests.integration.doorway import free_port, gateway, provider
from tests.integration.liar import Liar, lying

GROUPS = {"oidc_operators": "studio-ops", "oidc_creators": "studio"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def vouching(stack: Stack, layout: Layout) -> AsyncIterator[str]:
    async with provider(layout) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(vouching: str, layout: Layout) -> AsyncIterator[str]:
    """A gateway that trusts the provider."""
    async with gateway(layout, **settings(vouching), **GROUPS) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def liar(stack: Stack) -> AsyncIterator[Liar]:
    async with lying() as liar:
        yield liar


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fooled(liar: Liar, layout: Layout) -> AsyncIterator[str]:
    """A gateway that trusts the liar."""
    async with gateway(layout, **settings(liar.url)) as url:
        yield url


def settings(issuer: str) -> dict[str, str]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": "animatrix",
        "oidc_client_secret": "a secret of theirs: 100%",
    }


_addresses = iter(range(1, 250))


@asynccontextmanager
async def browsing(door: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser somewhere else, so that its failures are its own."""
    headers = {"X-Forwarded-For": f"203.0.113.{next(_addresses)}"}
    async with httpx.AsyncClient(base_url=door, headers=headers, timeout=30) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser(door: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(door) as browser:
        yield browser


async def know(vouching: str, sub: str, **claims: Any) -> None:
    """Have the provider know a person."""
    async with httpx.AsyncClient(base_url=vouching) as http:
        assert (await http.put(f"/users/{sub}", json=claims)).is_success


async def way_back(browser: httpx.AsyncClient, sub: str, next_: str = "/") -> str:
    """Where the provider sends the browser back to, once the person has said yes."""
    away = await browser.get("/api/sign-in/oidc", params={"next": next_})
    assert away.status_code == 302
    async with httpx.AsyncClient() as there:
        back = await there.post(away.headers["location"], data={"sub": sub})
    location: str = back.headers["location"]
    return location


async def sign_in(browser: httpx.AsyncClient, sub: str, next_: str = "/") -> str:
    """Where the browser ends up."""
    landed = await browser.get(await way_back(browser, sub, next_))
    assert landed.status_code == 302
    location: str = landed.headers["location"]
    return location


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = await browser.get("/api/me")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_person_of_the_provider_has_a_session(
    browser: httpx.AsyncClient, vouching: str
) -> None:
    claims = {
        "name": "Ada Lovelace",
        "preferred_username": "Ada@Lovelace",
        "email": "ada@example.com",
        "groups": ["studio"],
    }
    await know(vouching, "ada-1", **claims)
    assert await sign_in(browser, "ada-1", "/jobs?mine=1") == "/jobs?mine=1"
    found = await me(browser)
    assert found["owner"].startswith("ada-")
    assert (found["name"], found["email"]) == ("Ada Lovelace", "ada@example.com")
    assert found["role"] == "creator"


async def test_same_person_twice_is_one_owner_whose_name_is_kept_up_to_date(
    door: str, vouching: str
) -> None:
    owners = []
    for name in ("Bea", "Beatrice"):
        await know(vouching, "bea-1", name=name, groups=["studio"])
        async with browsing(door) as browser:
            await sign_in(browser, "bea-1")
            found = await me(browser)
        assert found["name"] == name
        owners.append(found["owner"])
    assert owners[0] == owners[1]


async def test_two_people_with_one_name_are_two_owners(door: str, vouching: str) -> None:
    owners = set()
    for sub in ("cas-1", "cas-2"):
        await know(vouching, sub, preferred_username="cas", groups=["studio"])
        async with browsing(door) as browser:
            await sign_in(browser, sub)
            owners.add((await me(browser))["owner"])
    assert len(owners) == 2


async def test_id_that_is_somebody_elses_is_not_given_again(
    door: str, vouching: str, layout: Layout
) -> None:
    claims = {"preferred_username": "kai", "groups": ["studio"]}
    await know(vouching, "kai-1", **claims)
    person = Person.from_claims({"iss": vouching, "sub": "kai-1", **claims}, "groups")
    taken = await let_in(layout.database_url, person.owner(6), Role.CREATOR)
    async with browsing(door) as browser:
        await sign_in(browser, "kai-1")
        given = (await me(browser))["owner"]
    assert given.startswith("kai-")
    assert given != taken.owner


async def test_two_browsers_that_come_first_at_once_are_one_owner(door: str, vouching: str) -> None:
    await know(vouching, "lou-1", preferred_username="lou", groups=["studio"])
    async with browsing(door) as first, browsing(door) as second:
        landed = await asyncio.gather(sign_in(first, "lou-1"), sign_in(second, "lou-1"))
        assert [*landed] == ["/", "/"]
        assert (await me(first))["owner"] == (await me(second))["owner"]


async def test_unverified_address_is_nobodys(browser: httpx.AsyncClient, vouching: str) -> None:
    claims = {"email": "dan@example.com", "email_verified": False, "groups": ["studio"]}
    await know(vouching, "dan-1", **claims)
    await sign_in(browser, "dan-1")
    assert (await me(browser))["email"] is None


async def test_group_makes_an_operator_until_it_is_lost(door: str, vouching: str) -> None:
    await know(vouching, "eve-1", preferred_username="eve", groups=["studio-ops"])
    async with browsing(door) as first, browsing(door) as second:
        await sign_in(first, "eve-1")
        assert (await first.get("/api/admin/users")).status_code == 200
        await know(vouching, "eve-1", preferred_username="eve", groups=["studio"])
        await sign_in(second, "eve-1")
        assert (await me(second))["role"] == "creator"
        assert (await first.get("/api/admin/users")).status_code == 403


async def test_person_without_a_group_is_not_let_in_and_loses_what_was_theirs(
    door: str, vouching: str
) -> None:
    await know(vouching, "fay-1", preferred_username="fay", groups=["studio"])
    async with browsing(door) as first, browsing(door) as second:
        await sign_in(first, "fay-1")
        token = (await first.post("/api/tokens", json={"name": "mine"})).json()
        await know(vouching, "fay-1", preferred_username="fay", groups=["others"])
        assert await sign_in(second, "fay-1") == "/sign-in?problem=not-allowed"
        assert (await second.get("/api/me")).status_code == 401
        assert (await first.get("/api/me")).status_code == 401
    async with httpx.AsyncClient(base_url=door) as program:
        headers = {"Authorization": f"Bearer {token['secret']}"}
        assert (await program.get("/api/me", headers=headers)).status_code == 401


async def test_closed_account_stays_closed(
    door: str, vouching: str, http: httpx.AsyncClient
) -> None:
    await know(vouching, "gus-1", preferred_username="gus", groups=["studio"])
    async with browsing(door) as browser:
        await sign_in(browser, "gus-1")
        owner = (await me(browser))["owner"]
        body = {"disabled": True, "reason": "has left"}
        assert (await http.patch(f"/api/admin/users/{owner}", json=body)).status_code == 200
        assert await sign_in(browser, "gus-1") == "/sign-in?problem=closed"
        assert (await browser.get("/api/me")).status_code == 401


async def test_state_of_another_browser_is_refused(door: str, vouching: str) -> None:
    async with browsing(door) as attacker, browsing(door) as victim:
        callback = await way_back(attacker, "mallory")
        await way_back(victim, "ada-1")
        landed = await victim.get(callback)
        assert landed.headers["location"] == "/sign-in?problem=expired"
        assert (await victim.get("/api/me")).status_code == 401


async def test_way_back_works_once(browser: httpx.AsyncClient, vouching: str) -> None:
    await know(vouching, "hal-1", groups=["studio"])
    callback = await way_back(browser, "hal-1")
    kept = dict(browser.cookies)
    assert (await browser.get(callback)).headers["location"] == "/"
    again = await browser.get(callback)
    assert again.headers["location"] == "/sign-in?problem=expired"
    async with browsing(str(browser.base_url)) as replaying:
        landed = await replaying.get(callback, headers={"Cookie": _header(kept)})
        assert landed.headers["location"] == "/sign-in?problem=refused"


async def test_log_holds_nothing_that_opens_a_door(
    browser: httpx.AsyncClient, vouching: str, layout: Layout
) -> None:
    await know(vouching, "jim-1", groups=["studio"])
    callback = await way_back(browser, "jim-1")
    kept = dict(browser.cookies)
    await browser.get(callback)
    await browser.get(callback, headers={"Cookie": _header(kept)})
    log = layout.folder("logs") / f"gateway-{browser.base_url.port}.log"
    said = log.read_text(encoding="utf-8")
    assert "sign-in refused" in said
    secrets = [httpx.URL(callback).params["code"], browser.cookies["animatrix"], *kept.values()]
    assert [secret for secret in secrets if secret in said] == []


async def test_behind_https_the_way_back_and_the_cookie_are_for_https(
    browser: httpx.AsyncClient,
) -> None:
    headers = {"X-Forwarded-Proto": "https", "Host": "studio.example"}
    away = await browser.get("/api/sign-in/oidc", headers=headers)
    back = httpx.URL(away.headers["location"]).params["redirect_uri"]
    assert back == "https://studio.example/api/sign-in/oidc/callback"
    cookie = away.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/api/sign-in/oidc"} <= {*cookie.split("; ")}


async def test_changed_cookie_is_refused(browser: httpx.AsyncClient, vouching: str) -> None:
    callback = await way_back(browser, "ada-1")
    [(name, value)] = dict(browser.cookies).items()
    browser.cookies.clear()
    forged = _header({name: f"x{value}"})
    landed = await browser.get(callback, headers={"Cookie": forged})
    assert landed.headers["location"] == "/sign-in?problem=expired"


def _header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
async def test_sign_in_leads_to_our_own_pages_only(
    browser: httpx.AsyncClient, vouching: str, next_: str
) -> None:
    await know(vouching, "ida-1", groups=["studio"])
    assert await sign_in(browser, "ida-1", next_) == "/"


async def test_no_is_no(browser: httpx.AsyncClient, pool: Pool) -> None:
    away = await browser.get("/api/sign-in/oidc")
    async with httpx.AsyncClient() as there:
        back = await there.post(away.headers["location"], data={"action": "deny"})
    query = dict(httpx.URL(back.headers["location"]).params)
    assert query["error"] == "access_denied"
    state = httpx.URL(away.headers["location"]).params["state"]
    landed = await browser.get(
        "/api/sign-in/oidc/callback", params={"error": "access_denied", "state": state}
    )
    assert landed.headers["location"] == "/sign-in?problem=cancelled"
    address = browser.headers["X-Forwarded-For"]
    why = await pool.fetchval(
        "SELECT why FROM audit WHERE action = 'session.refused' AND address = $1", address
    )
    assert "said no" in why


async def test_provider_that_is_away_is_said_to_be(stack: Stack, layout: Layout) -> None:
    port = free_port()
    trusting = settings(f"http://127.0.0.1:{port}")
    async with gateway(layout, **trusting) as door, browsing(door) as browser:
        away = await browser.get("/api/sign-in/oidc")
        assert away.headers["location"] == "/sign-in?problem=unavailable"
        async with provider(layout, port):
            callback = await way_back(browser, "ada-1")
        landed = await browser.get(callback)
        assert landed.headers["location"] == "/sign-in?problem=unavailable"
        options = (await browser.get("/api/sign-in")).json()
        assert "oidc" in options["methods"]


async def come_back(door: str, liar: Liar) -> str:
    async with browsing(door) as browser:
        away = httpx.URL((await browser.get("/api/sign-in/oidc")).headers["location"])
        liar.nonce, liar.challenge = away.params["nonce"], away.params["code_challenge"]
        params = {"code": "c", "state": away.params["state"]}
        landed = await browser.get("/api/sign-in/oidc/callback", params=params)
    location: str = landed.headers["location"]
    return location


async def test_true_word_of_a_liar_is_believed(fooled: str, liar: Liar) -> None:
    assert await come_back(fooled, liar) == "/"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another program"},
        {"aud": ["animatrix", "another"], "azp": "another"},
        {"iss": "https://another.example"},
        {"nonce": "of another time"},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
    ids=lambda claims: next(iter(claims)),
)
async def test_lie_is_not_believed(
    fooled: str, liar: Liar, claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liar, "claims", claims)
    assert await come_back(fooled, liar) == "/sign-in?problem=refused"


@pytest.mark.parametrize("key", ["forged", None])
async def test_token_that_the_provider_has_not_signed_is_not_believed(
    fooled: str, liar: Liar, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liar, "key", key)
    assert await come_back(fooled, liar) == "/sign-in?problem=refused"
