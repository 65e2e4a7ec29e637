"""Videos are made on the server: what becomes of the page, and of its line, takes nothing away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way, let_in
from tests.e2e.conftest import open_studio
from tests.e2e.door import Door, open_door, start
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS, card_of, settle
from tests.studio import Studio

pytestmark = pytest.mark.browser

EVENTS = "**/api/events*"
OFFLINE_S = 20.0
SECONDS_OF_VIDEO = 12.0

# Notes each progress that the card shows, from now on.
NOTE = """
(card) => {
  window.told = [Number(card.dataset.progress)]
  new MutationObserver(() => window.told.push(Number(card.dataset.progress)))
    .observe(card, { attributes: true, attributeFilter: ['data-progress'] })
}
"""


async def order(studio: Studio, shelf: Shelf, prompt: str) -> dict[str, Any]:
    """A video that is on its way for some seconds."""
    wanted = {"prompt": prompt, "duration_override_seconds": SECONDS_OF_VIDEO}
    return await studio.create("animate", {**shelf.long, **wanted})


async def follow(page: Page, prompt: str) -> Locator:
    """The card of a video that has begun, whose progress is noted."""
    card = card_of(page, prompt)
    await expect(card.get_by_text("%")).to_be_visible(timeout=PATIENCE_MS)
    await card.evaluate(NOTE)
    return card


async def ends_well(card: Locator) -> None:
    """It is done, and at no time was it further back than before."""
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    told: list[float] = await card.page.evaluate("window.told")
    assert told == sorted(told)
    assert told[0] < told[-1] == 1


@pytest.fixture
def weak_door(stack: Stack, layout: Layout) -> Iterator[Door]:
    """A gateway that may be killed."""
    with open_door(layout) as door:
        yield door


@pytest_asyncio.fixture(loop_scope="session")
async def friend(browser: Browser, stack: Stack, layout: Layout) -> AsyncIterator[Page]:
    """The studio as another person sees it."""
    other = await let_in(layout.database_url, "friend")
    async with open_studio(browser, layout.url, other) as page:
        yield page


async def test_page_that_is_opened_anew_goes_on_where_the_video_is(
    page: Page, studio: Studio, shelf: Shelf
) -> None:
    await order(studio, shelf, "Reloaded on the way")
    card = await follow(page, "Reloaded on the way")
    before = await page.evaluate("window.told.at(-1)")
    await page.reload()
    await expect(card).to_be_visible()
    await card.evaluate(NOTE)
    assert await page.evaluate("window.told[0]") >= before
    await ends_well(card)


async def test_video_is_made_while_no_page_is_open(
    page: Page, studio: Studio, shelf: Shelf
) -> None:
    job = await order(studio, shelf, "Nobody looks")
    await follow(page, "Nobody looks")
    address, context = page.url, page.context
    await page.close()
    await studio.until(job["job_id"], "completed")
    later = await context.new_page()
    await later.goto(address)
    await expect(card_of(later, "Nobody looks")).to_have_attribute("data-status", "completed")


async def test_two_tabs_tell_the_same(page: Page, studio: Studio, shelf: Shelf) -> None:
    other = await page.context.new_page()
    await other.goto(page.url)
    await settle(other)
    await order(studio, shelf, "Seen in two tabs")
    cards = [await follow(tab, "Seen in two tabs") for tab in (page, other)]
    await cards[0].get_by_test_id("stop").click()
    for card in cards:
        await expect(card).to_have_attribute("data-status", "cancelled", timeout=PATIENCE_MS)


async def test_progress_never_falls_when_the_line_is_dropped(
    browser: Browser, weak_door: Door, way: Way, studio: Studio, shelf: Shelf
) -> None:
    async with open_studio(browser, weak_door.url, way, rough=True) as page:
        await settle(page)
        await order(studio, shelf, "Dropped on the way")
        card = await follow(page, "Dropped on the way")
        weak_door.gateway.kill()
        await expect(page.get_by_test_id("connection")).to_contain_text("Reconnecting")
        start(weak_door.gateway)
        await expect(page.get_by_test_id("connection")).to_contain_text("Live", timeout=PATIENCE_MS)
        await ends_well(card)


async def test_progress_never_falls_when_the_line_is_refused_twice(
    rough_page: Page, studio: Studio, shelf: Shelf
) -> None:
    page = rough_page
    refused: list[str] = []

    async def refuse_twice(route: Route) -> None:
        if len(refused) == 2:
            await route.continue_()
        else:
            refused.append(route.request.url)
            await route.fulfill(status=502)

    await order(studio, shelf, "Refused on the way")
    await page.route(EVENTS, refuse_twice)
    await page.reload()
    card = await follow(page, "Refused on the way")
    await expect(page.get_by_test_id("connection")).to_contain_text("Live", timeout=PATIENCE_MS)
    assert len(refused) == 2
    await ends_well(card)


async def test_progress_never_falls_when_the_network_is_away(
    browser: Browser, weak_door: Door, way: Way, studio: Studio, shelf: Shelf
) -> None:
    async with open_studio(browser, weak_door.url, way, rough=True) as page:
        await settle(page)
        await order(studio, shelf, "Offline on the way")
        card = await follow(page, "Offline on the way")
        await page.context.set_offline(True)
        # The browser only refuses what is new: the line that stands has to be cut as well.
        weak_door.gateway.kill()
        start(weak_door.gateway)
        await expect(page.get_by_test_id("connection")).to_contain_text("Reconnecting")
        # How long it is away is what is tested.
        await asyncio.sleep(OFFLINE_S)
        await expect(card).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_test_id("connection")).to_contain_text("Live", timeout=PATIENCE_MS)
        await ends_well(card)


async def test_one_person_stops_and_the_other_goes_on(
    page: Page, friend: Page, studio: Studio, shelf: Shelf
) -> None:
    await _fill_by_hand(friend, "A friend waits")
    for prompt in ("Mine goes first", "Mine goes last"):
        await order(studio, shelf, prompt)
    await friend.get_by_test_id("generate").click()
    theirs, last = card_of(friend, "A friend waits"), card_of(page, "Mine goes last")
    await expect(theirs).to_be_visible()
    await expect(card_of(page, "A friend waits")).to_have_count(0)
    await expect(card_of(friend, "Mine goes first")).to_have_count(0)
    await last.get_by_test_id("stop").click()
    await expect(last).to_have_attribute("data-status", "cancelled", timeout=PATIENCE_MS)
    await expect(theirs).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)


async def _fill_by_hand(page: Page, prompt: str) -> None:
    await settle(page)
    await page.get_by_test_id("sample-card-move").click()
    await expect(page.get_by_test_id("generate")).to_be_enabled(timeout=PATIENCE_MS)
    await page.get_by_test_id("prompt").fill(prompt)
