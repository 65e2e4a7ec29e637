from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from proto.asset import Examined, ExaminedAsset, IngestedAsset, Notice
from proto.media import AssetKind, Examination, MediaFacts, StoredFile
from proto.model import Model
from services.store import jsonb
from services.store.database import Connection, Row
from services.store.jobs import ENDED_SQL
from services.store.page import Cursor


class NewAsset(Model):
    asset_id: str
    owner: str
    kind: AssetKind
    original_filename: str
    original_key: str
    size_bytes: int
    sha256: str

    @property
    def original(self) -> StoredFile:
        return StoredFile(key=self.original_key, sha256=self.sha256, size_bytes=self.size_bytes)


class AssetRow(NewAsset):
    """examination: None until the file was decoded from end to end. unusable: what that showed."""

    facts: MediaFacts
    thumbnail_key: str | None
    proxy_key: str | None
    warnings: list[Notice]
    created_at: datetime
    examination: Examination | None = None
    unusable: Notice | None = None
    still_keys: list[str] = []
    waveform_key: str | None = None

    @property
    def keys(self) -> list[str]:
        """Every object that was stored for it."""
        made = {self.thumbnail_key, self.proxy_key, self.waveform_key, *self.still_keys}
        return sorted({self.original_key, *(key for key in made if key)})


WARNINGS = TypeAdapter(list[Notice])
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "facts": TypeAdapter(MediaFacts),
    "warnings": WARNINGS,
    "examination": TypeAdapter(Examination),
    "unusable": TypeAdapter(Notice),
}

INSERT = """
INSERT INTO assets (asset_id, owner, kind, original_filename, original_key, size_bytes, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def insert(connection: Connection, asset: NewAsset) -> None:
    await connection.execute(
        INSERT,
        asset.asset_id,
        asset.owner,
        asset.kind,
        asset.original_filename,
        asset.original_key,
        asset.size_bytes,
        asset.sha256,
    )


MARK_READY = """
UPDATE assets SET state = 'ready', facts = $2, thumbnail_key = $3,
    proxy_key = CASE WHEN $4 THEN original_key END, warnings = $5
WHERE asset_id = $1 AND state = 'ingesting'
"""


async def mark_ready(connection: Connection, asset: IngestedAsset) -> None:
    """Make an uploaded file usable. A second call changes nothing."""
    inspection = asset.inspection
    if inspection.facts is None:
        raise ValueError(f"asset {asset.asset_id} was refused")
    async with connection.transaction():
        await connection.execute(
            MARK_READY,
            asset.asset_id,
            inspection.facts.model_dump_json(),
            inspection.thumbnail.key if inspection.thumbnail else None,
            inspection.plays_everywhere,
            WARNINGS.dump_json(inspection.warnings).decode(),
        )
        if inspection.examined is not None:
            examined = ExaminedAsset(asset_id=asset.asset_id, examined=inspection.examined)
            await mark_examined(connection, examined)


MARK_EXAMINED = """
UPDATE assets SET
    facts = coalesce($2::jsonb -> 'facts', facts),
    examination = $2,
    unusable = $3,
    proxy_key = coalesce($4, proxy_key),
    still_keys = $5,
    waveform_key = $6,
    warnings = warnings || $7::jsonb
WHERE asset_id = $1 AND state = 'ready' AND examination IS NULL AND unusable IS NULL
"""


async def mark_examined(connection: Connection, asset: ExaminedAsset) -> None:
    """Add what decoding all of it gave. A second call changes nothing."""
    examined = asset.examined
    await connection.execute(
        MARK_EXAMINED,
        asset.asset_id,
        jsonb.dump(examined.examination),
        jsonb.dump(_unusable(examined)),
        examined.proxy.key if examined.proxy else None,
        [still.key for still in examined.stills],
        examined.waveform.key if examined.waveform else None,
        WARNINGS.dump_json(examined.warnings).decode(),
    )


def _unusable(examined: Examined) -> Notice | None:
    if examined.refused_code is None:
        return None
    return Notice(code=examined.refused_code, message=examined.refused_message or "")


async def discard(connection: Connection, asset_id: str) -> None:
    """Forget an upload that was refused."""
    await connection.execute(
        "DELETE FROM assets WHERE asset_id = $1 AND state = 'ingesting'", asset_id
    )


FIND = "SELECT * FROM assets WHERE owner = $1 AND asset_id = ANY($2) AND state = 'ready'"


async def find(connection: Connection, owner: str, asset_ids: list[str]) -> dict[str, AssetRow]:
    """The owner's usable assets among `asset_ids`, by id; the others are left out."""
    rows = await connection.fetch(FIND, owner, asset_ids)
    return {row["asset_id"]: _asset(row) for row in rows}


FIND_AND_KEEP = FIND + " FOR SHARE"


async def find_and_keep(
    connection: Connection, owner: str, asset_ids: list[str]
) -> dict[str, AssetRow]:
    """As `find`, and none of them can be deleted until the transaction ends."""
    rows = await connection.fetch(FIND_AND_KEEP, owner, asset_ids)
    return {row["asset_id"]: _asset(row) for row in rows}


LIST = """
SELECT * FROM assets
WHERE owner = $1 AND state = 'ready'
  AND ($2::timestamptz IS NULL OR (created_at, asset_id) < ($2, $3))
ORDER BY created_at DESC, asset_id DESC LIMIT $4
"""


async def list_page(
    connection: Connection, owner: str, after: Cursor | None, limit: int
) -> list[AssetRow]:
    at, asset_id = (after.at, after.id) if after else (None, "")
    return [_asset(row) for row in await connection.fetch(LIST, owner, at, asset_id, limit)]


LOCK = "SELECT FROM assets WHERE asset_id = $1 FOR UPDATE"
DELETE = f"""
UPDATE assets SET state = 'deleted'
WHERE owner = $1 AND asset_id = $2 AND state = 'ready' AND NOT EXISTS (
    SELECT FROM job_assets JOIN jobs USING (job_id)
    WHERE job_assets.asset_id = assets.asset_id AND jobs.status NOT IN {ENDED_SQL}
)
RETURNING asset_id
"""  # noqa: S608


async def delete_unused(connection: Connection, owner: str, asset_id: str) -> bool:
    """Give up an asset unless an unfinished job needs it."""
    async with connection.transaction():
        # A job that is being accepted keeps its assets; only a statement begun after that sees it.
        await connection.execute(LOCK, asset_id)
        return await connection.fetchval(DELETE, owner, asset_id) is not None


OF_JOB = "SELECT asset_id FROM job_assets WHERE job_id = $1"


async def list_of_job(connection: Connection, job_id: str) -> list[str]:
    """The files a job was asked for with."""
    return [row["asset_id"] for row in await connection.fetch(OF_JOB, job_id)]


def _asset(row: Row) -> AssetRow:
    return AssetRow.model_validate(jsonb.load_row(row, JSON_COLUMNS))
