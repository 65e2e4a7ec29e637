"""The operators' console: the backends, what they lack, and what was changed of them, by whom."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from proto.backend import backend_id
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import serve
from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way
from tests.e2e.conftest import open_studio
from tests.e2e.studio_page import SIDEWAYS
from tests.e2e.test_operator_jobs import find_hurdles
from tests.integration.fleet import Fleet
from tests.studio import Studio

pytestmark = pytest.mark.browser

LACKING = "wan_2.1_vae.safetensors"
REASON = "Tried by a test"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def poor(
    studio: Studio, tmp_path_factory: pytest.TempPathFactory, stack: Stack
) -> AsyncIterator[str]:
    """A backend that lacks a model, by its id."""
    fleet = Fleet(studio)
    options = SimOptions(base_dir=tmp_path_factory.mktemp("poor"), without=(LACKING,))
    async with serve(options) as sim:
        name = await fleet.add(sim.url)
        yield name
        await fleet.do(name, "remove")


@pytest_asyncio.fixture(loop_scope="session")
async def first(studio: Studio, layout: Layout) -> AsyncIterator[str]:
    """The stack's own backend, which takes work again at the end."""
    fleet = Fleet(studio)
    name = backend_id(layout.comfy_urls[0])
    await fleet.until_known(name)
    yield name
    if (await fleet.all())[name].state != "offered":
        await fleet.do(name, "uncordon")


@pytest_asyncio.fixture(loop_scope="session")
async def open_to_tools(browser: Browser, layout: Layout, way: Way) -> AsyncIterator[Page]:
    """The policy does not let tools look at the page; it has a test of its own."""
    async with open_studio(browser, layout.url, way, bypass_csp=True) as page:
        yield page


def card_of(page: Page, name: str) -> Locator:
    return page.get_by_test_id("backend-card").filter(
        has=page.get_by_role("heading", name=name, exact=True)
    )


async def go_to(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


async def confirm(page: Page) -> None:
    await page.get_by_test_id("reason").fill(REASON)
    await page.get_by_test_id("confirm").click()


async def test_cordon_shows_in_the_audit_and_the_queue_until_it_is_taken_back(
    page: Page, layout: Layout, first: str
) -> None:
    await page.goto(f"{layout.url}/operator/backends")
    card = card_of(page, first)
    await card.get_by_test_id("cordon").click()
    await expect(page.get_by_test_id("confirm")).to_be_disabled()
    await confirm(page)
    await expect(card.get_by_test_id("backend-state")).to_have_text("cordoned")
    await expect(card.get_by_test_id("backend-reason")).to_contain_text(REASON)

    await go_to(page, "Audit")
    line = page.get_by_test_id("audit-lines").get_by_role("row").nth(1)
    for told in ("backend.cordon", first, REASON, "offered"):
        await expect(line).to_contain_text(told)
    await go_to(page, "Queue")
    row = page.get_by_test_id("backend-load").get_by_role("row").filter(has_text=first)
    await expect(row).to_contain_text("cordoned")

    await go_to(page, "Backends")
    await card.get_by_test_id("uncordon").click()
    await confirm(page)
    await expect(card.get_by_test_id("backend-state")).to_have_text("offered")


async def test_second_operator_is_told_who_was_first(
    rough_page: Page, layout: Layout, studio: Studio, first: str
) -> None:
    page = rough_page
    await page.goto(f"{layout.url}/operator/backends")
    await card_of(page, first).get_by_test_id("drain").click()
    await Fleet(studio).do(first, "cordon")
    await confirm(page)
    refusal = page.get_by_test_id("confirm-dialog").get_by_test_id("problem")
    await expect(refusal).to_contain_text("was changed meanwhile: it is cordoned, by")
    await expect(page.get_by_test_id("reason")).to_have_value(REASON)


async def test_backend_without_a_model_says_which_file_goes_where(
    page: Page, layout: Layout, poor: str
) -> None:
    await page.goto(f"{layout.url}/operator/backends")
    lacks = card_of(page, poor).get_by_test_id("lacks")
    row = lacks.get_by_role("row").filter(has_text=LACKING)
    await expect(row).to_contain_text("models/vae")
    await expect(row).to_contain_text("animate/move: draft")


async def test_template_says_which_backend_can_not_render_it_and_why(
    page: Page, layout: Layout, poor: str, first: str
) -> None:
    await page.goto(f"{layout.url}/operator/templates?template=animate/move")
    versions = page.get_by_test_id("versions")
    await expect(page.get_by_test_id("template")).to_have_count(1)
    await expect(versions).to_contain_text(f"can: {first}")
    lacks = versions.get_by_role("listitem").filter(has_text=poor).first
    await expect(lacks).to_contain_text(f"{LACKING} in models/vae")


async def test_audit_filters_are_in_the_address_and_lead_to_the_subject(
    page: Page, layout: Layout, poor: str
) -> None:
    await page.goto(f"{layout.url}/operator/audit")
    await page.get_by_label("Action").select_option("backend.add")
    await page.get_by_label("Subject").fill(f"backend/{poor}")
    await expect(page).to_have_url(re.compile(r"action=backend\.add&subject=backend%2F"))
    await page.reload()
    lines = page.get_by_test_id("audit-lines").get_by_role("row")
    await expect(lines).to_have_count(2)
    await lines.nth(1).get_by_role("link", name=f"backend/{poor}").click()
    await expect(page.get_by_test_id("backend-card")).to_have_count(1)
    await expect(card_of(page, poor)).to_be_visible()


async def test_run_of_the_retention_is_tried_first_and_noted(page: Page, layout: Layout) -> None:
    await page.goto(f"{layout.url}/operator/storage")
    await page.get_by_test_id("try").click()
    await expect(page.get_by_test_id("dry-run")).to_contain_text("Nothing has gone")
    await page.get_by_test_id("run-now").click()
    await confirm(page)
    row = page.get_by_test_id("retention-runs").get_by_role("row").filter(has_text=REASON)
    await row.get_by_role("link", name="Audit").click()
    await expect(page.get_by_test_id("audit-lines")).to_contain_text("retention.run")


async def test_gateway_that_does_not_answer_is_told_in_the_header(
    rough_page: Page, layout: Layout
) -> None:
    page = rough_page
    await page.goto(f"{layout.url}/operator/storage")
    health = page.get_by_test_id("health")
    await expect(health).not_to_contain_text("Asking")
    await page.route("**/api/admin/**", lambda route: route.abort())
    await expect(health).to_contain_text("The gateway does not answer", timeout=20_000)
    await health.click()
    await expect(page.get_by_test_id("health-parts")).to_contain_text("postgres")
    await page.unroute("**/api/admin/**")
    await expect(health).not_to_contain_text("does not answer", timeout=20_000)


async def test_every_page_of_the_fleet_serves_all_tools_and_widths(
    open_to_tools: Page, layout: Layout, poor: str
) -> None:
    page = open_to_tools
    for path, shows in {
        "templates": "template",
        "backends": "backend-card",
        "audit": "audit-lines",
        "storage": "stored",
    }.items():
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.goto(f"{layout.url}/operator/{path}")
        await expect(page.get_by_test_id(shows).first).to_be_visible()
        assert await find_hurdles(page) == []
        await page.set_viewport_size({"width": 360, "height": 780})
        assert await page.evaluate(SIDEWAYS) == 0
        assert await find_hurdles(page) == []
        await page.get_by_test_id("health").click()
        await expect(page.get_by_test_id("health-parts")).to_be_visible()
        assert await page.evaluate(SIDEWAYS) == 0
        assert await find_hurdles(page) == []


async def test_dialogs_of_the_fleet_serve_all_tools_on_a_phone(
    open_to_tools: Page, layout: Layout, first: str
) -> None:
    page = open_to_tools
    await page.set_viewport_size({"width": 360, "height": 780})
    for path, opener in {
        "templates": "activate",
        "backends": "add-backend",
        "storage": "run-now",
    }.items():
        await page.goto(f"{layout.url}/operator/{path}")
        await page.get_by_test_id(opener).first.click()
        if opener == "activate":
            await page.get_by_text("A trial", exact=True).click()
        await expect(page.get_by_test_id("confirm")).to_be_disabled()
        assert await find_hurdles(page) == []
        assert await page.evaluate(SIDEWAYS) == 0
