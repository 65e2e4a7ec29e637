"""The page without a pointer."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.local.layout import Layout
from tests.access import Way
from tests.e2e.conftest import open_studio
from tests.e2e.studio_page import PATIENCE_MS, settle, take_sample, until_ready

pytestmark = pytest.mark.browser

MOST_KEYS = 25
FURTHEST = 30
NEWEST = "() => document.querySelector('[data-testid=run-card]')?.dataset.jobId ?? ''"
CHOICE = ":popover-open [role^=menuitem]:focus"

# Whether a person can see where the focus is: something about the element, or a box around it,
# looks otherwise without it. Only true where nothing takes time to change.
SEEN = """
() => {
  const focused = document.activeElement
  if (focused === document.body) return false
  const around = []
  for (let box = focused; box && box !== document.body; box = box.parentElement) around.push(box)
  const sides = ['Top', 'Right', 'Bottom', 'Left']
  const looks = () => around.map((box) => {
    const style = getComputedStyle(box)
    const outline = style.outlineStyle === 'none' ? 0 : [style.outlineWidth, style.outlineColor]
    return JSON.stringify([outline, style.boxShadow, sides.map((side) =>
      [style[`border${side}Width`], style[`border${side}Color`]])])
  }).join()
  const before = looks()
  focused.blur()
  const after = looks()
  focused.focus({ preventScroll: true })
  return before !== after
}
"""


class Keys:
    """Presses keys, and looks at each stop whether the focus is seen."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.count = 0
        self.unseen: list[str] = []

    async def press(self, key: str) -> None:
        await self._page.keyboard.press(key)
        self.count += 1

    async def tab_to(self, test_id: str, key: str = "Tab") -> None:
        for _ in range(FURTHEST):
            await self.press(key)
            where = await self._page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            if not await self._page.evaluate(SEEN):
                self.unseen.append(where)
            if f'data-testid="{test_id}"' in await self._page.evaluate(
                "document.activeElement.cloneNode().outerHTML"
            ):
                return
        raise AssertionError(f"{test_id} is not reached with {key}")


@pytest_asyncio.fixture(loop_scope="session")
async def still_page(browser: Browser, layout: Layout, way: Way) -> AsyncIterator[Page]:
    """Where nothing takes time to change."""
    async with open_studio(browser, layout.url, way, reduced_motion="reduce") as page:
        yield page


async def test_keyboard_alone_leads_from_a_sample_to_a_playing_video(still_page: Page) -> None:
    page, keys = still_page, Keys(still_page)
    await settle(page)
    newest = await page.evaluate(NEWEST)
    await keys.tab_to("sample-menu")
    await keys.press("Enter")
    await expect(page.locator(CHOICE)).to_be_visible()
    await keys.press("Enter")
    await until_ready(page)
    await keys.tab_to("generate")
    await keys.press("Enter")
    card = page.get_by_test_id("run-card").first
    await expect(card).not_to_have_attribute("data-job-id", newest)
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    await keys.tab_to("result-video")
    await keys.press("Space")
    await expect(card.get_by_test_id("result-video")).to_have_js_property("paused", value=False)
    assert keys.unseen == []
    assert keys.count <= MOST_KEYS


async def test_focus_returns_to_the_button_of_a_menu_that_is_closed(still_page: Page) -> None:
    await settle(still_page)
    for name in ("mode-menu", "sample-menu", "add-file"):
        button = still_page.get_by_test_id(name)
        await button.focus()
        await still_page.keyboard.press("Enter")
        await expect(still_page.locator(CHOICE)).to_be_visible()
        await still_page.keyboard.press("Escape")
        await expect(button).to_be_focused()


async def test_focus_returns_to_the_button_of_a_dialog_that_is_closed(still_page: Page) -> None:
    await take_sample(still_page, "mix")
    dialogs = {
        "frame": "frame-dialog",
        "trim": "trim-dialog",
        "pick-person": "person-dialog",
        "keys": "keys-dialog",
    }
    for name, dialog in dialogs.items():
        button = still_page.get_by_test_id(name)
        await button.focus()
        await still_page.keyboard.press("Enter")
        await expect(still_page.get_by_test_id(dialog)).to_be_visible()
        await still_page.keyboard.press("Escape")
        await expect(still_page.get_by_test_id(dialog)).to_have_count(0)
        await expect(button).to_be_focused()


async def test_menus_are_walked_with_the_arrow_keys(still_page: Page) -> None:
    await settle(still_page)
    await still_page.get_by_test_id("mode-menu").focus()
    await still_page.keyboard.press("Enter")
    await expect(still_page.get_by_test_id("mode-move")).to_be_focused()
    await still_page.keyboard.press("ArrowDown")
    await still_page.keyboard.press("Enter")
    await expect(still_page.get_by_test_id("mode-menu")).to_contain_text("Mix")


async def test_two_keys_in_the_prompt_order_the_video(still_page: Page) -> None:
    await take_sample(still_page, "move")
    await still_page.get_by_test_id("prompt").fill("Ordered with two keys")
    await still_page.get_by_test_id("prompt").press("Control+Enter")
    card = still_page.get_by_test_id("run-card").filter(has_text="Ordered with two keys")
    await expect(card).to_have_count(1)
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
