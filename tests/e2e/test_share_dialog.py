"""A link by which others see a video, from the studio."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from services.local.layout import Layout
from tests.access import Way
from tests.e2e.conftest import open_studio
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS
from tests.e2e.test_accessible import AXE, RULES
from tests.e2e.test_sign_in import open_as_stranger

pytestmark = pytest.mark.browser


async def test_link_is_made_seen_by_a_stranger_and_revoked(
    browser: Browser, layout: Layout, way: Way, shelf: Shelf
) -> None:
    async with open_studio(browser, layout.url, way, rough=True) as page:
        await page.get_by_test_id("share").first.click()
        dialog = page.get_by_test_id("share-dialog")
        await expect(dialog).to_contain_text("Anyone with the link sees only the video.")
        await dialog.get_by_test_id("create-link").click()
        link = await dialog.get_by_test_id("share-link").input_value(timeout=PATIENCE_MS)
        row = dialog.get_by_test_id("share-row").first
        async with open_as_stranger(browser, layout) as stranger:
            answer = await stranger.goto(link)
            assert answer is not None
            assert answer.status == 200
        await row.get_by_role("button", name="Revoke").click()
        await dialog.get_by_role("button", name="now").click()
        await expect(dialog.get_by_test_id("share-row")).to_have_count(0)
        gone = await page.request.get(link)
        assert gone.status == 404


async def test_link_is_found_in_the_account_with_its_video(
    browser: Browser, layout: Layout, way: Way, shelf: Shelf
) -> None:
    async with open_studio(browser, layout.url, way, rough=True) as page:
        await page.get_by_test_id("share").first.click()
        dialog = page.get_by_test_id("share-dialog")
        await dialog.get_by_text("Allow download").click()
        await dialog.get_by_test_id("create-link").click()
        await expect(dialog.get_by_test_id("share-link")).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{layout.url}/account/links")
        row = page.get_by_test_id("share-row").first
        await expect(row).to_contain_text("With a download", timeout=PATIENCE_MS)
        await row.get_by_role("link").click()
        await expect(page.get_by_test_id("viewer")).to_be_visible(timeout=PATIENCE_MS)


async def test_dialog_is_open_to_everybody(
    browser: Browser, layout: Layout, way: Way, shelf: Shelf
) -> None:
    options: dict[str, Any] = {"bypass_csp": True, "viewport": {"width": 320, "height": 640}}
    async with open_studio(browser, layout.url, way, rough=True, **options) as page:
        await page.get_by_test_id("share").first.click()
        dialog = page.get_by_test_id("share-dialog")
        await dialog.get_by_test_id("create-link").click()
        await expect(dialog.get_by_test_id("share-link")).to_be_visible(timeout=PATIENCE_MS)
        await page.evaluate(AXE)
        asked = {"runOnly": RULES, "rules": {"region": {"enabled": False}}}
        found = await page.evaluate("(asked) => axe.run(document, asked)", asked)
        assert [fault["id"] for fault in found["violations"]] == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
