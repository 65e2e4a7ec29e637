"""Neck, shoulders and arms: an open jacket over a light top, hands in the pockets."""

import numpy as np

from services.local.samples.paint import (
    Outline,
    Points,
    Shape,
    blob,
    join,
    mirror,
    oval,
    path,
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
        (-236, 700),
        (-222, 800),
        (-190, 900),
        (-170, 1000),
        (-186, 1110),
        (-206, 1230),
    ),
    ((-206, 1230), (206, 1230)),
    (
        (206, 1230),
        (186, 1110),
        (170, 1000),
        (190, 900),
        (222, 800),
        (236, 700),
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
        (204, 650),
        (238, 700),
        (224, 800),
        (192, 900),
        (172, 1000),
        (188, 1110),
        (208, 1230),
    ),
    ((208, 1230), (34, 1230)),
    ((34, 1230), (26, 1080), (48, 960), (84, 820), (106, 700), (84, 606)),
)
_LAPEL = join(
    ((80, 604), (112, 622), (140, 668), (150, 730)),
    ((150, 730), (128, 742), (138, 766)),
    ((138, 766), (108, 860), (60, 940)),
    ((60, 940), (86, 820), (102, 700), (80, 604)),
)
_ARM: Points = ((214, 704), (262, 800), (290, 900), (292, 985), (262, 1075), (206, 1150))
_ARM_RADII = (56, 58, 53, 50, 45, 40)
_SLEEVE = stroke(_ARM, _ARM_RADII)
_POCKET = join(
    ((110, 1128), (176, 1112), (236, 1120)),
    ((236, 1120), (240, 1180), (236, 1240)),
    ((236, 1240), (110, 1240)),
    ((110, 1240), (110, 1128)),
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
    light = 24.0 if right else -24.0
    return [
        Shape(_SLEEVE + np.array([-12.0, 10.0]), _JACKET_DEEP, opacity=0.5, blur=12, clip=_PANEL),
        Shape(_SLEEVE, ("#6568c2", "#45478f")),
        Shape(_SLEEVE + np.array([52.0, 20.0]), _JACKET_DEEP, 0.5, 16, _SLEEVE)
        if right
        else Shape(_inner_edge(), _JACKET_DEEP, 0.5, 14, _SLEEVE),
        Shape(_rim(light), _JACKET_LIT, 0.5, 9, _SLEEVE),
        Shape(
            stroke(((250, 960), (290, 952), (336, 968)), (1, 5, 1)), _JACKET_DEEP, 0.55, 4, _SLEEVE
        ),
        Shape(
            stroke(((246, 990), (284, 990), (328, 1012)), (1, 5, 1)), _JACKET_DEEP, 0.45, 4, _SLEEVE
        ),
    ]


def _inner_edge() -> Outline:
    return stroke([(x - 46, y + 10) for x, y in _ARM], (14,) * 6)


def _rim(light: float) -> Outline:
    return stroke([(x - light, y) for x, y in _ARM], (4, 12, 12, 10, 6, 2))


def _pocket() -> list[Shape]:
    edge = path(((110, 1128), (176, 1112), (236, 1120)))
    return [
        Shape(_POCKET + np.array([0.0, -6.0]), _JACKET_DEEP, opacity=0.7, blur=6, clip=_SLEEVE),
        Shape(_POCKET, ("#5053a0", "#3f4187")),
        Shape(stroke(edge, (2.4, 2.4)), _JACKET_LIT, opacity=0.7),
    ]
