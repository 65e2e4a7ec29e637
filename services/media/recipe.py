import hashlib
from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from proto.media import Crop
from proto.model import Model
from services.media.clip import normalise_clip
from services.media.part import Cut
from services.media.picture import normalise_picture
from services.media.remote import Source
from services.media.shape import VideoShape
from services.media.sound import extract_soundtrack, normalise_voice

REVISION = 2
"""To be raised with every change of what a recipe writes: older files then no longer stand in."""


class Recipe(Model, ABC):
    """What a job needs made of an uploaded file. Equal recipes make files as good as each other."""

    suffix: ClassVar[str]
    content_type: ClassVar[str]

    @abstractmethod
    def write(self, source: Source, out: Path) -> int:
        """Make it; gives how many pictures of the source's own are in it. Raises MediaRefused."""

    @property
    def digest(self) -> str:
        terms = f"{REVISION} {type(self).__name__} {self.model_dump_json()}"
        return hashlib.sha256(terms.encode()).hexdigest()


class PictureRecipe(Recipe):
    suffix = ".png"
    content_type = "image/png"

    width: int
    height: int
    crop: Crop | None

    def write(self, source: Source, out: Path) -> int:
        normalise_picture(source, out, self.width, self.height, self.crop)
        return 1


class ClipRecipe(Recipe):
    """frames, hold_to, parts, begin_s: as normalise_clip takes them."""

    suffix = ".mp4"
    content_type = "video/mp4"

    width: int
    height: int
    fps: Fraction
    frames: int
    hold_to: int
    parts: tuple[Cut, ...] = ()
    begin_s: Fraction = Fraction()

    def write(self, source: Source, out: Path) -> int:
        shape = VideoShape(self.width, self.height, self.fps)
        return normalise_clip(
            source,
            out,
            shape,
            self.frames,
            self.hold_to,
            self.parts,
            begin_s=self.begin_s,
        )


class VoiceRecipe(Recipe):
    suffix = ".wav"
    content_type = "audio/wav"

    duration_s: float
    begin_s: Fraction = Fraction()

    def write(self, source: Source, out: Path) -> int:
        normalise_voice(source, out, self.duration_s, self.begin_s)
        return 0


class SoundtrackRecipe(Recipe):
    suffix = ".wav"
    content_type = "audio/wav"

    duration_s: float
    begin_s: Fraction = Fraction()

    def write(self, source: Source, out: Path) -> int:
        extract_soundtrack(source, out, self.duration_s, self.begin_s)
        return 0
