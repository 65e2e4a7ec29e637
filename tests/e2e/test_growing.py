"""A long video in the page: watched while it grows, stopped and kept, made again from a part."""

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.e2e.studio_page import PATIENCE_MS, add_files, choose, use_draft
from tests.media_factory import make_clip

pytestmark = pytest.mark.browser

CLIP_S = 17.0
PARTS = 4
LEAP_S = 0.75
"""More than this between two looks is a jump that a person would see."""

# Looks at whichever video is seen, until the result is there and has played on.
WATCH = """
async ([card, leap]) => {
  const seen = () => card.querySelector('video:not([aria-hidden="true"])')
  const told = { urls: [], jumps: [], end: 0 }
  let at = 0, looked = performance.now()
  for (;;) {
    await new Promise(requestAnimationFrame)
    const video = seen()
    if (!video || video.readyState < 2) continue
    const now = performance.now()
    const passed = (now - looked) / 1000
    const moved = video.currentTime - at
    const fellBack = moved < -0.1 && !video.loop
    if (told.urls.length && (fellBack || moved > passed + leap)) told.jumps.push([at, moved])
    if (!told.urls.includes(video.src)) told.urls.push(video.src)
    at = video.currentTime
    looked = now
    if (card.dataset.status === 'completed' && video.dataset.testid === 'result-video') {
      told.end = video.duration
      return told
    }
  }
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("growing") / "long dance.mp4"
    return make_clip(path, seconds=CLIP_S, size=(320, 240))


async def order(page: Page, samples: Path, clip: Path, prompt: str) -> Locator:
    await choose(page, "move")
    await use_draft(page)
    await add_files(page, [samples / "character.png", clip])
    await page.get_by_test_id("prompt").fill(prompt)
    await expect(page.get_by_test_id("promise")).to_contain_text("17 s", timeout=PATIENCE_MS)
    await page.get_by_test_id("generate").click()
    return page.get_by_test_id("run-card").filter(has_text=prompt)


async def test_video_plays_on_from_its_first_frame_while_it_grows(
    page: Page, samples: Path, long_clip: Path
) -> None:
    card = await order(page, samples, long_clip, "Watched as it grows")
    growing = card.get_by_test_id("growing-video")
    await expect(growing).to_be_visible(timeout=PATIENCE_MS)
    await expect(card.get_by_test_id("parts-done")).to_contain_text(f"of {PARTS} parts")
    assert await card.get_attribute("data-status") != "completed"
    told = await card.evaluate(f"card => ({WATCH})([card, {LEAP_S}])")
    assert len(told["urls"]) >= 3
    assert told["jumps"] == []
    assert abs(told["end"] - CLIP_S) < 0.1


async def test_stop_and_keep_leaves_a_shorter_video_that_says_so(
    page: Page, samples: Path, long_clip: Path
) -> None:
    card = await order(page, samples, long_clip, "A dance that is cut off")
    await expect(card.get_by_test_id("growing-video")).to_be_visible(timeout=PATIENCE_MS)
    await card.get_by_test_id("keep").click()
    # Said until the part that renders is done, which may be soon.
    told = card.get_by_test_id("ends-early").or_(card.get_by_test_id("stopped-early"))
    await expect(told).to_be_visible()
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    await expect(card).to_contain_text("Stopped early")
    seconds = await card.get_by_test_id("result-video").evaluate("video => video.duration")
    assert 4 < seconds < CLIP_S - 2


async def test_part_is_made_again_as_a_video_of_its_own(
    page: Page, samples: Path, long_clip: Path
) -> None:
    older = page.get_by_test_id("run-card").filter(has_text="A dance that is cut off")
    await older.get_by_test_id("parts").get_by_text("Make a part again").click()
    await older.get_by_role("button", name="Make again from here").first.click()
    cards = page.get_by_test_id("run-card").filter(has_text="A dance that is cut off")
    await expect(cards).to_have_count(2)
    await expect(cards.first).to_contain_text("New take")
    await expect(cards.nth(1)).to_have_attribute("data-status", "completed")
    await cards.first.get_by_test_id("stop").click()
    await expect(cards.first).to_have_attribute("data-status", "cancelled", timeout=PATIENCE_MS)
    await cards.first.get_by_role("button", name="Try again").click()
    await expect(cards.first).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
