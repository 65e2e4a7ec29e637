import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import structlog
from temporalio import activity

from proto.errors import ErrorCode
from proto.media import STORED_FILES, StoredFile
from proto.plan import PREPARATION, InputRole, OutputKind, Plan, RenderSettings, Segment
from proto.render import (
    CancelOutcome,
    Checkpoint,
    CollectRequest,
    NormalisedInput,
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
from services.store import jobs
from services.store.database import Pool
from services.store.jobs import JobRow
from services.store.objects import ObjectStore
from temporal.activities.backends import BackendLink, Backends
from temporal.activities.collecting import Collector
from temporal.activities.failures import lost_when_missing, permanent
from temporal.activities.heartbeat import heartbeating
from temporal.activities.planning import load_inputs, load_plan
from temporal.activities.scratch import scratch_folder
from temporal.activities.submitting import Submitter
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
from workflows_comfy.catalog import Template, load_graph
from workflows_comfy.compose import Attempt, parameters
from workflows_comfy.nodes import Graph

log = structlog.get_logger()

INPUT_FOLDER = "animatrix"
WATCHERS = 500
"""Watchers end with their worker and with the database: many are normal, no end of them is not."""


@dataclass(frozen=True)
class Wanted:
    """A file that a graph loads. segment: whose checkpoint it is of, where it is of one."""

    role: InputRole
    file: StoredFile
    segment: int | None = None


class ComfyActivities:
    """The steps that talk to a ComfyUI server. Each may run again, and overlap its late twin.

    pauses: a segment that has drifted waits for its owner's word.
    """

    def __init__(
        self,
        pool: Pool,
        objects: ObjectStore,
        backends: Backends,
        *,
        stall_s: float,
        silence_s: float,
        pauses: bool,
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._backends = backends
        self._stall_s = stall_s
        self._silence_s = silence_s
        self._pauses = pauses

    @activity.defn(name=UPLOAD_INPUTS.name)
    async def upload_inputs(self, request: UploadRequest) -> UploadedInputs:
        async with heartbeating(), scratch_folder() as folder:
            link = await self._backends.link(request.work.prompt.backend_id)
            wanted = await self._wanted(request)
            with final_after(self._silence_s, ErrorCode.COMFYUI_UPLOAD_FAILURE):
                uploads = (self._upload(link, item, folder) for item in wanted)
                return UploadedInputs(inputs=await asyncio.gather(*uploads))

    async def _wanted(self, request: UploadRequest) -> list[Wanted]:
        """The files that the segment's graph loads."""
        plan, inputs = await asyncio.gather(
            load_plan(self._objects, request.work.plan),
            load_inputs(self._objects, request.inputs),
        )
        segment = plan.prompt(request.work.prompt.segment)
        found = {item.role: Wanted(item.role, _part(item, segment)) for item in inputs.inputs}
        if request.before is not None and InputRole.PREVIOUS in segment.inputs:
            latent = request.before.files[OutputKind.LATENT]
            found[InputRole.PREVIOUS] = Wanted(InputRole.PREVIOUS, latent, request.before.segment)
        if request.preparation is not None and InputRole.MASK in segment.inputs:
            masks = request.preparation.files[OutputKind.MASK]
            with lost_when_missing(PREPARATION):
                parts = STORED_FILES.validate_json(await self._objects.get_bytes(masks.key))
            found[InputRole.MASK] = Wanted(InputRole.MASK, parts[segment.index], PREPARATION)
        return [found[role] for role in segment.inputs]

    @activity.defn(name=ENSURE_SUBMITTED.name)
    async def ensure_submitted(self, submission: Submission) -> Submitted:
        async with heartbeating():
            link = await self._backends.link(submission.work.prompt.backend_id)
            template, plan, job = await self._job(submission.work)
            log.info("submitting", prompt=job.request.prompt)
            submitter = Submitter(self._pool, link, submission.work.prompt)
            try:
                model_name = await _model_name(link, template, plan.settings)
                values = _values(job, plan, template, submission, model_name)
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
        outputs = plan.prompt(watch.work.prompt.segment).outputs
        limits = Limits(
            patience_s=watch.patience_s, stall_s=self._stall_s, silence_s=self._silence_s
        )
        watcher = Watcher(self._pool, self._backends, watch, plan, limits)
        return await watcher.run([template.bindings.outputs[kind] for kind in outputs])

    @activity.defn(name=COLLECT.name)
    async def collect(self, request: CollectRequest) -> Checkpoint:
        async with heartbeating(), scratch_folder() as folder:
            template, plan, _ = await self._job(request.work)
            link = await self._backends.link(request.work.prompt.backend_id)
            collector = Collector(self._pool, self._objects, link, plan, folder)
            with final_after(self._silence_s, ErrorCode.RESULT_COLLECTION_FAILURE):
                return await collector.collect(request, template, pauses=self._pauses)

    @activity.defn(name=CANCEL_PROMPT.name)
    async def cancel_prompt(self, prompt: PromptRef) -> CancelOutcome:
        async with heartbeating():
            end = await take_back(self._pool, self._backends, prompt)
        return CancelOutcome(prompt_id=prompt.prompt_id, end=end)

    async def _job(self, work: SegmentWork) -> tuple[Template, Plan, JobRow]:
        plan = await load_plan(self._objects, work.plan)
        structlog.contextvars.bind_contextvars(template=str(plan.template))
        async with self._pool.acquire() as connection:
            job = await jobs.get(connection, work.prompt.job_id)
        segment = plan.prompt(work.prompt.segment)
        return load_graph(plan.graphs[segment.graph]), plan, job

    async def _upload(self, link: BackendLink, wanted: Wanted, folder: Path) -> UploadedInput:
        """Put a file among the backend's inputs under its sha256; it may be there already."""
        path = folder / PurePosixPath(wanted.file.key).name
        with nullcontext() if wanted.segment is None else lost_when_missing(wanted.segment):
            await self._objects.get_stored(wanted.file, path)
        try:
            name = await files.upload(link.bulk, path, name=path.name, subfolder=INPUT_FOLDER)
            return UploadedInput(role=wanted.role, name=name)
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


def _values(
    job: JobRow, plan: Plan, template: Template, submission: Submission, model_name: str | None
) -> dict[str, Value]:
    prompt = submission.work.prompt
    name = f"{prompt.segment}-{prompt.generation}-{prompt.prompt_id}"
    attempt = Attempt(
        uploaded={item.role: item.name for item in submission.uploaded.inputs},
        model_name=model_name,
        filename_prefix=f"animatrix/{job.job_id}/{name}",
    )
    return parameters(job.request, plan, plan.prompt(prompt.segment), template, attempt)


async def _model_name(
    link: BackendLink, template: Template, settings: RenderSettings
) -> str | None:
    """The best of the profile's models that the backend has; None where the graph needs none."""
    if "diffusion_model" not in template.bindings.parameters:
        return None
    present = set(await system.models(link.quick, "diffusion_models"))
    for name in settings.diffusion_models:
        if name in present:
            return name
    wanted = ", ".join(settings.diffusion_models)
    cause = f"{link.backend_id} has none of {wanted} in models/diffusion_models"
    raise permanent(ErrorCode.COMFYUI_QUEUE_FAILURE, cause)


def _part(item: NormalisedInput, segment: Segment) -> StoredFile:
    """The segment's own part of a file that is cut; the whole of any other."""
    if not item.parts or segment.index == PREPARATION:
        return item.file
    return item.parts[segment.index]


def _bind(template: Template, values: Mapping[str, Value]) -> Graph:
    try:
        return bind(template, values)
    except BindingFailure as error:
        raise permanent(ErrorCode.WORKFLOW_BINDING_FAILURE, str(error)) from error


@contextmanager
def final_after(seconds: float, code: ErrorCode) -> Iterator[None]:
    """A backend that is away fails the step for good once it was asked for that long ago."""
    try:
        yield
    except ComfyUnavailable as error:
        if scheduled_s() > seconds:
            raise permanent(code, str(error)) from error
        raise


def scheduled_s() -> float:
    """How long ago the activity was first asked for, all its tries included."""
    return (datetime.now(UTC) - activity.info().scheduled_time).total_seconds()
