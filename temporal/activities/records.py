from temporalio import activity

from proto.asset import ExaminedAsset, IngestedAsset, IngestRequest
from proto.errors import job_error
from proto.render import Record
from services.store import assets, jobs
from services.store.database import Pool
from services.store.jobs import Change
from services.store.objects import ObjectStore
from temporal.queues import DISCARD_UPLOAD, RECORD, RECORD_ASSET, RECORD_EXAMINED


class RecordActivities:
    """Short writes to the rows that people read."""

    def __init__(self, pool: Pool, objects: ObjectStore) -> None:
        self._pool = pool
        self._objects = objects

    @activity.defn(name=RECORD.name)
    async def record(self, record: Record) -> None:
        change = Change(
            key=record.key,
            type=record.type,
            stage=record.stage,
            progress=record.progress,
            error=job_error(record.job_id, record.error_code) if record.error_code else None,
            cause=record.cause,
            deciding=record.deciding,
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await jobs.record(connection, record.job_id, change)

    @activity.defn(name=RECORD_ASSET.name)
    async def record_asset(self, asset: IngestedAsset) -> None:
        async with self._pool.acquire() as connection:
            await assets.mark_ready(connection, asset)

    @activity.defn(name=RECORD_EXAMINED.name)
    async def record_examined(self, asset: ExaminedAsset) -> None:
        async with self._pool.acquire() as connection:
            await assets.mark_examined(connection, asset)

    @activity.defn(name=DISCARD_UPLOAD.name)
    async def discard_upload(self, request: IngestRequest) -> None:
        async with self._pool.acquire() as connection:
            await assets.discard(connection, request.asset_id)
        await self._objects.delete([request.file.key])
