"""The Temporal Web UI of a running job: what it waits for, and what each step is for."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.local.layout import Layout
from tests.e2e.shelf import Shelf
from tests.studio import Studio

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def job(studio: Studio, shelf: Shelf) -> AsyncIterator[dict[str, Any]]:
    """One of several segments that goes on for as long as the tests look at it."""
    job = await studio.create("animate", {**shelf.long, "prompt": "She waves for the operators"})
    await studio.until(job["job_id"], "executing")
    yield job
    await studio.stop(job["job_id"])


@pytest_asyncio.fixture(loop_scope="session")
async def run_page(browser: Browser, layout: Layout, job: dict[str, Any]) -> AsyncIterator[Page]:
    """The job's page, found by its workflow's id."""
    page = await browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    ui = f"http://localhost:{layout.ports['temporal_ui']}"
    await page.goto(f"{ui}/namespaces/default/workflows/job-{job['job_id']}")
    yield page
    await page.close()


async def test_details_say_what_a_running_job_waits_for(
    run_page: Page, job: dict[str, Any], studio: Studio
) -> None:
    record = await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    await run_page.get_by_test_id("user-metadata-tab").click()
    # The Web UI draws Markdown in frames of their own.
    summary = run_page.frame_locator("#user-metadata-summary")
    details = run_page.frame_locator("#user-metadata-current-details")
    says = f"{job['workflow_template']} for {record['owner']}"
    await expect(summary.locator("body")).to_contain_text(says, timeout=PATIENCE_MS)
    for text in (f"Job {job['job_id']}", "waits for", "executing", "segment"):
        await expect(details.locator("body")).to_contain_text(text, timeout=PATIENCE_MS)


async def test_each_step_says_which_segment_and_backend_it_is_for(
    run_page: Page, job: dict[str, Any], studio: Studio
) -> None:
    record = await studio.fetch_json(f"/api/admin/jobs/{job['job_id']}")
    backend = re.escape(record["prompts"][0]["backend_id"])
    await run_page.wait_for_url("**/timeline")
    await run_page.goto(run_page.url.replace("/timeline", "/history"))
    segment = rf"segment \d+ of \d+ on {backend}"
    for said in (
        f"files of {segment}",
        rf"{segment}, prompt [0-9a-f-]{{36}}",
        f"{segment} to storage",
    ):
        step = run_page.get_by_text(re.compile(said)).first
        await expect(step).to_be_visible(timeout=PATIENCE_MS)
