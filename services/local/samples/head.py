"""The dancer's head, about the top of the neck."""

import numpy as np

from services.local.samples.paint import Shape, blob, join, moved, oval, rounded, stroke

SKIN = ("#d89a75", "#c5835f")
SKIN_SHADE = "#8d4f42"
HAIR = ("#3a2536", "#241726")
HAIR_LIT = "#6d4658"


def draw_head(gaze: float) -> list[Shape]:
    """gaze: how far the face is turned, in pixels to the right."""
    return [*_skull(), *_features(gaze), *_fringe()]


def _skull() -> list[Shape]:
    face = blob(
        (
            (0, -112),
            (32, -104),
            (43, -76),
            (42, -46),
            (28, -16),
            (0, -4),
            (-28, -16),
            (-42, -46),
            (-43, -76),
            (-32, -104),
        )
    )
    cap = blob(
        (
            (0, -126),
            (34, -118),
            (50, -90),
            (50, -58),
            (40, -40),
            (-40, -40),
            (-50, -58),
            (-50, -90),
            (-34, -118),
        )
    )
    ears = [Shape(oval(x, -54, 7, 11), SKIN) for x in (-44.0, 44.0)]
    rings = [Shape(oval(x, -39, 3.6, 4.6), "#ffd27d") for x in (-46.0, 46.0)]
    return [
        Shape(cap, HAIR),
        *ears,
        *rings,
        *rounded(face, SKIN, SKIN_SHADE),
        Shape(oval(0, -104, 46, 16), SKIN_SHADE, 0.6, 6, face),
        Shape(oval(-24, -36, 10, 7), "#d9685a", 0.55, 5, face),
        Shape(oval(24, -36, 10, 7), "#d9685a", 0.55, 5, face),
    ]


def _features(gaze: float) -> list[Shape]:
    aside = np.array([gaze * 0.6, 0.0])
    eyes = [shape for x in (-18.0, 18.0) for shape in _eye(x + gaze * 0.6)]
    mouth = join(
        ((-16, -31), (0, -27), (16, -31)), ((16, -31), (9, -19), (0, -17), (-9, -19), (-16, -31))
    )
    teeth = stroke(((-12, -28.5), (0, -25.5), (12, -28.5)), (1, 2.6, 1))
    nose = stroke(((-5, -42), (0, -39), (5, -42)), (0.8, 1.8, 0.8))
    lower = [
        Shape(mouth, "#7d2c3c"),
        Shape(teeth, "#fff8f0", clip=mouth),
        Shape(nose, SKIN_SHADE, 0.7),
    ]
    return [*eyes, *[moved(shape, lambda outline: outline + aside) for shape in lower]]


def _eye(x: float) -> list[Shape]:
    out = 1.0 if x > 0 else -1.0
    return [
        Shape(oval(x, -57, 7.2, 5.8), "#fffaf4"),
        Shape(oval(x, -57, 4.6, 5.4), "#2b1820"),
        Shape(oval(x - 1.6, -59, 1.5, 1.6), "#ffffff"),
        Shape(stroke(((x - 8.5, -59), (x, -64), (x + 8.5, -59)), (1, 1.8, 1)), "#2b1820"),
        Shape(
            stroke(((x - 9, -72 - out), (x, -76), (x + 9, -72 + out)), (1.6, 2.4, 1.4)), "#3a2228"
        ),
    ]


def _fringe() -> list[Shape]:
    right = join(
        ((-14, -122), (22, -124), (44, -104), (48, -74), (44, -54)),
        ((44, -54), (38, -82), (14, -98), (-14, -104), (-14, -122)),
    )
    left = join(
        ((-10, -122), (-34, -116), (-48, -96), (-50, -70), (-44, -54)),
        ((-44, -54), (-38, -80), (-26, -96), (-10, -106), (-10, -122)),
    )
    lit = stroke(((-6, -116), (18, -116), (36, -100), (42, -82)), (0.6, 3, 3, 0.6))
    return [
        Shape(right, HAIR),
        Shape(left, HAIR),
        Shape(lit, HAIR_LIT, 0.8, 2, right),
        Shape(
            stroke(((-16, -114), (-34, -104), (-42, -84)), (0.6, 3, 0.6)), HAIR_LIT, 0.8, 2, left
        ),
    ]
