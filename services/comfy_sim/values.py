"""What passes between nodes: not tensors, but what they would show.

Lengths and sizes are those of the real tensors; pictures are painted only when a node saves them.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from proto.model import Model

PIXELS_PER_LATENT = 8
FRAMES_PER_LATENT = 4
HAZE = 128
"""Of the first moment of a latent that begins in the middle. Each further moment has half of it,
as about 6 dB are gained by each latent of context."""


class SceneKind(StrEnum):
    MOVE = "move"
    MIX = "mix"
    VOICE = "voice"


@dataclass(frozen=True)
class Picture:
    path: str


@dataclass(frozen=True)
class Clip:
    """pose: its outlines only."""

    path: str
    pose: bool = False


@dataclass(frozen=True)
class Colour:
    red: int
    green: int
    blue: int


@dataclass(frozen=True)
class Spot:
    """The masks of a tracked person: white where they are.

    x, y: their place at first, in fractions of a frame of width x height pixels.
    """

    x: float
    y: float
    width: int
    height: int


class Strip(Model):
    """The frames [start, stop) of a source."""

    source: Clip | Spot
    start: int
    stop: int


class Join(Model):
    """What a scene takes over from the frames it continues.

    frame: the scene's frame that is their last one. phase: how far the character's sway is there,
    in cycles. lineage: a number that stands for what was given.
    """

    frame: int
    phase: float
    lineage: int


class Scene(Model):
    """What one sampling makes: a character that follows a clip, stands in it, or speaks.

    picture, sound: paths under the server's base folder. clip, mask: what frame 0 and those after
    it follow; beyond a clip's end there is nothing to stand in, beyond a mask's end the character
    takes the whole frame. haze: of the frames it continues.
    """

    kind: SceneKind
    picture: str | None
    clip: Strip | None = None
    mask: Strip | None = None
    sound: str | None = None
    seed: int = 0
    join: Join | None = None
    haze: int = 0


Source = Picture | Clip | Colour | Spot | Scene


@dataclass(frozen=True)
class Shot:
    """One frame of a source. index: of the source's frames, from 0. haze: how much of it is grey,
    of 256."""

    source: Source
    index: int = 0
    haze: int = 0


@dataclass(frozen=True)
class Images:
    """A batch of frames, of one size in pixels."""

    width: int
    height: int
    shots: tuple[Shot, ...]

    def part(self, start: int, length: int) -> "Images":
        return Images(self.width, self.height, self.shots[start : start + length])


@dataclass(frozen=True)
class Mask:
    """A batch of masks: what is bright in each shot."""

    width: int
    height: int
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Sound:
    path: str


@dataclass(frozen=True)
class Footage:
    """A video file that nothing has looked into yet."""

    path: str


@dataclass(frozen=True)
class Video:
    images: Images
    fps: Fraction
    sound: Sound | None


class Moment(Model):
    """One latent frame. step: its place in the scene, from 0; -1 for the reference picture's."""

    scene: Scene
    step: int


class Latent(Model):
    """width, height: of the frames it decodes to, in pixels."""

    width: int
    height: int
    moments: tuple[Moment, ...]

    def with_moments(self, moments: tuple[Moment, ...]) -> "Latent":
        return self.model_copy(update={"moments": moments})


def latent_size(pixels: int) -> int:
    """What is left of a width or height that is cut into latent cells."""
    return pixels // PIXELS_PER_LATENT * PIXELS_PER_LATENT


def latent_length(frames: int) -> int:
    return (frames - 1) // FRAMES_PER_LATENT + 1


def empty_latent(size: tuple[int, int], scene: Scene, steps: range) -> Latent:
    moments = tuple(Moment(scene=scene, step=step) for step in steps)
    return Latent(width=latent_size(size[0]), height=latent_size(size[1]), moments=moments)


def decode(latent: Latent) -> Images:
    """The frames of a latent: one of the first moment, four of each further one.

    Moment i of a scene decodes to its frames 4i - 3 to 4i; the first one of all has only 4i. The
    decoder looks back: where a latent begins in the middle, its first frames are hazy.
    """
    shots: list[Shot] = []
    begins = not latent.moments or latent.moments[0].step <= 0
    for position, moment in enumerate(latent.moments):
        haze = 0 if begins else HAZE >> position
        last = moment.step * FRAMES_PER_LATENT
        first = last if position == 0 else last - FRAMES_PER_LATENT + 1
        shots += [Shot(moment.scene, max(index, 0), haze) for index in range(first, last + 1)]
    return Images(latent.width, latent.height, tuple(shots))


@dataclass(frozen=True)
class Token:
    """A value that no node looks into: a model, a conditioning."""

    type: str


Values = tuple[Any, ...]
