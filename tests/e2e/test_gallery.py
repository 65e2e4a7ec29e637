"""A person with a great many videos."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.local.layout import Layout
from services.store.database import Pool
from tests.access import let_in
from tests.e2e.album import fill_album
from tests.e2e.conftest import open_studio
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import settle

pytestmark = pytest.mark.browser

VIDEOS = 200
MOST_PLAYERS = 12
FURTHEST = 1000
"""Turns of the wheel."""

PLAYERS = "() => document.querySelectorAll('video[src]').length"
# Near its end the list may go on by itself, and take the button away meanwhile.
ASK_FOR_MORE = "() => document.querySelector('[data-testid=show-more]')?.click()"
REACHED = """
() => [...document.querySelectorAll('[data-testid=run-card]')].some((card) =>
  card.textContent.includes('Take 0') && card.getBoundingClientRect().top < innerHeight)
"""


@pytest_asyncio.fixture(loop_scope="session")
async def full_page(
    browser: Browser, layout: Layout, pool: Pool, shelf: Shelf
) -> AsyncIterator[Page]:
    collector = await let_in(layout.database_url, "collector")
    await fill_album(pool, collector.owner, shelf.done_id, VIDEOS)
    async with open_studio(browser, layout.url, collector) as page:
        yield page


async def test_two_hundred_videos_are_scrolled_through_with_a_few_players(
    full_page: Page,
) -> None:
    page, most = full_page, 0
    await settle(page)
    for _ in range(FURTHEST):
        await page.mouse.wheel(0, 800)
        await page.evaluate(ASK_FOR_MORE)
        most = max(most, await page.evaluate(PLAYERS))
        if await page.evaluate(REACHED):
            break
    await expect(page.get_by_test_id("run-card").filter(has_text="Take 0")).to_be_in_viewport()
    assert most <= MOST_PLAYERS
