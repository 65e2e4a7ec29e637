import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS, PLAY, add_files, choose, use_draft
from tests.studio import Studio

pytestmark = pytest.mark.browser

MODES = {
    "move": ["character.png", "dance.mp4"],
    "mix": ["character.png", "dance.mp4"],
    "audio": ["character.png", "voice.wav"],
}
PLACE = re.compile(r"^(Next|About number \d+|Number \d+ in line)")


@pytest.mark.parametrize("mode", MODES)
async def test_from_an_empty_page_to_a_playing_video(page: Page, samples: Path, mode: str) -> None:
    await choose(page, mode)
    await use_draft(page)
    await add_files(page, [samples / name for name in MODES[mode]])
    await page.get_by_test_id("prompt").fill(f"A bright room, {mode}")
    await expect(page.get_by_test_id("promise")).to_contain_text(
        "ahead of you", timeout=PATIENCE_MS
    )
    await page.get_by_test_id("generate").click()
    card = page.get_by_test_id("run-card").filter(has_text=f"A bright room, {mode}")
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    video = card.get_by_test_id("result-video")
    assert await video.evaluate(PLAY)


async def test_the_finished_video_downloads_as_a_file(page: Page) -> None:
    await page.get_by_test_id("download-link").first.scroll_into_view_if_needed()
    async with page.expect_download() as download:
        await page.get_by_test_id("download-link").first.click()
    file = await download.value
    assert file.suggested_filename.endswith(".mp4")
    assert (await file.path()).stat().st_size > 10_000


async def test_a_video_tells_its_place_while_others_are_made(
    page: Page, samples: Path, studio: Studio, shelf: Shelf
) -> None:
    body = {**shelf.long, "prompt": "Long before them"}
    longer = [await studio.create("animate", body) for _ in range(2)]
    await choose(page, "move")
    await use_draft(page)
    await add_files(page, [samples / name for name in MODES["move"]])
    await page.get_by_test_id("prompt").fill("One of three")
    for count in range(1, 4):
        await page.get_by_test_id("generate").click()
        cards = page.get_by_test_id("run-card").filter(has_text="One of three")
        await expect(cards).to_have_count(count)
    await expect(cards.first.get_by_test_id("wait")).to_have_text(PLACE, timeout=PATIENCE_MS)
    for job in longer:
        await studio.stop(job["job_id"])
    for card in await cards.all():
        # By the API: one that has ended meanwhile has no button any more.
        job_id = await card.get_attribute("data-job-id")
        await page.request.post(f"{page.url}api/jobs/{job_id}/cancel")
    await expect(page.get_by_test_id("stop")).to_have_count(0, timeout=PATIENCE_MS)
