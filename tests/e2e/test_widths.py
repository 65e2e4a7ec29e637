"""The page on narrow, wide and magnified screens."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.studio_page import PATIENCE_MS, SIDEWAYS, pick, settle, until_done, until_ready

pytestmark = pytest.mark.browser

WIDTHS_PX = [320, 360, 390, 768, 1440]

# Where the window ends before what a person is to see does.
CUT_OFF = """
() => [...document.querySelectorAll('button, a[href], h1, h2, textarea, [data-testid=run-card]')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => {
    const { right } = element.getBoundingClientRect()
    return `ends at ${Math.round(right)} px: ${element.outerHTML.slice(0, 120)}`
  })
"""


async def find_faults(page: Page) -> list[str]:
    cut_off: list[str] = await page.evaluate(CUT_OFF)
    sideways = await page.evaluate(SIDEWAYS)
    return [*cut_off, f"can be pushed {sideways} px sideways"] if sideways else cut_off


async def test_no_width_makes_the_page_scroll_sideways(state: Page) -> None:
    usual = state.viewport_size
    assert usual is not None
    faults = []
    for width in WIDTHS_PX:
        await state.set_viewport_size({"width": width, "height": 800})
        faults += [f"{width}: {fault}" for fault in await find_faults(state)]
    await state.set_viewport_size(usual)
    assert "\n".join(faults) == ""


async def test_video_is_made_at_twice_the_text_size_and_four_times_the_zoom(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 256})
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await settle(page)
    await pick(page, "sample-menu", "sample-move")
    await until_ready(page)
    assert "\n".join(await find_faults(page)) == ""
    await page.get_by_test_id("prompt").fill("Seen from very near")
    await page.get_by_test_id("generate").click()
    card = page.get_by_test_id("run-card").filter(has_text="Seen from very near")
    await until_done(card)
    await expect(card.get_by_test_id("download-link")).to_be_visible(timeout=PATIENCE_MS)
    assert "\n".join(await find_faults(page)) == ""
