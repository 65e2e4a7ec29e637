"""The dancer of a pose: limbs as thick soft lines over joints found from the pose."""

from dataclasses import dataclass

import numpy as np

from services.local.samples.head import HAIR, HAIR_LIT, SKIN, SKIN_SHADE, draw_head
from services.local.samples.moves import Arm, Foot, Pose
from services.local.samples.paint import (
    Outline,
    Shape,
    blob,
    join,
    moved,
    oval,
    rounded,
    stroke,
    turn,
)

FLOOR_Y = 838.0
_MIDDLE_X = 270.0
_ANKLE = 24.0
_THIGH, _SHIN = 158.0, 152.0
_UPPER_ARM, _FOREARM = 98.0, 92.0
_HIP_HALF, _SHOULDER_HALF = 30.0, 62.0
_SPINE = 176.0
_KNEES_OUT = 0.6

_TOP = ("#ff9b7a", "#ef7560")
_TOP_SHADE = "#a93f4c"
_TOP_LIT = "#ffc9a6"
_TROUSERS = ("#3f4a86", "#2b3263")
_TROUSERS_SHADE = "#161a3d"
_TROUSERS_LIT = "#6f7cc4"
_SHOE = ("#ffffff", "#dcd6e4")


@dataclass(frozen=True)
class _Frame:
    """Where the trunk is: points as (x, y)."""

    hips: Outline
    chest: Outline
    across_hips: Outline
    across_shoulders: Outline


def draw_figure(pose: Pose) -> list[Shape]:
    frame = _frame(pose)
    return [
        *_shadows(pose),
        *_ponytail(frame, pose),
        *_pelvis(frame),
        *_leg(frame, pose.left_foot, -1),
        *_leg(frame, pose.right_foot, 1),
        *_trunk(frame),
        *_head(frame, pose),
        *_arm(frame, pose.left_arm, -1),
        *_arm(frame, pose.right_arm, 1),
    ]


def _frame(pose: Pose) -> _Frame:
    standing = FLOOR_Y - _ANKLE - _THIGH - _SHIN
    hips = np.array([_MIDDLE_X + pose.hips_x, standing + pose.drop])
    chest = hips + np.array([pose.lean, -_SPINE])
    return _Frame(hips, chest, _heading(pose.hips_tilt), _heading(pose.shoulders_tilt))


def _heading(degrees: float) -> Outline:
    angle = np.radians(degrees)
    return np.array([np.cos(angle), np.sin(angle)])


def _shadows(pose: Pose) -> list[Shape]:
    feet = [
        Shape(oval(_MIDDLE_X + foot.x, FLOOR_Y + 4, 44, 8), "#2d2148", 0.45 - foot.lift / 100, 5)
        for foot in (pose.left_foot, pose.right_foot)
    ]
    body = oval(_MIDDLE_X + 26 + pose.hips_x * 0.7, FLOOR_Y + 8, 128, 19)
    return [Shape(body, "#2d2148", opacity=0.38, blur=13), *feet]


def _leg(frame: _Frame, foot: Foot, side: int) -> list[Shape]:
    hip = frame.hips + frame.across_hips * _HIP_HALF * side
    ankle = np.array([_MIDDLE_X + foot.x, FLOOR_Y - _ANKLE - foot.lift])
    knee = _knee(hip, ankle, side)
    line = np.array([hip, (hip + knee) / 2, knee, (knee + ankle) / 2, ankle - np.array([0.0, 4.0])])
    leg = stroke(line, (43, 40, 33, 27, 21))
    cuff = stroke(np.array([(-18, -8), (0, -4), (18, -8)]) + ankle, (7, 7, 7))
    return [
        *rounded(leg, _TROUSERS, _TROUSERS_SHADE),
        Shape(stroke(line - np.array([15.0, 0.0]), (3, 8, 7, 5, 2)), _TROUSERS_LIT, 0.5, 7, leg),
        *_shoe(ankle, foot, side),
        Shape(cuff, ("#38427a", "#262c5a")),
    ]


def _knee(hip: Outline, ankle: Outline, side: int) -> Outline:
    """Bent towards the camera and a little out: a knee that points at us moves only down."""
    span = ankle - hip
    straight = float(np.hypot(*span)) / (_THIGH + _SHIN)
    bend = np.sqrt(max(0.0, 1 - straight**2)) * _THIGH
    middle = hip + span * _THIGH / (_THIGH + _SHIN)
    knee: Outline = middle + np.array([side * _KNEES_OUT * bend, 0.08 * bend])
    return knee


def _shoe(ankle: Outline, foot: Foot, side: int) -> list[Shape]:
    toe = np.array([_MIDDLE_X + foot.x + side * 20, FLOOR_Y - 8])
    heel = ankle + np.array([-side * 4, 10])
    arch = (heel + toe) / 2
    body = stroke(np.array([heel, arch + np.array([side * 2, -2]), toe]), (18, 20, 16))
    under = np.array([(-side * 3, 11), (0, 14), (side * 4, 10)])
    sole = stroke(np.array([heel, arch, toe]) + under, (5, 5, 5))
    laces = stroke(np.array([(-side * 14, -16), (-side * 2, -13)]) + toe, (2, 2))
    return [
        *rounded(body, _SHOE, "#8d83a8"),
        Shape(sole, "#8b91ff"),
        Shape(laces, "#b9b0cf"),
    ]


def _pelvis(frame: _Frame) -> list[Shape]:
    pelvis = blob(
        [
            frame.hips + frame.across_hips * x + np.array([0.0, y])
            for x, y in (
                (-66, -50),
                (0, -58),
                (66, -50),
                (72, 4),
                (40, 30),
                (0, 28),
                (-40, 30),
                (-72, 4),
            )
        ]
    )
    return rounded(pelvis, "#3f4a86", _TROUSERS_SHADE)


def _trunk(frame: _Frame) -> list[Shape]:
    hem = join(*_trunk_runs(frame))
    return [
        *_neck(frame),
        *rounded(hem, _TOP, _TOP_SHADE),
        *_cloth(frame, hem),
        *_collar(frame),
    ]


def _trunk_runs(frame: _Frame) -> list[list[tuple[float, float]]]:
    right = [_on_chest(frame, x, y) for x, y in ((26, -2), (54, 10), (73, 30), (67, 80))]
    left = [_on_chest(frame, -x, y) for x, y in ((26, -2), (54, 10), (73, 30), (67, 80))]
    hem = [
        _on_hips(frame, x, y) for x, y in ((68, -46), (40, -37), (0, -33), (-40, -37), (-68, -46))
    ]
    return [
        [*right, hem[0]],
        hem,
        [hem[-1], *left[::-1]],
        [left[0], _on_chest(frame, 0, 14), right[0]],
    ]


def _on_chest(frame: _Frame, x: float, y: float) -> tuple[float, float]:
    at = frame.chest + frame.across_shoulders * x + np.array([0.0, y])
    return float(at[0]), float(at[1])


def _on_hips(frame: _Frame, x: float, y: float) -> tuple[float, float]:
    at = frame.hips + frame.across_hips * x + np.array([0.0, y])
    return float(at[0]), float(at[1])


def _cloth(frame: _Frame, top: Outline) -> list[Shape]:
    stripe = stroke([_on_chest(frame, x, y) for x, y in ((-76, 66), (0, 74), (76, 66))], (7, 7, 7))
    band = stroke([_on_hips(frame, x, y) for x, y in ((-70, -49), (0, -38), (70, -49))], (6, 6, 6))
    fold = stroke([_on_chest(frame, 50, 90), _on_hips(frame, 24, -60)], (1, 6))
    return [
        Shape(oval(*_on_chest(frame, -30, 40), 34, 40), _TOP_LIT, 0.55, 14, top),
        Shape(stripe, "#fff1e3", 0.92, clip=top),
        Shape(fold, _TOP_SHADE, 0.4, 5, top),
        Shape(band, _TOP_SHADE, 0.35, 1.5, top),
    ]


def _neck(frame: _Frame) -> list[Shape]:
    neck = stroke([_on_chest(frame, 0, 14), _on_chest(frame, 0, -30)], (22, 19))
    return [Shape(neck, SKIN), Shape(neck + np.array([2.0, -16.0]), SKIN_SHADE, 0.6, 5, neck)]


def _collar(frame: _Frame) -> list[Shape]:
    line = [_on_chest(frame, x, y) for x, y in ((-27, -4), (-14, 11), (0, 15), (14, 11), (27, -4))]
    return [
        Shape(stroke(line, (4.5,) * 5), "#d95f55"),
        Shape(stroke(line, (1,) * 5), _TOP_LIT, 0.5),
    ]


def _arm(frame: _Frame, arm: Arm, side: int) -> list[Shape]:
    shoulder = np.array(_on_chest(frame, side * _SHOULDER_HALF, 26))
    elbow = shoulder + _limb(arm.upper, side) * _UPPER_ARM * arm.reach
    wrist = elbow + _limb(arm.fore, side) * _FOREARM * arm.reach
    line = np.array([shoulder, (shoulder + elbow) / 2, elbow, (elbow + wrist) / 2, wrist])
    sleeve = stroke(line, (23, 23, 20.5, 18, 16))
    ahead = _limb(arm.fore, side)
    across = np.array([-ahead[1], ahead[0]])
    edge = np.array([across * 12 + ahead * 9, ahead * 11, across * -12 + ahead * 9])
    cuff = stroke(edge + wrist, (5, 5, 5))
    return [
        *_hand(wrist + ahead * 8, arm, side),
        Shape(sleeve + np.array([4.0, 9.0]), _TOP_SHADE, 0.18, 7),
        *rounded(sleeve, _TOP, _TOP_SHADE),
        Shape(stroke(line - np.array([8.0, 6.0]), (2, 6, 5, 4, 2)), _TOP_LIT, 0.6, 5, sleeve),
        Shape(oval(shoulder[0] - side * 15, shoulder[1] + 4, 19, 24), "#fb8c6f", 1, 6, sleeve),
        Shape(cuff, "#d95f55", 0.9),
    ]


def _limb(degrees: float, side: int) -> Outline:
    angle = np.radians(degrees)
    return np.array([side * np.sin(angle), np.cos(angle)])


def _hand(wrist: Outline, arm: Arm, side: int) -> list[Shape]:
    ahead = _limb(arm.fore, side)
    thumb_way = _limb(arm.fore + 48, side)
    palm = stroke(
        np.array([wrist - ahead * 6, wrist + ahead * 16, wrist + ahead * 33]), (10, 13.5, 8)
    )
    thumb = stroke(np.array([wrist + ahead * 10, wrist + ahead * 12 + thumb_way * 18]), (6, 4.5))
    gap = stroke(np.array([wrist + ahead * 22, wrist + ahead * 40]), (0.7, 0.9))
    return [
        Shape(thumb, SKIN),
        *rounded(palm, SKIN, SKIN_SHADE),
        Shape(gap, SKIN_SHADE, 0.5, 0.5, palm),
    ]


def _head(frame: _Frame, pose: Pose) -> list[Shape]:
    neck = np.array(_on_chest(frame, 0, -14))
    return [_set_on(shape, neck, pose.head_tilt) for shape in draw_head(pose.gaze)]


def _set_on(shape: Shape, neck: Outline, tilt: float) -> Shape:
    return moved(shape, lambda outline: turn(outline, tilt, (0.0, 0.0)) + neck)


def _ponytail(frame: _Frame, pose: Pose) -> list[Shape]:
    neck = np.array(_on_chest(frame, 0, -14))
    swing = pose.swing
    line = (
        (0, -122),
        (-swing * 0.5, -140),
        (-swing * 1.5, -118),
        (-swing * 2.3, -66),
        (-swing * 2.7, -14),
    )
    tail = stroke(line, (14, 20, 24, 20, 4))
    lit = stroke([(x - 6, y) for x, y in line], (1, 4, 5, 4, 1))
    bun = oval(-swing * 0.3, -138, 23, 20)
    shapes = [
        Shape(bun, HAIR),
        Shape(tail, HAIR),
        Shape(lit, HAIR_LIT, 0.6, 4, tail),
        Shape(oval(0, -125, 14, 8), "#8b91ff"),
    ]
    return [_set_on(shape, neck, pose.head_tilt) for shape in shapes]
