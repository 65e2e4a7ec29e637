"""The recipe of the images; building them needs a container engine."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.unit.deploy.deploy_files import DEPLOY, ROOT, console_scripts

IMAGE = DEPLOY / "image"
RECIPE = (IMAGE / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (IMAGE / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()


def stages() -> dict[str, str]:
    parts = re.split(r"^FROM \S+ AS (\S+)$", RECIPE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def sources(stage: str) -> list[str]:
    """What a stage copies from the repository."""
    copied = re.findall(r"^COPY (?!--from)(.+)$", stage, flags=re.MULTILINE)
    return [source for line in copied for source in line.split()[:-1]]


@pytest.mark.parametrize(
    "source", sorted({source for stage in stages().values() for source in sources(stage)})
)
def test_what_is_copied_is_there_and_not_ignored(source: str) -> None:
    assert list(ROOT.glob(source.rstrip("/")))
    allowed = [line[1:] for line in IGNORED if line.startswith("!")]
    assert any(Path(source).match(entry) or source.startswith(entry) for entry in allowed)


@pytest.mark.parametrize("target", ["services", "ingress"])
def test_target_runs_as_nobody_and_is_probed_without_a_shell(target: str) -> None:
    stage = stages()[target]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", stage, flags=re.MULTILINE)
    assert re.search(r"HEALTHCHECK .*CMD \[", stage)
    assert re.findall(r"^(?:CMD|ENTRYPOINT) (.)", stage, flags=re.MULTILINE) == ["["]
    assert "RUN" not in stage


def test_services_start_by_a_console_script() -> None:
    [command] = re.findall(r'^CMD \["([^"]+)"', stages()["services"], flags=re.MULTILINE)
    assert command in console_scripts()


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_lock_pins_by_hash_what_the_large_one_pins(name: str) -> None:
    all_pins = set(re.findall(r"^\S+==\S+", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    pins = re.findall(r"^[^#\s].*$", (IMAGE / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert pins
    assert {pin.split()[0] for pin in pins} <= all_pins
    assert all(pin.endswith("\\") for pin in pins)


def test_every_place_names_this_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("image", "compose", "kubernetes")
        for path in (DEPLOY / folder).rglob("*")
        if path.suffix in {"", ".yaml", ".example"} and path.is_file()
    )
    named = re.findall(r"(?:RELEASE(?:=|:-)|newTag: |animatrix/\w+:)(\d+\.\d+\.\d+)", text)
    assert named
    assert set(named) == {project["version"]}
