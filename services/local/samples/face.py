import numpy as np

from services.local.samples.paint import Outline, Shape, blob, join, mirror, oval, stroke

_SKIN = ("#f3c1a0", "#eab08f")
_SHADE = "#c9785f"
_ROSE = "#e58473"
_LIGHT = "#ffe3cd"
_LINE = "#4a2028"
_BROW = "#4f2632"

_HALF = (
    (0, 214),
    (70, 226),
    (112, 272),
    (125, 340),
    (122, 402),
    (110, 450),
    (84, 494),
    (46, 524),
    (0, 534),
)
_HEAD = blob([*_HALF, *[(-x, y) for x, y in reversed(_HALF[1:-1])]])
_EYE = join(
    ((28, 376), (40, 358), (60, 351), (80, 358), (90, 370)),
    ((90, 370), (76, 383), (58, 388), (42, 385), (28, 376)),
)
_LID = stroke(((27, 377), (40, 358), (60, 350.5), (80, 357), (95, 364)), (1.2, 3.6, 4.6, 4.4, 1.2))
_CREASE = stroke(((36, 350), (58, 339), (80, 345), (90, 354)), (0.6, 1.6, 1.6, 0.6))
_BROW_LINE = stroke(((24, 326), (48, 314), (76, 312), (102, 326)), (3.6, 5.6, 4.6, 1))
_UPPER_LIP = join(
    ((-50, 461), (-24, 459), (-8, 455), (0, 458), (8, 455), (24, 459), (50, 461)),
    ((50, 461), (24, 470), (0, 473), (-24, 470), (-50, 461)),
)
_MOUTH = join(
    ((-47, 463), (0, 472), (47, 463)),
    ((47, 463), (28, 484), (0, 493), (-28, 484), (-47, 463)),
)
_LOWER_LIP = join(
    ((-45, 464), (-22, 478), (0, 482), (22, 478), (45, 464)),
    ((45, 464), (28, 486), (0, 495), (-28, 486), (-45, 464)),
)
_TEETH = join(
    ((-40, 465), (0, 471), (40, 465)),
    ((40, 465), (20, 478), (0, 482), (-20, 478), (-40, 465)),
)


def draw_face() -> list[Shape]:
    return [*_skin(), *_both(_eye(), _EYE), *_gaze(), *_nose(), *_mouth()]


def _skin() -> list[Shape]:
    return [
        Shape(_HEAD, _SKIN),
        Shape(oval(-54, 300, 90, 60), _LIGHT, opacity=0.45, blur=26, clip=_HEAD),
        Shape(_HEAD + np.array([150.0, 40.0]), _SHADE, opacity=0.30, blur=34, clip=_HEAD),
        Shape(oval(0, 236, 150, 52), _SHADE, opacity=0.55, blur=22, clip=_HEAD),
        Shape(oval(-74, 428, 30, 20), _ROSE, opacity=0.50, blur=15, clip=_HEAD),
        Shape(oval(76, 428, 30, 20), _ROSE, opacity=0.50, blur=15, clip=_HEAD),
        Shape(oval(0, 508, 22, 9), _LIGHT, opacity=0.45, blur=7, clip=_HEAD),
        Shape(oval(0, 499, 22, 4), _SHADE, opacity=0.40, blur=4, clip=_HEAD),
    ]


def _eye() -> list[Shape]:
    return [
        Shape(oval(58, 346, 44, 20), _SHADE, opacity=0.30, blur=9),
        Shape(_EYE, ("#e3cfd0", "#fffaf5")),
        Shape(_CREASE, _SHADE, opacity=0.8),
        Shape(_BROW_LINE, _BROW, opacity=0.92, blur=0.6),
        Shape(stroke(((40, 386), (58, 391), (78, 385)), (0.4, 1.2, 0.4)), _SHADE, opacity=0.7),
    ]


def _both(shapes: list[Shape], _clip: Outline) -> list[Shape]:
    return [*shapes, *[Shape(mirror(s.outline), s.paint, s.opacity, s.blur) for s in shapes]]


def _gaze() -> list[Shape]:
    """The light falls from one side, so the two irises are not mirrored."""
    return [*_iris(58, _EYE, _LID), *_iris(-58, mirror(_EYE), mirror(_LID))]


def _iris(x: float, eye: Outline, lid: Outline) -> list[Shape]:
    return [
        Shape(oval(x, 369, 18.5, 19), "#3a1f22", clip=eye),
        Shape(oval(x, 370, 16, 16.5), ("#4d2a24", "#a8683f"), clip=eye),
        Shape(oval(x, 369, 8, 8.5), "#1d0f14", clip=eye),
        Shape(lid + np.array([0.0, 6.0]), "#4a2a36", opacity=0.35, blur=2.5, clip=eye),
        Shape(oval(x - 6, 362, 4.6, 4.8), "#ffffff", opacity=0.95, clip=eye),
        Shape(oval(x + 6, 377, 2.2, 2.2), "#ffffff", opacity=0.6, clip=eye),
        Shape(lid, _LINE),
    ]


def _nose() -> list[Shape]:
    side = blob(((4, 352), (10, 392), (20, 426), (12, 436), (2, 430), (0, 392)))
    return [
        Shape(side, _SHADE, opacity=0.32, blur=5),
        Shape(oval(-3, 418, 9, 9), _LIGHT, opacity=0.7, blur=5),
        Shape(oval(0, 395, 4, 26), _LIGHT, opacity=0.45, blur=4),
        Shape(
            stroke(((-11, 435), (0, 440), (11, 435)), (1, 2.4, 1)), _SHADE, opacity=0.85, blur=0.8
        ),
        Shape(
            stroke(((18, 424), (21, 431), (15, 436)), (0.6, 1.6, 0.6)),
            _SHADE,
            opacity=0.7,
            blur=0.8,
        ),
        Shape(
            stroke(((-18, 424), (-21, 431), (-15, 436)), (0.6, 1.6, 0.6)),
            _SHADE,
            opacity=0.55,
            blur=0.8,
        ),
    ]


def _mouth() -> list[Shape]:
    return [
        Shape(_MOUTH, "#8c3a44"),
        Shape(_TEETH, ("#efe2dc", "#fffaf4"), clip=_MOUTH),
        Shape(_UPPER_LIP, ("#c9646a", "#b64f57")),
        Shape(_LOWER_LIP, ("#d0666a", "#c8615f")),
        Shape(oval(-4, 488, 14, 2.6), "#f3a9a0", opacity=0.8, blur=2.5),
        Shape(oval(-54, 461, 4, 5), _SHADE, opacity=0.5, blur=3),
        Shape(oval(54, 461, 4, 5), _SHADE, opacity=0.5, blur=3),
    ]
