"""A bright room with light from a window, and room on its floor to dance."""

import numpy as np
from PIL import Image

from services.local.samples.paint import Canvas, Outline, Points, Shape, oval, slope, stroke

SIZE = (540, 960)
_OVERSAMPLING = 2
_FLOOR_Y = 716.0
_LEAVES: tuple[Points, ...] = (
    ((62, 690), (50, 600), (20, 530), (-14, 500)),
    ((62, 690), (64, 590), (60, 510), (76, 440)),
    ((62, 690), (78, 610), (104, 550), (140, 520)),
    ((62, 690), (38, 630), (8, 600), (-22, 604)),
    ((62, 690), (90, 640), (118, 616), (150, 618)),
    ((62, 690), (56, 570), (36, 480), (22, 424)),
)


def draw_room() -> Image.Image:
    canvas = Canvas(slope("#cfc6ea", "#f1ddd6", SIZE), _OVERSAMPLING)
    canvas.draw([*_window_light(), *_floor(), *_rug(), *_plant(), *_vignette()])
    return canvas.picture()


def _box(left: float, top: float, right: float, bottom: float) -> Outline:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def _window_light() -> list[Shape]:
    panes = [_pane(column, row) for column in range(2) for row in range(3)]
    wall = _box(0, 0, 540, _FLOOR_Y)
    return [
        Shape(oval(330, 300, 250, 320), "#fff0dc", opacity=0.5, blur=90, clip=wall),
        *[Shape(pane, "#fff4de", opacity=0.62, blur=4, clip=wall) for pane in panes],
    ]


def _pane(column: int, row: int) -> Outline:
    """One of the lights a sash window throws on the wall, leaning with the sun."""
    left, top = 250 + column * 128, 96 + row * 168
    pane = _box(left, top, left + 114, top + 152)
    return np.column_stack(
        [pane[:, 0] - (pane[:, 1] - 96) * 0.16, pane[:, 1] + (pane[:, 0] - 250) * 0.12]
    )


def _floor() -> list[Shape]:
    boards = [
        Shape(
            stroke(((270 + x * 0.62, _FLOOR_Y + 6), (270 + x * 1.5, 980)), (0.7, 1.3)),
            "#8a6258",
            0.3,
        )
        for x in range(-450, 451, 75)
    ]
    return [
        Shape(_box(0, _FLOOR_Y, 540, 961), ("#d9b7a0", "#b08678")),
        *boards,
        Shape(oval(330, 850, 240, 70), "#ffe9cf", opacity=0.45, blur=40),
        Shape(_box(0, _FLOOR_Y - 22, 540, _FLOOR_Y), ("#f7ece8", "#e4d3d4")),
        Shape(_box(0, _FLOOR_Y, 540, _FLOOR_Y + 7), "#6f4a4c", opacity=0.35, blur=3),
    ]


def _rug() -> list[Shape]:
    return [
        Shape(oval(272, 850, 232, 56), "#5b3d4c", opacity=0.3, blur=8),
        Shape(oval(270, 844, 232, 55), ("#9a96d8", "#aea9e6")),
        Shape(oval(270, 844, 214, 48), ("#8883cc", "#9d98de")),
        Shape(oval(270, 844, 206, 45), ("#9a96d8", "#aea9e6")),
    ]


def _plant() -> list[Shape]:
    leaves = [shape for line in _LEAVES for shape in _leaf(line)]
    pot = np.array([(26, 676), (98, 676), (88, 762), (36, 762)], dtype=np.float64)
    return [
        Shape(oval(76, 762, 62, 10), "#4b2f3c", opacity=0.4, blur=7),
        *leaves,
        Shape(pot, ("#f4e7df", "#d7bfb9")),
        Shape(pot + np.array([44.0, 0.0]), "#8a6a78", opacity=0.4, blur=10, clip=pot),
        Shape(stroke(((24, 678), (100, 678)), (5, 5)), "#fbf1ea"),
    ]


def _leaf(line: Points) -> list[Shape]:
    leaf = stroke(line, (2, 9, 17, 1))
    return [
        Shape(leaf, ("#6fa08a", "#37655c")),
        Shape(stroke([(x + 7, y + 3) for x, y in line], (1, 6, 9, 1)), "#244a48", 0.35, 4, leaf),
        Shape(stroke(line, (0.6, 0.9, 0.7, 0.3)), "#b9d6bd", 0.6, clip=leaf),
    ]


def _vignette() -> list[Shape]:
    return [
        Shape(_box(-60, -60, 30, 1020), "#3c2c5c", opacity=0.25, blur=50),
        Shape(_box(510, -60, 600, 1020), "#3c2c5c", opacity=0.25, blur=50),
        Shape(_box(-60, 920, 600, 1020), "#3c2c5c", opacity=0.30, blur=40),
    ]
