import asyncio
from pathlib import Path

import structlog
from temporalio import activity

from proto.asset import IngestRequest, Inspection
from proto.errors import ErrorCode
from proto.job import AudioPerformanceRequest
from proto.media import StoredFile
from proto.plan import Plan
from proto.render import Finished, FinishRequest, JobRef, NormalisedInputs
from services.media.errors import BadSegment, MediaRefused
from services.media.finish import finish
from services.media.picture import thumbnail
from services.media.probe import probe
from services.media.proxy import make_proxy, plays_everywhere
from services.media.shape import VideoShape
from services.store import assets, jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectMissing, ObjectStore
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.inputs import Normaliser
from temporal.activities.outputs import Bundle, publish
from temporal.activities.planning import load_plan
from temporal.activities.scratch import scratch_folder
from temporal.queues import FINISH, INSPECT_UPLOAD, MAKE_PROXY, NORMALISE_INPUTS

log = structlog.get_logger()


class MediaActivities:
    """Reading, shaping and finishing media. Bytes come from S3 and go back there."""

    def __init__(self, pool: Pool, objects: ObjectStore) -> None:
        self._pool = pool
        self._objects = objects

    @activity.defn(name=INSPECT_UPLOAD.name)
    async def inspect_upload(self, request: IngestRequest) -> Inspection:
        async with heartbeating(), scratch_folder() as folder:
            source = await self._fetch(request.key, folder / "source")
            try:
                facts = await asyncio.to_thread(probe, source, request.kind)
                picture = folder / "thumbnail.jpg"
                drawn = await asyncio.to_thread(thumbnail, source, facts, picture)
            except MediaRefused as refusal:
                log.info("upload refused", asset_id=request.asset_id, cause=refusal.message)
                return Inspection(refused_code=refusal.code, refused_message=refusal.message)
            key = f"assets/{request.asset_id}/thumbnail.jpg"
            return Inspection(
                facts=facts,
                thumbnail=(
                    await self._objects.put_file(key, picture, "image/jpeg") if drawn else None
                ),
                plays_everywhere=await asyncio.to_thread(plays_everywhere, source, facts),
            )

    @activity.defn(name=MAKE_PROXY.name)
    async def make_proxy(self, request: IngestRequest) -> StoredFile:
        async with heartbeating(), scratch_folder() as folder:
            source = await self._fetch(request.key, folder / "source")
            facts = await asyncio.to_thread(probe, source, request.kind)
            proxy = folder / "proxy.mp4"
            await asyncio.to_thread(make_proxy, source, facts, proxy)
            key = f"assets/{request.asset_id}/proxy.mp4"
            return await self._objects.put_file(key, proxy, f"{request.kind}/mp4")

    @activity.defn(name=NORMALISE_INPUTS.name)
    async def normalise_inputs(self, ref: JobRef) -> NormalisedInputs:
        async with heartbeating(), scratch_folder() as folder:
            async with self._pool.acquire() as connection:
                job = await jobs.get(connection, ref.job_id)
                found = await assets.find(connection, job.owner, _asset_ids(job))
            try:
                return await Normaliser(self._objects, job, found, folder).run()
            except MediaRefused as refusal:
                raise permanent(refusal.code, refusal.message) from refusal
            except ObjectMissing as error:
                raise permanent(ErrorCode.MISSING_ASSET, f"object {error} is gone") from error

    @activity.defn(name=FINISH.name)
    async def finish(self, request: FinishRequest) -> Finished:
        async with heartbeating(), scratch_folder() as folder:
            plan, segments, sound = await asyncio.gather(
                load_plan(self._objects, request.plan),
                self._segments(request, folder),
                self._soundtrack(request, folder),
            )
            try:
                files = await asyncio.to_thread(
                    finish, segments, sound, folder, _shape(plan), plan.frames
                )
            except BadSegment as error:
                raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, str(error)) from error
            return await publish(self._pool, self._objects, Bundle(request, plan, files))

    async def _segments(self, request: FinishRequest, folder: Path) -> list[Path]:
        """Byte for byte the videos that were decoded and counted when they were collected."""
        return await asyncio.gather(
            *(
                self._objects.get_stored(segment.video, folder / f"segment-{segment.segment}.mp4")
                for segment in request.segments
            )
        )

    async def _soundtrack(self, request: FinishRequest, folder: Path) -> Path | None:
        soundtrack = request.inputs.soundtrack
        if soundtrack is None:
            return None
        return await self._objects.get_stored(soundtrack, folder / "soundtrack.wav")

    async def _fetch(self, key: str, path: Path) -> Path:
        await self._objects.get_file(key, path)
        return path


def _asset_ids(job: JobRow) -> list[str]:
    request = job.request
    if isinstance(request, AudioPerformanceRequest):
        return [request.ground_truth_asset_id, request.audio_asset_id]
    return [request.ground_truth_asset_id, request.motion_video_asset_id]


def _shape(plan: Plan) -> VideoShape:
    return VideoShape(plan.settings.width, plan.settings.height, plan.settings.fps)
