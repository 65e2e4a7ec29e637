"""Neck, shoulders and arms: an open jacket over a light top, hands in the pockets."""

import numpy as np

from services.local.samples.paint import (
    Points,
    Shape,
    blob,
    join,
    mirror,
    oval,
    stroke,
)

_SKIN = ("#e9ad8d", "#f0bb9a")
_SHADE = "#b9654f"
_TOP = ("#fbf3ea", "#e7d9d4")
_TOP_SHADE = "#b79fae"
_JACKET = ("#5d60b4", "#3f4187")
_JACKET_DEEP = "#292a5e"
_JACKET_LIT = "#8b91ff"
_GOLD = "#e8b96a"

_TORSO = join(
    (
        (-62, 600),
        (-120, 624),
        (-200, 650),
        (-222, 700),
        (-214, 800),
        (-190, 900),
        (-168, 990),
        (-190, 1100),
        (-222, 1230),
    ),
    ((-222, 1230), (222, 1230)),
    (
        (222, 1230),
        (190, 1100),
        (168, 990),
        (190, 900),
        (214, 800),
        (222, 700),
        (200, 650),
        (120, 624),
        (62, 600),
    ),
    ((62, 600), (-62, 600)),
)
_NECK = join(
    ((-56, 470), (-54, 540), (-62, 585), (-120, 622), (-150, 690)),
    ((-150, 690), (0, 780), (150, 690)),
    ((150, 690), (120, 622), (62, 585), (54, 540), (56, 470)),
)
_SHIRT = join(
    ((-112, 626), (-86, 690), (-40, 722), (0, 728), (40, 722), (86, 690), (112, 626)),
    ((112, 626), (150, 800), (60, 1230)),
    ((60, 1230), (-60, 1230)),
    ((-60, 1230), (-150, 800), (-112, 626)),
)
_PANEL = join(
    (
        (84, 606),
        (130, 626),
        (196, 646),
        (226, 690),
        (216, 800),
        (192, 900),
        (170, 990),
        (198, 1100),
        (226, 1230),
    ),
    ((226, 1230), (34, 1230)),
    ((34, 1230), (26, 1080), (48, 960), (84, 820), (106, 700), (84, 606)),
)
_LAPEL = join(
    ((80, 604), (112, 622), (140, 668), (150, 730)),
    ((150, 730), (128, 742), (138, 766)),
    ((138, 766), (108, 860), (60, 940)),
    ((60, 940), (86, 820), (102, 700), (80, 604)),
)
_SLEEVE = join(
    (
        (176, 639),
        (226, 655),
        (262, 690),
        (284, 752),
        (304, 840),
        (324, 924),
        (322, 980),
        (292, 1036),
        (229, 1110),
    ),
    ((229, 1110), (200, 1088), (167, 1064)),
    ((167, 1064), (214, 1000), (232, 948), (224, 880), (206, 800)),
    ((206, 800), (196, 740), (194, 690), (176, 639)),
)
_CUFF = stroke(((167, 1062), (198, 1086), (228, 1109)), (5, 5, 5))
_SEAM = stroke(((180, 645), (196, 690), (197, 740), (207, 800)), (0.8, 2.2, 2.2, 0.8))
_OUTER: Points = (
    (226, 668),
    (262, 710),
    (284, 780),
    (304, 860),
    (314, 930),
    (300, 990),
    (250, 1060),
)
_INNER: Points = ((206, 800), (222, 880), (232, 950), (212, 1004), (170, 1064))
_WRIST = stroke(((196, 1084), (170, 1112)), (26, 25))
_OPENING: Points = ((98, 1124), (160, 1120), (216, 1098))
_POCKET = join(
    _OPENING,
    ((216, 1098), (226, 1160), (236, 1230)),
    ((236, 1230), (100, 1230)),
    ((100, 1230), (96, 1170), (98, 1124)),
)


def draw_outfit() -> list[Shape]:
    return [*_neck(), *_shirt(), *_necklace(), *_side(right=False), *_side(right=True)]


def _neck() -> list[Shape]:
    return [
        Shape(_TORSO, _JACKET_DEEP),
        Shape(_NECK, _SKIN),
        Shape(oval(14, 520, 96, 62), _SHADE, opacity=0.75, blur=13, clip=_NECK),
        Shape(stroke(((-96, 640), (-50, 652), (-18, 664)), (1, 3, 1)), _SHADE, 0.45, 2, _NECK),
        Shape(stroke(((96, 640), (50, 652), (18, 664)), (1, 3, 1)), _SHADE, 0.45, 2, _NECK),
        Shape(stroke(((52, 560), (34, 620), (16, 660)), (1, 6, 1)), _SHADE, 0.35, 5, _NECK),
    ]


def _shirt() -> list[Shape]:
    return [
        Shape(_SHIRT, _TOP),
        Shape(
            stroke(
                ((-112, 626), (-86, 690), (-40, 722), (0, 728), (40, 722), (86, 690), (112, 626)),
                (4,) * 7,
            ),
            "#d9c7c6",
        ),
        Shape(
            blob(((20, 780), (70, 800), (90, 900), (50, 1100), (10, 1230), (60, 1230), (140, 800))),
            _TOP_SHADE,
            0.4,
            18,
            _SHIRT,
        ),
        Shape(stroke(((-50, 800), (-10, 880), (-30, 980)), (1, 7, 1)), _TOP_SHADE, 0.4, 6, _SHIRT),
        Shape(stroke(((30, 1000), (-6, 1060), (6, 1150)), (1, 7, 1)), _TOP_SHADE, 0.45, 6, _SHIRT),
    ]


def _necklace() -> list[Shape]:
    chain = ((-70, 612), (-46, 660), (0, 692), (46, 660), (70, 612))
    return [
        Shape(stroke(chain, (1.5,) * 5), _GOLD),
        Shape(oval(0, 700, 9, 9), ("#ffdf9c", "#d39a4b")),
    ]


def _side(*, right: bool) -> list[Shape]:
    shapes = [*_panel(right=right), *_sleeve(right=right), *_pocket()]
    return shapes if right else [_flipped(shape) for shape in shapes]


def _flipped(shape: Shape) -> Shape:
    clip = None if shape.clip is None else mirror(shape.clip)
    return Shape(mirror(shape.outline), shape.paint, shape.opacity, shape.blur, clip)


def _panel(*, right: bool) -> list[Shape]:
    return [
        Shape(_PANEL + np.array([-8.0, 12.0]), "#3a2e55", opacity=0.35, blur=9, clip=_SHIRT),
        Shape(_PANEL, _JACKET),
        Shape(
            stroke(((216, 740), (196, 880), (172, 1000), (184, 1120)), (10, 30, 34, 20)),
            _JACKET_DEEP,
            0.55,
            16,
            _PANEL,
        ),
        Shape(_LAPEL + np.array([7.0, 9.0]), _JACKET_DEEP, opacity=0.6, blur=6, clip=_PANEL),
        Shape(_LAPEL, ("#6a6dc6", "#5053a2") if right else ("#7f83e6", "#5d60b6")),
        Shape(
            stroke(((60, 940), (40, 1020), (30, 1110), (36, 1230)), (1, 2, 2, 2)),
            _JACKET_LIT,
            0.6,
            1,
        ),
    ]


def _sleeve(*, right: bool) -> list[Shape]:
    shaded, lit = (_OUTER, _INNER) if right else (_INNER, _OUTER)
    radii = (18, 26, 30, 30, 22)
    return [
        Shape(_SLEEVE + np.array([-14.0, 10.0]), _JACKET_DEEP, opacity=0.6, blur=11, clip=_PANEL),
        Shape(_WRIST, ("#eab08f", "#d58f74")),
        Shape(_SLEEVE, ("#5d60b4", "#474a97")),
        Shape(stroke(shaded, radii), _JACKET_DEEP, 0.6, 18, _SLEEVE),
        Shape(stroke(lit, (4, 12, 14, 12, 6)), _JACKET_LIT, 0.55, 11, _SLEEVE),
        Shape(_SEAM, _JACKET_DEEP, 0.7, 1.4),
        *_creases(),
        Shape(_CUFF, "#3a3c80", 0.9, 0.6),
    ]


def _creases() -> list[Shape]:
    """Where the cloth folds inside the elbow and under the arm."""
    folds: tuple[Points, ...] = (
        ((230, 940), (264, 936), (302, 952)),
        ((230, 962), (262, 970), (292, 1000)),
        ((208, 812), (232, 800), (262, 812)),
    )
    return [Shape(stroke(fold, (1, 5, 0.6)), _JACKET_DEEP, 0.6, 3, _SLEEVE) for fold in folds]


def _pocket() -> list[Shape]:
    return [
        Shape(_POCKET + np.array([0.0, -7.0]), "#6b3048", opacity=0.6, blur=5, clip=_WRIST),
        Shape(_POCKET, ("#5356a6", "#3f4187"), clip=_PANEL),
        Shape(oval(168, 1186, 50, 44), _JACKET_LIT, opacity=0.22, blur=20, clip=_PANEL),
        Shape(stroke(_OPENING, (2.2, 2.2)), _JACKET_LIT, opacity=0.7, clip=_PANEL),
    ]
