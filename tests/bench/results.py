"""How a measurement is written down."""

from dataclasses import dataclass, field
from typing import Any


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
            "ours": round(self.ours, 4),
            "baseline": round(self.baseline, 4),
            "runs": self.runs,
            **self.details,
        }
