import asyncio
from pathlib import Path

from temporalio import activity

from proto.errors import ErrorCode
from proto.event import EventType
from proto.job import AudioPerformanceRequest
from proto.media import StoredFile
from proto.plan import OutputKind, Plan, PlanRef
from proto.render import (
    Checkpoint,
    Finished,
    FinishRequest,
    InputsRef,
    JobRef,
    JoinRequest,
    NormalisedInputs,
)
from services.media.errors import BadSegment, MediaRefused
from services.media.finish import finish, grow
from services.media.isolation import Crashed
from services.media.part import Part
from services.media.shape import VideoShape
from services.store import assets, checkpoints, jobs
from services.store.checkpoints import CheckpointRow
from services.store.database import Pool
from services.store.jobs import Change, Growing, JobRow
from services.store.objects import ObjectMissing
from temporal.activities.failures import lost_when_missing, permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.inputs import Normaliser
from temporal.activities.outputs import Bundle, publish
from temporal.activities.planning import load_inputs, load_plan
from temporal.activities.scratch import scratch_folder
from temporal.activities.workbench import Workbench
from temporal.queues import FINISH, GROW, NORMALISE_INPUTS

FETCHED_AT_ONCE = 8


class MediaActivities:
    """Shaping and finishing media. Bytes come from S3 and go back there."""

    def __init__(self, pool: Pool, workbench: Workbench) -> None:
        self._pool = pool
        self._workbench = workbench
        self._objects = workbench.objects

    @activity.defn(name=NORMALISE_INPUTS.name)
    async def normalise_inputs(self, ref: JobRef) -> InputsRef:
        async with heartbeating(), scratch_folder() as folder:
            async with self._pool.acquire() as connection:
                job = await jobs.get(connection, ref.job_id)
                found = await assets.find(connection, job.owner, _asset_ids(job))
            try:
                made = await Normaliser(self._workbench, job, found, folder).run()
            except MediaRefused as refusal:
                raise permanent(refusal.code, refusal.message) from refusal
            except Crashed as error:
                raise permanent(ErrorCode.INVALID_ASSET_FORMAT, str(error)) from error
            except ObjectMissing as error:
                raise permanent(ErrorCode.MISSING_ASSET, f"object {error} is gone") from error
            key = f"jobs/{job.job_id}/inputs.json"
            content = made.model_dump_json().encode()
            stored = await self._objects.put_bytes(key, content, "application/json")
        return InputsRef(file=stored, frames=made.driving.frames)

    @activity.defn(name=GROW.name)
    async def grow(self, request: JoinRequest) -> None:
        async with heartbeating(), scratch_folder() as folder:
            plan, inputs = await self._load(request.plan, request.inputs)
            parts, sound = await asyncio.gather(
                self._parts(request.made, folder), self._soundtrack(inputs, folder)
            )
            out = folder / "growing.mp4"
            try:
                await asyncio.to_thread(grow, parts, sound, out, _shape(plan))
            except BadSegment as error:
                raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, str(error)) from error
            key = _growing_key(request.job_id, request.made[-1])
            video = await self._objects.put_file(key, out, "video/mp4")
        await self._tell_grown(request, video)
        # Somebody may play the one before to its end.
        older = request.made[:-2]
        await self._objects.delete([_growing_key(request.job_id, made) for made in older[-1:]])

    async def _tell_grown(self, request: JoinRequest, video: StoredFile) -> None:
        growing = Growing(
            video=video,
            frames=sum(checkpoint.frames for checkpoint in request.made),
            segments=len(request.made),
        )
        async with self._pool.acquire() as connection, connection.transaction():
            job = await jobs.get(connection, request.job_id)
            await jobs.set_growing(connection, job.job_id, growing)
            change = Change(
                key=request.key,
                type=EventType.GROWN,
                stage=job.stage,
                progress=job.progress,
                eta=job.eta,
                deciding=job.deciding,
            )
            await jobs.record(connection, job.job_id, change)

    @activity.defn(name=FINISH.name)
    async def finish(self, request: FinishRequest) -> Finished:
        async with heartbeating(), scratch_folder() as folder:
            plan, inputs = await self._load(request.plan, request.inputs)
            parts, sound, made = await asyncio.gather(
                self._parts(request.made, folder),
                self._soundtrack(inputs, folder),
                self._rows(request),
            )
            try:
                files = await asyncio.to_thread(finish, parts, sound, folder, _shape(plan))
            except BadSegment as error:
                raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, str(error)) from error
            bundle = Bundle(request=request, plan=plan, inputs=inputs, made=made, files=files)
            return await publish(self._pool, self._objects, bundle)

    async def _load(self, plan: PlanRef, inputs: InputsRef) -> tuple[Plan, NormalisedInputs]:
        return await asyncio.gather(
            load_plan(self._objects, plan), load_inputs(self._objects, inputs)
        )

    async def _rows(self, request: FinishRequest) -> list[CheckpointRow]:
        async with self._pool.acquire() as connection:
            rows = await checkpoints.list_of_job(connection, request.job_id)
        return [row for row in rows if row.segment in range(len(request.made))]

    async def _parts(self, made: list[Checkpoint], folder: Path) -> list[Part]:
        """Byte for byte the videos that were decoded and counted when they were collected."""
        room = asyncio.Semaphore(FETCHED_AT_ONCE)

        async def fetch(checkpoint: Checkpoint) -> Part:
            path = folder / f"segment-{checkpoint.segment}.mp4"
            async with room:
                with lost_when_missing(checkpoint.segment):
                    await self._objects.get_stored(checkpoint.files[OutputKind.VIDEO], path)
            return Part(path, checkpoint.frames)

        return await asyncio.gather(*map(fetch, made))

    async def _soundtrack(self, inputs: NormalisedInputs, folder: Path) -> Path | None:
        if inputs.soundtrack is None:
            return None
        return await self._objects.get_stored(inputs.soundtrack, folder / "soundtrack.wav")


def _asset_ids(job: JobRow) -> list[str]:
    request = job.request
    if isinstance(request, AudioPerformanceRequest):
        return [request.ground_truth_asset_id, request.audio_asset_id]
    return [request.ground_truth_asset_id, request.motion_video_asset_id]


def _growing_key(job_id: str, newest: Checkpoint) -> str:
    """Where the video up to a segment lies. The same segments made anew lie elsewhere."""
    return f"jobs/{job_id}/growing/{newest.segment}-{newest.generation}.mp4"


def _shape(plan: Plan) -> VideoShape:
    return VideoShape(plan.settings.width, plan.settings.height, plan.settings.fps)
