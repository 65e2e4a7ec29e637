"""How a measurement is written down."""

import json
import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Ratio:
    """ours over baseline. at_least: the goal is a floor, not a ceiling. details: further facts."""

    ours: float
    baseline: float
    goal: float
    runs: int
    at_least: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        ratio = self.ours / self.baseline
        return {
            "ratio": round(ratio, 4),
            "goal": self.goal,
            "met": ratio >= self.goal if self.at_least else ratio <= self.goal,
            "at_least": self.at_least,
            "ours": round(self.ours, 4),
            "baseline": round(self.baseline, 4),
            "runs": self.runs,
            **self.details,
        }


def read() -> dict[str, Any]:
    """What was measured so far."""
    if not RESULTS.exists():
        return {"ratios": {}}
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def write(found: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures are from."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "release": version("animatrix"),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
