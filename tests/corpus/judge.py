"""What is wrong with an answer, in words; nothing, where all is as it has to be."""

import io
import unicodedata
from collections.abc import Iterator
from colorsys import rgb_to_hsv
from typing import Any

import httpx
from PIL import Image
from pydantic import ValidationError

from proto.errors import ErrorCode
from tests.corpus.case import Accepted, Case, Either, Facts, Refused
from tests.corpus.kitchen import CORNERS
from tests.integration.refusals import check_refusal

NAME_CHARS = 120
HUE = 50 / 360
"""How far a colour may move and still be told from the next marked one."""
THUMBNAIL_PX = 2


def refusal_flaws(case: Case, answer: httpx.Response) -> Iterator[str]:
    """Of an answer that is not 201."""
    if answer.status_code >= 500:
        yield f"answered {answer.status_code}: {answer.text[:200]}"
        return
    try:
        problem = check_refusal(answer)
    except (AssertionError, ValidationError, KeyError) as error:
        yield f"refused with {answer.status_code} in words that are none: {str(error)[:200]}"
        return
    yield from code_flaws(case, problem.code, problem.message)


def code_flaws(case: Case, code: str, message: str) -> Iterator[str]:
    match case.expected:
        case Accepted():
            yield f"was refused: {code}: {message}"
        case Refused(codes) if ErrorCode(code) not in codes:
            yield f"refused as {code}, not as {' or '.join(sorted(codes))}: {message}"


def asset_flaws(case: Case, asset: dict[str, Any]) -> Iterator[str]:
    """Of an asset that was read to its end."""
    yield from _name_flaws(asset["original_filename"])
    if isinstance(case.expected, Refused):
        facts = {name: asset[name] for name in ("width", "height", "duration_seconds", "codec")}
        yield f"was accepted: {facts}"
        return
    for fact, expected in case.expected.facts.items():
        found = asset.get(fact)
        if not _agrees(fact, expected, found, case.expected.slack_s):
            yield f"{fact} is {found}, not {expected}"


def _agrees(fact: str, expected: Any, found: Any, slack_s: float) -> bool:
    if not isinstance(expected, float):
        return bool(found == expected)
    if found is None:
        return False
    slack = slack_s if fact == "duration_seconds" else expected * 0.01
    return bool(abs(found - expected) <= slack + 1e-6)


def _name_flaws(name: str) -> Iterator[str]:
    if not name or len(name) > NAME_CHARS or set(name) & set("/\\"):
        yield f"is shown as {name[:200]!r}"
    elif any(unicodedata.category(character)[0] == "C" for character in name):
        yield f"is shown with control characters: {name!r}"


def thumbnail_flaws(case: Case, facts: Facts, content: bytes) -> Iterator[str]:
    """facts: the asset's width and height."""
    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except OSError as error:
        yield f"the thumbnail can't be read: {error}"
        return
    if image.format != "JPEG":
        yield f"the thumbnail is {image.format}"
    width, height = facts["width"], facts["height"]
    factor = max(image.width / width, image.height / height)
    if max(abs(image.width - width * factor), abs(image.height - height * factor)) > THUMBNAIL_PX:
        yield f"the thumbnail is {image.width} x {image.height} of {width} x {height}"
    if isinstance(case.expected, (Accepted, Either)) and case.expected.marked:
        yield from _corner_flaws(image.convert("RGB"))


def _corner_flaws(image: Image.Image) -> Iterator[str]:
    names = ("top left", "top right", "bottom left", "bottom right")
    for index, (name, wanted) in enumerate(zip(names, CORNERS, strict=True)):
        left, top = (index % 2) * 0.78 + 0.06, (index // 2) * 0.78 + 0.06
        right, bottom = left + 0.1, top + 0.1
        box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
        small = image.resize((1, 1), Image.Resampling.BOX, box)
        red, green, blue = small.tobytes()
        hue, saturation, _ = rgb_to_hsv(red / 255, green / 255, blue / 255)
        far = abs(hue - rgb_to_hsv(*(part / 255 for part in wanted))[0])
        if saturation < 0.15 or min(far, 1 - far) > HUE:
            yield f"the {name} corner of the thumbnail is {(red, green, blue)}, not like {wanted}"
