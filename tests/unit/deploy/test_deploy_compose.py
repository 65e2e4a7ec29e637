"""deploy/compose by itself; starting it needs a container engine."""

import shutil
import subprocess
from pathlib import Path

import pytest

from services.settings import PREFIX, Settings
from tests.unit.deploy.deploy_files import (
    COMPOSE,
    OURS,
    Object,
    check_command,
    compose,
    longest_heartbeat_s,
    seconds,
)

SERVICES: dict[str, Object] = compose()["services"]
JOBS = {"temporal-schema", "temporal-namespace"}
RENDERING = {"comfy", "gpu"}


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A copy after secrets.sh."""
    copy = tmp_path / "compose"
    shutil.copytree(COMPOSE, copy, ignore=shutil.ignore_patterns("secrets", "data", ".env"))
    subprocess.run([copy / "secrets.sh"], check=True)
    return copy


@pytest.mark.parametrize("name", sorted(OURS))
def test_service_is_started_by_a_script_of_ours(name: str) -> None:
    check_command(SERVICES[name]["command"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_container_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].startswith("${RUN_AS")
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - JOBS))
def test_server_is_probed_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_the_ingress_is_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"ingress"}
    assert all("network_mode" not in service for service in SERVICES.values())


def test_only_what_talks_to_comfyui_has_a_way_out() -> None:
    closed = {name for name, network in compose()["networks"].items() if network.get("internal")}
    out = {name for name, service in SERVICES.items() if not set(service["networks"]) <= closed}
    assert out == RENDERING | {"ingress"}
    assert {name for name in SERVICES if "outside" in SERVICES[name]["networks"]} == RENDERING
    named = {
        name
        for name, service in SERVICES.items()
        if f"{PREFIX}COMFY_URLS" in service.get("environment", {})
    }
    assert named == RENDERING


@pytest.mark.parametrize("name", sorted(OURS))
def test_service_has_longer_to_stop_than_a_heartbeat_may_be_overdue(name: str) -> None:
    grace_s = float(SERVICES[name]["environment"][f"{PREFIX}GRACE_SECONDS"])
    assert seconds(SERVICES[name]["stop_grace_period"]) > max(longest_heartbeat_s(), grace_s)


def test_dependencies_can_be_met() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            needed = "service_completed_successfully" if name in JOBS else "service_healthy"
            assert wanted["condition"] == needed
            assert name in JOBS or "healthcheck" in SERVICES[name]


def test_secrets_are_made_once_for_their_owner_only(prepared: Path) -> None:
    before = {path: path.read_bytes() for path in (prepared / "secrets").iterdir()}
    subprocess.run([prepared / "secrets.sh"], check=True)
    assert {path: path.read_bytes() for path in (prepared / "secrets").iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in before} == {0o600}
    named = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert named | {"temporal.env"} == {path.name for path in before}


def test_service_finds_its_settings(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secrets as files, and the rest as compose sets it."""
    monkeypatch.setenv(f"{PREFIX}SECRETS_DIR", str(prepared / "secrets"))
    for name, text in SERVICES["gateway"]["environment"].items():
        if name.startswith(PREFIX) and "$" not in text and "SECRETS_DIR" not in name:
            monkeypatch.setenv(name, text)
    password = (prepared / "secrets" / "DATABASE_PASSWORD").read_text()
    settings = Settings()
    assert f":{password}@postgres:" in settings.database_url.get_secret_value()
    mounted = set(SERVICES["gateway"]["secrets"])
    required = {
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if field.is_required()
    }
    assert required <= mounted | SERVICES["gateway"]["environment"].keys()


def test_compose_itself_takes_it(prepared: Path) -> None:
    if shutil.which("docker") is None:
        pytest.skip("no docker")
    command = ["docker", "compose"]
    if subprocess.run([*command, "version"], check=False, capture_output=True).returncode:
        pytest.skip("docker has no compose")
    for files in (["compose.yaml"], ["compose.yaml", "provider.yaml"]):
        named = [part for file in files for part in ("-f", file)]
        environment = {
            "ANIMATRIX_OIDC_ISSUER": "https://login.example.com",
            "PATH": "/usr/bin:/bin",
        }
        subprocess.run(
            [*command, *named, "config", "--quiet"], check=True, cwd=prepared, env=environment
        )
