"""The character a person animates: half a body, turned to the camera, in soft light."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from services.local.samples.face import draw_face
from services.local.samples.hair import back_hair, front_hair
from services.local.samples.outfit import draw_outfit
from services.local.samples.paint import Canvas, Shape, moved, oval, slope, turn

SIZE = (832, 1216)
_OVERSAMPLING = 4
_AXIS = np.array([416.0, 0.0])
_NECK = (0.0, 560.0)
_HEAD_TILT = 3.0


def draw_character() -> Image.Image:
    canvas = Canvas(slope("#8f8ed6", "#efcfc9", SIZE), _OVERSAMPLING)
    canvas.draw(_placed(_glow()))
    canvas.draw(_placed(_tilted(back_hair())))
    canvas.draw(_placed(draw_outfit()))
    canvas.draw(_placed(_tilted([*draw_face(), *front_hair()])))
    return canvas.picture()


def _glow() -> list[Shape]:
    return [
        Shape(oval(-60, 420, 300, 330), "#fbe6dc", opacity=0.6, blur=130),
        Shape(oval(0, 1230, 420, 90), "#6e5f9e", opacity=0.35, blur=80),
    ]


def _tilted(shapes: Sequence[Shape]) -> list[Shape]:
    return [moved(shape, lambda outline: turn(outline, _HEAD_TILT, _NECK)) for shape in shapes]


def _placed(shapes: Sequence[Shape]) -> list[Shape]:
    """Shapes are drawn about x = 0, the middle of the body."""
    return [moved(shape, lambda outline: outline + _AXIS) for shape in shapes]
