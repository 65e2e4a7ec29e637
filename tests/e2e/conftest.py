from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from services.local.layout import Layout
from services.local.stack import Stack
from services.store.objects import ObjectStore
from tests.access import Way, let_in
from tests.e2e.shelf import Shelf, fill_shelf
from tests.e2e.states import STATES, Scene
from tests.studio import Studio

CHROMIUM = Path("/usr/bin/chromium")
# Chromium as root has no sandbox, and without the others it looks for its maker's hosts.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
DESK = {"width": 1280, "height": 900}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def way(stack: Stack, layout: Layout) -> Way:
    """The local user's way in."""
    return await let_in(layout.database_url)


@asynccontextmanager
async def open_studio(
    browser: Browser, url: str, way: Way | None, *, rough: bool = False, **options: Any
) -> AsyncIterator[Page]:
    """The studio in a browser of its own. An error on its console fails the test.

    way: whose session the browser has; None where nobody is signed in.
    rough: requests may fail, which the browser itself notes on the console.
    """
    context = await browser.new_context(**{"viewport": DESK, **options})
    if way is not None:
        await context.add_cookies([way.cookie(url)])
    page = await context.new_page()
    problems: list[str] = []
    origins: set[str] = set()

    def note(message: ConsoleMessage) -> None:
        expected = rough and message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not expected:
            problems.append(message.text)

    page.on("console", note)
    # Of a promise that nobody waits for, too.
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: origins.add("/".join(request.url.split("/")[:3])))
    await page.goto(url)
    yield page
    await context.close()
    assert problems == []
    assert {origin for origin in origins if not origin.startswith("blob:")} == {url}


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, layout: Layout, way: Way) -> AsyncIterator[Page]:
    async with open_studio(browser, layout.url, way) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def rough_page(browser: Browser, layout: Layout, way: Way) -> AsyncIterator[Page]:
    """As `page`, where a test makes requests fail."""
    async with open_studio(browser, layout.url, way, rough=True) as page:
        yield page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def newcomer(stack: Stack, layout: Layout) -> Way:
    """The way in of a person who has no videos, and makes none."""
    return await let_in(layout.database_url, "newcomer")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shelf(
    studio: Studio, objects: ObjectStore, samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Shelf:
    return await fill_shelf(studio, objects, samples, tmp_path_factory.mktemp("shelf"))


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=STATES)
async def state(  # noqa: PLR0913, PLR0917  each state needs some of them
    request: pytest.FixtureRequest,
    browser: Browser,
    layout: Layout,
    studio: Studio,
    shelf: Shelf,
    newcomer: Way,
    way: Way,
) -> AsyncIterator[Page]:
    """The page in one state after the other; each is reached once for all tests that look at it.

    A test leaves it as it found it.
    """
    who = newcomer if request.param == "empty" else way
    # What is looked at with a tool has to let the tool in; the policy has a test of its own.
    async with open_studio(browser, layout.url, who, rough=True, bypass_csp=True) as page:
        scene = Scene(page, studio, shelf)
        await STATES[request.param](scene)
        yield page
        for job_id in scene.orders:
            await studio.stop(job_id)
