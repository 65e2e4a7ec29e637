"""What a person is looking at stays where it is."""

import pytest
from playwright.async_api import Page

from tests.e2e.studio_page import generate, take_sample, until_done

pytestmark = pytest.mark.browser

MOST = 0.02
"""Cumulative layout shift, as browsers count it."""

SHIFTS = """
window.shifts = []
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (shift.hadRecentInput) continue
    const moved = shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? '')
    window.shifts.push({ value: shift.value, moved })
  }
}).observe({ type: 'layout-shift', buffered: true })
"""


@pytest.mark.parametrize(("width", "slower"), [(360, 6), (1280, 1)])
async def test_nothing_jumps_from_opening_the_page_to_a_further_video(
    page: Page, width: int, slower: int
) -> None:
    """slower: how many times than this machine, as phones are."""
    chromium = await page.context.new_cdp_session(page)
    await chromium.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    await page.set_viewport_size({"width": width, "height": 800})
    await page.add_init_script(SHIFTS)
    for which in ("first", "second", "third"):
        await page.reload()
        await take_sample(page, "move")
        card = await generate(page, f"Steady at {width}, the {which}")
        await until_done(card)
        shifts = await page.evaluate("window.shifts")
        assert sum(shift["value"] for shift in shifts) <= MOST, shifts
