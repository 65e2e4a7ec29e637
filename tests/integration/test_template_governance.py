"""Versions of a template that operators try, take and take back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from proto.admin import AuditLine
from proto.backend import backend_id
from proto.template import AdminTemplate, TemplateStanding
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve
from services.local.layout import Layout
from services.store.database import Pool
from tests.integration.conftest import Order
from tests.integration.fleet import Fleet
from tests.integration.trouble import only_backend
from tests.media_factory import make_clip
from tests.studio import Studio, eventually
from workflows_comfy.choice import choose

MOVE, OLD, NEW = "animate/move", "1.0.0", "1.1.0"
VAE = "wan_2.1_vae.safetensors"


class Templates:
    """As an operator handles animate/move."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def get(self) -> AdminTemplate:
        body = await self._studio.fetch_json("/api/admin/workflows")
        [found] = [one for one in body["items"] if one["template_id"] == MOVE]
        return AdminTemplate.model_validate(found)

    async def ask(self, verb: str, **fields: Any) -> httpx.Response:
        body = {"confirm": MOVE, "reason": "tried by a test"} | fields
        return await self._studio.http.post(f"/api/admin/workflows/{MOVE}/{verb}", json=body)

    async def do(self, verb: str, **fields: Any) -> AdminTemplate:
        answer = await self.ask(verb, **fields)
        assert answer.status_code == 200, answer.text
        return AdminTemplate.model_validate(answer.json())

    async def refused(self, status: int, verb: str, **fields: Any) -> str:
        """The words of the refusal, which has changed nothing."""
        before = await self.get()
        answer = await self.ask(verb, **fields)
        assert answer.status_code == status, answer.text
        after = await self.get()
        assert (after.rev, after.active_version) == (before.rev, before.active_version)
        assert after.history == before.history
        message: str = answer.json()["message"]
        return message


@pytest_asyncio.fixture(loop_scope="session")
async def templates(studio: Studio, pool: Pool) -> AsyncIterator[Templates]:
    """Of which nothing is decided, before and after."""
    yield Templates(studio)
    await pool.execute("DELETE FROM template_activations")


@pytest_asyncio.fixture(loop_scope="session")
async def lacking(studio: Studio, layout: Layout, tmp_path: Path) -> AsyncIterator[str]:
    """A backend without a model that every version needs, the only one that gets work."""
    fleet, first = Fleet(studio), backend_id(layout.comfy_urls[0])
    await fleet.until_known(first)
    async with serve(SimOptions(base_dir=tmp_path, without=(VAE,))) as sim:
        name = await fleet.add(sim.url)
        await fleet.do(first, "cordon")
        yield name
        await fleet.do(first, "uncordon")
        await fleet.do(name, "remove")


async def version_of(order: Order) -> str:
    job = await order(duration_override_seconds=0.5)
    return str(job["workflow_template"]).partition("@")[2]


async def newest_line(templates: Templates) -> AuditLine:
    return (await templates.get()).history[0]


async def test_the_newest_version_renders_until_someone_decides(
    templates: Templates, order: Order
) -> None:
    found = await templates.get()
    assert (found.rev, found.active_version, found.previous_version) == (0, NEW, OLD)
    assert {one.version: one.state for one in found.versions} == {NEW: "active", OLD: "released"}
    assert await version_of(order) == NEW


async def test_new_jobs_are_rendered_with_what_is_activated_and_earlier_ones_keep_theirs(
    templates: Templates, studio: Studio, order: Order
) -> None:
    earlier = await order(duration_override_seconds=0.5)
    found = await templates.do("activate", version=OLD)
    assert (found.rev, found.active_version, found.previous_version) == (1, OLD, NEW)
    later = await order(duration_override_seconds=0.5)
    for job, version in ((earlier, NEW), (later, OLD)):
        ended = await studio.until(job["job_id"], "completed")
        assert ended["workflow_template"] == f"{MOVE}@{version}"
    line = await newest_line(templates)
    assert (line.action, line.subject) == ("template.activate", "template/animate/move")
    assert line.before == {"active": NEW, "previous": None, "canary": None, "rev": 0}
    assert line.after == {"active": OLD, "previous": NEW, "canary": None, "rev": 1}
    [used] = [one for one in (await templates.get()).versions if one.version == OLD]
    assert used.runs >= 1


async def test_a_roll_back_leads_to_the_version_before(templates: Templates, order: Order) -> None:
    found = await templates.do("roll-back")
    assert (found.active_version, found.previous_version) == (OLD, None)
    assert await version_of(order) == OLD
    assert (await newest_line(templates)).action == "template.roll-back"
    assert "no version before" in await templates.refused(409, "roll-back")


async def test_a_replay_may_name_its_version(
    templates: Templates, studio: Studio, finished: str
) -> None:
    body = {"reason": "compare the two", "template_version": OLD}
    answer = await studio.http.post(f"/api/admin/jobs/{finished}/replay", json=body)
    assert answer.status_code == 202, answer.text
    replayed = answer.json()
    assert replayed["job"]["workflow_template"] == f"{MOVE}@{OLD}"
    await studio.until(replayed["job_id"], "completed")
    assert (await templates.get()).active_version == NEW


async def test_a_version_that_is_not_in_this_release_does_not_stop_anything(
    templates: Templates, pool: Pool, order: Order
) -> None:
    await templates.do("activate", version=OLD)
    await pool.execute("UPDATE template_activations SET active_version = '99.0.0'")
    assert await version_of(order) == NEW
    assert (await templates.get()).active_version == NEW


async def test_a_canary_gets_its_share_of_new_jobs(
    templates: Templates, pool: Pool, order: Order
) -> None:
    found = await templates.do("activate", version=OLD, canary_percent=50)
    assert found.active_version == NEW
    assert found.canary is not None
    assert (found.canary.version, found.canary.percent) == (OLD, 50)
    made = [await order(duration_override_seconds=0.5) for _ in range(24)]
    got = Counter(job["workflow_template"] for job in made)
    assert set(got) == {f"{MOVE}@{OLD}", f"{MOVE}@{NEW}"}
    [row] = await pool.fetch("SELECT * FROM template_activations")
    choice = choose(MOVE, TemplateStanding(**dict(row)))
    for job in made:
        tried = choice.trial_for(job["job_id"])
        assert job["workflow_template"] == str((tried or choice.active).ref)
    assert (await templates.do("roll-back")).canary is None
    assert await version_of(order) == NEW


async def test_a_canary_that_did_well_is_activated_and_its_trial_ends(
    templates: Templates, order: Order
) -> None:
    await templates.do("activate", version=OLD, canary_percent=1)
    found = await templates.do("activate", version=OLD)
    assert (found.active_version, found.previous_version, found.canary) == (OLD, NEW, None)
    assert await version_of(order) == OLD


async def test_a_trial_never_makes_another_video_than_was_promised(
    templates: Templates, studio: Studio, order: Order, media: Path
) -> None:
    """The old version makes one segment only."""
    long = await studio.upload("video", make_clip(media / "long.mp4", seconds=7, sound=False))
    await templates.do("activate", version=OLD, canary_percent=99)
    for _ in range(3):
        job = await order(motion_video_asset_id=long["asset_id"])
        assert job["workflow_template"] == f"{MOVE}@{NEW}"


async def test_a_canary_that_fails_is_taken_back_and_the_audit_says_so(
    templates: Templates, studio: Studio, order: Order, layout: Layout, tmp_path: Path
) -> None:
    async with only_backend(studio, layout, tmp_path, step_seconds=0.1) as trouble:
        await trouble.set({"fault": "oom", "node": "KSampler", "times": None})
        await templates.do(
            "activate", version=OLD, canary_percent=99, least_runs=2, most_failures=0
        )
        for job in [await order(duration_override_seconds=0.5) for _ in range(4)]:
            await studio.until(job["job_id"], "failed")

        async def taken_back() -> bool:
            return (await templates.get()).canary is None

        await eventually(taken_back)
        await trouble.clear()
        line = await newest_line(templates)
        assert (line.who, line.action) == ("canary watch", "template.roll-back")
        assert "runs failed" in line.why
        assert await version_of(order) == NEW


async def test_a_version_that_nothing_can_render_is_refused_with_what_is_missing(
    templates: Templates, lacking: str
) -> None:
    [old] = [one for one in (await templates.get()).versions if one.version == OLD]
    assert lacking not in old.able
    assert old.missing[lacking] == [f"{VAE} in models/vae"]
    for verb, fields in (("roll-back", {}), ("activate", {"version": OLD})):
        message = await templates.refused(409, verb, **fields)
        assert f"{lacking}: {VAE} in models/vae" in message


async def test_of_two_operators_at_once_the_second_is_told_of_the_first(
    templates: Templates,
) -> None:
    seen = (await templates.get()).rev
    answers = await asyncio.gather(
        *(
            templates.ask("activate", version=OLD, expected_rev=seen, reason=f"operator {name}")
            for name in ("one", "two")
        )
    )
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (200, 409)
    line = await newest_line(templates)
    assert line.why in second.json()["message"]
    assert line.who in second.json()["message"]
    assert (await templates.get()).rev == seen + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": OLD, "confirm": "animate/mix"}, "Type animate/move to confirm"),
        ({"version": "7.0.0"}, r"There is no animate/move@7.0.0. Released: 1.0.0, 1.1.0"),
        ({"version": NEW, "canary_percent": 10}, "nothing to try"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    templates: Templates, fields: dict[str, Any], words: str
) -> None:
    assert words in await templates.refused(422, "activate", **fields)


async def test_what_is_active_is_not_activated_again(templates: Templates) -> None:
    await templates.do("activate", version=NEW, reason="keep it through the next update")
    message = await templates.refused(409, "activate", version=NEW)
    assert "keep it through the next update" in message


async def test_parts_and_unknown_templates_are_nothing_to_activate(studio: Studio) -> None:
    for name in ("animate/move-next", "animate/dance"):
        body = {"confirm": name, "reason": "tried by a test", "version": NEW}
        answer = await studio.http.post(f"/api/admin/workflows/{name}/activate", json=body)
        assert answer.status_code == 404, answer.text
