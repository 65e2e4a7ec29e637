"""How long a job's video is and in which segments it is rendered. Pure arithmetic.

Frames are counted at the profile's rate. The models make 4n+1 frames; what is over is cut off.
"""

from fractions import Fraction
from math import ceil, floor

from pydantic import Field

from proto.errors import ErrorCode
from proto.job import AnyJobRequest, Mode
from proto.media import Crop
from proto.model import Model
from proto.plan import Plan, RenderSettings, Segment, TemplateRef

MIN_FRAMES = 5
"""The shortest the models make."""


class Source(Model):
    """What is known of the motion clip or the sound as it was uploaded.

    frames: of the clip at the profile's rate, where they were counted. width, height: of the clip,
    upright, before anything is cut off.
    """

    duration_s: float = Field(ge=0)
    frames: int | None = Field(default=None, ge=0)
    width: int | None = Field(default=None, gt=0)
    height: int | None = Field(default=None, gt=0)


class PlanRefused(ValueError):
    """The user has to ask for something else; the message tells what, in their words."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, message: str, field: str, limit_s: float) -> None:
        super().__init__(message)
        self.field = field
        self.limit_s = limit_s


class TooLong(PlanRefused):
    """More than the quality renders. limit_s: the most it does."""

    code = ErrorCode.TOO_LONG

    def __init__(self, mode: Mode, settings: RenderSettings, actual_s: float) -> None:
        limit_s = max_duration_s(settings)
        super().__init__(
            f"{_noun(mode)} runs {_up(actual_s)} seconds, and {settings.quality_profile.title()} "
            f"makes at most {_down(limit_s)}. Trim it or ask for a shorter length.",
            _source_field(mode),
            limit_s,
        )
        self.actual_s = actual_s


class TooShort(PlanRefused):
    """Less than the models make. limit_s: the least they do."""

    code = ErrorCode.TOO_SHORT

    def __init__(self, mode: Mode, settings: RenderSettings, actual_s: float) -> None:
        limit_s = float(MIN_FRAMES / settings.fps)
        super().__init__(
            f"{_noun(mode)} runs {_down(actual_s)} seconds, and a video needs at least "
            f"{_up(limit_s)}. Choose a longer one.",
            _source_field(mode),
            limit_s,
        )
        self.actual_s = actual_s


class TooManySegments(PlanRefused):
    """More extra parts than the quality renders. limit: the most it does; limit_s: all in all."""

    code = ErrorCode.TOO_LONG

    def __init__(self, settings: RenderSettings, actual: int) -> None:
        limit_s = max_duration_s(settings)
        super().__init__(
            f"{settings.quality_profile.title()} makes videos of at most {_down(limit_s)} seconds. "
            "Leave the extra length out.",
            "extension_segments",
            limit_s,
        )
        self.limit = max_extension_segments(settings)
        self.actual = actual


def max_extension_segments(settings: RenderSettings) -> int:
    return settings.max_segments - 1


def max_duration_s(settings: RenderSettings) -> float:
    """The longest video these settings make. A single segment adds all the frames it has."""
    return float(settings.segment_frames / settings.fps)


def rendered_length(frames: int) -> int:
    """The fewest frames a model can make that hold `frames`: 4n+1, at least 5."""
    return max(MIN_FRAMES, 4 * ceil((frames - 1) / 4) + 1)


def asked_duration_s(request: AnyJobRequest, source: Source) -> float:
    """The source's length, or what the user wants of it. A source is never padded."""
    wanted = request.duration_override_seconds
    return source.duration_s if wanted is None else min(wanted, source.duration_s)


def frame_count(request: AnyJobRequest, source: Source, fps: Fraction) -> int:
    """The frames of the result.

    A sound is covered to its end, so its last frame counts in full; a clip is counted to the
    nearest frame.
    """
    exact = Fraction(asked_duration_s(request, source)) * fps
    if request.mode is Mode.AUDIO_PERFORMANCE:
        return ceil(exact)
    if source.frames is None:
        return round(exact)
    if request.duration_override_seconds is None:
        return source.frames
    return min(source.frames, round(Fraction(request.duration_override_seconds) * fps))


def check_extension(request: AnyJobRequest, settings: RenderSettings) -> None:
    """Raises TooManySegments."""
    asked = request.extension_segments or 0
    if asked > max_extension_segments(settings):
        raise TooManySegments(settings, asked)


def plan(
    request: AnyJobRequest,
    source: Source,
    settings: RenderSettings,
    template: TemplateRef,
    seed: int,
    job_id: str,
) -> Plan:
    """How to render the job. Raises TooLong, TooShort, TooManySegments."""
    check_extension(request, settings)
    frames = frame_count(request, source, settings.fps)
    asked_s = asked_duration_s(request, source)
    if frames < MIN_FRAMES:
        raise TooShort(request.mode, settings, asked_s)
    if frames > settings.segment_frames:
        raise TooLong(request.mode, settings, asked_s)
    sound = request.mode is Mode.AUDIO_PERFORMANCE
    return Plan(
        job_id=job_id,
        mode=request.mode,
        template=template,
        settings=settings,
        frames=frames,
        duration_s=asked_s if sound else float(frames / settings.fps),
        segments=[_only_segment(request.mode, settings, frames, seed)],
        clip_crop=_clip_crop(source, settings),
    )


def _only_segment(mode: Mode, settings: RenderSettings, frames: int, seed: int) -> Segment:
    # S2V renders whole chunks: one of 77 decodes to 81 frames with its first latent doubled, the
    # first 4 are dropped, and 77 remain to be cut to the sound (80n-3 for n chunks).
    sound = mode is Mode.AUDIO_PERFORMANCE
    return Segment(
        index=0,
        start_frame=0,
        frames=frames,
        read_start=0,
        read_frames=frames,
        length=settings.segment_frames if sound else rendered_length(frames),
        seed=seed,
        share=1.0,
    )


def _clip_crop(source: Source, settings: RenderSettings) -> Crop:
    """What remains of the clip when it is scaled to the result's shape and cut at the centre."""
    if source.width is None or source.height is None:
        return Crop()
    wider = (source.width * settings.height) / (source.height * settings.width)
    width, height = min(1.0, 1 / wider), min(1.0, wider)
    return Crop(x=(1 - width) / 2, y=(1 - height) / 2, width=width, height=height)


def _noun(mode: Mode) -> str:
    return "Your sound" if mode is Mode.AUDIO_PERFORMANCE else "Your motion clip"


def _source_field(mode: Mode) -> str:
    return "audio_asset_id" if mode is Mode.AUDIO_PERFORMANCE else "motion_video_asset_id"


def _down(seconds: float) -> str:
    return f"{floor(seconds * 10) / 10:.1f}"


def _up(seconds: float) -> str:
    return f"{ceil(seconds * 10) / 10:.1f}"
