"""Sentences that several answers have in common."""

from proto.admin import AuditLine


def by_whom(line: AuditLine) -> str:
    """Who changed something, when and why."""
    return f"by {line.who} at {line.at:%Y-%m-%d %H:%M:%S} UTC: “{line.why}”"


def names_of(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def counted(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
