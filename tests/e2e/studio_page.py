"""The studio as a person uses it: what stands on the page, and what is done there."""

from pathlib import Path

from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

PATIENCE_MS = 90_000
SOON_MS = 5_000

# Plays the video that it is given, and tells whether a picture moves.
PLAY = """
async (video) => {
  video.muted = true
  await video.play()
  while (video.currentTime === 0) await new Promise(requestAnimationFrame)
  return video.videoWidth > 0 && video.error === null
}
"""

# How far the page can be pushed sideways, in pixels.
SIDEWAYS = """
() => {
  scrollTo({ left: 10_000, behavior: 'instant' })
  const { scrollX } = window
  scrollTo({ left: 0, behavior: 'instant' })
  return scrollX
}
"""


async def settle(page: Page) -> None:
    """Until all that loads after the page itself is there: it pushes what is below it about."""
    await expect(page.get_by_test_id("connection")).to_contain_text("Live")
    below = page.locator("[data-testid=job-list], [data-testid^=sample-card-]")
    await expect(below.first).to_be_visible()


async def choose(page: Page, mode: str) -> None:
    await settle(page)
    await pick(page, "mode-menu", f"mode-{mode}")


async def pick(page: Page, menu: str, choice: str) -> None:
    """Choose from a menu."""
    item = page.get_by_test_id(choice)
    for patience_ms in (SOON_MS, SOON_MS, PATIENCE_MS):
        # A menu that the page below has pushed shut is opened again, as a person would.
        if not await item.is_visible():
            await page.get_by_test_id(menu).click()
        try:
            await item.click(timeout=patience_ms)
        except PlaywrightTimeout:
            continue
        return
    raise AssertionError(f"{choice} can't be chosen")


async def use_draft(page: Page) -> None:
    await page.get_by_test_id("advanced").click()
    await page.get_by_test_id("drawer").get_by_text("Draft").click()


async def add_files(page: Page, files: list[Path]) -> None:
    await page.get_by_test_id("file-input").set_input_files(files)
    for chip in await chips(page).all():
        await expect(chip).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)


async def take_sample(page: Page, mode: str) -> None:
    """Have a packaged sample in the composer, ready to go."""
    await settle(page)
    await pick(page, "sample-menu", f"sample-{mode}")
    await until_ready(page)


async def until_ready(page: Page) -> None:
    """Until Generate can be pressed, and it is said what it would make."""
    await expect(page.get_by_test_id("generate")).to_be_enabled(timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("promise")).to_be_visible(timeout=PATIENCE_MS)


async def generate(page: Page, prompt: str) -> Locator:
    """Order what the composer holds, with these words; gives its card."""
    await page.get_by_test_id("prompt").fill(prompt)
    await page.get_by_test_id("generate").click()
    card = card_of(page, prompt)
    await expect(card).to_be_visible()
    return card


async def until_done(card: Locator) -> None:
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    await expect(card.get_by_test_id("result-video")).to_be_visible()


def card_of(page: Page, prompt: str) -> Locator:
    return page.get_by_test_id("run-card").filter(has_text=prompt)


def chips(page: Page) -> Locator:
    return page.locator("[data-testid^=chip-]")


async def drop(page: Page, files: list[str], gesture: str = "drop") -> None:
    """Let go of packaged samples over the window, or paste them."""
    await page.evaluate(
        """async ([files, gesture]) => {
          const held = new DataTransfer()
          for (const name of files) {
            const content = await (await fetch(`/samples/${name}`)).blob()
            held.items.add(new File([content], name, { type: content.type }))
          }
          const facts = { bubbles: true, cancelable: true }
          const clipboard = new ClipboardEvent('paste', { ...facts, clipboardData: held })
          const drag = (name) => new DragEvent(name, { ...facts, dataTransfer: held })
          if (gesture === 'paste') document.body.dispatchEvent(clipboard)
          else for (const name of gesture === 'hold' ? ['dragenter'] : ['dragenter', 'drop'])
            document.body.dispatchEvent(drag(name))
        }""",
        [files, gesture],
    )
