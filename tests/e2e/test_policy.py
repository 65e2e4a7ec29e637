"""What the built page is allowed to do."""

import httpx
import pytest

from services.local.layout import Layout
from services.local.stack import Stack


@pytest.mark.parametrize(
    "path", ["/", "/v/some-video", "/assets/none.js", "/operator", "/operator/jobs"]
)
async def test_page_may_run_nothing_but_its_own_scripts(
    stack: Stack, layout: Layout, path: str
) -> None:
    async with httpx.AsyncClient(base_url=layout.url) as client:
        policy = (await client.get(path)).headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
