"""How a character moves from frame to frame, and over the joins of a chain of prompts.

A scene that continues another one sways on from where that one ended, at its own seed's pace: its
first frame joins smoothly, and what follows is another one for each seed.
"""

from collections.abc import Sequence
from zlib import crc32

from services.comfy_sim.values import FRAMES_PER_LATENT, Join, Moment, Scene, Shot

SLOWEST = 1 / 64
"""Cycles per frame; the fastest is twice that."""

SOUND_CONDITIONING = 19
"""How many latents before its own the sound-to-video model looks at."""


def phase(scene: Scene, frame: int) -> float:
    """How far the sway is, in cycles, 0..1."""
    pace = SLOWEST * (1 + _drawn("pace", scene.seed))
    if scene.join is None:
        return (_drawn("start", scene.seed) + frame * pace) % 1
    return (scene.join.phase + (frame - scene.join.frame) * pace) % 1


def colour(scene: Scene) -> tuple[int, int, int]:
    """A bright one that shows the seed, and what the scene continues."""
    drawn = _number((scene.seed, _lineage(scene)))
    red, green, blue = (96 + (drawn >> shift) % 160 for shift in (0, 8, 16))
    return red, green, blue


def join_frames(before: Sequence[Shot], frame: int) -> Join | None:
    """For a scene that makes the frames `before` again up to its own frame `frame`.

    None where there are none, or where they are of no scene: the sway then starts anew.
    """
    scenes = [(shot.source, shot.index) for shot in before if isinstance(shot.source, Scene)]
    if not scenes:
        return None
    given = [(scene.seed, _lineage(scene), index) for scene, index in scenes]
    return Join(frame=frame, phase=phase(*scenes[-1]), lineage=_number(given))


def join_moments(before: Sequence[Moment]) -> Join | None:
    """For a scene whose first moment comes after all of `before`."""
    seen = before[-SOUND_CONDITIONING:]
    shots = [Shot(moment.scene, moment.step * FRAMES_PER_LATENT) for moment in seen]
    return join_frames(shots, (len(before) - 1) * FRAMES_PER_LATENT)


def _lineage(scene: Scene) -> int:
    return 0 if scene.join is None else scene.join.lineage


def _drawn(what: str, seed: int) -> float:
    """0..1, and as good as random."""
    return _number((what, seed)) / (1 << 32)


def _number(of: object) -> int:
    return crc32(repr(of).encode())
