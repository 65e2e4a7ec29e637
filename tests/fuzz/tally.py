"""What came of the cases."""

from collections import Counter
from dataclasses import dataclass, field

SERVER_ERROR = 500
NOT_NOW = 503


@dataclass
class Tally:
    """wrong: by what is wrong where, how often and one example of it."""

    cases: int = 0
    server_errors: int = 0
    undocumented: int = 0
    unasked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, tuple[int, str]] = field(default_factory=dict)

    def answered(self, status: int) -> None:
        self.cases += 1
        self.statuses[status] += 1

    def found(self, what: str, example: str, *, server_error: bool) -> None:
        if server_error:
            self.server_errors += 1
        else:
            self.undocumented += 1
        times, first = self.wrong.get(what, (0, example))
        self.wrong[what] = (times + 1, first)

    def not_asked(self, where: str, why: str) -> None:
        """An operation that could not be asked at all."""
        self.unasked += 1
        self.wrong[f"{where}: was not asked"] = (1, why)

    @property
    def is_clean(self) -> bool:
        return not (self.server_errors or self.undocumented or self.unasked)

    def summary(self) -> dict[str, int]:
        return {
            "cases": self.cases,
            "server_errors": self.server_errors,
            "undocumented": self.undocumented,
        }

    def told(self) -> list[str]:
        """In words, for people."""
        found = sorted(self.wrong.items(), key=lambda item: -item[1][0])
        return [f"{times} × {what}\n    {example}" for what, (times, example) in found]
