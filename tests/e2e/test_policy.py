"""What the built pages are allowed to do, and that they need no more."""

import httpx
import pytest
from playwright.async_api import Browser

from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way
from tests.e2e.conftest import open_studio

PAGES = ["/", "/v/some-video", "/sign-in", "/operator", "/operator/jobs"]


@pytest.mark.parametrize("path", PAGES)
async def test_page_may_run_nothing_but_its_own_scripts(
    stack: Stack, layout: Layout, path: str
) -> None:
    async with httpx.AsyncClient(base_url=layout.url) as client:
        [policy] = (await client.get(path)).headers.get_list("content-security-policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_what_is_not_there_may_run_nothing(stack: Stack, layout: Layout) -> None:
    async with httpx.AsyncClient(base_url=layout.url) as client:
        answer = await client.get("/assets/none.js")
    assert answer.status_code == 404
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; frame")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", "/operator"])
async def test_page_breaks_none_of_its_rules(
    browser: Browser, layout: Layout, way: Way, path: str
) -> None:
    async with open_studio(browser, layout.url, way) as page:
        broken: list[str] = []
        await page.expose_function("tell", lambda rule: broken.append(rule))  # noqa: PLW0108
        await page.add_init_script(
            "addEventListener('securitypolicyviolation', e => tell(e.violatedDirective))"
        )
        await page.goto(layout.url + path)
        await page.get_by_role("heading").first.wait_for()
        assert broken == []
