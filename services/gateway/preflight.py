"""What stands between a request and its video, and what is worth knowing before it is made.

An error blocks; a warning never does. Each is a sentence with the one act that mends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from proto.errors import ErrorCode, FieldError, Remedy
from proto.job import AnyJobRequest, AudioPerformanceRequest, PromiseWarning, SecondsRange
from proto.media import AssetKind, Examination
from services.gateway.checks import clip, picture, sound, video
from services.gateway.checks.proposal import Proposal
from services.gateway.words import GONE, MISSING_FILES, NOUNS
from services.store.assets import AssetRow
from workflows_comfy.plan import PlanRefused, TooLong, TooShort

CHECKS = (
    sound.check_sound,
    picture.check_faces,
    clip.check_people,
    clip.check_cuts,
    picture.check_shape,
    clip.check_shape,
    picture.check_resolution,
    clip.check_resolution,
    clip.check_rate,
    video.check_asked_length,
    video.check_long,
)
"""What spoils a video most comes first."""


@dataclass(frozen=True)
class Wanted:
    """A file a request names, in the field that names it."""

    field: str
    asset_id: str
    kind: AssetKind


def wanted_files(request: AnyJobRequest) -> list[Wanted]:
    files = [Wanted("ground_truth_asset_id", request.ground_truth_asset_id, AssetKind.IMAGE)]
    for index, asset_id in enumerate(request.reference_asset_ids):
        files.append(Wanted(f"reference_asset_ids.{index}", asset_id, AssetKind.IMAGE))
    for index, asset_id in enumerate(request.pose_sheet_asset_ids):
        files.append(Wanted(f"pose_sheet_asset_ids.{index}", asset_id, AssetKind.IMAGE))
    if isinstance(request, AudioPerformanceRequest):
        return [*files, Wanted("audio_asset_id", request.audio_asset_id, AssetKind.AUDIO)]
    return [*files, Wanted("motion_video_asset_id", request.motion_video_asset_id, AssetKind.VIDEO)]


def driving_id(request: AnyJobRequest) -> str:
    """The file that decides how long the result is."""
    if isinstance(request, AudioPerformanceRequest):
        return request.audio_asset_id
    return request.motion_video_asset_id


def file_errors(wanted: Sequence[Wanted], found: dict[str, AssetRow]) -> list[FieldError]:
    return [error for file in wanted if (error := _file_error(file, found.get(file.asset_id)))]


def length_error(refusal: PlanRefused, driving: AssetRow) -> FieldError:
    """A plan that can't be made, with the length that could be."""
    error = FieldError(field=refusal.field, code=refusal.code, message=str(refusal))
    if isinstance(refusal, TooLong):
        return _mended(error, Remedy.TRIM, floor(refusal.limit_s * 10) / 10)
    if not isinstance(refusal, TooShort):
        return error
    least_s = ceil(refusal.limit_s * 10) / 10
    if (driving.facts.duration_s or 0.0) < least_s:
        return _mended(error, Remedy.REPLACE)
    message = f"A video needs at least {least_s:.1f} seconds. Ask for a longer one."
    return _mended(error.model_copy(update={"message": message}), Remedy.TRIM, least_s)


def warnings(proposal: Proposal, wait: SecondsRange | None) -> list[PromiseWarning]:
    """The most important first. wait: until a new video would begin to render."""
    told = [*(check(proposal) for check in CHECKS), video.check_line(proposal, wait)]
    return [warning for warning in told if warning is not None]


def is_being_read(row: AssetRow) -> bool:
    return row.examination is None and row.unusable is None


def not_checked(wanted: Sequence[Wanted], found: dict[str, AssetRow]) -> list[str]:
    """The fields whose checks could not all be made."""
    return [file.field for file in wanted if _is_unknown(file, found[file.asset_id].examination)]


def _file_error(file: Wanted, row: AssetRow | None) -> FieldError | None:
    if not file.asset_id:
        message = MISSING_FILES.get(file.field, "Add the file again.")
        return _error(file, ErrorCode.MISSING_ASSET, message, Remedy.ADD)
    if row is None:
        return _error(file, ErrorCode.MISSING_ASSET, GONE, Remedy.ADD)
    if row.kind is not file.kind:
        message = f"This has to be {NOUNS[file.kind]}, and the file is {NOUNS[row.kind]}."
        return _error(file, ErrorCode.WRONG_ASSET_KIND, message, Remedy.REPLACE)
    if row.unusable is not None:
        code, message = ErrorCode.INVALID_ASSET_FORMAT, row.unusable.message
        return _error(file, code, message, Remedy.REPLACE)
    return None


def _error(file: Wanted, code: ErrorCode, message: str, action: Remedy) -> FieldError:
    return FieldError(field=file.field, code=code, message=message, action=action)


def _mended(error: FieldError, action: Remedy, length_s: float | None = None) -> FieldError:
    return error.model_copy(update={"action": action, "trim_to_seconds": length_s})


def _is_unknown(file: Wanted, seen: Examination | None) -> bool:
    if seen is None:
        return True
    return any(part is None for part in _looked_for(file, seen))


def _looked_for(file: Wanted, seen: Examination) -> list[object]:
    """What the checks of that field need. A hint is not looked into."""
    if file.field == picture.FIELD:
        return [seen.faces]
    if file.field == clip.FIELD:
        return [seen.faces, seen.cuts]
    return [seen.loudness, seen.speech_s] if file.field == sound.FIELD else []
