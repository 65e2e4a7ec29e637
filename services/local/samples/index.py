"""samples.json, which the page reads: the files that stand beside it, and what a project takes."""

import hashlib
from enum import StrEnum
from pathlib import Path

from proto.media import AssetKind
from proto.model import Model
from services.media.probe import probe

FOLDER = Path(__file__).parent
INDEX_NAME = "samples.json"
VERSION = "1.0.0"


class Role(StrEnum):
    GROUND_TRUTH = "ground_truth"
    MOTION_VIDEO = "motion_video"
    AUDIO = "audio"


class PageMode(StrEnum):
    """As the page's cards are named: its first two are one mode to the gateway."""

    MOVE = "move"
    MIX = "mix"
    AUDIO = "audio"


class SampleFile(Model):
    name: str
    kind: AssetKind
    role: Role
    sha256: str
    size_bytes: int
    duration_seconds: float | None = None


class SampleProject(Model):
    mode: PageMode
    files: list[str]
    prompt: str


class SampleIndex(Model):
    version: str
    files: list[SampleFile]
    projects: list[SampleProject]


CHARACTER, DANCE, VOICE = "character.png", "dance.mp4", "voice.wav"

_ROLES = {
    CHARACTER: (AssetKind.IMAGE, Role.GROUND_TRUTH),
    DANCE: (AssetKind.VIDEO, Role.MOTION_VIDEO),
    VOICE: (AssetKind.AUDIO, Role.AUDIO),
}
# The sentences the page fills in: frontend/src/features/samples/prompts.ts.
_PROJECTS = [
    SampleProject(
        mode=PageMode.MOVE,
        files=[CHARACTER, DANCE],
        prompt="Dances with ease, lively expression, soft daylight, steady camera",
    ),
    SampleProject(
        mode=PageMode.MIX,
        files=[CHARACTER, DANCE],
        prompt="Takes the dancer’s place, same outfit, matching shadows, steady camera",
    ),
    SampleProject(
        mode=PageMode.AUDIO,
        files=[CHARACTER, VOICE],
        prompt="Speaks to the camera, warm smile, small hand gestures, studio light",
    ),
]


def read_index(folder: Path) -> SampleIndex:
    return SampleIndex.model_validate_json((folder / INDEX_NAME).read_text())


def write_index(folder: Path) -> None:
    """Record the samples that stand in the folder."""
    files = [_record(folder / name, kind, role) for name, (kind, role) in _ROLES.items()]
    index = SampleIndex(version=VERSION, files=files, projects=_PROJECTS)
    text = index.model_dump_json(indent=2, exclude_none=True)
    (folder / INDEX_NAME).write_text(text + "\n")


def _record(path: Path, kind: AssetKind, role: Role) -> SampleFile:
    content = path.read_bytes()
    return SampleFile(
        name=path.name,
        kind=kind,
        role=role,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        duration_seconds=probe(path, kind).duration_s,
    )
