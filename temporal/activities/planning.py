import hashlib

from temporalio import activity

from proto.job import AudioPerformanceRequest
from proto.media import MediaFacts
from proto.plan import InputRole, Plan, PlanRef
from proto.render import PlanRequest
from services.store import assets, jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.queues import PLAN_SEGMENTS
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
        driving = next(item for item in request.inputs.inputs if item.role in DRIVING)
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, request.job_id)
            found = await assets.find(connection, job.owner, [driving.asset_id])
        frames = driving.frames if driving.role is InputRole.MOTION else None
        made = job_plan(job, found[driving.asset_id].facts, frames=frames)
        stored = await self._objects.put_bytes(
            f"jobs/{job.job_id}/plan.json", made.model_dump_json().encode(), "application/json"
        )
        return PlanRef(
            key=stored.key,
            sha256=stored.sha256,
            segment_count=len(made.segments),
            width=made.settings.width,
            height=made.settings.height,
            frames=made.frames,
            total_steps=made.settings.steps * len(made.segments),
        )


DRIVING = frozenset({InputRole.MOTION, InputRole.VOICE})
"""The roles of which a job has one, and which decides how long the result is."""


def job_plan(job: JobRow, facts: MediaFacts, *, frames: int | None) -> Plan:
    """frames: of the clip at the profile's rate, where they were counted."""
    sound = isinstance(job.request, AudioPerformanceRequest)
    source = Source(
        duration_s=facts.duration_s or 0.0,
        frames=frames,
        width=None if sound else facts.width,
        height=None if sound else facts.height,
    )
    try:
        return plan(job.request, source, job.settings, job.template, job.seed, job.job_id)
    except PlanRefused as refusal:
        raise permanent(refusal.code, str(refusal)) from refusal


async def load_plan(objects: ObjectStore, ref: PlanRef) -> Plan:
    content = await objects.get_bytes(ref.key)
    if hashlib.sha256(content).hexdigest() != ref.sha256:
        raise ValueError(f"{ref.key} is not the plan that was stored")
    return Plan.model_validate_json(content)
