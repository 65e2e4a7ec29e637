"""A link by which others see a video, from the studio."""

import pytest
from playwright.async_api import Browser, expect

from services.local.layout import Layout
from tests.access import Way
from tests.e2e.conftest import open_studio
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS

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
        async with open_studio(browser, layout.url, None, rough=True) as stranger:
            answer = await stranger.goto(link)
            assert answer is not None
            assert answer.status == 200
        await row.get_by_role("button", name="Revoke").click()
        await dialog.get_by_role("button", name="now").click()
        await expect(dialog.get_by_test_id("share-row")).to_have_count(0)
        gone = await page.request.get(link)
        assert gone.status == 404
