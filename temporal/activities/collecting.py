import asyncio
from collections.abc import Sequence
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from proto.errors import ErrorCode
from proto.job import JobWarning
from proto.look import Drift, Look
from proto.media import STORED_FILES, StoredFile
from proto.plan import OutputKind, Plan, Segment
from proto.render import BackendFile, Checkpoint, CollectRequest
from services.comfy import files
from services.comfy.connection import ComfyRejected, ComfyUnavailable
from services.comfy.latents import BadLatent, count_latents
from services.media.check import check_video
from services.media.errors import BadSegment
from services.media.look import drift, look_of_video
from services.media.mask import pack_masks
from services.store import checkpoints, jobs
from services.store.checkpoints import Alike, CheckpointRow
from services.store.database import Pool
from services.store.objects import ObjectStore
from temporal.activities.backends import BackendLink
from temporal.activities.failures import permanent
from temporal.activities.planning import load_inputs
from temporal.activities.scratch import put_by_content
from workflows_comfy.catalog import Template

LOOKS = 3
AT_ONCE = 8
"""Files asked of a backend at the same time."""

DRIFTED = "drifted"
DRIFT_MESSAGE = (
    "From here on the video looks different from how it began. Play it: you can keep what is done,"
    " or make this part again."
)


class Collector:
    """Brings what one prompt has left to the object store, once each of it is found whole."""

    def __init__(
        self, pool: Pool, objects: ObjectStore, link: BackendLink, plan: Plan, folder: Path
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._link = link
        self._plan = plan
        self._folder = folder

    async def collect(
        self, request: CollectRequest, template: Template, *, pauses: bool
    ) -> Checkpoint:
        """pauses: a segment that has drifted waits for its owner's word.

        Raises ComfyUnavailable, or a permanent failure when files are not what was promised.
        """
        prompt = request.work.prompt
        segment = self._plan.prompt(prompt.segment)
        found: dict[OutputKind, StoredFile] = {}
        look: Look | None = None
        for kind in segment.outputs:
            saved = request.outcome.files[template.bindings.outputs[kind]]
            if kind is OutputKind.VIDEO:
                found[kind], look = await self._video(saved, segment, request)
            elif kind is OutputKind.LATENT:
                found[kind] = await self._latent(saved, segment)
            else:
                found[kind] = await self._masks(saved, segment)
        drifted = await self._drift(request, segment, look)
        row = _row(request, self._plan, segment, template, found)
        row = row.model_copy(update={"look": look, "drift": drifted})
        exceeds = drifted is not None and drifted.exceeds()
        await self._keep(row, exceeds=exceeds)
        return row.checkpoint(drifted=exceeds and pauses)

    async def _video(
        self, saved: Sequence[BackendFile], segment: Segment, request: CollectRequest
    ) -> tuple[StoredFile, Look]:
        path = await self._fetch(saved[0], "video.mp4")
        key = f"{segment.checkpoint}/{request.work.prompt.generation}/video.mp4"
        # Nothing names the stored file before this step returns.
        (frames, look), stored = await asyncio.gather(
            asyncio.to_thread(_examine, path, self._plan),
            self._objects.put_file(key, path, "video/mp4"),
        )
        _require(frames, segment.outputs[OutputKind.VIDEO], "frames")
        return stored, look

    async def _latent(self, saved: Sequence[BackendFile], segment: Segment) -> StoredFile:
        path = await self._fetch(saved[0], "previous.latent")
        try:
            count = count_latents(path)
        except BadLatent as error:
            raise not_collected(str(error)) from error
        _require(count, segment.outputs[OutputKind.LATENT], "latents")
        kind = "application/octet-stream"
        return await put_by_content(self._objects, segment.checkpoint, path, kind)

    async def _masks(self, saved: Sequence[BackendFile], segment: Segment) -> StoredFile:
        """A list of videos, one for each segment's part of the motion."""
        _require(len(saved), segment.outputs[OutputKind.MASK], "masks")
        room = asyncio.Semaphore(AT_ONCE)

        async def fetch(index: int, file: BackendFile) -> Path:
            async with room:
                return await self._fetch(file, f"mask-{index:05}.png")

        pictures = await asyncio.gather(*(fetch(*item) for item in enumerate(saved)))
        spans = [(part.read_start, part.length) for part in self._plan.segments]
        try:
            packed = await asyncio.to_thread(
                pack_masks, pictures, spans, self._folder, self._plan.settings.fps
            )
        except BadSegment as error:
            raise not_collected(str(error)) from error
        parts = await asyncio.gather(
            *(
                put_by_content(self._objects, segment.checkpoint, path, "video/mp4")
                for path in packed
            )
        )
        index = STORED_FILES.dump_json(list(parts))
        return await self._objects.put_bytes(
            f"{segment.checkpoint}/masks.json", index, "application/json"
        )

    async def _fetch(self, file: BackendFile, name: str) -> Path:
        path = self._folder / name
        try:
            async with files.download(self._link.bulk, file) as download:
                received = 0
                with path.open("wb") as out:
                    async for chunk in download.chunks:
                        received += out.write(chunk)
        except ComfyRejected as error:
            raise not_collected(f"{file.filename}: {error}") from error
        if received != download.content_length:
            raise ComfyUnavailable(f"{file.filename} came in short")
        return path

    async def _drift(
        self, request: CollectRequest, segment: Segment, look: Look | None
    ) -> Drift | None:
        """How far the segment is from the first one; None for that one itself."""
        if look is None or segment.index == 0:
            return None
        inputs = await load_inputs(self._objects, request.inputs)
        async with self._pool.acquire() as connection:
            made = await checkpoints.list_of_job(connection, request.work.prompt.job_id)
        first = next((row.look for row in made if row.segment == 0), None)
        return None if first is None else drift(look, first, inputs.look)

    async def _keep(self, row: CheckpointRow, *, exceeds: bool) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await checkpoints.put(connection, row)
            job = await jobs.get(connection, row.job_id)
            if exceeds and not any(warning.code == DRIFTED for warning in job.warnings):
                warning = JobWarning(code=DRIFTED, message=DRIFT_MESSAGE, segment=row.segment)
                await jobs.add_warning(connection, row.job_id, warning)


def _row(
    request: CollectRequest,
    plan: Plan,
    segment: Segment,
    template: Template,
    found: dict[OutputKind, StoredFile],
) -> CheckpointRow:
    prompt = request.work.prompt
    return CheckpointRow(
        job_id=prompt.job_id,
        segment=prompt.segment,
        generation=prompt.generation,
        prompt_id=prompt.prompt_id,
        backend_id=prompt.backend_id,
        **Alike.of(plan.template.template_id, plan.settings).model_dump(),
        length=segment.length,
        seed=segment.seed,
        frames=segment.frames,
        files=found,
        submitted=request.submitted,
        outcome=request.outcome.model_copy(update={"files": {}}),
        render_s=request.outcome.execution_s,
        look=None,
        drift=None,
    )


def _examine(path: Path, plan: Plan) -> tuple[int, Look]:
    settings = plan.settings
    try:
        return check_video(path, settings.width, settings.height, settings.fps), look_of_video(path)
    except BadSegment as error:
        raise not_collected(str(error)) from error


def _require(found: int, promised: int, noun: str) -> None:
    if found != promised:
        raise not_collected(f"the backend left {found} {noun}, not {promised}")


def not_collected(cause: str) -> ApplicationError:
    """Final only after a second look: rendering it again costs more."""
    if activity.info().attempt < LOOKS:
        return ApplicationError(cause)
    return permanent(ErrorCode.RESULT_COLLECTION_FAILURE, cause)
