"""The ingress is told what its site asks for, by names that the site knows."""

import re
from pathlib import Path

import pytest

from tests.unit.deploy.deploy_files import DEPLOY

SITE = "".join(path.read_text(encoding="utf-8") for path in sorted((DEPLOY / "caddy").iterdir()))
KNOWN = set(re.findall(r"\{\$(INGRESS_\w+)", SITE))
PLACES = {
    "compose": DEPLOY / "compose" / "compose.yaml",
    "kubernetes": DEPLOY / "kubernetes" / "base" / "settings.yaml",
    "systemd": DEPLOY / "systemd" / "ingress.env.example",
}


@pytest.mark.parametrize("path", PLACES.values(), ids=list(PLACES))
def test_ingress_is_told_its_site_and_store_by_known_names(path: Path) -> None:
    told = set(re.findall(r"^\s*(INGRESS_\w+)[:=]", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert told <= KNOWN
    assert told >= {"INGRESS_SITE", "INGRESS_STORE", "INGRESS_STORE_HOST"}


def test_files_are_where_the_image_puts_them() -> None:
    recipe = (DEPLOY / "image" / "Containerfile").read_text(encoding="utf-8")
    [default] = set(re.findall(r"\{\$INGRESS_FILES:([^}]+)\}", SITE))
    for folder in ("frontend/dist", "services/local/samples"):
        assert f"{default}/{folder}" in recipe
        assert f"/{folder}" in SITE


def test_site_listens_where_the_image_says() -> None:
    recipe = (DEPLOY / "image" / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"\{\$INGRESS_HTTP:(\d+)\}", SITE) == re.findall(r"EXPOSE (8080)", recipe)


def test_nginx_and_caddy_send_the_same_policy() -> None:
    page = (DEPLOY / "nginx" / "page.conf").read_text(encoding="utf-8")
    headers = (DEPLOY / "nginx" / "headers.conf").read_text(encoding="utf-8")
    for name, text in {"Content-Security-Policy": page, "Permissions-Policy": headers}.items():
        [policy] = re.findall(rf'add_header {name} "([^"]+)"', text)
        assert f'{name} "{policy}"' in SITE
