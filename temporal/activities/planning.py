import hashlib
from collections.abc import Mapping

from temporalio import activity

from proto.job import AudioPerformanceRequest
from proto.media import MediaFacts, StoredFile
from proto.plan import Outline, Plan, PlanRef
from proto.render import InputsRef, NormalisedInputs, PlanRequest
from services.store import assets, checkpoints, jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.queues import PLAN_SEGMENTS
from workflows_comfy.catalog import graphs_of, load_template
from workflows_comfy.plan import PlanRefused, Source, plan


class PlanActivities:
    def __init__(self, pool: Pool, objects: ObjectStore) -> None:
        self._pool = pool
        self._objects = objects

    @activity.defn(name=PLAN_SEGMENTS.name)
    async def plan_segments(self, request: PlanRequest) -> PlanRef:
        """Plan from what the normalised files really hold, and store the plan."""
        async with heartbeating():
            return await self._plan(request)

    async def _plan(self, request: PlanRequest) -> PlanRef:
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, request.job_id)
            found = await assets.find(connection, job.owner, [_driving_id(job)])
            made = await checkpoints.list_of_job(connection, request.job_id)
        sound = isinstance(job.request, AudioPerformanceRequest)
        frames = None if sound else request.inputs.frames
        planned = job_plan(job, found[_driving_id(job)].facts, frames=frames)
        planned = _with_seeds(planned, {row.segment: row.seed for row in made})
        stored = await self._objects.put_bytes(
            f"jobs/{job.job_id}/plan.json", planned.model_dump_json().encode(), "application/json"
        )
        ref = _ref(planned, stored)
        async with self._pool.acquire() as connection:
            await jobs.set_plan(connection, job.job_id, ref)
        return ref


def _driving_id(job: JobRow) -> str:
    """The file that decides how long the result is."""
    if isinstance(job.request, AudioPerformanceRequest):
        return job.request.audio_asset_id
    return job.request.motion_video_asset_id


def _with_seeds(planned: Plan, seeds: Mapping[int, int]) -> Plan:
    """The plan with the seeds of what is made already: another job may have made it."""
    segments = [
        segment.model_copy(update={"seed": seeds.get(segment.index, segment.seed)})
        for segment in planned.segments
    ]
    return planned.model_copy(update={"segments": segments})


def _ref(planned: Plan, stored: StoredFile) -> PlanRef:
    return PlanRef(
        key=stored.key,
        sha256=stored.sha256,
        width=planned.settings.width,
        height=planned.settings.height,
        frames=planned.frames,
        steps=planned.settings.steps,
        preparation=planned.preparation.share if planned.preparation else None,
        segments=[
            Outline(frames=segment.frames, length=segment.length, share=segment.share)
            for segment in planned.segments
        ],
    )


def job_plan(job: JobRow, facts: MediaFacts, *, frames: int | None) -> Plan:
    """frames: of the clip at the profile's rate, where they were counted."""
    sound = isinstance(job.request, AudioPerformanceRequest)
    source = Source(
        duration_s=facts.duration_s or 0.0,
        frames=frames,
        width=None if sound else facts.width,
        height=None if sound else facts.height,
    )
    template = load_template(job.template.template_id, job.template.version)
    try:
        return plan(
            job.request,
            source,
            job.settings,
            graphs_of(template),
            job.seed,
            job.job_id,
        )
    except PlanRefused as refusal:
        raise permanent(refusal.code, str(refusal)) from refusal


async def load_plan(objects: ObjectStore, ref: PlanRef) -> Plan:
    return Plan.model_validate_json(await _read(objects, ref.key, ref.sha256))


async def load_inputs(objects: ObjectStore, ref: InputsRef) -> NormalisedInputs:
    return NormalisedInputs.model_validate_json(await _read(objects, ref.file.key, ref.file.sha256))


async def _read(objects: ObjectStore, key: str, sha256: str) -> bytes:
    content = await objects.get_bytes(key)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{key} is not what was stored")
    return content
