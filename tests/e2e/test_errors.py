"""What can go wrong with a request: it is said in words, there is a way on, nothing is lost."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import (
    PATIENCE_MS,
    card_of,
    chips,
    choose,
    drop,
    take_sample,
    until_done,
)
from tests.e2e.test_words import BANNED

pytestmark = pytest.mark.browser

SENTENCES = re.compile(r"[A-Z“].+\. .*[A-Z].+\.")
"""What happened, and what to do."""

REFUSED = [413, 415, 422, 429, 500]
LIST = re.compile(r"/api/jobs(\?|$)")
PASSING = [429, 500, 502]


async def answer_with(page: Page, path: str | re.Pattern[str], status: int) -> None:
    """What stands before us answers itself, in no words."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, content_type="text/html", body="<h1>Error</h1>")

    await page.route(path, refuse)


@pytest.mark.parametrize("status", REFUSED)
async def test_refused_file_is_told_and_the_rest_stays(rough_page: Page, status: int) -> None:
    page = rough_page
    await take_sample(page, "move")
    await page.get_by_test_id("prompt").fill("Mine to keep")
    await answer_with(page, "**/api/assets/*", status)
    await drop(page, ["voice.wav"])
    chip = page.get_by_test_id("chip-audio")
    await expect(chip).to_have_attribute("data-state", "failed")
    await choose(page, "audio")
    await _is_told_in_words(page, "check-bad")
    await expect(page.get_by_test_id("generate")).to_be_disabled()
    await expect(page.get_by_test_id("prompt")).to_have_value("Mine to keep")
    await expect(chips(page)).to_have_count(3)
    verb = "Retry" if status in PASSING else "Remove"
    await expect(chip.get_by_role("button", name=verb)).to_be_enabled()


@pytest.mark.parametrize("status", REFUSED)
async def test_refused_order_is_told_and_can_be_given_again(rough_page: Page, status: int) -> None:
    page, prompt = rough_page, f"Refused with {status}"
    await take_sample(page, "move")
    await page.get_by_test_id("prompt").fill(prompt)
    await answer_with(page, "**/api/jobs/animate", status)
    await page.get_by_test_id("generate").click()
    await _is_told_in_words(page, "refusal")
    await expect(page.get_by_test_id("prompt")).to_have_value(prompt)
    for chip in await chips(page).all():
        await expect(chip).to_have_attribute("data-state", "ready")
    await page.unroute("**/api/jobs/animate")
    await page.get_by_test_id("generate").click()
    await card_of(page, prompt).get_by_test_id("stop").click()
    await expect(page.get_by_test_id("refusal")).to_have_count(0)


async def test_order_that_gets_no_answer_is_given_once_more_and_made_once(
    rough_page: Page,
) -> None:
    page = rough_page
    seen: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        seen.append(route.request.headers["idempotency-key"])
        if len(seen) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await take_sample(page, "move")
    await page.get_by_test_id("prompt").fill("Asked for twice")
    await page.route("**/api/jobs/animate", lose_the_answer)
    await page.get_by_test_id("generate").click()
    await until_done(card_of(page, "Asked for twice").first)
    await expect(card_of(page, "Asked for twice")).to_have_count(1)
    assert len(seen) == 2
    assert len(set(seen)) == 1


async def test_list_that_cannot_be_had_is_told_and_asked_for_again(
    rough_page: Page, shelf: Shelf
) -> None:
    page = rough_page
    await answer_with(page, LIST, 500)
    await page.reload()
    told = page.get_by_text("We cannot load your videos right now.")
    await expect(told).to_be_visible(timeout=PATIENCE_MS)
    await page.unroute(LIST)
    await page.get_by_role("button", name="Try again").first.click()
    await expect(card_of(page, shelf.done)).to_be_visible()
    await expect(told).to_have_count(0)


async def _is_told_in_words(page: Page, test_id: str) -> None:
    told = page.get_by_test_id(test_id).first
    await expect(told).to_have_text(SENTENCES)
    text = await told.inner_text()
    assert not BANNED.search(text)
    assert "<" not in text
