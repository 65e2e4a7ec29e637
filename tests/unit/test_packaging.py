import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["proto", "services", "temporal", "workflows_comfy"])
def test_our_names_resolve_inside_this_repository(name: str) -> None:
    [folder] = importlib.import_module(name).__path__
    assert Path(folder) == ROOT / name


def test_lock_names_no_download_address() -> None:
    assert "://" not in LOCK


def test_lock_holds_nothing_that_takes_our_names() -> None:
    names = {line.partition("==")[0] for line in LOCK.splitlines() if "==" in line}
    assert names.isdisjoint({"proto-plus", "proto", "services", "temporal"})
    assert "temporalio" in names


def test_everything_in_the_lock_is_pinned_by_hash() -> None:
    pins = [line for line in LOCK.splitlines() if line and line[0] not in " #"]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
