"""Which ComfyUI the stand-in is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """newer: with what ComfyUI of late 2026 added to 0.3.64 and changed."""

    version: str
    newer: bool


PROFILES = {
    "0.3.64": Profile("0.3.64", newer=False),
    "newer": Profile("0.38.1", newer=True),
}
