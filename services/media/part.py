from dataclasses import dataclass
from pathlib import Path

Cut = tuple[int, int]
"""start, length: the frames [start, start + length)."""


@dataclass(frozen=True)
class Part:
    """A rendered segment, of which the result takes the first `frames` frames."""

    path: Path
    frames: int
