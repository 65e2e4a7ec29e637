"""Operators let people in, limit them, and see what was done."""

from itertools import count

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from services.local.layout import Layout
from tests.access import Token
from tests.e2e.test_accessible import AXE
from tests.studio import Studio

pytestmark = pytest.mark.browser

NUMBERS = count()
WHY = "A test asks for it"


async def open_people(page: Page, layout: Layout) -> None:
    await page.goto(f"{layout.url}/operator/people")
    await expect(page.get_by_test_id("people")).to_be_visible()


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))


async def confirm(page: Page) -> None:
    dialog = page.get_by_test_id("confirm-dialog")
    await dialog.get_by_label("Reason").fill(WHY)
    await dialog.get_by_test_id("confirm").click()
    await expect(dialog).to_have_count(0)


async def add(page: Page) -> str:
    name = f"robot-{next(NUMBERS)}"
    await page.get_by_test_id("add-person").click()
    await page.get_by_test_id("person-id").fill(name)
    await page.get_by_test_id("person-name").fill("A robot")
    await page.get_by_test_id("person-role").select_option("service")
    await confirm(page)
    await expect(row_of(page, name)).to_be_visible()
    return name


async def test_service_gets_a_token_that_works_until_it_is_closed(
    page: Page, layout: Layout, studio: Studio
) -> None:
    await open_people(page, layout)
    name = await add(page)
    await row_of(page, name).get_by_role("button", name="Tokens").click()
    await page.get_by_test_id("token-name").fill("its machine")
    await page.get_by_test_id("make-token").click()
    secret = await page.get_by_test_id("token-secret").input_value()
    async with httpx.AsyncClient(base_url=layout.url, auth=Token(secret)) as http:
        me = (await http.get("/api/me")).json()
        assert me["owner"] == name
        assert [scope for scope in me["scopes"] if scope.startswith("admin")] == []
        await page.keyboard.press("Escape")
        await row_of(page, name).get_by_role("button", name="Change").click()
        await page.get_by_test_id("person-state").select_option("closed")
        await confirm(page)
        await expect(row_of(page, name)).to_contain_text("closed")
        assert (await http.get("/api/me")).status_code == 401
    listed = await studio.fetch_json(f"/api/admin/audit?subject=user/{name}")
    assert WHY in {line["why"] for line in listed["items"]}


async def test_limit_that_is_set_is_shown_again(page: Page, layout: Layout) -> None:
    await open_people(page, layout)
    name = await add(page)
    await row_of(page, name).get_by_role("button", name="Limits").click()
    await page.get_by_test_id("limit-waiting_jobs").fill("7")
    await confirm(page)
    await row_of(page, name).get_by_role("button", name="Limits").click()
    await expect(page.get_by_test_id("limit-waiting_jobs")).to_have_value("7")


async def test_audit_says_from_where_and_is_exported(page: Page, layout: Layout) -> None:
    await open_people(page, layout)
    name = await add(page)
    await page.goto(f"{layout.url}/operator/audit?subject=user/{name}")
    await expect(page.get_by_test_id("audit-lines")).to_contain_text("127.0.0.1")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Export CSV").click()
    download = await started.value
    assert download.suggested_filename.endswith(".csv")


async def test_webhook_and_its_log_are_shown(page: Page, layout: Layout, studio: Studio) -> None:
    made = (
        await studio.http.post("/api/webhooks", json={"url": "https://receiver.invalid/hook"})
    ).json()
    await studio.http.post(f"/api/webhooks/{made['webhook_id']}/test")
    await page.goto(f"{layout.url}/operator/webhooks?webhook={made['webhook_id']}")
    await expect(page.get_by_test_id("deliveries")).to_contain_text("webhook.test")
    await studio.http.delete(f"/api/webhooks/{made['webhook_id']}")


@pytest.mark.parametrize("place", ["people", "links", "webhooks", "audit"])
async def test_nothing_is_in_the_way_of_assistive_technology(
    rough_page: Page, layout: Layout, place: str
) -> None:
    await rough_page.goto(f"{layout.url}/operator/{place}")
    await expect(rough_page.get_by_role("heading", level=1)).to_be_visible()
    await rough_page.wait_for_load_state("networkidle")
    # The policy lets no other script in, so the tool comes by the debugger.
    client = await rough_page.context.new_cdp_session(rough_page)
    await client.send("Runtime.evaluate", {"expression": AXE})
    found = await rough_page.evaluate("axe.run(document).then(({violations}) => violations)")
    assert [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] == []
