"""What is the person's: how much is used, tokens, browsers, links, notifications."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from proto.identity import Role
from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way, let_in
from tests.e2e.conftest import open_studio
from tests.e2e.studio_page import PATIENCE_MS
from tests.e2e.test_accessible import AXE, RULES

pytestmark = pytest.mark.browser

SECTIONS = ["usage", "tokens", "browsers", "links", "notifications"]


@pytest.fixture(name="person")
async def _person(stack: Stack, layout: Layout) -> Way:
    return await let_in(layout.database_url, "account-person", Role.CREATOR)


async def open_section(page: Page, layout: Layout, section: str) -> None:
    await page.goto(f"{layout.url}/account/{section}")
    await expect(page.get_by_test_id("account")).to_be_visible(timeout=PATIENCE_MS)


async def test_menu_names_the_person_and_leads_to_each_section(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await page.get_by_test_id("account-menu").click()
        await expect(page.get_by_text("Operator console")).to_have_count(0)
        await page.get_by_test_id("account-usage").click()
        await expect(page.get_by_test_id("usage")).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("account")).to_have_count(0)


async def test_token_is_shown_once_works_and_is_revoked(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await open_section(page, layout, "tokens")
        await page.get_by_test_id("token-name").fill("My program")
        await page.get_by_role("button", name="Create token").click()
        secret = await page.get_by_test_id("token-secret").input_value(timeout=PATIENCE_MS)
        headers = {"Authorization": f"Bearer {secret}"}
        read = await page.request.get(f"{layout.url}/api/jobs", headers=headers)
        assert read.status == 200
        row = page.get_by_test_id("token-row").filter(has_text="My program")
        await row.get_by_role("button", name="Revoke My program").click()
        await row.get_by_role("button", name="Revoke My program now").click()
        await expect(row).to_have_count(0)
        read = await page.request.get(f"{layout.url}/api/jobs", headers=headers)
        assert read.status == 401


async def test_another_browser_is_signed_out(browser: Browser, layout: Layout, person: Way) -> None:
    await let_in(layout.database_url, "account-person", Role.CREATOR)
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await open_section(page, layout, "browsers")
        rows = page.get_by_test_id("session-row")
        await expect(rows.filter(has_text="(this one)")).to_have_count(1, timeout=PATIENCE_MS)
        before = await rows.count()
        other = rows.filter(has_not_text="(this one)").first
        await other.get_by_role("button", name="Sign out").click()
        await page.get_by_role("button", name="Sign out A browser now").click()
        await expect(rows).to_have_count(before - 1)


@pytest.mark.parametrize("section", SECTIONS)
async def test_section_is_open_to_everybody(
    browser: Browser, layout: Layout, person: Way, section: str
) -> None:
    options: dict[str, Any] = {"bypass_csp": True, "viewport": {"width": 320, "height": 640}}
    async with open_studio(browser, layout.url, person, rough=True, **options) as page:
        await open_section(page, layout, section)
        await expect(page.get_by_text("Loading", exact=True)).to_have_count(0)
        await page.evaluate(AXE)
        asked = {"runOnly": RULES, "rules": {"region": {"enabled": False}}}
        found = await page.evaluate("(asked) => axe.run(document, asked)", asked)
        assert [fault["id"] for fault in found["violations"]] == []
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
