"""One file of the corpus and what has to become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from proto.errors import ErrorCode
from proto.media import AssetKind

IMAGE, VIDEO, AUDIO = AssetKind.IMAGE, AssetKind.VIDEO, AssetKind.AUDIO
Facts = dict[str, Any]
CLOCK_S = 0.05
"""What a length may be off by where no frame is longer."""


@dataclass(frozen=True)
class Accepted:
    """facts: fields of the asset. slack_s: that its length may be off by.

    marked: the corners of the picture are red, green, blue and yellow, so that its thumbnail shows
    which way up it was read.
    """

    facts: Facts = field(default_factory=dict)
    slack_s: float = CLOCK_S
    marked: bool = False


@dataclass(frozen=True)
class Refused:
    codes: frozenset[ErrorCode] = frozenset(
        {ErrorCode.INVALID_ASSET_FORMAT, ErrorCode.WRONG_ASSET_KIND}
    )


@dataclass(frozen=True)
class Either:
    """On the border. Where it is accepted, it has these facts, and renders."""

    facts: Facts = field(default_factory=dict)
    slack_s: float = CLOCK_S
    marked: bool = False


Expected = Accepted | Refused | Either

TOO_LARGE = Refused(frozenset({ErrorCode.TOO_LARGE, ErrorCode.INVALID_ASSET_FORMAT}))
TOO_LONG = Refused(frozenset({ErrorCode.TOO_LONG, ErrorCode.INVALID_ASSET_FORMAT}))
ODD_RATE = Refused(
    frozenset({ErrorCode.TOO_SHORT, ErrorCode.TOO_LARGE, ErrorCode.INVALID_ASSET_FORMAT})
)


@dataclass(frozen=True)
class Canary:
    """What no file may have anybody touch: an address and a clip, both of this machine."""

    url: str
    path: Path


@dataclass
class Desk:
    """Where one file is made. dice: the seed's, for this case alone."""

    folder: Path
    dice: Random
    canary: Canary
    taken: int = 0

    def spare(self, suffix: str) -> Path:
        """A path that was not given before."""
        self.taken += 1
        return self.folder / f"{self.taken}{suffix}"


Make = Callable[[Desk], bytes | Path]


@dataclass(frozen=True)
class Case:
    """name: family/what. filename: as it is sent. make: with a desk of its own."""

    name: str
    kind: AssetKind
    filename: str
    make: Make
    expected: Expected

    @property
    def is_hostile(self) -> bool:
        return self.name.startswith("hostile/")


def dice_of(seed: int, name: str) -> Random:
    """The same for a case whichever others there are."""
    return Random(f"{seed}/{name}")  # noqa: S311


def made(case: Case, seed: int, folder: Path, canary: Canary) -> bytes:
    """The bytes of the file."""
    folder.mkdir(parents=True)
    content = case.make(Desk(folder, dice_of(seed, case.name), canary))
    return content if isinstance(content, bytes) else content.read_bytes()
