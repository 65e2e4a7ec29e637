"""The way in, and what becomes of a page whose person is signed out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser, Page, expect

from proto.identity import Role
from services.local.layout import Layout
from services.local.stack import Stack
from services.store import identity
from tests.access import Way, let_in
from tests.e2e.conftest import open_studio
from tests.e2e.studio_page import PATIENCE_MS
from tests.e2e.test_accessible import AXE, RULES

pytestmark = pytest.mark.browser

PERSON = "sign-in-person"


async def make_code(layout: Layout, owner: str) -> str:
    connection = await asyncpg.connect(layout.database_url)
    try:
        return await identity.add_link(connection, owner)
    finally:
        await connection.close()


async def end_sessions(layout: Layout, owner: str) -> None:
    connection = await asyncpg.connect(layout.database_url)
    try:
        await identity.end_sessions(connection, owner)
    finally:
        await connection.close()


@asynccontextmanager
async def open_as_stranger(browser: Browser, layout: Layout, **options: Any) -> AsyncIterator[Page]:
    """A browser in which nobody is signed in, once the studio has led it to the way in."""
    async with open_studio(browser, layout.url, None, rough=True, **options) as page:
        await expect(page.get_by_test_id("sign-in")).to_be_visible(timeout=PATIENCE_MS)
        yield page


async def sign_in_in_page(page: Page, token: str) -> None:
    await page.get_by_test_id("sign-in-token").fill(token)
    await page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture(name="person")
async def _person(stack: Stack, layout: Layout) -> Way:
    return await let_in(layout.database_url, PERSON, Role.CREATOR)


async def test_stranger_is_led_to_the_way_in_and_back(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_as_stranger(browser, layout) as page:
        await page.goto(f"{layout.url}/account/tokens")
        await expect(page.get_by_test_id("sign-in")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_test_id("composer")).to_have_count(0)
        await sign_in_in_page(page, person.token)
        await expect(page.get_by_test_id("account")).to_be_visible(timeout=PATIENCE_MS)
        assert page.url == f"{layout.url}/account/tokens"


async def test_wrong_token_is_told_in_words(browser: Browser, layout: Layout, person: Way) -> None:
    async with open_as_stranger(browser, layout) as page:
        await page.goto(f"{layout.url}/sign-in")
        await sign_in_in_page(page, "wrong")
        await expect(page.get_by_text("This token does not work here.")).to_be_visible()


async def test_link_signs_in_once_and_its_code_stays_nowhere(
    browser: Browser, layout: Layout, person: Way
) -> None:
    link = f"{layout.url}/sign-in#code={await make_code(layout, PERSON)}"
    async with open_as_stranger(browser, layout) as page:
        await page.goto(link)
        await expect(page.get_by_test_id("composer")).to_be_visible(timeout=PATIENCE_MS)
        assert "code" not in page.url
    async with open_as_stranger(browser, layout) as page:
        await page.goto(link)
        problem = page.get_by_test_id("sign-in-problem")
        await expect(problem).to_have_text(
            "This link was used already. In the terminal, run make link for a new one."
        )
        assert page.url == f"{layout.url}/sign-in"


@pytest.mark.parametrize("problem", ["expired", "not-allowed", "anything-else"])
async def test_refusal_of_a_provider_is_told_in_words(
    browser: Browser, layout: Layout, person: Way, problem: str
) -> None:
    async with open_as_stranger(browser, layout) as page:
        await page.goto(f"{layout.url}/sign-in?problem={problem}")
        told = page.get_by_test_id("sign-in-problem")
        await expect(told).to_be_visible(timeout=PATIENCE_MS)
        assert problem not in await told.inner_text()


async def test_provider_is_a_plain_link_that_knows_the_way_back(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_as_stranger(browser, layout) as page:
        offer = {"methods": ["oidc"], "oidc_name": "Harbour Works"}
        await page.route("**/api/sign-in", lambda route: route.fulfill(json=offer))
        await page.goto(f"{layout.url}/sign-in?next=/account/tokens")
        link = page.get_by_role("link", name="Continue with Harbour Works")
        await expect(link).to_have_attribute(
            "href", "/api/sign-in/oidc?next=%2Faccount%2Ftokens", timeout=PATIENCE_MS
        )
        await expect(page.get_by_test_id("sign-in-token")).to_have_count(0)


async def test_draft_outlives_the_end_of_a_session(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await page.get_by_test_id("prompt").fill("Kept all the while")
        await end_sessions(layout, PERSON)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.get_by_test_id("signed-out")).to_be_visible(timeout=PATIENCE_MS)
        await sign_in_in_page(page, person.token)
        await expect(page.get_by_test_id("signed-out")).to_have_count(0)
        await expect(page.get_by_test_id("prompt")).to_have_value("Kept all the while")


async def test_somebody_else_finds_nothing_of_the_person_before(
    browser: Browser, layout: Layout, person: Way
) -> None:
    other = await let_in(layout.database_url, "sign-in-other", Role.CREATOR)
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await page.get_by_test_id("prompt").fill("Nobody else's business")
        await expect(page.get_by_test_id("account-menu")).to_be_visible(timeout=PATIENCE_MS)
        await page.context.add_cookies([other.cookie(layout.url)])
        await page.reload()
        await expect(page.get_by_test_id("composer")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_test_id("prompt")).to_have_value("")


async def test_signing_out_leads_to_the_way_in(
    browser: Browser, layout: Layout, person: Way
) -> None:
    async with open_studio(browser, layout.url, person, rough=True) as page:
        await page.get_by_test_id("account-menu").click()
        await page.get_by_test_id("sign-out").click()
        await expect(page.get_by_test_id("sign-in-token")).to_be_visible(timeout=PATIENCE_MS)


async def test_way_in_is_open_to_everybody(browser: Browser, layout: Layout, person: Way) -> None:
    options: dict[str, Any] = {"bypass_csp": True, "viewport": {"width": 320, "height": 640}}
    async with open_as_stranger(browser, layout, **options) as page:
        await page.goto(f"{layout.url}/sign-in")
        await expect(page.get_by_test_id("sign-in-token")).to_be_visible(timeout=PATIENCE_MS)
        await page.evaluate(AXE)
        found = await page.evaluate("(runOnly) => axe.run(document, { runOnly })", RULES)
        assert [fault["id"] for fault in found["violations"]] == []
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
