"""How files come into the composer."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.studio_page import PATIENCE_MS, chips, drop, settle, until_ready

pytestmark = pytest.mark.browser

UPLOADS = "**/api/assets/*"


async def is_ready(page: Page, role: str) -> None:
    chip = page.get_by_test_id(f"chip-{role}")
    await expect(chip).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)


@pytest.mark.parametrize("gesture", ["drop", "paste"])
async def test_file_is_taken_wherever_it_is_let_go(page: Page, gesture: str) -> None:
    await settle(page)
    await drop(page, ["character.png"], gesture)
    await is_ready(page, "ground-truth")


async def test_two_files_at_once_get_the_roles_that_fit_them(page: Page) -> None:
    await settle(page)
    await drop(page, ["dance.mp4", "character.png"])
    await is_ready(page, "ground-truth")
    await is_ready(page, "motion-video")
    assert await chips(page).first.get_attribute("data-testid") == "chip-ground-truth"


async def test_window_says_that_it_takes_what_is_held_over_it(page: Page) -> None:
    await settle(page)
    await drop(page, ["character.png"], "hold")
    await expect(page.get_by_text("Drop pictures, clips and sounds here")).to_be_visible()
    await drop(page, ["character.png"])
    await expect(page.get_by_text("Drop pictures, clips and sounds here")).to_have_count(0)


async def test_each_missing_file_has_a_button_that_asks_for_it(page: Page, samples: Path) -> None:
    await settle(page)
    for role, name in {"ground-truth": "character.png", "motion-video": "dance.mp4"}.items():
        async with page.expect_file_chooser() as asked:
            await page.get_by_test_id(f"ghost-{role}").click()
        await (await asked.value).set_files(samples / name)
        await is_ready(page, role)


async def test_file_of_no_use_is_named_and_the_others_are_taken(
    page: Page, samples: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("words")
    await page.get_by_test_id("file-input").set_input_files([notes, samples / "character.png"])
    await expect(page.get_by_test_id("check-warn")).to_contain_text("notes.txt")
    await is_ready(page, "ground-truth")
    await expect(chips(page)).to_have_count(1)


async def test_file_that_lies_about_its_kind_is_refused_in_words(
    rough_page: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_text("no picture at all")
    await rough_page.get_by_test_id("file-input").set_input_files(picture)
    await expect(rough_page.get_by_test_id("check-bad")).to_contain_text("picture.png")
    await expect(rough_page.get_by_test_id("chip-ground-truth")).to_have_attribute(
        "data-state", "failed"
    )


async def test_generate_waits_for_the_last_file(page: Page, samples: Path) -> None:
    arrives = asyncio.Event()

    async def slow(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await page.get_by_test_id("prompt").fill("Slow to arrive")
    await page.get_by_test_id("file-input").set_input_files(samples / "character.png")
    await is_ready(page, "ground-truth")
    await page.route(UPLOADS, slow)
    await page.get_by_test_id("file-input").set_input_files(samples / "dance.mp4")
    clip = page.get_by_test_id("chip-motion-video")
    await expect(clip).to_have_attribute("data-state", "uploading")
    await expect(page.get_by_test_id("generate")).to_be_disabled()
    await expect(page.get_by_test_id("check-wait")).to_contain_text("on its way")
    arrives.set()
    await until_ready(page)


async def test_upload_that_failed_is_sent_again_by_a_button(
    rough_page: Page, samples: Path
) -> None:
    page = rough_page
    await page.route(UPLOADS, lambda route: route.abort())
    await page.get_by_test_id("file-input").set_input_files(samples / "character.png")
    chip = page.get_by_test_id("chip-ground-truth")
    await expect(chip).to_have_attribute("data-state", "failed")
    await page.unroute(UPLOADS)
    await chip.get_by_role("button", name="Retry").click()
    await is_ready(page, "ground-truth")
