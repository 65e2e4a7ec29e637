"""A request made into what a job needs, or refused before anything is created."""

from collections.abc import Iterator
from dataclasses import dataclass

from proto.errors import ErrorCode, FieldError
from proto.job import (
    AnimateRequest,
    AnyJobRequest,
    AudioPerformanceRequest,
    Promise,
    PromiseWarning,
    SecondsRange,
)
from proto.media import AssetKind
from proto.plan import Plan, RenderSettings, TemplateRef
from services.gateway.errors import ApiError
from services.gateway.state import Gateway
from services.gateway.words import MISSING_FILES
from services.store import assets
from services.store.assets import AssetRow
from services.store.checkpoints import Alike
from services.store.database import Connection
from workflows_comfy.catalog import active_template, graphs_of
from workflows_comfy.compose import check_request
from workflows_comfy.plan import PlanRefused, Source, plan

NOUNS = {
    AssetKind.IMAGE: "a picture",
    AssetKind.VIDEO: "a clip",
    AssetKind.AUDIO: "a sound",
}


@dataclass(frozen=True)
class Wanted:
    """A file a request names, in the field that names it."""

    field: str
    asset_id: str
    kind: AssetKind


@dataclass(frozen=True)
class Intake:
    request: AnyJobRequest
    template: TemplateRef
    settings: RenderSettings
    plan: Plan
    assets: dict[str, AssetRow]
    has_audio: bool

    @property
    def alike(self) -> Alike:
        """What segments of the job have in common with earlier ones."""
        return Alike.of(self.template.template_id, self.settings)

    @property
    def rendered_frames(self) -> int:
        """What the models make for it, cut or not."""
        return sum(segment.length for segment in self.plan.segments)

    def promise(
        self,
        *,
        estimated_seconds: SecondsRange | None,
        queue_position: int,
        wait_seconds: SecondsRange | None,
    ) -> Promise:
        return Promise(
            mode=self.request.mode,
            width=self.settings.width,
            height=self.settings.height,
            fps=float(self.settings.fps),
            frame_count=self.plan.frames,
            duration_seconds=round(self.plan.duration_s, 3),
            segments=len(self.plan.segments),
            has_audio=self.has_audio,
            quality_profile=self.settings.quality_profile,
            aspect_ratio=self.settings.aspect_ratio,
            estimated_seconds=estimated_seconds,
            queue_position=queue_position,
            wait_seconds=wait_seconds,
            warnings=list(self._warnings()),
        )

    def _warnings(self) -> Iterator[PromiseWarning]:
        wanted = self.request.duration_override_seconds
        if wanted is not None and wanted > self.plan.duration_s + 1 / self.settings.fps:
            yield PromiseWarning(
                code="shorter_than_asked",
                message=(
                    f"Your file ends after {self.plan.duration_s:.1f} seconds, and so will the "
                    "video. Choose a longer one for more."
                ),
                field="duration_override_seconds",
            )


async def take_in(
    gateway: Gateway, connection: Connection, owner: str, request: AnyJobRequest
) -> Intake:
    """Check all that needs no GPU to be checked. Raises ApiError with everything that is wrong."""
    wanted = _wanted(request)
    found = await assets.find_and_keep(connection, owner, [file.asset_id for file in wanted])
    errors = [*check_request(request, gateway.profiles), *_file_errors(wanted, found)]
    if errors:
        raise ApiError.of_fields(errors)
    source = found[_source_id(request)]
    settings = gateway.profiles.settings_for(request)
    submode = request.animate_submode if isinstance(request, AnimateRequest) else None
    template = active_template(request.mode, submode)
    try:
        promised = plan(
            request,
            _source(source),
            settings,
            graphs_of(template),
            request.seed or 0,
            "preview",
        )
    except PlanRefused as refusal:
        raise ApiError(refusal.code, str(refusal), field=refusal.field) from refusal
    return Intake(request, template.ref, settings, promised, found, source.facts.has_audio)


def _wanted(request: AnyJobRequest) -> list[Wanted]:
    files = [Wanted("ground_truth_asset_id", request.ground_truth_asset_id, AssetKind.IMAGE)]
    for index, asset_id in enumerate(request.reference_asset_ids):
        files.append(Wanted(f"reference_asset_ids.{index}", asset_id, AssetKind.IMAGE))
    for index, asset_id in enumerate(request.pose_sheet_asset_ids):
        files.append(Wanted(f"pose_sheet_asset_ids.{index}", asset_id, AssetKind.IMAGE))
    if isinstance(request, AudioPerformanceRequest):
        return [*files, Wanted("audio_asset_id", request.audio_asset_id, AssetKind.AUDIO)]
    return [*files, Wanted("motion_video_asset_id", request.motion_video_asset_id, AssetKind.VIDEO)]


def _source_id(request: AnyJobRequest) -> str:
    """The file that decides how long the result is."""
    if isinstance(request, AudioPerformanceRequest):
        return request.audio_asset_id
    return request.motion_video_asset_id


def _source(row: AssetRow) -> Source:
    facts = row.facts
    return Source(duration_s=facts.duration_s or 0.0, width=facts.width, height=facts.height)


def _file_errors(wanted: list[Wanted], found: dict[str, AssetRow]) -> list[FieldError]:
    return [error for file in wanted if (error := _file_error(file, found.get(file.asset_id)))]


def _file_error(file: Wanted, row: AssetRow | None) -> FieldError | None:
    if not file.asset_id:
        message = MISSING_FILES.get(file.field, "Add the file again.")
        return FieldError(field=file.field, code=ErrorCode.MISSING_ASSET, message=message)
    if row is None:
        return FieldError(
            field=file.field,
            code=ErrorCode.MISSING_ASSET,
            message="We don't have this file any more. Add it again.",
        )
    if row.kind is not file.kind:
        return FieldError(
            field=file.field,
            code=ErrorCode.WRONG_ASSET_KIND,
            message=f"This has to be {NOUNS[file.kind]}, and the file is {NOUNS[row.kind]}.",
        )
    return None
