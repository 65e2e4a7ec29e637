"""What deploy/ holds, parsed."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from temporal import queues
from temporal.queues import Step
from temporal.worker import ROLES

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
COMPOSE = DEPLOY / "compose"
SYSTEMD = DEPLOY / "systemd"
OURS = {"gateway", *ROLES}
"""Our services by the names that compose and Kubernetes give them."""

Object = dict[str, Any]


@cache
def compose() -> Object:
    loaded: Object = yaml.safe_load((COMPOSE / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def objects_of(*files: Path) -> list[Object]:
    return [
        found
        for file in files
        for found in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if found
    ]


@cache
def base() -> list[Object]:
    """What the base deploys, file by file."""
    listed = yaml.safe_load((KUBERNETES / "base" / "kustomization.yaml").read_text("utf-8"))
    return objects_of(*(KUBERNETES / "base" / name for name in listed["resources"]))


def of_kind(kind: str) -> dict[str, Object]:
    """Of the base, by name."""
    return {found["metadata"]["name"]: found for found in base() if found["kind"] == kind}


def console_scripts() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(project["project"]["scripts"])


def longest_heartbeat_s() -> float:
    steps = [step for step in vars(queues).values() if isinstance(step, Step)]
    return max(step.heartbeat.total_seconds() for step in steps if step.heartbeat)


def seconds(duration: str) -> float:
    """Of a duration as compose writes it: 90s, 2m."""
    found = re.fullmatch(r"(\d+)([sm])", duration)
    assert found is not None, duration
    return int(found[1]) * {"s": 1, "m": 60}[found[2]]


def check_command(command: list[str]) -> None:
    """It is one of ours, with a role that there is."""
    assert command[0] in console_scripts()
    if command[0] == "animatrix-worker":
        assert set(command[1:]) <= ROLES.keys()
        assert command[1:]
