"""deploy/systemd by itself, and by systemd's own word where it is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.settings import PREFIX, Settings
from temporal.worker import ROLES
from tests.unit.deploy.deploy_files import SYSTEMD, check_command, longest_heartbeat_s

PROGRAMS = "/opt/animatrix/bin"
UNITS = {path.name: path.read_text(encoding="utf-8") for path in SYSTEMD.glob("animatrix*")}
OURS = ["animatrix-gateway.service", "animatrix-worker@.service"]
EXAMPLE = (SYSTEMD / "settings.env.example").read_text(encoding="utf-8")


def values(unit: str, name: str) -> list[str]:
    lines = [line for line in UNITS[unit].splitlines() if line.startswith(f"{name}=")]
    return [line.partition("=")[2] for line in lines]


def test_target_wants_a_worker_of_each_role() -> None:
    wanted = " ".join(values("animatrix.target", "Wants")).split()
    assert {f"animatrix-worker@{role}.service" for role in ROLES} <= set(wanted)
    assert {name.split("@")[0].removesuffix(".service") for name in wanted} == {
        name.split("@")[0].removesuffix(".service") for name in UNITS if name.endswith(".service")
    }


@pytest.mark.parametrize("unit", OURS)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_unit_starts_a_script_of_ours(unit: str, role: str) -> None:
    [command] = values(unit, "ExecStart")
    assert command.startswith(f"{PROGRAMS}/")
    check_command(command.removeprefix(f"{PROGRAMS}/").replace("%i", role).split())


@pytest.mark.parametrize("unit", OURS)
def test_secrets_are_credentials_and_all_there(unit: str) -> None:
    assert f"{PREFIX}SECRETS_DIR=%d" in values(unit, "Environment")
    loaded = {credential.partition(":")[0] for credential in values(unit, "LoadCredential")}
    example = {line.partition("=")[0] for line in EXAMPLE.splitlines()}
    required = {
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if field.is_required()
    }
    assert required <= loaded | example


def test_worker_has_longer_to_stop_than_a_heartbeat_may_be_overdue() -> None:
    [stop_s] = values("animatrix-worker@.service", "TimeoutStopSec")
    [grace] = [line for line in EXAMPLE.splitlines() if "GRACE_SECONDS" in line]
    assert float(stop_s) > max(longest_heartbeat_s(), float(grace.partition("=")[2]))


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    programs = str(Path(sys.executable).parent)
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text.replace(PROGRAMS, programs), encoding="utf-8")
    shutil.copy(tmp_path / OURS[1], tmp_path / "animatrix-worker@media.service")
    units = [str(path) for path in tmp_path.iterdir() if "@." not in path.name]
    command = ["systemd-analyze", "verify", "--recursive-errors=no", *units]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")
