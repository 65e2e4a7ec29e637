from datetime import datetime

from proto.errors import ErrorCode
from proto.media import AssetKind, MediaFacts, StoredFile
from proto.model import Model


class Notice(Model):
    """Something a user should know that blocks nothing."""

    code: str
    message: str


class Asset(Model):
    """An uploaded file that was read and can be used in a job. URLs are signed and expire."""

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
    warnings: list[Notice]
    created_at: datetime


class AssetPage(Model):
    items: list[Asset]
    next_cursor: str | None = None


class IngestRequest(Model):
    """Input of the IngestAsset workflow: the bytes already lie in the object store under `key`."""

    asset_id: str
    kind: AssetKind
    key: str


class Inspection(Model):
    """What reading an upload gave: facts and a thumbnail, or the reason it is refused."""

    facts: MediaFacts | None = None
    original: StoredFile | None = None
    thumbnail: StoredFile | None = None
    plays_everywhere: bool = False
    warnings: list[Notice] = []
    refused_code: ErrorCode | None = None
    refused_message: str | None = None


class IngestedAsset(Model):
    """What `record_asset` writes: the row of one usable asset."""

    asset_id: str
    inspection: Inspection
    proxy_key: str | None = None


class IngestVerdict(Model):
    asset_id: str
    accepted: bool
    refused_code: ErrorCode | None = None
    refused_message: str | None = None
