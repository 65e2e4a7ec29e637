from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    LOST = "lost"
    DUPLICATE = "duplicates"
    EVENT_GAP = "event_gaps"
    WRONG_CANCEL = "wrong_cancels"
    ORPHAN = "orphans"
    REPEATED = "rendered_again"


@dataclass(frozen=True)
class Finding:
    """Something that must not be. proof: what says so."""

    kind: Kind
    what: str
    job_id: str | None = None
    prompt_id: str | None = None
    proof: str = ""

    def __str__(self) -> str:
        named = [f"job {self.job_id}" if self.job_id else ""]
        named += [f"prompt {self.prompt_id}" if self.prompt_id else ""]
        return "; ".join(part for part in [f"{self.kind}: {self.what}", *named, self.proof] if part)
