"""Somebody who has never been here."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way, let_in
from tests.e2e.conftest import open_studio
from tests.e2e.studio_page import PATIENCE_MS, until_ready

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(loop_scope="session")
async def first_page(browser: Browser, stack: Stack, layout: Layout) -> AsyncIterator[Page]:
    visitor = await let_in(layout.database_url, "visitor")
    async with open_studio(browser, layout.url, visitor) as page:
        yield page


async def test_two_clicks_lead_to_a_sample_that_plays(first_page: Page) -> None:
    await first_page.get_by_test_id("sample-card-move").click()
    await until_ready(first_page)
    await first_page.get_by_test_id("generate").click()
    card = first_page.get_by_test_id("run-card")
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    # No click: what lies under a pointer plays.
    await card.get_by_test_id("result-video").hover()
    video = card.get_by_test_id("result-video")
    await expect(video).to_have_js_property("paused", value=False)


async def test_empty_page_says_what_to_do(browser: Browser, layout: Layout, newcomer: Way) -> None:
    async with open_studio(browser, layout.url, newcomer) as page:
        await expect(page.get_by_test_id("sample-card-move")).to_be_visible()
        await expect(page.get_by_test_id("check-hint")).to_contain_text("Still needed")
        await expect(page.get_by_test_id("generate")).to_be_disabled()


async def test_page_says_that_its_videos_are_simulated(
    browser: Browser, layout: Layout, newcomer: Way
) -> None:
    async with open_studio(browser, layout.url, newcomer) as page:
        await expect(page.get_by_test_id("demo-badge")).to_be_visible()
