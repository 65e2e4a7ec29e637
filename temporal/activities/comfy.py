import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

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
from services.comfy import files, system
from services.comfy.connection import ComfyProtocol, ComfyRejected, ComfyUnavailable
from services.media.check import check_video
from services.media.errors import BadSegment
from services.store import jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from temporal.activities.backends import BackendLink, Backends
from temporal.activities.failures import permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.planning import load_plan
from temporal.activities.scratch import scratch_folder
from temporal.activities.submitting import Submitter, scheduled_s
from temporal.activities.watching import Limits, Watcher
from temporal.activities.withdrawing import take_back
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

INPUT_FOLDER = "animatrix"
GIVE_UP_S = 10.0
LOOKS = 3
WATCHERS = 500
"""Watchers end with their worker and with the database: many are normal, no end of them is not."""


class ComfyActivities:
    """The steps that talk to a ComfyUI server. Each may run again, and overlap its late twin."""

    def __init__(
        self,
        pool: Pool,
        objects: ObjectStore,
        backends: Backends,
        *,
        stall_s: float,
        silence_s: float,
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._backends = backends
        self._stall_s = stall_s
        self._silence_s = silence_s

    @activity.defn(name=UPLOAD_INPUTS.name)
    async def upload_inputs(self, request: UploadRequest) -> UploadedInputs:
        link = await self._backends.link(request.work.prompt.backend_id)
        async with heartbeating(), scratch_folder() as folder:
            items = request.inputs.inputs
            names = await asyncio.gather(*(self._upload(link, item.file, folder) for item in items))
        return UploadedInputs(
            inputs=[
                UploadedInput(role=item.role, name=name)
                for item, name in zip(items, names, strict=True)
            ]
        )

    @activity.defn(name=ENSURE_SUBMITTED.name)
    async def ensure_submitted(self, submission: Submission) -> Submitted:
        async with heartbeating():
            link = await self._backends.link(submission.work.prompt.backend_id)
            template, plan, job = await self._job(submission.work)
            submitter = Submitter(self._pool, link, submission.work.prompt)
            try:
                model_name = await _model_name(link, plan.settings)
                values = _values(job, plan, submission, model_name)
                graph = _bind(template, values)
                submitted = await self._store_attempt(submission, graph, values)
                await submitter.submit(graph)
            except ComfyUnavailable as error:
                if scheduled_s() > self._silence_s:
                    await submitter.give_up(error)
                raise
        return submitted

    @activity.defn(name=AWAIT_DONE.name)
    async def await_done(self, watch: Watch) -> PromptOutcome:
        if activity.info().attempt > WATCHERS:
            raise permanent(ErrorCode.INTERNAL, f"{WATCHERS} watchers of it came to nothing")
        template, plan, _ = await self._job(watch.work)
        wanted = list(template.bindings.outputs.values())
        limits = Limits(
            patience_s=watch.patience_s, stall_s=self._stall_s, silence_s=self._silence_s
        )
        watcher = Watcher(self._pool, self._backends, watch, plan.settings.steps, limits)
        return await watcher.run(wanted)

    @activity.defn(name=COLLECT.name)
    async def collect(self, request: CollectRequest) -> CollectedSegment:
        prompt = request.work.prompt
        async with heartbeating(), scratch_folder() as folder:
            plan = await load_plan(self._objects, request.work.plan)
            segment = plan.segments[prompt.segment]
            key = f"{_attempt_folder(prompt)}/video.mp4"
            path = folder / "video.mp4"
            link = await self._backends.link(prompt.backend_id)
            with final_after(self._silence_s, ErrorCode.RESULT_COLLECTION_FAILURE):
                await _download(link, request.outcome.files[0], path)
            # Nothing names the stored file before this returns.
            frames, stored = await asyncio.gather(
                _count_frames(path, plan.settings), self._objects.put_file(key, path, "video/mp4")
            )
            if frames != segment.frames:
                cause = f"the backend's video holds {frames} frames, not {segment.frames}"
                raise _not_collected(cause)
        return CollectedSegment(video=stored, frames=frames, seed=segment.seed)

    @activity.defn(name=CANCEL_PROMPT.name)
    async def cancel_prompt(self, prompt: PromptRef) -> CancelOutcome:
        async with heartbeating():
            end = await take_back(
                self._pool, self._backends, prompt, give_up_after_s=self._give_up_after_s()
            )
        return CancelOutcome(prompt_id=prompt.prompt_id, end=end)

    @staticmethod
    def _give_up_after_s() -> float:
        """Before the try is over: the next one looks anew."""
        limit = activity.info().start_to_close_timeout
        return GIVE_UP_S if limit is None else limit.total_seconds() / 2

    async def _job(self, work: SegmentWork) -> tuple[Template, Plan, JobRow]:
        plan = await load_plan(self._objects, work.plan)
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, work.prompt.job_id)
        return load_template(plan.template.template_id, plan.template.version), plan, job

    async def _upload(self, link: BackendLink, file: StoredFile, folder: Path) -> str:
        """Put a file among the backend's inputs under its sha256; it may be there already."""
        path = folder / PurePosixPath(file.key).name
        await self._objects.get_stored(file, path)
        try:
            return await files.upload(link.bulk, path, name=path.name, subfolder=INPUT_FOLDER)
        except (ComfyRejected, ComfyProtocol) as error:
            raise permanent(ErrorCode.COMFYUI_UPLOAD_FAILURE, str(error)) from error

    async def _store_attempt(
        self, submission: Submission, graph: Graph, values: Mapping[str, Value]
    ) -> Submitted:
        prompt = submission.work.prompt
        facts = await self._backends.facts(prompt.backend_id)
        folder = _attempt_folder(prompt)
        stored_graph, stored_values = await asyncio.gather(
            self._put_json(f"{folder}/graph.api.json", graph),
            self._put_json(f"{folder}/values.json", values),
        )
        return Submitted(
            prompt_id=prompt.prompt_id,
            graph=stored_graph,
            values=stored_values,
            backend_version=facts.version,
            node_fingerprint=facts.node_fingerprint,
            simulated=facts.simulated,
        )

    async def _put_json(self, key: str, content: Any) -> StoredFile:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
        return await self._objects.put_bytes(key, text.encode(), "application/json")


def _attempt_folder(prompt: PromptRef) -> str:
    return f"jobs/{prompt.job_id}/segments/{prompt.segment}/{prompt.generation}"


def _values(job: JobRow, plan: Plan, submission: Submission, model_name: str) -> dict[str, Value]:
    prompt = submission.work.prompt
    attempt = f"{prompt.segment}-{prompt.generation}-{prompt.prompt_id}"
    return parameters(
        job.request,
        plan,
        plan.segments[prompt.segment],
        {item.role: item.name for item in submission.uploaded.inputs},
        model_name,
        f"animatrix/{job.job_id}/{attempt}",
    )


async def _model_name(link: BackendLink, settings: RenderSettings) -> str:
    """The best of the profile's models that the backend has."""
    present = set(await system.models(link.quick, "diffusion_models"))
    for name in settings.diffusion_models:
        if name in present:
            return name
    wanted = ", ".join(settings.diffusion_models)
    cause = f"{link.backend_id} has none of {wanted} in models/diffusion_models"
    raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, cause)


def _bind(template: Template, values: Mapping[str, Value]) -> Graph:
    try:
        return bind(template, values)
    except BindingFailure as error:
        raise permanent(ErrorCode.WORKFLOW_BINDING_FAILURE, str(error)) from error


async def _download(link: BackendLink, file: BackendFile, path: Path) -> None:
    try:
        async with files.download(link.bulk, file) as download:
            received = 0
            with path.open("wb") as out:
                async for chunk in download.chunks:
                    received += out.write(chunk)
    except ComfyRejected as error:
        raise _not_collected(f"{file.filename}: {error}") from error
    if received != download.content_length:
        raise ComfyUnavailable(f"{file.filename} came in short")


async def _count_frames(path: Path, settings: RenderSettings) -> int:
    try:
        return await asyncio.to_thread(
            check_video, path, settings.width, settings.height, settings.fps
        )
    except BadSegment as error:
        raise _not_collected(str(error)) from error


@contextmanager
def final_after(seconds: float, code: ErrorCode) -> Iterator[None]:
    """A backend that is away fails the step for good once it was asked for that long ago."""
    try:
        yield
    except ComfyUnavailable as error:
        if scheduled_s() > seconds:
            raise permanent(code, str(error)) from error
        raise


def _not_collected(cause: str) -> ApplicationError:
    """Final only after a second look: rendering it again costs more."""
    if activity.info().attempt < LOOKS:
        return ApplicationError(cause)
    return permanent(ErrorCode.RESULT_COLLECTION_FAILURE, cause)
