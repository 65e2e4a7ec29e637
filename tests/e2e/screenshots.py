"""Draws the pictures of the documents anew: `make screenshots`."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, FloatRect, Page, async_playwright, expect

from services.local.layout import HOST, Layout, make_layout
from services.local.stack import Stack
from tests.access import let_in
from tests.conftest import free_base_port
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.studio_page import add_files, use_draft
from tests.media_factory import make_clip

SAMPLES = Path(__file__).parents[2] / "services" / "local" / "samples"
IMAGES = Path(__file__).parents[2] / "docs" / "images"
PATIENCE_MS = 120_000
STEP_SECONDS = 0.2
LONG_S = 22
OUT_OF_MEMORY = {"fault": "oom", "node": "KSampler", "times": None}
STEPS = FloatRect(x=256, y=48, width=1244, height=420)
"""Of the Temporal Web UI, the upper rows of what a workflow did."""


async def open_page(
    browser: Browser, layout: Layout, width: int, height: int, **options: Any
) -> Page:
    """A page of the local user's."""
    context = await browser.new_context(viewport={"width": width, "height": height}, **options)
    way = await let_in(layout.database_url)
    await context.add_cookies([way.cookie(layout.url)])
    return await context.new_page()


async def studio(browser: Browser, layout: Layout) -> None:
    """A finished sample below, the next one ready to go above."""
    page = await open_page(browser, layout, 1280, 900)
    await page.goto(layout.url)
    await page.get_by_test_id("sample-card-move").click()
    await expect(page.get_by_test_id("generate")).to_be_enabled(timeout=PATIENCE_MS)
    await page.get_by_test_id("generate").click()
    card = page.get_by_test_id("run-card").first
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("promise")).to_be_visible()
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await page.screenshot(path=IMAGES / "studio.png")
    await page.close()


async def tools(browser: Browser, layout: Layout) -> None:
    """Framing, trimming and the person to replace, and a result beside its clip."""
    page = await open_page(browser, layout, 1280, 900)
    await page.goto(layout.url)
    await page.get_by_test_id("sample-menu").click()
    await page.get_by_test_id("sample-mix").click()
    await expect(page.get_by_test_id("promise")).to_be_visible(timeout=PATIENCE_MS)
    for name in ("frame", "trim", "pick-person"):
        await page.get_by_test_id(name).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await expect(dialog.get_by_text("Listening")).to_have_count(0, timeout=PATIENCE_MS)
        await page.wait_for_load_state("networkidle")
        await dialog.screenshot(path=IMAGES / f"{name}.png")
        await page.keyboard.press("Escape")
    await page.get_by_test_id("open-viewer").first.click()
    await page.get_by_test_id("compare").click()
    await expect(page.get_by_test_id("clip-video")).to_be_visible(timeout=PATIENCE_MS)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / "viewer.png")
    await page.close()


async def phone(browser: Browser, layout: Layout) -> None:
    page = await open_page(browser, layout, 360, 780, has_touch=True)
    await page.goto(layout.url)
    await page.get_by_test_id("sample-menu").click()
    await page.get_by_test_id("sample-audio").click()
    await expect(page.get_by_test_id("promise")).to_be_visible(timeout=PATIENCE_MS)
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await page.screenshot(path=IMAGES / "phone.png")
    await page.close()


async def growing(browser: Browser, layout: Layout, folder: Path) -> str:
    """A long video that is watched while its rest is rendered. Gives its job's id."""
    clip = make_clip(folder / "long dance.mp4", seconds=LONG_S, size=(320, 240))
    page = await open_page(browser, layout, 1280, 1000)
    await page.goto(layout.url)
    await use_draft(page)
    await add_files(page, [SAMPLES / "character.png", clip])
    await page.get_by_test_id("advanced").click()
    await page.get_by_test_id("prompt").fill("She dances on a quiet stage")
    await page.get_by_test_id("generate").click()
    card = page.get_by_test_id("run-card").first
    await expect(card.get_by_test_id("parts-done")).to_contain_text("2 of", timeout=PATIENCE_MS)
    await card.evaluate("card => card.scrollIntoView({block: 'center'})")
    await card.screenshot(path=IMAGES / "growing.png")
    await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    job_id = await card.get_attribute("data-job-id")
    await page.close()
    return job_id or ""


async def temporal(browser: Browser, layout: Layout, job_id: str) -> None:
    """The job in the list, what it says of itself, and its steps."""
    page = await open_page(browser, layout, 1500, 800)
    page.set_default_timeout(PATIENCE_MS)
    ui = f"http://{HOST}:{layout.ports['temporal_ui']}"
    await page.goto(f"{ui}/namespaces/default/workflows/job-{job_id}")
    await page.get_by_test_id("user-metadata-tab").click()
    details = page.frame_locator("#user-metadata-current-details").locator("body")
    await expect(details).to_contain_text("segment", timeout=PATIENCE_MS)
    await page.get_by_test_id("timeline-tab").evaluate("tab => tab.scrollIntoView()")
    await page.screenshot(path=IMAGES / "temporal-details.png")
    await page.get_by_test_id("history-tab").click()
    await page.get_by_text("Compact").click()
    step = page.get_by_text("to storage").first
    await expect(step).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_text("Event Type").first.evaluate("title => title.scrollIntoView()")
    await page.screenshot(path=IMAGES / "temporal-history.png", clip=STEPS)
    await page.goto(f"{ui}/namespaces/default/workflows")
    await expect(page.locator("main")).to_contain_text(job_id, timeout=PATIENCE_MS)
    await page.screenshot(path=IMAGES / "temporal-list.png")
    await page.close()


async def console(browser: Browser, layout: Layout) -> None:
    """A job that failed, as operators find it, and the backend it failed on."""
    async with httpx.AsyncClient() as backend:
        await backend.post(f"{layout.comfy_urls[0]}/sim/faults", json=OUT_OF_MEMORY)
    page = await open_page(browser, layout, 1280, 900)
    await page.goto(layout.url)
    await page.get_by_test_id("sample-menu").click()
    await page.get_by_test_id("sample-audio").click()
    await expect(page.get_by_test_id("generate")).to_be_enabled(timeout=PATIENCE_MS)
    newest = await page.get_by_test_id("run-card").first.get_attribute("data-job-id")
    await page.get_by_test_id("generate").click()
    card = page.get_by_test_id("run-card").first
    await expect(card).not_to_have_attribute("data-job-id", newest or "")
    await expect(card).to_have_attribute("data-status", "failed", timeout=PATIENCE_MS)
    job_id = await card.get_attribute("data-job-id")
    for name, path in {"job": f"jobs/{job_id}", "backends": "backends"}.items():
        await page.goto(f"{layout.url}/operator/{path}")
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.screenshot(path=IMAGES / f"console-{name}.png")
    await page.close()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = make_layout(Path(folder), free_base_port(), [], STEP_SECONDS)
        layout = replace(made, control=True)
        stack = Stack(layout, lambda _: None)
        try:
            stack.start()
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                await studio(browser, layout)
                await tools(browser, layout)
                await phone(browser, layout)
                await temporal(browser, layout, await growing(browser, layout, Path(folder)))
                await console(browser, layout)
                await browser.close()
        finally:
            stack.stop()


if __name__ == "__main__":
    asyncio.run(main())
