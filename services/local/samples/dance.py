"""The clip whose moves a person borrows: a figure that dances in a room, eight beats long."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import atan2, cos, hypot, pi, sin

import numpy as np
from PIL import Image

from services.local.samples.paint import (
    Canvas,
    Outline,
    Paint,
    Shape,
    blob,
    oval,
    slope,
    stroke,
)

SIZE = (540, 960)
FPS = 30
BEATS = 8
BEAT_S = 0.5
FRAMES = round(BEATS * BEAT_S * FPS)
_OVERSAMPLING = 2

_FLOOR = 868.0
_THIGH, _SHIN = 164.0, 162.0
_UPPER_ARM, _FOREARM = 112.0, 104.0
_SKIN, _SKIN_SHADE = "#d9a07c", "#b97b5b"
_SHIRT: Paint = ("#ff8f7a", "#e0604f")
_SHIRT_SHADE = "#c9503f"
_TROUSERS: Paint = ("#3d4478", "#2b3058")
_TROUSERS_SHADE = "#242948"
_SHOES = "#f3efe6"
_HAIR = "#33202b"

Point = tuple[float, float]


@dataclass(frozen=True)
class Pose:
    """Where the joints are, in pixels. Left is the viewer's left."""

    head: Point
    neck: Point
    shoulders: tuple[Point, Point]
    hips: tuple[Point, Point]
    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    knees: tuple[Point, Point]
    feet: tuple[Point, Point]


def dance_frames() -> Iterator[Image.Image]:
    for number in range(FRAMES):
        yield _draw(pose_at(number / FPS / BEAT_S))


def pose_at(beat: float) -> Pose:
    """The weight moves from foot to foot every two beats; the body dips on each beat."""
    sway = sin(pi * beat / 2)
    dip = 0.5 - 0.5 * cos(2 * pi * beat)
    hip = (270 + 34 * sway, 548 + 14 * dip)
    lean = -0.10 * sway + 0.04 * sin(pi * beat)
    neck = (hip[0] + 232 * sin(lean), hip[1] - 232 * cos(lean))
    head = (neck[0] + 12 * sin(pi * beat / 2 + 0.5), neck[1] - 66 + 4 * dip)
    hips = ((hip[0] - 36, hip[1] + 8 * sway), (hip[0] + 36, hip[1] - 8 * sway))
    shoulders = (
        (neck[0] - 64, neck[1] + 30 - 10 * sway),
        (neck[0] + 64, neck[1] + 30 + 10 * sway),
    )
    feet = (
        (206 - 8 * dip, _FLOOR - 46 * max(0.0, sway) * dip),
        (334 + 8 * dip, _FLOOR - 46 * max(0.0, -sway) * dip),
    )
    elbows, hands = zip(*(_arm(shoulders[side], beat, side) for side in (0, 1)), strict=True)
    return Pose(
        head=head,
        neck=neck,
        shoulders=shoulders,
        hips=hips,
        elbows=(elbows[0], elbows[1]),
        hands=(hands[0], hands[1]),
        knees=(_knee(hips[0], feet[0], -1), _knee(hips[1], feet[1], 1)),
        feet=feet,
    )


def _arm(shoulder: Point, beat: float, side: int) -> tuple[Point, Point]:
    """Arms swing up in turn; angles from straight down, outwards."""
    out = 1 if side else -1
    turn = sin(pi * beat / 2 + (0 if side else pi))
    upper = 1.15 + 0.75 * turn
    lower = upper + 1.0 + 0.45 * sin(pi * beat + side)
    elbow = (
        shoulder[0] + out * _UPPER_ARM * sin(upper),
        shoulder[1] + _UPPER_ARM * cos(upper),
    )
    return elbow, (elbow[0] + out * _FOREARM * sin(lower), elbow[1] + _FOREARM * cos(lower))


def _knee(hip: Point, foot: Point, out: int) -> Point:
    """Where thigh and shin meet, bent outwards; straight when the foot is out of reach."""
    dx, dy = foot[0] - hip[0], foot[1] - hip[1]
    reach = min(hypot(dx, dy), _THIGH + _SHIN - 1)
    bend = (_THIGH**2 + reach**2 - _SHIN**2) / (2 * _THIGH * reach)
    angle = atan2(dy, dx) - out * (pi / 2 - atan2(bend, (1 - bend**2) ** 0.5))
    return hip[0] + _THIGH * cos(angle), hip[1] + _THIGH * sin(angle)


def _draw(pose: Pose) -> Image.Image:
    canvas = Canvas(_room(), _OVERSAMPLING)
    canvas.draw(_shadows(pose))
    for side in (0, 1):
        canvas.draw(_leg(pose, side))
    canvas.draw(_body(pose))
    for side in (0, 1):
        canvas.draw(_sleeve(pose, side))
    canvas.draw(_head(pose))
    return canvas.picture()


@cache
def _room() -> Image.Image:
    canvas = Canvas(slope("#d9d4ee", "#efe3de", SIZE), 1)
    width, height = SIZE
    canvas.draw(
        [
            Shape(oval(270, 380, 330, 420), "#fff6ec", opacity=0.75, blur=90),
            Shape(_box(0, 770, width, height), ("#c9a88f", "#a98467")),
            Shape(_box(0, 758, width, 772), "#fbf4ec"),
            Shape(_box(46, 150, 176, 470), "#f7f1ff"),
            Shape(_box(56, 160, 166, 460), ("#a9c8f5", "#e9dcf2")),
            Shape(_box(108, 160, 114, 460), "#f7f1ff"),
            Shape(oval(468, 742, 34, 26), "#c77d5c"),
            Shape(stroke(((468, 730), (452, 640), (420, 590)), (7, 20, 3)), "#6d9a72"),
            Shape(stroke(((468, 730), (474, 620), (470, 560)), (7, 22, 3)), "#7fae83"),
            Shape(stroke(((468, 730), (490, 650), (520, 604)), (7, 18, 3)), "#5f8b66"),
            Shape(oval(270, 884, 250, 40), "#fff0dc", opacity=0.35, blur=24),
        ]
    )
    return canvas.picture()


def _box(left: float, top: float, right: float, bottom: float) -> Outline:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def _shadows(pose: Pose) -> list[Shape]:
    return [
        Shape(oval(foot[0], _FLOOR + 16, 62, 14), "#5d4034", opacity=0.45, blur=9)
        for foot in pose.feet
    ]


def _leg(pose: Pose, side: int) -> list[Shape]:
    hip, knee, foot = pose.hips[side], pose.knees[side], pose.feet[side]
    out = 1 if side else -1
    toe = (foot[0] + out * 34, foot[1] + 12)
    leg = stroke((hip, knee, foot), (45, 32, 21))
    return [
        Shape(stroke(((foot[0] - out * 6, foot[1] + 8), toe), (17, 14)), _SHOES),
        Shape(leg, _TROUSERS),
        Shape(
            stroke(((hip[0] - out * 16, hip[1]), (knee[0] - out * 14, knee[1]), foot), (12, 9, 5)),
            _TROUSERS_SHADE,
            opacity=0.7,
            blur=6,
            clip=leg,
        ),
    ]


def _body(pose: Pose) -> list[Shape]:
    (left, right), (hip_left, hip_right) = pose.shoulders, pose.hips
    torso = blob(
        [
            (left[0] - 10, left[1] - 8),
            (pose.neck[0], pose.neck[1] + 4),
            (right[0] + 10, right[1] - 8),
            (right[0] - 4, right[1] + 96),
            (hip_right[0] + 20, hip_right[1] + 12),
            ((hip_left[0] + hip_right[0]) / 2, hip_left[1] + 30),
            (hip_left[0] - 20, hip_left[1] + 12),
            (left[0] + 4, left[1] + 96),
        ]
    )
    shade = stroke(((left[0] + 4, left[1] + 40), (hip_left[0] - 14, hip_left[1])), (16, 20))
    return [
        Shape(stroke((pose.neck, pose.head), (25, 23)), (_SKIN_SHADE, _SKIN)),
        Shape(torso, _SHIRT),
        Shape(shade, _SHIRT_SHADE, opacity=0.6, blur=10, clip=torso),
        Shape(oval(pose.neck[0], pose.neck[1] + 8, 32, 20), _SKIN),
    ]


def _sleeve(pose: Pose, side: int) -> list[Shape]:
    shoulder, elbow, hand = pose.shoulders[side], pose.elbows[side], pose.hands[side]
    middle = (
        shoulder[0] + 0.72 * (elbow[0] - shoulder[0]),
        shoulder[1] + 0.72 * (elbow[1] - shoulder[1]),
    )
    return [
        Shape(stroke((shoulder, elbow, hand), (24, 20, 14)), _SKIN),
        Shape(oval(*hand, 19, 20), _SKIN),
        Shape(stroke((shoulder, middle), (31, 27)), _SHIRT),
    ]


def _head(pose: Pose) -> list[Shape]:
    x, y = pose.head
    return [
        Shape(oval(x, y - 12, 58, 64), _HAIR),
        Shape(oval(x - 46, y + 18, 18, 42), _HAIR),
        Shape(oval(x + 46, y + 18, 18, 42), _HAIR),
        Shape(oval(x, y + 4, 44, 54), (_SKIN, _SKIN)),
        Shape(blob([(x - 46, y - 8), (x - 20, y - 56), (x + 40, y - 48), (x + 8, y - 30)]), _HAIR),
        Shape(oval(x - 17, y + 4, 5, 6), _HAIR),
        Shape(oval(x + 17, y + 4, 5, 6), _HAIR),
        Shape(stroke(((x - 25, y - 9), (x - 17, y - 12), (x - 10, y - 9)), (2, 2.5, 2)), _HAIR),
        Shape(stroke(((x + 10, y - 9), (x + 17, y - 12), (x + 25, y - 9)), (2, 2.5, 2)), _HAIR),
        Shape(oval(x - 24, y + 20, 9, 6), "#e98b78", opacity=0.5, blur=4),
        Shape(oval(x + 24, y + 20, 9, 6), "#e98b78", opacity=0.5, blur=4),
        Shape(stroke(((x, y + 10), (x + 3, y + 18), (x - 2, y + 20)), (1.5, 2, 1.5)), _SKIN_SHADE),
        Shape(stroke(((x - 14, y + 31), (x, y + 38), (x + 14, y + 31)), (2, 4, 2)), "#a83f45"),
    ]
