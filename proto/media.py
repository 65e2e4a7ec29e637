from enum import StrEnum
from fractions import Fraction

from pydantic import Field, TypeAdapter

from proto.model import Model


class AssetKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class DynamicRange(StrEnum):
    """The transfer of a clip or picture. HDR: SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG)."""

    SDR = "sdr"
    PQ = "pq"
    HLG = "hlg"


class MediaFacts(Model):
    """What a decoder says about a file; never what its name or its sender says.

    width, height: pixels, upright. fps: average frames a second. duration_s: of the
    pictures for a clip, however long its sound; of what is heard for a sound. rotation: degrees
    clockwise that the file asks to be turned by, 0, 90, 180 or 270. pages: the pictures in a
    picture file, of which the first is used. depth: bits of each colour.
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
    rotation: int = 0
    mirrored: bool = False
    variable_rate: bool = False
    interlaced: bool = False
    depth: int | None = None
    dynamic_range: DynamicRange | None = None
    has_alpha: bool = False
    pages: int = 1


class Face(Model):
    """A face that looks at the camera, in fractions of the upright picture's width and height."""

    x: float
    y: float
    width: float
    height: float


class Loudness(Model):
    """integrated_lufs: by ITU-R BS.1770-4, None where nothing is heard. peak_dbfs: of a sample."""

    integrated_lufs: float | None
    peak_dbfs: float


class Examination(Model):
    """What decoding a file from end to end gave. None: not checked, or nothing to check.

    facts: the first ones, with the counts and lengths that decoding confirms. cuts: seconds at
    which the scene changes. speech_s: seconds in which somebody speaks. faces: of each still, or of
    the picture; the stills lie at `still_times`, in seconds.
    """

    facts: MediaFacts
    cuts: list[float] | None = None
    loudness: Loudness | None = None
    speech_s: float | None = None
    faces: list[list[Face]] | None = None
    still_times: list[float] = []


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
    """A tap on a clip's first frame that is used: on the person (label 1) or beside (label 0)."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    label: int = Field(default=1, ge=0, le=1)
