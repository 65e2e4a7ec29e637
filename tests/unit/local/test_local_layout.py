"""Where the embedded stack lives."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from services.local.caddyfile import caddyfile, site_environment
from services.local.checks import CannotStart
from services.local.children import environment as environment_of
from services.local.children import servers
from services.local.layout import STAND_INS, Ports, make_layout
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
    assert len(set(values)) == len(values) == 4
    assert all(len(value) >= 20 for value in values)


def test_stand_in_is_used_only_when_no_renderer_is_named(tmp_path: Path) -> None:
    ours = make_layout(tmp_path, 8080, [], 0.1)
    theirs = make_layout(tmp_path, 8080, ["https://gpu.example"], 0.1)
    assert ours.simulated
    assert ours.comfy_urls == [f"http://127.0.0.1:{ours.ports['comfy']}"]
    assert not theirs.simulated
    assert theirs.comfy_urls == ["https://gpu.example"]


def test_each_stand_in_has_its_own_port_and_folder(tmp_path: Path) -> None:
    layout = make_layout(tmp_path, 8080, [], 0.1, stand_ins=3)
    commands = [child.command for child in servers(layout) if "comfy_sim" in child.log.name]
    ports = [command[command.index("--port") + 1] for command in commands]
    folders = [command[command.index("--base-dir") + 1] for command in commands]
    assert layout.comfy_urls == [f"http://127.0.0.1:{port}" for port in ports]
    assert folders == [str(tmp_path / "comfy_sim" / number) for number in "123"]
    assert set(layout.ports.all()) - set(layout.listeners) == set(STAND_INS[3:])


def test_stand_ins_take_orders_only_when_asked_to(tmp_path: Path) -> None:
    layout = make_layout(tmp_path, 8080, [], 0.1)
    for control in (False, True):
        [stand_in] = servers(replace(layout, control=control))[3:]
        assert ("--control" in stand_in.command) == control


def test_detour_is_for_one_user_of_a_listener(tmp_path: Path) -> None:
    layout = make_layout(tmp_path, 8080, [], 0.1)
    detoured = replace(layout, detours={("gateway", "s3"): 1234, ("ingress", "gateway"): 4321})
    changed = {
        name
        for name, value in environment_of(detoured, "gateway").items()
        if environment_of(layout, "gateway")[name] != value
    }
    assert changed == {"ANIMATRIX_S3_ENDPOINT"}
    assert environment_of(detoured, "media worker") == environment_of(layout, "media worker")
    way_in = site_environment(detoured, "http://127.0.0.1:1234")
    assert way_in["INGRESS_GATEWAY"] == "127.0.0.1:4321"
    assert way_in["INGRESS_STORE_HOST"] == "127.0.0.1:1234"


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {"ANIMATRIX_DATA_DIR": str(folder), **changes}


def test_settings_left_empty_are_the_defaults(tmp_path: Path) -> None:
    names = (
        *("ANIMATRIX_PORT", "ANIMATRIX_COMFY_URLS", "ANIMATRIX_SIM_STEP_SECONDS"),
        *("ANIMATRIX_SIM_BACKENDS", "ANIMATRIX_SIM_CONTROL"),
    )
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("ANIMATRIX_SIM_BACKENDS", value) for value in ["0", "9", "-1", "two", "1.5"]),
        *(("ANIMATRIX_SIM_CONTROL", value) for value in ["yes", "2", "true"]),
    ],
)
def test_number_of_stand_ins_or_switch_that_is_none_is_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(CannotStart, match=name):
        read_layout(environment(tmp_path, **{name: value}))


def test_stand_ins_are_as_many_as_asked_for(tmp_path: Path) -> None:
    given = {"ANIMATRIX_SIM_BACKENDS": "4", "ANIMATRIX_SIM_CONTROL": "1"}
    layout = read_layout(environment(tmp_path, **given))
    assert (layout.stand_ins, len(layout.comfy_urls), layout.control) == (4, 4, True)
    real = read_layout(environment(tmp_path, ANIMATRIX_COMFY_URLS="https://gpu.example", **given))
    assert (real.stand_ins, real.comfy_urls) == (0, ["https://gpu.example"])


def test_renderer_addresses_are_separated_by_commas() -> None:
    given = " https://a.example/ ,, http://b.example:8000/comfy "
    assert split_urls(given) == ["https://a.example", "http://b.example:8000/comfy"]


def test_ingress_listens_on_this_machine_only(tmp_path: Path) -> None:
    text = caddyfile(make_layout(tmp_path, 8080, [], 0.1))
    assert "default_bind 127.0.0.1" in text
    assert f'file_system "{tmp_path}/caddy"' in text
