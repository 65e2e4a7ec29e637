from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class VideoShape:
    """The size and rate a clip is made to. width, height: pixels, even."""

    width: int
    height: int
    fps: Fraction
