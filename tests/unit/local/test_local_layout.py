"""Where the embedded stack lives."""

import stat
from pathlib import Path

import pytest

from services.local.caddyfile import caddyfile
from services.local.checks import CannotStart
from services.local.layout import Ports, make_layout
from services.local.main import read_layout
from services.settings import split_urls


def test_ports_are_counted_up_from_the_base() -> None:
    ports = Ports(8080).all()
    assert ports["http"] == 8080
    assert sorted(ports.values()) == list(range(8080, 8080 + len(ports)))


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = make_layout(tmp_path, 8080, [], 0.1).secrets
    again = make_layout(tmp_path, 9090, [], 0.1).secrets
    other = make_layout(tmp_path / "other", 8080, [], 0.1).secrets
    assert first == again
    assert set(first.model_dump().values()).isdisjoint(other.model_dump().values())
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_secrets_are_long_and_all_different(tmp_path: Path) -> None:
    values = list(make_layout(tmp_path, 8080, [], 0.1).secrets.model_dump().values())
    assert len(set(values)) == 3
    assert all(len(value) >= 20 for value in values)


def test_stand_in_is_used_only_when_no_renderer_is_named(tmp_path: Path) -> None:
    ours = make_layout(tmp_path, 8080, [], 0.1)
    theirs = make_layout(tmp_path, 8080, ["https://gpu.example"], 0.1)
    assert ours.simulated
    assert ours.comfy_urls == [f"http://127.0.0.1:{ours.ports['comfy']}"]
    assert not theirs.simulated
    assert theirs.comfy_urls == ["https://gpu.example"]


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {"ANIMATRIX_DATA_DIR": str(folder), **changes}


def test_settings_left_empty_are_the_defaults(tmp_path: Path) -> None:
    names = ("ANIMATRIX_PORT", "ANIMATRIX_COMFY_URLS", "ANIMATRIX_SIM_STEP_SECONDS")
    empty = read_layout(environment(tmp_path, **dict.fromkeys(names, "")))
    absent = read_layout(environment(tmp_path))
    assert empty == absent
    assert (empty.ports.base, empty.simulated) == (8080, True)


@pytest.mark.parametrize("port", ["abc", "0", "-1", "80.5", " ", "65535", "99999", "1_000", "²"])
def test_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(CannotStart, match="ANIMATRIX_PORT"):
        read_layout(environment(tmp_path, ANIMATRIX_PORT=port))


@pytest.mark.parametrize(
    "urls", ["gpu.example", "ftp://gpu.example", "http://", "http://a.example,http://a.example/"]
)
def test_renderer_address_that_is_none_is_refused(tmp_path: Path, urls: str) -> None:
    with pytest.raises(CannotStart, match="ANIMATRIX_COMFY_URLS"):
        read_layout(environment(tmp_path, ANIMATRIX_COMFY_URLS=urls))


@pytest.mark.parametrize("seconds", ["fast", "1,5", "1s"])
def test_step_time_that_is_no_number_is_refused(tmp_path: Path, seconds: str) -> None:
    with pytest.raises(CannotStart, match="ANIMATRIX_SIM_STEP_SECONDS"):
        read_layout(environment(tmp_path, ANIMATRIX_SIM_STEP_SECONDS=seconds))


def test_renderer_addresses_are_separated_by_commas() -> None:
    given = " https://a.example/ ,, http://b.example:8000/comfy "
    assert split_urls(given) == ["https://a.example", "http://b.example:8000/comfy"]


def test_ingress_listens_on_this_machine_only(tmp_path: Path) -> None:
    text = caddyfile(make_layout(tmp_path, 8080, [], 0.1))
    assert "default_bind 127.0.0.1" in text
    assert "admin off" in text
    assert f'file_system "{tmp_path}/caddy"' in text
