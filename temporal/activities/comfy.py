import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import structlog
from temporalio import activity

from proto.errors import ErrorCode
from proto.media import StoredFile
from proto.plan import Plan, RenderSettings
from proto.render import (
    BackendFile,
    CancelOutcome,
    CollectedSegment,
    CollectRequest,
    PromptOutcome,
    PromptRef,
    SegmentWork,
    Submission,
    Submitted,
    UploadedInput,
    UploadedInputs,
    UploadRequest,
    Watch,
)
from services.comfy import files, prompts, system
from services.comfy.connection import ComfyProtocol, ComfyRejected, ComfyUnavailable
from services.comfy.presence import Whereabouts, find_prompt
from services.media.check import check_video
from services.media.errors import BadSegment
from services.store import jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from temporal.activities.backends import POST_TIMEOUT_S, Backend, Backends
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.planning import load_plan
from temporal.activities.scratch import scratch_folder
from temporal.activities.watching import Watcher
from temporal.activities.withdrawing import withdraw
from temporal.queues import (
    AWAIT_DONE,
    CANCEL_PROMPT,
    COLLECT,
    ENSURE_SUBMITTED,
    UPLOAD_INPUTS,
)
from workflows_comfy.bind import BindingFailure, Value, bind
from workflows_comfy.catalog import Template, load_template
from workflows_comfy.compose import parameters
from workflows_comfy.nodes import Graph

log = structlog.get_logger()

INPUT_FOLDER = "animatrix"
SUBMIT_MARGIN_S = 5.0
MAX_CAUSE_CHARS = 4000


class ComfyActivities:
    """The steps that talk to a ComfyUI server. Each may run again, and overlap its late twin."""

    def __init__(self, pool: Pool, objects: ObjectStore, backends: Backends) -> None:
        self._pool = pool
        self._objects = objects
        self._backends = backends

    @activity.defn(name=UPLOAD_INPUTS.name)
    async def upload_inputs(self, request: UploadRequest) -> UploadedInputs:
        backend = self._backends[request.work.backend_id]
        async with heartbeating(), scratch_folder() as folder:
            return UploadedInputs(
                inputs=[
                    UploadedInput(
                        role=item.role, name=await self._upload(backend, item.file, folder)
                    )
                    for item in request.inputs.inputs
                ]
            )

    @activity.defn(name=ENSURE_SUBMITTED.name)
    async def ensure_submitted(self, submission: Submission) -> Submitted:
        started = time.monotonic()
        backend = self._backends[submission.work.backend_id]
        template, plan, job = await self._job(submission.work)
        model_name = await _model_name(backend, plan.settings)
        values = _values(job, plan, submission, model_name)
        graph = _bind(template, values)
        submitted = await self._store_attempt(submission, graph, values)
        if await _is_absent(backend, submission.prompt_id):
            _check_fence(started)
            await _post(backend, submission, graph)
        return submitted

    @activity.defn(name=AWAIT_DONE.name)
    async def await_done(self, watch: Watch) -> PromptOutcome:
        backend = self._backends[watch.work.backend_id]
        template, plan, _ = await self._job(watch.work)
        watcher = Watcher(self._pool, backend, watch, plan.settings.steps)
        return await watcher.run(list(template.bindings.outputs.values()))

    @activity.defn(name=COLLECT.name)
    async def collect(self, request: CollectRequest) -> CollectedSegment:
        plan = await load_plan(self._objects, request.work.plan)
        segment = plan.segments[request.work.segment]
        key = f"{_attempt_folder(request.work, request.generation)}/video.mp4"
        async with heartbeating(), scratch_folder() as folder:
            path = folder / "video.mp4"
            backend = self._backends[request.work.backend_id]
            await _download(backend, request.outcome.files[0], path)
            frames = await _count_frames(path, plan.settings)
            if frames != segment.frames:
                cause = f"the backend's video holds {frames} frames, not {segment.frames}"
                raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, cause)
            stored = await self._objects.put_file(key, path, "video/mp4")
        return CollectedSegment(video=stored, frames=frames, seed=segment.seed)

    @activity.defn(name=CANCEL_PROMPT.name)
    async def cancel_prompt(self, ref: PromptRef) -> CancelOutcome:
        async with heartbeating():
            end = await withdraw(self._backends[ref.backend_id], ref.prompt_id)
        return CancelOutcome(prompt_id=ref.prompt_id, end=end)

    async def _job(self, work: SegmentWork) -> tuple[Template, Plan, JobRow]:
        plan = await load_plan(self._objects, work.plan)
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, work.job_id)
        return load_template(plan.template.template_id, plan.template.version), plan, job

    async def _upload(self, backend: Backend, file: StoredFile, folder: Path) -> str:
        """Put a file among the backend's inputs under its sha256; it may be there already."""
        path = folder / PurePosixPath(file.key).name
        await self._objects.get_file(file.key, path)
        try:
            return await files.upload(backend.bulk, path, name=path.name, subfolder=INPUT_FOLDER)
        except (ComfyRejected, ComfyProtocol) as error:
            raise permanent(ErrorCode.COMFYUI_UPLOAD_FAILURE, str(error)) from error

    async def _store_attempt(
        self, submission: Submission, graph: Graph, values: Mapping[str, Value]
    ) -> Submitted:
        facts = await self._backends.facts(submission.work.backend_id)
        folder = _attempt_folder(submission.work, submission.generation)
        return Submitted(
            prompt_id=submission.prompt_id,
            graph=await self._put_json(f"{folder}/graph.api.json", graph),
            values=await self._put_json(f"{folder}/values.json", values),
            backend_version=facts.version,
            node_fingerprint=facts.node_fingerprint,
            simulated=facts.simulated,
        )

    async def _put_json(self, key: str, content: Any) -> StoredFile:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
        return await self._objects.put_bytes(key, text.encode(), "application/json")


def _attempt_folder(work: SegmentWork, generation: int) -> str:
    return f"jobs/{work.job_id}/segments/{work.segment}/{generation}"


def _values(job: JobRow, plan: Plan, submission: Submission, model_name: str) -> dict[str, Value]:
    work = submission.work
    return parameters(
        job.request,
        plan,
        plan.segments[work.segment],
        {item.role: item.name for item in submission.uploaded.inputs},
        model_name,
        f"animatrix/{job.job_id}/{work.segment}-{submission.generation}-{submission.prompt_id}",
    )


async def _model_name(backend: Backend, settings: RenderSettings) -> str:
    """The best of the profile's models that the backend has."""
    present = set(await system.models(backend.quick, "diffusion_models"))
    for name in settings.diffusion_models:
        if name in present:
            return name
    wanted = ", ".join(settings.diffusion_models)
    cause = f"{backend.backend_id} has none of {wanted} in models/diffusion_models"
    raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, cause)


def _bind(template: Template, values: Mapping[str, Value]) -> Graph:
    try:
        return bind(template, values)
    except BindingFailure as error:
        raise permanent(ErrorCode.WORKFLOW_BINDING_FAILURE, str(error)) from error


async def _is_absent(backend: Backend, prompt_id: str) -> bool:
    place = await find_prompt(backend.quick, prompt_id)
    if place.where is Whereabouts.ABSENT and activity.info().attempt > 1:
        # An earlier try's request may still be on its way. Once its time-out is over, it is in
        # the line or it never will be.
        await asyncio.sleep(POST_TIMEOUT_S)
        place = await find_prompt(backend.quick, prompt_id)
    return place.where is Whereabouts.ABSENT


def _check_fence(started: float) -> None:
    # No request of this try may be on its way when the server starts the next one.
    limit = ENSURE_SUBMITTED.start_to_close
    if limit is None or time.monotonic() - started > (
        limit.total_seconds() - POST_TIMEOUT_S - SUBMIT_MARGIN_S
    ):
        raise ComfyUnavailable("too late in this try to submit")


async def _post(backend: Backend, submission: Submission, graph: Graph) -> None:
    work = submission.work
    origin = {
        "job_id": work.job_id,
        "segment": work.segment,
        "generation": submission.generation,
        "prompt_id": submission.prompt_id,
    }
    try:
        await prompts.submit(
            backend.quick,
            graph,
            prompt_id=submission.prompt_id,
            client_id=submission.prompt_id,
            extra_pnginfo={"animatrix": origin},
        )
    except ComfyRejected as error:
        if error.queued:
            await withdraw(backend, submission.prompt_id)
        cause = f"{error}: {json.dumps(error.node_errors)}"[:MAX_CAUSE_CHARS]
        raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, cause) from error


async def _download(backend: Backend, file: BackendFile, path: Path) -> None:
    try:
        async with files.download(backend.bulk, file) as download:
            received = 0
            with path.open("wb") as out:
                async for chunk in download.chunks:
                    received += out.write(chunk)
    except ComfyRejected as error:
        cause = f"{file.filename}: {error}"
        raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, cause) from error
    if received != download.content_length:
        raise ComfyUnavailable(f"{file.filename} came in short")


async def _count_frames(path: Path, settings: RenderSettings) -> int:
    try:
        return await asyncio.to_thread(
            check_video, path, settings.width, settings.height, settings.fps
        )
    except BadSegment as error:
        raise permanent(ErrorCode.RESULT_COLLECTION_FAILURE, str(error)) from error
