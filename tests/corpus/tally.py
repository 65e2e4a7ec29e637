"""What a run found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.case import Case

Asset = dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    case: Case
    flaw: str

    def __str__(self) -> str:
        case = self.case
        return f"WRONG {case.name} ({case.filename[:60]!r}): {self.flaw}; expected {case.expected}"


@dataclass
class Tally:
    """digests: of all files that were sent. stray: what happened that no single file explains."""

    wrong: list[Wrong] = field(default_factory=list)
    verdict_ms: list[float] = field(default_factory=list)
    accepted: list[tuple[Case, Asset]] = field(default_factory=list)
    refused: int = 0
    rendered: int = 0
    digests: dict[str, Case] = field(default_factory=dict)
    stray: list[str] = field(default_factory=list)

    def blame(self, case: Case, flaws: Iterable[str]) -> None:
        self.wrong += [Wrong(case, flaw) for flaw in flaws]

    @property
    def wrong_files(self) -> int:
        return len({wrong.case.name for wrong in self.wrong})

    @property
    def told(self) -> list[str]:
        return [*map(str, self.wrong), *self.stray]
