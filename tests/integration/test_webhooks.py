"""Messages to other services: what they say, in what order, and that none is lost."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from standardwebhooks import Webhook

from proto.identity import Role
from services.local.children import settings_of
from temporal.client import connect, webhook_workflow_id
from temporal.queues import WEBHOOK_BACKOFF_S
from tests.access import signed_in
from tests.conftest import free_base_port
from tests.integration.local import Local
from tests.integration.refusals import check_refusal
from tests.media_factory import make_clip, make_picture
from tests.receiver import OK, Answer, Receiver, answer, hangs, hangs_up, receiving
from tests.studio import Studio, eventually

PROMPT = "What nobody else may read"
TRIES = 1 + len(WEBHOOK_BACKOFF_S)
SETTINGS = {
    "ANIMATRIX_WEBHOOK_NETWORKS": "127.0.0.0/8",
    # What takes three days takes ten seconds.
    "ANIMATRIX_WEBHOOK_DAYS": str(10 / 86400),
}


class Telling(Local):
    """A stack of its own that may send to this machine."""

    def _environment(self, changes: dict[str, str]) -> dict[str, str]:
        return super()._environment({**SETTINGS, **changes})


@dataclass(frozen=True)
class Hook:
    """A webhook, and what comes in there."""

    studio: Studio
    webhook_id: str
    secret: str
    receiver: Receiver

    @property
    def path(self) -> str:
        return f"/api/webhooks/{self.webhook_id}"

    async def say(self, count: int = 1) -> list[str]:
        """Messages that are sent, by their `webhook-id`."""
        made = [await post(self.studio, f"{self.path}/test", 202) for _ in range(count)]
        return [one["message_id"] for one in made]

    async def get(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.studio.fetch_json(self.path)
        return found

    async def log(self) -> list[dict[str, Any]]:
        """Oldest first."""
        page = await self.studio.fetch_json(f"{self.path}/deliveries?limit=100")
        items: list[dict[str, Any]] = page["items"]
        return items[::-1]

    async def until_over(self) -> list[dict[str, Any]]:
        """The log once nothing waits."""

        async def over() -> list[dict[str, Any]]:
            log = await self.log()
            return log if all(one["state"] != "waiting" for one in log) else []

        found: list[dict[str, Any]] = await eventually(over)
        return found

    async def until_tried(self, count: int) -> None:
        async def tried() -> bool:
            return sum(len(one["attempts"]) for one in await self.log()) >= count

        await eventually(tried)

    def taken(self) -> list[str]:
        """The ids of what was delivered, in the order of their first success, all signed."""
        for got in self.receiver.got:
            Webhook(self.secret).verify(got.body, got.headers)
        return list(dict.fromkeys(got.id for got in self.receiver.taken))


async def post(studio: Studio, path: str, status: int, **body: Any) -> dict[str, Any]:
    response = await studio.http.post(path, json=body or None)
    assert response.status_code == status, response.text
    said: dict[str, Any] = response.json()
    return said


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def telling(data_folder: Path) -> AsyncIterator[Telling]:
    stack = Telling(data_folder / "telling", free_base_port(), step_seconds="0.05")
    await stack.start()
    yield stack
    await stack.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def owner(telling: Telling) -> AsyncIterator[Studio]:
    async with signed_in(telling.layout) as client:
        yield Studio(client)


@asynccontextmanager
async def hooked(studio: Studio, *answers: Answer, **wanted: Any) -> AsyncIterator[Hook]:
    async with receiving(*answers) as receiver:
        made = await post(studio, "/api/webhooks", 201, url=receiver.url, **wanted)
        hook = Hook(studio, made["webhook_id"], made["secret"], receiver)
        yield hook
        await studio.http.delete(hook.path)


async def create_job(studio: Studio, media: Path) -> str:
    picture = await studio.upload("image", make_picture(media / "told.png"))
    clip = make_clip(media / "told.mp4", seconds=1, size=(320, 240), sound=False)
    body = {
        "prompt": PROMPT,
        "quality_profile": "draft",
        "ground_truth_asset_id": picture["asset_id"],
        "motion_video_asset_id": (await studio.upload("video", clip))["asset_id"],
        "duration_override_seconds": 0.5,
    }
    job_id: str = (await studio.create("animate", body))["job_id"]
    return job_id


async def test_job_is_told_in_order_and_holds_nothing_that_was_written(
    owner: Studio, media: Path
) -> None:
    async with hooked(owner) as hook, hooked(owner, events=["job.completed"]) as picky:
        job_id = await create_job(owner, media)
        await owner.until(job_id, "completed")
        log = await hook.until_over()
        await picky.until_over()
    said = [json.loads(got.body) for got in hook.receiver.got]
    types = ["job.accepted", "job.executing", "job.completed"]
    assert [one["type"] for one in said] == types
    assert {one["data"]["job_id"] for one in said} == {job_id}
    assert hook.taken() == [one["message_id"] for one in log]
    assert [json.loads(got.body)["type"] for got in picky.receiver.got] == ["job.completed"]
    assert not any(PROMPT.encode() in got.body or b"http" in got.body for got in hook.receiver.got)


async def test_faulty_receiver_gets_everything_in_order(owner: Studio) -> None:
    faults: list[Answer] = [
        answer(500),
        hangs_up,
        b"garbage, no HTTP\r\n\r\n",
        OK,
        answer(302, "Location: http://127.0.0.1:1/"),
        answer(429, "Retry-After: 1"),
        hangs,
        OK,
        answer(404),
    ]
    async with hooked(owner, *faults) as hook:
        said = await hook.say(4)
        log = await hook.until_over()
    assert {one["state"] for one in log} == {"delivered"}
    assert hook.taken() == said
    assert sum(len(one["attempts"]) for one in log) == len(said) + len(faults) - faults.count(OK)
    first = log[0]["attempts"]
    assert [one["status"] for one in first] == [500, None, None, 204]
    assert all(one["error"] for one in first[:3])


async def test_slow_receiver_keeps_no_other_waiting(owner: Studio) -> None:
    async with hooked(owner, hangs) as slow, hooked(owner) as quick:
        await slow.say()
        await eventually(lambda: _any(slow.receiver.got))
        said = await quick.say(3)
        await quick.until_over()
        assert quick.taken() == said
        assert (await slow.log())[0]["state"] == "waiting"


async def _any(items: list[Any]) -> bool:
    return bool(items)


async def test_receiver_that_was_away_gets_what_it_missed(owner: Studio) -> None:
    async with hooked(owner) as hook:
        await hook.receiver.stop()
        said = await hook.say(3)
        await hook.until_tried(2)
        assert (await hook.get())["state"] == "failing"
        await hook.receiver.start()
        await hook.until_over()
        assert hook.taken() == said
        assert (await hook.get())["state"] == "active"


async def test_kills_lose_and_reorder_nothing(owner: Studio, telling: Telling) -> None:
    async with hooked(owner, OK, hangs) as hook:
        said = await hook.say(4)
        await eventually(lambda: _any(hook.receiver.got[1:]))
        telling.child("temporal.worker", "comfy").kill()
        telling.child("services.gateway").kill()
        await eventually(lambda: _answers(owner))
        said += await hook.say(2)
        telling.child("services.gateway").kill()
        await eventually(lambda: _answers(owner))
        log = await hook.until_over()
    assert {one["state"] for one in log} == {"delivered"}
    assert hook.taken() == said
    assert {got.id for got in hook.receiver.got} == set(said)


async def _answers(studio: Studio) -> bool:
    return (await studio.http.get("/api/webhooks")).is_success


async def test_message_that_is_never_taken_is_dead_and_the_next_goes_on(owner: Studio) -> None:
    async with hooked(owner, *[answer(400)] * TRIES) as hook:
        dead, *others = await hook.say(3)
        log = await hook.until_over()
        assert [one["state"] for one in log] == ["dead", "delivered", "delivered"]
        assert len(log[0]["attempts"]) == TRIES
        assert hook.taken() == others
        await post(owner, f"{hook.path}/deliveries/{log[0]['delivery_id']}/replay", 202)
        await hook.until_over()
        assert hook.taken() == [*others, dead]
        [again] = [got for got in hook.receiver.taken if got.id == dead]
        assert again.body == hook.receiver.got[0].body


async def test_address_where_nothing_works_is_disabled(owner: Studio) -> None:
    async with hooked(owner, *[answer(500)] * (TRIES + 1)) as hook:
        await hook.say(3)
        log = await hook.until_over()
        webhook = await hook.get()
    assert [one["state"] for one in log] == ["dead"] * 3
    assert [len(one["attempts"]) for one in log] == [TRIES, 1, 0]
    assert webhook["state"] == "disabled"
    assert "days" in webhook["reason"]


async def test_address_that_is_gone_is_disabled_until_its_owner_enables_it(owner: Studio) -> None:
    async with hooked(owner, answer(410)) as hook:
        await hook.say()
        [log] = await hook.until_over()
        assert (log["state"], (await hook.get())["state"]) == ("dead", "disabled")
        await owner.http.patch(hook.path, json={"enabled": True})
        said = await hook.say()
        await hook.until_over()
        assert hook.taken() == said


async def test_disabled_webhook_keeps_what_waits(owner: Studio) -> None:
    async with hooked(owner) as hook:
        await owner.http.patch(hook.path, json={"enabled": False})
        said = await hook.say(2)
        async with hooked(owner) as other:
            await other.say()
            await other.until_over()
        assert (await hook.get())["waiting"] == 2
        assert hook.receiver.got == []
        await owner.http.patch(hook.path, json={"enabled": True})
        await hook.until_over()
        assert hook.taken() == said


async def test_old_secret_signs_too_after_it_was_exchanged(owner: Studio) -> None:
    async with hooked(owner) as hook:
        new = await post(owner, f"{hook.path}/secret", 200)
        assert new["old_secret_until"]
        await hook.say()
        await hook.until_over()
    [got] = hook.receiver.got
    assert new["secret"] != hook.secret
    assert len(got.headers["webhook-signature"].split()) == 2
    for secret in (new["secret"], hook.secret):
        Webhook(secret).verify(got.body, got.headers)


async def test_secret_is_nowhere_but_in_its_first_answer(owner: Studio, telling: Telling) -> None:
    async with hooked(owner, answer(500)) as hook:
        await hook.say()
        await hook.until_over()
        places = [json.dumps(await hook.get()), json.dumps(await hook.log())]
        audited = await owner.fetch_json(f"/api/admin/audit?subject=webhook/{hook.webhook_id}")
        assert {line["action"] for line in audited["items"]} == {"webhook.create", "webhook.test"}
        places.append(json.dumps(audited))
        client = await connect(settings_of(telling.layout), identity="test")
        handle = client.get_workflow_handle(webhook_workflow_id(hook.webhook_id))
        places.append((await handle.fetch_history()).to_json())
        logs = (telling.data / "logs").glob("*.log")
        places += [path.read_text(encoding="utf-8", errors="replace") for path in logs]
    assert not any(hook.secret.removeprefix("whsec_") in place for place in places)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2852039166/",
        "https://user:word@example.com/",
        "https://example.com/#there",
        "http://192.168.1.1/",
    ],
)
async def test_address_that_leads_inward_is_refused(owner: Studio, url: str) -> None:
    async with hooked(owner) as hook:
        for asked in (
            await owner.http.post("/api/webhooks", json={"url": url}),
            await owner.http.patch(hook.path, json={"url": url}),
        ):
            problem = check_refusal(asked)
            assert (problem.status, problem.field) == (422, "url")


async def test_anothers_webhook_is_like_none(owner: Studio, telling: Telling) -> None:
    async with hooked(owner) as hook, signed_in(telling.layout, "eve", Role.CREATOR) as eve:
        await hook.say()
        [log] = await hook.until_over()
        replay = f"{hook.path}/deliveries/{log['delivery_id']}/replay"
        asked = [
            await eve.get(hook.path),
            await eve.patch(hook.path, json={"enabled": False}),
            await eve.delete(hook.path),
            await eve.post(f"{hook.path}/secret"),
            await eve.post(f"{hook.path}/test"),
            await eve.get(f"{hook.path}/deliveries"),
            await eve.post(replay),
        ]
        none = check_refusal(await eve.get("/api/webhooks/none"))
    assert {(check_refusal(one).status, check_refusal(one).message) for one in asked} == {
        (404, none.message)
    }


async def test_owner_may_have_ten(telling: Telling) -> None:
    async with signed_in(telling.layout, "busy", Role.CREATOR) as client:
        made = [
            (
                await client.post("/api/webhooks", json={"url": "https://receiver.invalid/"})
            ).status_code
            for _ in range(11)
        ]
        assert made == [201] * 10 + [409]
        assert len((await client.get("/api/webhooks")).json()["items"]) == 10


async def test_operator_sees_and_replays_everybodys(owner: Studio, telling: Telling) -> None:
    async with (
        signed_in(telling.layout, "maker", Role.CREATOR) as client,
        hooked(Studio(client)) as hook,
    ):
        [said] = await hook.say()
        [log] = await hook.until_over()
        listed = await owner.fetch_json("/api/admin/webhooks?owner=maker")
        assert [one["webhook_id"] for one in listed["items"]] == [hook.webhook_id]
        deliveries = f"/api/admin/webhooks/{hook.webhook_id}/deliveries"
        assert (await owner.fetch_json(deliveries))["items"] == [log]
        replay = f"{deliveries}/{log['delivery_id']}/replay"
        check_refusal(await owner.http.post(replay, json={}))
        await post(owner, replay, 202, reason="they lost it")
        await hook.until_over()
        assert [got.id for got in hook.receiver.got] == [said, said]


async def test_log_has_pages(owner: Studio) -> None:
    async with hooked(owner) as hook:
        said = await hook.say(3)
        first = await owner.fetch_json(f"{hook.path}/deliveries?limit=2")
        rest = await owner.fetch_json(
            f"{hook.path}/deliveries?limit=2&cursor={first['next_cursor']}"
        )
    found = [one["message_id"] for one in [*first["items"], *rest["items"]]]
    assert found == said[::-1]
    assert rest["next_cursor"] is None
