import asyncio
from fractions import Fraction
from pathlib import Path

import structlog
from temporalio import activity

from proto.asset import IngestRequest, Inspection
from proto.errors import ErrorCode
from proto.job import AnimateRequest, AudioPerformanceRequest
from proto.media import StoredFile
from proto.plan import InputRole, Plan
from proto.render import Finished, FinishRequest, JobRef, NormalisedInput, NormalisedInputs
from services.media.clip import normalise_clip
from services.media.errors import BadSegment, MediaRefused
from services.media.finish import finish
from services.media.picture import normalise_picture, thumbnail
from services.media.probe import probe
from services.media.proxy import make_proxy, plays_everywhere
from services.media.shape import VideoShape
from services.media.sound import extract_soundtrack, normalise_voice
from services.store import assets, jobs
from services.store.assets import AssetRow
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectMissing, ObjectStore
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.outputs import Bundle, publish
from temporal.activities.planning import job_plan, load_plan
from temporal.activities.scratch import put_by_content, scratch_folder
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
            normaliser = _Normaliser(self._objects, job, found, folder)
            try:
                return await normaliser.run()
            except MediaRefused as refusal:
                raise permanent(refusal.code, refusal.message) from refusal
            except ObjectMissing as error:
                raise permanent(ErrorCode.MISSING_ASSET, f"object {error} is gone") from error

    @activity.defn(name=FINISH.name)
    async def finish(self, request: FinishRequest) -> Finished:
        async with heartbeating(), scratch_folder() as folder:
            plan = await load_plan(self._objects, request.plan)
            segments = [
                await self._fetch(segment.video.key, folder / f"segment-{segment.segment}.mp4")
                for segment in request.segments
            ]
            soundtrack = request.inputs.soundtrack
            sound = (
                await self._fetch(soundtrack.key, folder / "soundtrack.wav") if soundtrack else None
            )
            try:
                files = await asyncio.to_thread(
                    finish, segments, sound, folder, _shape(plan), plan.frames
                )
            except BadSegment as error:
                raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, str(error)) from error
            return await publish(self._pool, self._objects, Bundle(request, plan, files))

    async def _fetch(self, key: str, path: Path) -> Path:
        await self._objects.get_file(key, path)
        return path


class _Normaliser:
    """One job's files, made into what its template takes."""

    def __init__(
        self, objects: ObjectStore, job: JobRow, found: dict[str, AssetRow], folder: Path
    ) -> None:
        self._objects = objects
        self._job = job
        self._found = found
        self._folder = folder
        self._shape = VideoShape(job.settings.width, job.settings.height, job.settings.fps)

    async def run(self) -> NormalisedInputs:
        request = self._job.request
        if isinstance(request, AudioPerformanceRequest):
            driving, soundtrack = await self._voice(request)
        else:
            driving, soundtrack = await self._motion(request)
        return NormalisedInputs(inputs=[await self._character(), driving], soundtrack=soundtrack)

    async def _character(self) -> NormalisedInput:
        request = self._job.request
        asset = self._asset(request.ground_truth_asset_id)
        source, out = await self._fetch(asset), self._folder / "character.png"
        width, height = self._shape.width, self._shape.height
        await asyncio.to_thread(normalise_picture, source, out, width, height, request.crop)
        return await self._stored(InputRole.CHARACTER, asset, out, "image/png", frames=1)

    async def _motion(self, request: AnimateRequest) -> tuple[NormalisedInput, StoredFile | None]:
        asset = self._asset(request.motion_video_asset_id)
        plan = job_plan(self._job, asset.facts, frames=None)
        source, out = await self._fetch(asset), self._folder / "motion.mp4"
        frames = await asyncio.to_thread(
            normalise_clip, source, out, self._shape, plan.frames, plan.segments[-1].length
        )
        motion = await self._stored(InputRole.MOTION, asset, out, "video/mp4", frames=frames)
        if not asset.facts.has_audio:
            return motion, None
        return motion, await self._soundtrack(source, float(Fraction(frames) / self._shape.fps))

    async def _voice(
        self, request: AudioPerformanceRequest
    ) -> tuple[NormalisedInput, StoredFile | None]:
        asset = self._asset(request.audio_asset_id)
        plan = job_plan(self._job, asset.facts, frames=None)
        source, out = await self._fetch(asset), self._folder / "voice.wav"
        await asyncio.to_thread(normalise_voice, source, out, plan.duration_s)
        voice = await self._stored(InputRole.VOICE, asset, out, "audio/wav", frames=plan.frames)
        return voice, await self._soundtrack(source, plan.duration_s)

    async def _soundtrack(self, source: Path, duration_s: float) -> StoredFile:
        out = self._folder / "soundtrack.wav"
        await asyncio.to_thread(extract_soundtrack, source, out, duration_s)
        return await put_by_content(self._objects, self._inputs, out, "audio/wav")

    async def _stored(
        self, role: InputRole, asset: AssetRow, path: Path, content_type: str, *, frames: int
    ) -> NormalisedInput:
        return NormalisedInput(
            role=role,
            asset_id=asset.asset_id,
            source_sha256=asset.sha256,
            file=await put_by_content(self._objects, self._inputs, path, content_type),
            frames=frames,
        )

    async def _fetch(self, asset: AssetRow) -> Path:
        path = self._folder / asset.asset_id
        await self._objects.get_file(asset.original_key, path)
        return path

    def _asset(self, asset_id: str) -> AssetRow:
        if asset_id not in self._found:
            raise permanent(ErrorCode.MISSING_ASSET, f"asset {asset_id} is gone")
        return self._found[asset_id]

    @property
    def _inputs(self) -> str:
        return f"jobs/{self._job.job_id}/inputs"


def _asset_ids(job: JobRow) -> list[str]:
    request = job.request
    if isinstance(request, AudioPerformanceRequest):
        return [request.ground_truth_asset_id, request.audio_asset_id]
    return [request.ground_truth_asset_id, request.motion_video_asset_id]


def _shape(plan: Plan) -> VideoShape:
    return VideoShape(plan.settings.width, plan.settings.height, plan.settings.fps)
