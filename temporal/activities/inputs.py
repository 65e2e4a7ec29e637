import asyncio
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from proto.errors import ErrorCode
from proto.job import AnimateRequest, AudioPerformanceRequest
from proto.look import Look
from proto.media import STORED_FILES, StoredFile
from proto.model import Model
from proto.plan import InputRole, Plan
from proto.render import NormalisedInput, NormalisedInputs
from services.media.cut import cut_clip
from services.media.look import look_of_picture
from services.media.part import Cut
from services.media.recipe import (
    ClipRecipe,
    PictureRecipe,
    Recipe,
    SoundtrackRecipe,
    VoiceRecipe,
)
from services.store.assets import AssetRow
from services.store.jobs import JobRow
from services.store.objects import ObjectMissing, ObjectStore
from temporal.activities.failures import permanent
from temporal.activities.planning import job_plan
from temporal.activities.scratch import put_by_content
from temporal.activities.workbench import Workbench


class Shaped(Model):
    """What a recipe made of a source. It is noted in the object store for the next who asks."""

    file: StoredFile
    frames: int


async def shape(workbench: Workbench, source: StoredFile, recipe: Recipe, folder: Path) -> Shaped:
    """What the recipe makes of the source: as it was stored before, or made now.

    Raises MediaRefused, ObjectMissing.
    """
    objects, shelf = workbench.objects, f"inputs/{source.sha256}"
    note, out = f"{shelf}/{recipe.digest}.json", shaped_path(recipe, folder)
    found = await _find(objects, note, out)
    if found is not None:
        return found
    upload = await workbench.open_upload(source, folder)
    frames = await workbench.isolation.run(recipe.write, upload, out)
    file = await put_by_content(objects, shelf, out, recipe.content_type)
    shaped = Shaped(file=file, frames=frames)
    await objects.put_bytes(note, shaped.model_dump_json().encode(), "application/json")
    return shaped


def shaped_path(recipe: Recipe, folder: Path) -> Path:
    """Where what a recipe makes lies while its activity runs."""
    return folder / f"{recipe.digest}{recipe.suffix}"


async def _find(objects: ObjectStore, note: str, out: Path) -> Shaped | None:
    """What was noted, if its file is still whole."""
    try:
        found = Shaped.model_validate_json(await objects.get_bytes(note))
        await objects.get_stored(found.file, out)
    except (ObjectMissing, ValidationError):
        return None
    return found


class Normaliser:
    """One job's files, made into what its template takes."""

    def __init__(
        self, workbench: Workbench, job: JobRow, found: dict[str, AssetRow], folder: Path
    ) -> None:
        self._workbench = workbench
        self._objects = workbench.objects
        self._job = job
        self._found = found
        self._folder = folder

    async def run(self) -> NormalisedInputs:
        """Raises MediaRefused, ObjectMissing."""
        request = self._job.request
        if isinstance(request, AudioPerformanceRequest):
            driving, soundtrack = await self._voice(request)
        else:
            driving, soundtrack = await self._motion(request)
        character, look = await self._character()
        return NormalisedInputs(inputs=[character, driving], soundtrack=soundtrack, look=look)

    async def _character(self) -> tuple[NormalisedInput, Look]:
        request, settings = self._job.request, self._job.settings
        asset = self._asset(request.ground_truth_asset_id)
        recipe = PictureRecipe(width=settings.width, height=settings.height, crop=request.crop)
        shaped = await self._shape(asset, recipe)
        look = await asyncio.to_thread(look_of_picture, shaped_path(recipe, self._folder))
        return _input(InputRole.CHARACTER, asset, shaped.file, frames=1), look

    async def _motion(self, request: AnimateRequest) -> tuple[NormalisedInput, StoredFile | None]:
        asset, settings = self._asset(request.motion_video_asset_id), self._job.settings
        plan = job_plan(self._job, asset.facts, frames=None)
        last = plan.segments[-1]
        recipe = ClipRecipe(
            width=settings.width,
            height=settings.height,
            fps=settings.fps,
            frames=plan.frames,
            hold_to=last.read_start + last.length,
            parts=_cuts(plan),
            begin_s=self._begin_s,
        )
        shaped = await self._shape(asset, recipe)
        motion = _input(InputRole.MOTION, asset, shaped.file, frames=shaped.frames)
        # It may hold less than its packets promised.
        cuts = _cuts(job_plan(self._job, asset.facts, frames=shaped.frames))
        if cuts:
            parts = await self._cut(asset, recipe, cuts)
            motion = motion.model_copy(update={"parts": parts})
        if not asset.facts.has_audio:
            return motion, None
        duration_s = float(Fraction(shaped.frames) / settings.fps)
        return motion, await self._soundtrack(asset, duration_s)

    async def _cut(
        self, asset: AssetRow, recipe: ClipRecipe, cuts: Sequence[Cut]
    ) -> list[StoredFile]:
        """The clip's parts, as they were cut before, or cut now from what the recipe made."""
        shelf = f"inputs/{asset.sha256}"
        note = f"{shelf}/{recipe.digest}.{len(cuts)}-parts.json"
        found = await self._find_parts(note)
        if found:
            return found
        whole = shaped_path(recipe, self._folder)
        paths = await asyncio.to_thread(cut_clip, whole, cuts, self._folder, recipe.fps)
        parts = await asyncio.gather(
            *(put_by_content(self._objects, shelf, path, recipe.content_type) for path in paths)
        )
        content = STORED_FILES.dump_json(list(parts))
        await self._objects.put_bytes(note, content, "application/json")
        return list(parts)

    async def _find_parts(self, note: str) -> list[StoredFile]:
        """What was noted, if all of it is there."""
        try:
            parts = STORED_FILES.validate_json(await self._objects.get_bytes(note))
        except (ObjectMissing, ValidationError):
            return []
        there = await asyncio.gather(*map(self._objects.holds, parts))
        return parts if all(there) else []

    async def _voice(
        self, request: AudioPerformanceRequest
    ) -> tuple[NormalisedInput, StoredFile | None]:
        asset = self._asset(request.audio_asset_id)
        plan = job_plan(self._job, asset.facts, frames=None)
        shaped = await self._shape(
            asset, VoiceRecipe(duration_s=plan.duration_s, begin_s=self._begin_s)
        )
        voice = _input(InputRole.VOICE, asset, shaped.file, frames=plan.frames)
        return voice, await self._soundtrack(asset, plan.duration_s)

    async def _soundtrack(self, asset: AssetRow, duration_s: float) -> StoredFile:
        recipe = SoundtrackRecipe(duration_s=duration_s, begin_s=self._begin_s)
        return (await self._shape(asset, recipe)).file

    @property
    def _begin_s(self) -> Fraction:
        return Fraction(self._job.request.source_start_seconds)

    async def _shape(self, asset: AssetRow, recipe: Recipe) -> Shaped:
        return await shape(self._workbench, asset.original, recipe, self._folder)

    def _asset(self, asset_id: str) -> AssetRow:
        if asset_id not in self._found:
            raise permanent(ErrorCode.MISSING_ASSET, f"asset {asset_id} is gone")
        return self._found[asset_id]


def _cuts(plan: Plan) -> tuple[Cut, ...]:
    """What each segment is given of the clip; nothing is cut for a single one."""
    if len(plan.segments) == 1:
        return ()
    return tuple((segment.read_start, segment.length) for segment in plan.segments)


def _input(role: InputRole, asset: AssetRow, file: StoredFile, *, frames: int) -> NormalisedInput:
    return NormalisedInput(
        role=role,
        asset_id=asset.asset_id,
        source_sha256=asset.sha256,
        file=file,
        frames=frames,
    )
