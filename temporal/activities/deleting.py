from collections.abc import AsyncIterator

from temporalio import activity

from proto.job import Deletion
from services.store import deletions
from services.store.database import Pool
from services.store.deletions import Deleted
from services.store.objects import ObjectStore
from temporal.queues import PURGE_JOB


class StillRendering(Exception):
    """A prompt of the job is not taken back yet, which its row is needed for."""


class DeletionActivities:
    def __init__(self, pool: Pool, objects: ObjectStore) -> None:
        self._pool = pool
        self._objects = objects

    @activity.defn(name=PURGE_JOB.name)
    async def purge_job(self, deletion: Deletion) -> None:
        """Delete the job's files and rows for good, unless its owner took the deletion back."""
        job_id = deletion.job_id
        async with self._pool.acquire() as connection:
            if not await deletions.doom(connection, Deleted(job_id=job_id, number=deletion.number)):
                return
            taken = await deletions.list_taken_keys(connection, job_id)
            doomed = await deletions.list_doomed_keys(connection, job_id)
        doomed |= {key async for key in _keys(self._objects, f"jobs/{job_id}/")} - taken
        for key in sorted(doomed):
            activity.heartbeat()
            await self._objects.delete([key])
        async with self._pool.acquire() as connection:
            if not await deletions.forget(connection, job_id):
                raise StillRendering(f"job {job_id} has prompts that are not taken back")


async def _keys(objects: ObjectStore, folder: str) -> AsyncIterator[str]:
    pages = objects.client.get_paginator("list_objects_v2")
    async for page in pages.paginate(Bucket=objects.bucket, Prefix=folder):
        activity.heartbeat()
        for item in page.get("Contents", []):
            yield item["Key"]
