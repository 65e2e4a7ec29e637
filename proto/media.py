from enum import StrEnum
from fractions import Fraction

from pydantic import Field, TypeAdapter

from proto.model import Model


class AssetKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class MediaFacts(Model):
    """What a decoder says about a file; never what its name or its sender says.

    width, height: pixels, upright. fps: average frames a second. duration_s: of the
    pictures for a clip, however long its sound; of what is heard for a sound.
    """

    kind: AssetKind
    mime_type: str
    codec: str
    width: int | None = None
    height: int | None = None
    fps: Fraction | None = None
    frame_count: int | None = None
    duration_s: float | None = None
    has_audio: bool = False
    audio_codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None


class StoredFile(Model):
    """A file in the object store."""

    key: str
    sha256: str
    size_bytes: int


STORED_FILES = TypeAdapter(list[StoredFile])


class Crop(Model):
    """The part of a picture to keep, in fractions of its upright width and height."""

    x: float = Field(default=0.0, ge=0, lt=1)
    y: float = Field(default=0.0, ge=0, lt=1)
    width: float = Field(default=1.0, gt=0, le=1)
    height: float = Field(default=1.0, gt=0, le=1)


class SubjectPoint(Model):
    """A tap on the clip's first frame: on the person (label 1) or beside (label 0)."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    label: int = Field(default=1, ge=0, le=1)
