"""How a picture of the corpus is declared."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from tests.corpus.case import IMAGE, Accepted, Case, Desk, Facts, dice_of
from tests.corpus.kitchen import drawn
from tests.corpus.names import odd_name

Write = Callable[[Image.Image, Desk], bytes]


@dataclass(frozen=True)
class Pictures:
    """Declares pictures of one seed."""

    seed: int

    def __call__(  # noqa: PLR0913
        self,
        name: str,
        suffix: str,
        write: Write,
        *,
        size: tuple[int, int] | None = None,
        turned: bool = False,
        marked: bool = True,
        facts: Facts | None = None,
    ) -> Case:
        """turned: the file asks for a quarter turn, so its sides change places."""
        name = f"picture/{name}"
        dice = dice_of(self.seed, name)
        width, height = size or (dice.randrange(72, 300), dice.randrange(72, 300))
        seen = (height, width) if turned else (width, height)
        told = {"width": seen[0], "height": seen[1]} | (facts or {})

        def make(desk: Desk) -> bytes:
            return write(drawn(width, height), desk)

        expected = Accepted(told, marked=marked)
        return Case(name, IMAGE, odd_name(dice, suffix), make, expected)


def saved(form: str, mode: str | None = None, **options: Any) -> Write:
    """Written by Pillow, converted before where a mode is named."""

    def write(image: Image.Image, _desk: Desk) -> bytes:
        return packed(image if mode is None else image.convert(mode), form, **options)

    return write


def packed(image: Image.Image, form: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def half_clear(image: Image.Image) -> Image.Image:
    """With alpha: the middle is half transparent."""
    clear = image.convert("RGBA")
    width, height = image.size
    box = (width // 3, height // 3, width // 2, height // 2)
    clear.paste((10, 200, 200, 90), box)
    return clear
