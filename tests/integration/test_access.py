"""Who reaches what: every route, for every kind of caller."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.identity import ADMIN_SCOPES, OWN_SCOPES, Role, Scope
from services.gateway.access import RULES, Rule
from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Token, Way, let_in
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture
from tests.studio import Studio, new_key

NOWHERE = "00000000-0000-4000-8000-000000000000"
PARAMETERS = ("job_id", "asset_id", "share_id", "webhook_id", "delivery_id", "token_id")
OWN = [*PARAMETERS, "session_id"]
"""Parameters that name something of an owner's."""

REASON = {"reason": "a test asks"}
HOOK = {"url": "https://receiver.invalid/hook"}
BODIES: dict[str, Any] = {
    "POST /api/jobs/{job_id}/shares": {},
    "POST /api/jobs/{job_id}/segments/{index}/again": {},
    "PATCH /api/webhooks/{webhook_id}": {"description": "changed"},
    "PATCH /api/admin/users/{owner}": REASON,
}
STREAMS = {"GET /api/jobs/{job_id}/stream", "GET /api/events"}


@dataclass(frozen=True)
class Person:
    way: Way
    http: httpx.AsyncClient

    @property
    def studio(self) -> Studio:
        return Studio(self.http)

    async def ask(self, named: str, ids: dict[str, str], **given: Any) -> httpx.Response:
        """The answer to a rule's route, with these ids in its path; of a stream, how it begins."""
        method, path = named.split()
        if method in {"POST", "PATCH", "PUT"}:
            given.setdefault("json", BODIES.get(named, REASON))
        request = self.http.build_request(method, path.format_map(ids), **given)
        response = await self.http.send(request, stream=named in STREAMS)
        if named in STREAMS and response.is_success:
            await response.aclose()
        elif named in STREAMS:
            await response.aread()
        return response


@dataclass(frozen=True)
class Crowd:
    """ids: of things that are all ada's. body: of a job of hers."""

    ada: Person
    bob: Person
    operator: Person
    nobody: httpx.AsyncClient
    ids: dict[str, str]
    body: dict[str, Any]
    layout: Layout

    async def with_scopes(self, stack: AsyncExitStack, *scopes: Scope) -> Person:
        """A program of ada's with these scopes only."""
        way = await let_in(self.layout.database_url, "ada", Role.CREATOR, scopes)
        http = httpx.AsyncClient(base_url=self.layout.url, auth=Token(way.token), timeout=60)
        return Person(way, await stack.enter_async_context(http))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(stack: Stack, layout: Layout, media: Path) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as clients:

        async def person(owner: str, role: Role) -> Person:
            way = await let_in(layout.database_url, owner, role)
            http = httpx.AsyncClient(base_url=layout.url, auth=way.auth, timeout=60)
            return Person(way, await clients.enter_async_context(http))

        ada = await person("ada", Role.CREATOR)
        body = await _body(ada.studio, media)
        yield Crowd(
            ada=ada,
            bob=await person("bob", Role.CREATOR),
            operator=await person("olga", Role.OPERATOR),
            nobody=await clients.enter_async_context(httpx.AsyncClient(base_url=layout.url)),
            ids=await _things(ada, body),
            body=body,
            layout=layout,
        )


async def _body(studio: Studio, media: Path) -> dict[str, Any]:
    picture = await studio.upload("image", make_picture(media / "ada.png"))
    clip = make_clip(media / "ada.mp4", seconds=1, size=(320, 240), sound=False)
    return {
        "prompt": "Ada waves",
        "quality_profile": "draft",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": (await studio.upload("video", clip))["asset_id"],
        "duration_override_seconds": 0.5,
    }


async def _things(ada: Person, body: dict[str, Any]) -> dict[str, str]:
    """One of everything a path can name."""
    job = await ada.studio.create("animate", body)
    await ada.studio.until(job["job_id"], "completed")
    share = await _made(ada, f"/api/jobs/{job['job_id']}/shares", {})
    webhook = await _made(ada, "/api/webhooks", HOOK)
    await _made(ada, f"/api/webhooks/{webhook['webhook_id']}/test", None)
    log = await ada.studio.fetch_json(f"/api/webhooks/{webhook['webhook_id']}/deliveries")
    token = await _made(ada, "/api/tokens", {"name": "for a test"})
    [session, *_] = (await ada.studio.fetch_json("/api/sessions"))["items"]
    return {
        "job_id": job["job_id"],
        "asset_id": body["ground_truth_asset_id"],
        "share_id": share["share_id"],
        "webhook_id": webhook["webhook_id"],
        "delivery_id": log["items"][0]["delivery_id"],
        "token_id": token["token_id"],
        "session_id": session["session_id"],
        "owner": "ada",
        "index": "0",
        "kind": "image",
        "name": "nowhere:1",
        "left": job["job_id"],
        "right": job["job_id"],
        "family": "animate",
        "variant": "move",
        "token": "nothing",
    }


async def _made(person: Person, path: str, body: dict[str, Any] | None) -> Any:
    response = await person.http.post(path, json=body)
    assert response.is_success, response.text
    return response.json()


def rules(*, public: bool = False, admin: bool | None = None) -> list[str]:
    """The named routes that are public or not, operators' or not."""
    return [
        named
        for named, rule in RULES.items()
        if rule.public == public and admin in {None, rule.scope in ADMIN_SCOPES}
    ]


def of_an_owner() -> list[str]:
    """Routes, not operators', whose path names something of an owner's."""
    return [named for named in rules(admin=False) if any(f"{{{name}}}" in named for name in OWN)]


async def picture_of(crowd: Crowd) -> list[Any]:
    """All that can be seen of ada's things, but what changes by itself."""
    paths = ["/api/jobs", "/api/assets", "/api/shares", "/api/webhooks", "/api/tokens"]
    seen = [await crowd.ada.studio.fetch_json(path) for path in paths]
    return [[sorted(item) for item in page["items"]] for page in seen] + [
        [(job["job_id"], job["rev"], job["status"]) for job in seen[0]["items"]],
        [share["revoked_at"] for share in seen[2]["items"]],
        [(hook["url"], hook["description"], hook["state"]) for hook in seen[3]["items"]],
        [token["revoked_at"] for token in seen[4]["items"]],
    ]


@pytest.mark.parametrize("named", rules())
async def test_nothing_is_told_to_who_is_not_signed_in(crowd: Crowd, named: str) -> None:
    method, path = named.split()
    for headers in ({}, {"Authorization": "Bearer amx_forged"}, {"Cookie": "animatrix=forged"}):
        response = await crowd.nobody.request(method, path.format_map(crowd.ids), headers=headers)
        assert response.status_code == 401, named
        assert "bearer" in response.headers["www-authenticate"].lower()
        assert "ada" not in response.text.lower().replace("adapt", "")


@pytest.mark.parametrize(
    ("named", "rule"), [(named, rule) for named, rule in RULES.items() if rule.scope]
)
async def test_token_without_the_scope_is_refused(crowd: Crowd, named: str, rule: Rule) -> None:
    async with AsyncExitStack() as stack:
        others = OWN_SCOPES - {rule.scope}
        program = await crowd.with_scopes(stack, *others)
        response = await program.ask(named, crowd.ids)
    assert response.status_code == 403, named
    assert check_refusal(response).code == "forbidden"


@pytest.mark.parametrize("named", rules(admin=True))
async def test_no_creator_reaches_an_operators_route(crowd: Crowd, named: str) -> None:
    assert (await crowd.ada.ask(named, crowd.ids)).status_code == 403
    cookie = {"Cookie": f"animatrix={crowd.ada.way.session}"}
    method, path = named.split()
    answer = await crowd.nobody.request(method, path.format_map(crowd.ids), headers=cookie)
    assert answer.status_code == 403


@pytest.mark.parametrize("named", of_an_owner())
async def test_anothers_thing_is_like_one_that_does_not_exist(crowd: Crowd, named: str) -> None:
    before = await picture_of(crowd)
    anothers = await crowd.bob.ask(named, crowd.ids)
    unknown = await crowd.bob.ask(named, crowd.ids | dict.fromkeys(OWN, NOWHERE))
    assert anothers.status_code == unknown.status_code == 404, anothers.text
    assert anothers.json()["message"] == unknown.json()["message"]
    assert await picture_of(crowd) == before


@pytest.mark.parametrize("named", [one for one in of_an_owner() if one.startswith("GET ")])
async def test_owner_sees_what_is_the_owners(crowd: Crowd, named: str) -> None:
    assert (await crowd.ada.ask(named, crowd.ids)).status_code == 200


REACHED = [
    named
    for named in of_an_owner()
    if named.startswith("GET ") and ("{job_id}" in named or "{asset_id}" in named)
]


@pytest.mark.parametrize("named", REACHED)
async def test_operator_sees_anybodys_and_leaves_a_line(crowd: Crowd, named: str) -> None:
    assert (await crowd.operator.ask(named, crowd.ids)).status_code == 200
    noun = "job" if "{job_id}" in named else "asset"
    query = f"who=olga&action={noun}.read&subject={noun}/{crowd.ids[f'{noun}_id']}"
    lines = (await crowd.operator.studio.fetch_json(f"/api/admin/audit?{query}"))["items"]
    assert len(lines) == 1
    assert lines[0]["address"] == "127.0.0.1"
    assert lines[0]["via"].startswith("token/")


async def test_operators_token_without_the_operators_scopes_sees_only_its_own(
    crowd: Crowd,
) -> None:
    way = await let_in(crowd.layout.database_url, "olga", Role.OPERATOR, OWN_SCOPES)
    async with httpx.AsyncClient(base_url=crowd.layout.url, auth=way.auth) as http:
        narrow = Person(way, http)
        answers = [(await narrow.ask(named, crowd.ids)).status_code for named in REACHED]
    assert set(answers) == {404}


LISTS = [named for named in rules(admin=False) if named.startswith("GET ") and "{" not in named]


@pytest.mark.parametrize("named", [one for one in LISTS if one not in STREAMS])
async def test_no_list_has_anything_of_another(crowd: Crowd, named: str) -> None:
    response = await crowd.bob.ask(named, crowd.ids)
    assert response.status_code == 200
    told = response.text
    assert not [name for name in OWN if crowd.ids[name] in told]


async def test_nothing_is_made_from_anothers_files(crowd: Crowd) -> None:
    for path in ("/api/jobs/animate", "/api/jobs/animate/preview"):
        refused = await crowd.bob.http.post(path, json=crowd.body)
        assert check_refusal(refused).code == "missing_asset"


async def test_key_of_another_finds_no_job_of_theirs(crowd: Crowd, media: Path) -> None:
    key = new_key()
    hers = await crowd.ada.studio.create("animate", crowd.body, idempotency_key=key)
    again = await crowd.bob.http.post(
        "/api/jobs/animate", json=crowd.body, headers={"Idempotency-Key": key}
    )
    assert check_refusal(again).code == "missing_asset"
    his_body = await _body(crowd.bob.studio, media)
    his = await crowd.bob.studio.create("animate", his_body, idempotency_key=key)
    assert his["job_id"] != hers["job_id"]
    await asyncio.gather(
        crowd.ada.studio.stop(hers["job_id"]), crowd.bob.studio.stop(his["job_id"])
    )


async def test_stream_tells_nothing_of_anothers_jobs(crowd: Crowd, media: Path) -> None:
    his_body = await _body(crowd.bob.studio, media)
    told: list[str] = []
    messages = crowd.bob.studio.follow("/api/events")
    async for message in messages:
        if message.event == "hello":
            hers = await crowd.ada.studio.create("animate", crowd.body)
            await crowd.ada.studio.until(hers["job_id"], "completed")
            his = await crowd.bob.studio.create("animate", his_body)
            continue
        told.append(message.data["job_id"])
        if message.data["status"] == "completed":
            break
    await messages.aclose()
    assert set(told) == {his["job_id"]}


async def test_operator_stops_anothers_job_and_the_audit_says_for_whom(crowd: Crowd) -> None:
    job = await crowd.ada.studio.create("animate", crowd.body)
    await crowd.operator.studio.cancel(job["job_id"])
    await crowd.ada.studio.until_ended(job["job_id"])
    path = f"/api/admin/audit?subject=job/{job['job_id']}"
    lines = (await crowd.operator.studio.fetch_json(path))["items"]
    changes = {line["action"]: line for line in lines}
    assert changes["job.create"]["who"] == "ada"
    assert changes["job.cancel"]["who"] == "olga"
    assert changes["job.cancel"]["why"] != changes["job.create"]["why"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_no_path_takes_a_method_that_no_rule_names(crowd: Crowd, method: str) -> None:
    paths = {named.split()[1] for named in RULES}
    for path in sorted(paths):
        if any(f"{method} {other}" in RULES for other in paths if _may_be(other, path)):
            continue
        response = await crowd.nobody.request(method, path.format_map(crowd.ids))
        assert response.status_code in {401, 404, 405}, f"{method} {path}"


def _may_be(template: str, path: str) -> bool:
    """Whether a request for the one may be one for the other."""
    pieces, others = template.split("/"), path.split("/")
    return len(pieces) == len(others) and all(
        piece == other or "{" in piece or "{" in other
        for piece, other in zip(pieces, others, strict=True)
    )
