"""Names that deploy/ takes from the code, and what it must not name."""

import re
from pathlib import Path

import pytest

from services.settings import PREFIX, SECRETS_DIR, Settings
from tests.unit.deploy.deploy_files import DEPLOY, ROOT

FILES = sorted(
    path
    for folder in ("image", "compose", "kubernetes", "systemd")
    for path in (DEPLOY / folder).rglob("*")
    if path.is_file() and not {"secrets", "data"} & {*path.relative_to(DEPLOY).parts}
)
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {SECRETS_DIR}
# The documentation's ranges, this machine, every address, and the private ranges that are no place.
KNOWN = (
    *("192.0.2.", "198.51.100.", "203.0.113.", "127.0.0.", "0.0.0.0"),  # noqa: S104
    *("10.0.0.0", "100.64.0.0", "169.254.0.0", "172.16.0.0", "192.168.0.0"),
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_is_a_setting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+", text)) <= SETTINGS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_machine_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    addresses = {found[0] for found in re.finditer(r"\b\d{1,3}(\.\d{1,3}){3}\b", text)}
    assert [address for address in addresses if not address.startswith(KNOWN)] == []
    assert ":8188" not in text
