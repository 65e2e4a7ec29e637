from dataclasses import dataclass

from proto.job import AnyJobRequest
from proto.media import Crop, Face, MediaFacts
from proto.plan import Plan
from services.store.assets import AssetRow
from workflows_comfy.plan import kept_part


@dataclass(frozen=True)
class Proposal:
    """A request, its files and what would be made of them. driving: the clip or the sound."""

    request: AnyJobRequest
    plan: Plan
    character: AssetRow
    driving: AssetRow

    @property
    def kept_picture(self) -> Crop:
        """What the result shows of the character's picture."""
        width, height = size_of(self.character.facts)
        crop = self.request.crop or Crop()
        return kept_part(width, height, self.plan.settings, crop)


def size_of(facts: MediaFacts) -> tuple[int, int]:
    if facts.width is None or facts.height is None:
        raise ValueError(f"a file of kind {facts.kind} has no size")
    return facts.width, facts.height


def shown(faces: list[Face], part: Crop) -> list[Face]:
    """The faces with their middle in that part of the picture."""
    return [face for face in faces if _has_middle_in(face, part)]


def percent_cut(part: Crop) -> int:
    """How much of a picture is cut off, to the nearest 5 %."""
    return round(cut_share(part) * 20) * 5


def cut_share(part: Crop) -> float:
    return 1 - part.width * part.height


def edges_cut(part: Crop) -> str:
    return "at the sides" if part.width < part.height else "at the top and bottom"


def _has_middle_in(face: Face, part: Crop) -> bool:
    x, y = face.x + face.width / 2 - part.x, face.y + face.height / 2 - part.y
    return 0 <= x <= part.width and 0 <= y <= part.height
