"""The ingress's image and its site: what one expects of the other."""

import re

import pytest

from tests.unit.deploy.deploy_files import DEPLOY, compose, of_kind

SITE = DEPLOY / "caddy" / "Caddyfile"
GIVEN = {
    "compose": compose()["services"]["ingress"]["environment"].keys(),
    "kubernetes": of_kind("ConfigMap")["animatrix-site"]["data"].keys(),
}


@pytest.fixture
def site() -> str:
    if not SITE.exists():
        pytest.skip("deploy/caddy is not there")
    return SITE.read_text(encoding="utf-8")


@pytest.mark.parametrize("where", GIVEN)
def test_site_is_given_every_variable_that_has_no_default(site: str, where: str) -> None:
    needed = set(re.findall(r"\{\$(\w+)\}", site))
    assert needed <= GIVEN[where]


def test_site_listens_where_the_image_says(site: str) -> None:
    assert re.search(r"\b8080\b", site)
