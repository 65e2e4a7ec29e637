from datetime import datetime

from proto.errors import ErrorCode
from proto.media import AssetKind, DynamicRange, Examination, Face, MediaFacts, StoredFile
from proto.model import Model


class Notice(Model):
    """Something a user should know that blocks nothing."""

    code: str
    message: str


class Asset(Model):
    """An uploaded file that was read and can be used in a job. URLs are signed and expire.

    checked: it was decoded from end to end; until then what only that shows is null, and lengths
    are what the file says of itself. cuts: seconds at which the scene changes. faces: those that
    look at the camera, of each still, or of the picture; a clip's stills lie at `still_times`, in
    seconds. speech_seconds: how long somebody speaks.
    unusable: why the file can't be used after all, which only decoding it showed.
    """

    asset_id: str
    asset_type: AssetKind
    mime_type: str
    original_filename: str
    storage_url: str
    thumbnail_url: str | None
    proxy_url: str | None
    width: int | None
    height: int | None
    duration_seconds: float | None
    fps: float | None
    has_audio: bool
    codec: str
    size_bytes: int
    sha256: str
    rotation: int
    variable_rate: bool
    dynamic_range: DynamicRange | None
    sample_rate: int | None
    channels: int | None
    checked: bool
    loudness_lufs: float | None
    speech_seconds: float | None
    cuts: list[float] | None
    faces: list[list[Face]] | None
    still_urls: list[str]
    still_times: list[float]
    waveform_url: str | None
    unusable: Notice | None
    warnings: list[Notice]
    created_at: datetime


class Waveform(Model):
    """Peaks of a sound in equal steps from its start to its end, from 0 to 1 (full scale)."""

    duration_seconds: float
    peaks: list[float]


class AssetPage(Model):
    items: list[Asset]
    next_cursor: str | None = None


class IngestRequest(Model):
    """Input of the IngestAsset workflow: the bytes already lie in the object store."""

    asset_id: str
    kind: AssetKind
    file: StoredFile


class ExamineRequest(IngestRequest):
    """facts, wants_proxy: by the inspection."""

    facts: MediaFacts
    wants_proxy: bool


class Inspection(Model):
    """What the start of an upload and its index gave: facts and a thumbnail, or a refusal.

    examined: what decoding all of it gave, where that takes no longer than the rest.
    """

    facts: MediaFacts | None = None
    thumbnail: StoredFile | None = None
    plays_everywhere: bool = False
    examined: "Examined | None" = None
    warnings: list[Notice] = []
    refused_code: ErrorCode | None = None
    refused_message: str | None = None


class Examined(Model):
    """What decoding all of an upload gave, or why it can't be used after all.

    proxy: a copy that every browser plays, where the upload is none.
    """

    examination: Examination | None = None
    proxy: StoredFile | None = None
    stills: list[StoredFile] = []
    waveform: StoredFile | None = None
    warnings: list[Notice] = []
    refused_code: ErrorCode | None = None
    refused_message: str | None = None


class IngestedAsset(Model):
    """What `record_asset` writes: the row of one usable asset."""

    asset_id: str
    inspection: Inspection


class ExaminedAsset(Model):
    """What `record_examined` adds to it."""

    asset_id: str
    examined: Examined


class IngestVerdict(Model):
    asset_id: str
    accepted: bool
    refused_code: ErrorCode | None = None
    refused_message: str | None = None
