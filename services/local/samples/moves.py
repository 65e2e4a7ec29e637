"""How the dancer stands at each moment of a dance that ends as it begins."""

from dataclasses import dataclass

import numpy as np

BEATS = 8


@dataclass(frozen=True)
class Arm:
    """upper, fore: degrees from hanging down, outwards and up. reach: how much of it is seen."""

    upper: float
    fore: float
    reach: float


@dataclass(frozen=True)
class Foot:
    """x: from the middle of the room. lift: of the heel off the floor. In pixels."""

    x: float
    lift: float


@dataclass(frozen=True)
class Pose:
    """Left and right are as seen; lengths in pixels, tilts in degrees clockwise."""

    hips_x: float
    drop: float
    lean: float
    hips_tilt: float
    shoulders_tilt: float
    head_tilt: float
    gaze: float
    swing: float
    left_arm: Arm
    right_arm: Arm
    left_foot: Foot
    right_foot: Foot


def pose(beat: float) -> Pose:
    """beat: 0 to 8; the pose at 8 is the pose at 0."""
    sway = float(np.sin(np.pi * beat))
    return Pose(
        hips_x=27 * sway,
        drop=20 + 11 * _pulse(beat) + 8 * _pulse(beat / 4 + 0.25),
        lean=-13 * sway + 9 * _wave(beat / 8),
        hips_tilt=-6 * sway,
        shoulders_tilt=6.5 * sway - 3 * _wave(beat / 8),
        head_tilt=8 * _wave(beat / 2 - 0.12),
        gaze=7 * _wave(beat / 4 - 0.06),
        swing=30 * _wave(beat / 2 - 0.22),
        left_arm=_arm(beat, -1),
        right_arm=_arm(beat, 1),
        left_foot=_foot(sway, -1),
        right_foot=_foot(-sway, 1),
    )


def _arm(beat: float, side: int) -> Arm:
    """Low and bent in the first bar, overhead in the second; one arm leads, then the other."""
    high = 1 - _pulse(beat / 8)
    lead = side * _wave(beat / 8 - 0.04)
    upper = 34 + 82 * high + 34 * lead + 11 * side * _wave(beat / 2 - 0.05)
    bend = 92 - 38 * high + 24 * side * _wave(beat / 2 - 0.2) - 14 * lead
    return Arm(upper, upper + bend, reach=0.9 + 0.1 * high)


def _foot(weight: float, side: int) -> Foot:
    """weight: how far the body is over the other foot, -1 to 1."""
    free = max(0.0, weight) ** 2
    return Foot(x=side * (70 - 30 * free), lift=26 * free)


def _wave(turns: float) -> float:
    return float(np.sin(2 * np.pi * turns))


def _pulse(turns: float) -> float:
    """1 on every whole turn, 0 between."""
    return 0.5 + 0.5 * float(np.cos(2 * np.pi * turns))
