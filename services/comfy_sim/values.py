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
CENTRE = (0.5, 0.5)


class SceneKind(StrEnum):
    MOVE = "move"
    MIX = "mix"
    VOICE = "voice"


class Scene(Model):
    """What one sampling makes: a character that follows a clip, stands in it, or speaks.

    picture, clip, sound: paths under the server's base folder. clip_start: the clip's frame that
    frame 0 follows. x, y: the person's place in the clip, in fractions of its size.
    """

    kind: SceneKind
    picture: str | None
    clip: str | None = None
    clip_start: int = 0
    sound: str | None = None
    x: float = 0.5
    y: float = 0.5
    seed: int = 0


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
    """A mask: white where the person is."""

    x: float
    y: float


Source = Picture | Clip | Colour | Spot | Scene


@dataclass(frozen=True)
class Shot:
    """One frame of a source. index: of the source's frames, from 0."""

    source: Source
    index: int = 0


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
    """x, y: the middle of what it covers, in fractions."""

    width: int
    height: int
    count: int
    x: float = 0.5
    y: float = 0.5


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

    Moment i of a scene decodes to its frames 4i - 3 to 4i; the first one of all has only 4i.
    """
    shots: list[Shot] = []
    for position, moment in enumerate(latent.moments):
        last = moment.step * FRAMES_PER_LATENT
        first = last if position == 0 else last - FRAMES_PER_LATENT + 1
        shots += [Shot(moment.scene, max(index, 0)) for index in range(first, last + 1)]
    return Images(latent.width, latent.height, tuple(shots))


@dataclass(frozen=True)
class Token:
    """A value that no node looks into: a model, a conditioning."""

    type: str


Values = tuple[Any, ...]
