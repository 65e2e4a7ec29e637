"""The operators' console: from a failed video to its cause and a way on, with the line in sight."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from services.local.layout import Layout
from tests.access import Way
from tests.e2e.conftest import open_studio
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS, SIDEWAYS
from tests.e2e.test_accessible import AXE, RULES
from tests.integration.trouble import Trouble, only_backend
from tests.studio import Studio

pytestmark = pytest.mark.browser

Order = Callable[..., Awaitable[dict[str, Any]]]

OUT_OF_MEMORY = {"fault": "oom", "node": "KSampler", "times": None}
REASON = "Tried by a test"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trouble(
    studio: Studio, layout: Layout, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Trouble]:
    folder = tmp_path_factory.mktemp("trouble")
    async with only_backend(studio, layout, folder, step_seconds=0.3) as backend:
        yield backend


@pytest_asyncio.fixture(loop_scope="session")
async def order(studio: Studio, trouble: Trouble) -> AsyncIterator[Order]:
    """Creates jobs on the backend of these tests; they are over at the end."""
    made: list[str] = []

    async def create(body: dict[str, Any], prompt: str) -> dict[str, Any]:
        job = await studio.create("animate", {**body, "prompt": prompt})
        made.append(job["job_id"])
        return job

    yield create
    for job_id in made:
        await studio.stop(job_id)


@pytest_asyncio.fixture(loop_scope="session")
async def failed(studio: Studio, shelf: Shelf, trouble: Trouble, order: Order) -> dict[str, Any]:
    """A job that its backend had no memory for; it has by now."""
    await trouble.set(OUT_OF_MEMORY)
    job = await order(shelf.short, "She dances in the rain")
    ended = await studio.until(job["job_id"], "failed")
    await trouble.clear()
    return ended


@pytest_asyncio.fixture(loop_scope="session")
async def waiting(shelf: Shelf, order: Order, studio: Studio) -> dict[str, Any]:
    """A job behind two others, which are as many as a backend takes."""
    for number in range(2):
        first = await order(shelf.long, f"Long before you {number}")
        await studio.until(first["job_id"], "executing")
    job = await order(shelf.long, "Waits behind them")
    return await studio.until(job["job_id"], "queued")


@pytest_asyncio.fixture(loop_scope="session")
async def console(page: Page, layout: Layout, trouble: Trouble) -> Page:
    await page.goto(f"{layout.url}/operator")
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def open_to_tools(browser: Browser, layout: Layout, way: Way) -> AsyncIterator[Page]:
    """The policy does not let tools look at the page; it has a test of its own."""
    async with open_studio(browser, layout.url, way, bypass_csp=True) as page:
        yield page


async def open_job(page: Page, job_id: str) -> None:
    origin = "/".join(page.url.split("/")[:3])
    await page.goto(f"{origin}/operator/jobs/{job_id}")
    await expect(page.get_by_test_id("status").first).to_be_visible()


async def find(page: Page, sought: str) -> None:
    await page.get_by_test_id("find-job").fill(sought)
    await page.get_by_test_id("find-job").press("Enter")


async def confirm(page: Page) -> None:
    await page.get_by_test_id("reason").fill(REASON)
    await page.get_by_test_id("confirm").click()


def row_of(page: Page, table: str, job_id: str) -> Locator:
    return page.get_by_test_id(table).get_by_role("row").filter(has_text=job_id[:8])


async def test_cause_of_a_failure_is_found_by_its_reference_and_seen_without_scrolling(
    console: Page, failed: dict[str, Any], trouble: Trouble, studio: Studio
) -> None:
    record = await studio.fetch_json(f"/api/admin/jobs/{failed['job_id']}")
    await find(console, failed["error"]["reference"])
    row = row_of(console, "jobs", failed["job_id"])
    await expect(row.get_by_test_id("cause")).to_contain_text("OutOfMemory")
    await row.get_by_role("link").click()
    for shown, text in {
        "cause": "OutOfMemory",
        "backend": trouble.name,
        "prompt-id": record["prompt_id"],
        "template": failed["workflow_template"],
        "inputs": "character.png",
        "runs": f"job-{failed['job_id']}",
    }.items():
        await expect(console.get_by_test_id(shown)).to_contain_text(text)
        await expect(console.get_by_test_id(shown)).to_be_in_viewport(ratio=1)


async def test_prompt_id_leads_to_its_job(
    console: Page, failed: dict[str, Any], studio: Studio
) -> None:
    record = await studio.fetch_json(f"/api/admin/jobs/{failed['job_id']}")
    first = record["prompts"][0]["prompt_id"]
    await find(console, first)
    await expect(console).to_have_url(re.compile(f"prompt_id={first}"))
    await expect(row_of(console, "jobs", failed["job_id"])).to_be_visible()


async def test_filters_are_in_the_address_and_survive_a_reload(
    console: Page, failed: dict[str, Any], shelf: Shelf
) -> None:
    await console.get_by_role("link", name="Jobs", exact=True).click()
    await console.get_by_label("State").select_option("Failed")
    await console.get_by_label("Words of the prompt").fill("dances in the")
    await expect(console).to_have_url(re.compile(r"status=failed&search=dances\+in\+the"))
    await console.reload()
    await expect(row_of(console, "jobs", failed["job_id"])).to_be_visible()
    await expect(row_of(console, "jobs", shelf.done_id)).to_have_count(0)


async def test_retry_with_a_reason_finishes_the_video(
    console: Page, failed: dict[str, Any]
) -> None:
    await open_job(console, failed["job_id"])
    await console.get_by_test_id("retry").click()
    await expect(console.get_by_test_id("confirm")).to_be_disabled()
    await confirm(console)
    await expect(console.get_by_test_id("confirm-dialog")).to_have_count(0)
    status = console.get_by_test_id("status").first
    await expect(status).to_have_text("completed", timeout=PATIENCE_MS)
    await expect(console.get_by_test_id("why")).to_have_count(0)
    await expect(console.get_by_test_id("audit")).to_contain_text(REASON)
    await expect(console.get_by_label("The finished video")).to_be_visible()
    await console.get_by_role("button", name="Manifest").click()
    await expect(console.get_by_label("Manifest", exact=True)).to_contain_text("graph_sha256")


async def test_what_can_not_be_done_says_why(console: Page, shelf: Shelf) -> None:
    await open_job(console, shelf.done_id)
    # It is marked as disabled, which a person can press and the test's own check can't.
    await console.get_by_test_id("retry").click(force=True)
    await expect(console.get_by_text("Only a failed or stopped one")).to_be_visible()
    await expect(console.get_by_test_id("confirm-dialog")).to_have_count(0)


async def test_replay_makes_another_job(
    console: Page, failed: dict[str, Any], studio: Studio
) -> None:
    await open_job(console, failed["job_id"])
    await console.get_by_test_id("replay").click()
    await confirm(console)
    await expect(console).not_to_have_url(re.compile(failed["job_id"]))
    replayed = await studio.get(console.url.rsplit("/", 1)[1])
    assert replayed["prompt"] == failed["prompt"]
    assert replayed["seed"] == failed["seed"]
    await studio.stop(replayed["job_id"])


async def test_new_priority_shows_in_the_queue(console: Page, waiting: dict[str, Any]) -> None:
    row = row_of(console, "waiting", waiting["job_id"])
    await expect(row.get_by_test_id("priority")).to_have_text("3")
    await row.get_by_role("button").click()
    await console.get_by_test_id("priority-choice").select_option("1")
    await confirm(console)
    await expect(row.get_by_test_id("priority")).to_have_text("1")
    await expect(console.get_by_test_id("saturation")).to_contain_text("in line")


async def test_second_operator_is_told_who_was_first(
    rough_page: Page, layout: Layout, waiting: dict[str, Any], studio: Studio
) -> None:
    console = rough_page
    await console.goto(f"{layout.url}/operator")
    await row_of(console, "waiting", waiting["job_id"]).get_by_role("button").click()
    await console.get_by_test_id("priority-choice").select_option("5")
    body = {"priority": 2, "reason": "A demo begins"}
    path = f"/api/admin/jobs/{waiting['job_id']}/priority"
    assert (await studio.http.post(path, json=body)).status_code == 200
    await confirm(console)
    refusal = console.get_by_test_id("problem")
    await expect(refusal).to_contain_text("The priority is 2 by now, by")
    await expect(refusal).to_contain_text("A demo begins")
    await expect(console.get_by_test_id("reason")).to_have_value(REASON)


async def test_two_jobs_compared_show_what_was_changed(
    console: Page, failed: dict[str, Any], shelf: Shelf
) -> None:
    await open_job(console, failed["job_id"])
    await console.get_by_test_id("compare").click()
    await console.get_by_test_id("other-job").fill(shelf.done_id[:8])
    await console.get_by_test_id("confirm").click()
    row = console.get_by_role("row").filter(has_text="request.prompt")
    await expect(row).to_contain_text(failed["prompt"])
    await expect(row).to_contain_text(shelf.done)


async def test_every_page_serves_all_tools_and_widths(
    open_to_tools: Page,
    failed: dict[str, Any],
    waiting: dict[str, Any],
    shelf: Shelf,
    layout: Layout,
) -> None:
    console = open_to_tools
    job = f"jobs/{failed['job_id']}"
    for path, shows in {
        "": "waiting",
        "jobs": "jobs",
        job: "why",
        f"jobs/{shelf.done_id}": "output",
        f"{job}/diff/{shelf.done_id}": "differences",
    }.items():
        await console.set_viewport_size({"width": 1280, "height": 900})
        await console.goto(f"{layout.url}/operator/{path}")
        await expect(console.get_by_test_id(shows)).to_be_visible()
        assert await find_hurdles(console) == []
        await console.set_viewport_size({"width": 360, "height": 780})
        assert await console.evaluate(SIDEWAYS) == 0
        assert await find_hurdles(console) == []


async def find_hurdles(page: Page) -> list[str]:
    await page.evaluate(AXE)
    found = await page.evaluate(f"axe.run(document, {json.dumps({'runOnly': RULES})})")
    return [
        f"{page.url} {fault['id']}: {place['html'][:200]}"
        for fault in found["violations"]
        for place in fault["nodes"]
    ]
