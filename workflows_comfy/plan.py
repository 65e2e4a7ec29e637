"""How long a job's video is and in which segments it is rendered. Pure arithmetic.

Frames are counted at the profile's rate. The models make 4n+1 frames; what is over is cut off.

Animate: each further segment renders the last frames of the one before again, from its latents.
S2V renders whole chunks: n of 77 decode to 80n+1 frames with the first latent doubled, the first 4
are dropped, and 80n-3 remain to be cut to the sound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from math import ceil, floor

from pydantic import Field

from proto.errors import ErrorCode
from proto.job import MAX_SEED, AnyJobRequest, Mode
from proto.media import Crop
from proto.model import Model
from proto.plan import (
    PREPARATION,
    GraphRole,
    InputRole,
    OutputKind,
    Plan,
    RenderSettings,
    Segment,
    TemplateRef,
)

MIN_FRAMES = 5
"""The shortest the models make."""

CONTINUED_FRAMES = 5
"""Frames of the segment before that Animate renders again: what its graphs continue from."""

LATENT_FRAMES = 4
"""Frames that a latent decodes to; the first of a video decodes to one."""

PREPARATION_COST = Fraction(1, 20)
"""Of following the subject through a frame, against rendering it; a guess."""


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
        limit_s = max_duration_s(mode, settings)
        super().__init__(
            f"{_noun(mode)} runs {_up(actual_s)} seconds, and {settings.quality_profile.title()} "
            f"makes at most {_down(limit_s)}. Trim it or ask for a shorter length.",
            source_field(mode),
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
            source_field(mode),
            limit_s,
        )
        self.actual_s = actual_s


class StartsTooLate(PlanRefused):
    """Too little is left of the file. limit_s: where in it a video can begin at the latest."""

    code = ErrorCode.TOO_SHORT

    def __init__(self, mode: Mode, settings: RenderSettings, source_s: float) -> None:
        limit_s = source_s - float(MIN_FRAMES / settings.fps)
        super().__init__(
            f"{_noun(mode)} runs {_down(source_s)} seconds. Start at {_down(limit_s)} at the "
            "latest.",
            "source_start_seconds",
            limit_s,
        )


class TooManySegments(PlanRefused):
    """More extra parts than the quality renders. limit: the most it does; limit_s: all in all."""

    code = ErrorCode.TOO_LONG

    def __init__(self, mode: Mode, settings: RenderSettings, actual: int) -> None:
        limit_s = max_duration_s(mode, settings)
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


def max_duration_s(mode: Mode, settings: RenderSettings) -> float:
    """The longest video these settings make."""
    return float(capacity(mode, settings, settings.max_segments) / settings.fps)


def capacity(mode: Mode, settings: RenderSettings, segments: int) -> int:
    """The frames that so many segments add up to."""
    return settings.segment_frames + (segments - 1) * further_frames(mode, settings)


def further_frames(mode: Mode, settings: RenderSettings) -> int:
    """What each segment after the first adds to the result."""
    if mode is Mode.AUDIO_PERFORMANCE:
        return LATENT_FRAMES * latent_count(settings.segment_frames)
    return settings.segment_frames - CONTINUED_FRAMES


def latent_count(length: int) -> int:
    """The latents of a segment of 4n+1 frames."""
    return (length - 1) // LATENT_FRAMES + 1


def rendered_length(frames: int) -> int:
    """The fewest frames a model can make that hold `frames`: 4n+1, at least 5."""
    return max(MIN_FRAMES, 4 * ceil((frames - 1) / 4) + 1)


def segment_seed(seed: int, index: int) -> int:
    """A number of its own for each segment, the job's seed for the first; 0..MAX_SEED."""
    if index == 0:
        return seed
    digest = sha256(f"{seed}/{index}".encode()).digest()
    return int.from_bytes(digest) % (MAX_SEED + 1)


def asked_duration_s(request: AnyJobRequest, source: Source, settings: RenderSettings) -> float:
    """What the source has from its start on, or what is wanted of it. It is never padded."""
    wanted, left_s = _wanted_s(request, settings), float(_left_s(request, source))
    return left_s if wanted is None else min(left_s, float(wanted))


def _left_s(request: AnyJobRequest, source: Source) -> Fraction:
    left_s = Fraction(source.duration_s) - Fraction(request.source_start_seconds)
    return max(left_s, Fraction())


def frame_count(request: AnyJobRequest, source: Source, settings: RenderSettings) -> int:
    """The frames of the result.

    A sound is covered to its end, so its last frame counts in full; a clip is counted to the
    nearest frame.
    """
    fps = settings.fps
    if request.mode is Mode.AUDIO_PERFORMANCE:
        return ceil(Fraction(asked_duration_s(request, source, settings)) * fps)
    counted = source.frames
    if counted is None:
        counted = round(_left_s(request, source) * fps)
    wanted = _wanted_s(request, settings)
    return counted if wanted is None else min(counted, round(wanted * fps))


def check_extension(request: AnyJobRequest, settings: RenderSettings) -> None:
    """Raises TooManySegments."""
    asked = request.extension_segments or 0
    if asked > max_extension_segments(settings):
        raise TooManySegments(request.mode, settings, asked)


def plan(
    request: AnyJobRequest,
    source: Source,
    settings: RenderSettings,
    graphs: Mapping[GraphRole, TemplateRef],
    seed: int,
    job_id: str,
) -> Plan:
    """How to render the job. Raises TooLong, TooShort, TooManySegments.

    graphs: as catalog.graphs_of gives them; the whole one is what the job was accepted with.
    """
    mode, settings = request.mode, _within_reach(settings, graphs)
    check_extension(request, settings)
    frames = frame_count(request, source, settings)
    asked_s = asked_duration_s(request, source, settings)
    if frames < MIN_FRAMES:
        wanted_s = _wanted_s(request, settings)
        if request.source_start_seconds > 0 and asked_s < (wanted_s or source.duration_s):
            raise StartsTooLate(mode, settings, source.duration_s)
        raise TooShort(mode, settings, asked_s)
    if frames > capacity(mode, settings, settings.max_segments):
        raise TooLong(mode, settings, asked_s)
    cuts = _cuts(mode, settings, frames)
    layout = _Layout(mode, cuts, prepared=len(cuts) > 1 and GraphRole.PREPARE in graphs)
    return Plan(
        job_id=job_id,
        mode=mode,
        template=graphs[GraphRole.WHOLE],
        graphs={role: graphs[role] for role in layout.roles},
        settings=settings,
        frames=frames,
        duration_s=asked_s if mode is Mode.AUDIO_PERFORMANCE else float(frames / settings.fps),
        preparation=layout.preparation(job_id) if layout.prepared else None,
        segments=[layout.segment(index, seed, job_id) for index in range(len(cuts))],
        clip_crop=_clip_crop(source, settings),
    )


def _within_reach(
    settings: RenderSettings, graphs: Mapping[GraphRole, TemplateRef]
) -> RenderSettings:
    """The settings, with one segment where the template has no graph for further ones."""
    if GraphRole.NEXT in graphs:
        return settings
    return settings.model_copy(update={"max_segments": 1})


def _wanted_s(request: AnyJobRequest, settings: RenderSettings) -> Fraction | None:
    """The most the user wants, where they said so."""
    wishes = []
    if request.duration_override_seconds is not None:
        wishes.append(Fraction(request.duration_override_seconds))
    if request.extension_segments is not None:
        frames = capacity(request.mode, settings, 1 + request.extension_segments)
        wishes.append(frames / settings.fps)
    return min(wishes, default=None)


@dataclass(frozen=True)
class _Cut:
    """Where a segment lies. Fields as in Segment."""

    start_frame: int
    frames: int
    read_start: int
    read_frames: int
    length: int


def _cuts(mode: Mode, settings: RenderSettings, frames: int) -> list[_Cut]:
    further = max(0, frames - settings.segment_frames)
    count = 1 + ceil(further / further_frames(mode, settings))
    return [_cut(mode, settings, frames, index) for index in range(count)]


def _cut(mode: Mode, settings: RenderSettings, total: int, index: int) -> _Cut:
    start = capacity(mode, settings, index) if index else 0
    frames = min(total, capacity(mode, settings, index + 1)) - start
    if mode is Mode.AUDIO_PERFORMANCE:
        return _Cut(start, frames, start, frames, settings.segment_frames)
    again = CONTINUED_FRAMES if index else 0
    read = again + frames
    return _Cut(start, frames, start - again, read, rendered_length(read))


@dataclass(frozen=True)
class _Layout:
    """The prompts of a job. prepared: one before the first segment makes the masks of all."""

    mode: Mode
    cuts: list[_Cut]
    prepared: bool

    @property
    def roles(self) -> list[GraphRole]:
        """The graphs it takes, in the order they are needed."""
        if len(self.cuts) == 1:
            return [GraphRole.WHOLE]
        return [*([GraphRole.PREPARE] if self.prepared else []), GraphRole.FIRST, GraphRole.NEXT]

    def preparation(self, job_id: str) -> Segment:
        return Segment(
            index=PREPARATION,
            graph=GraphRole.PREPARE,
            start_frame=0,
            frames=0,
            read_start=0,
            read_frames=self._held_frames,
            length=self._held_frames,
            seed=0,
            share=float(self._held_frames * PREPARATION_COST / self._work),
            inputs=[InputRole.MOTION],
            outputs={OutputKind.MASK: self._held_frames},
            checkpoint=f"jobs/{job_id}/preparation",
        )

    def segment(self, index: int, seed: int, job_id: str) -> Segment:
        cut = self.cuts[index]
        return Segment(
            index=index,
            graph=self._role(index),
            start_frame=cut.start_frame,
            frames=cut.frames,
            read_start=cut.read_start,
            read_frames=cut.read_frames,
            length=cut.length,
            seed=segment_seed(seed, index),
            share=float(cut.length / self._work),
            inputs=self._inputs(index),
            outputs=self._outputs(index),
            checkpoint=f"jobs/{job_id}/segments/{index}",
        )

    @cached_property
    def _work(self) -> Fraction:
        prepared = self._held_frames * PREPARATION_COST if self.prepared else Fraction(0)
        return prepared + sum(cut.length for cut in self.cuts)

    @property
    def _held_frames(self) -> int:
        """Of the clip, with those that complete the last segment."""
        return self.cuts[-1].read_start + self.cuts[-1].length

    def _role(self, index: int) -> GraphRole:
        if len(self.cuts) == 1:
            return GraphRole.WHOLE
        return GraphRole.NEXT if index else GraphRole.FIRST

    def _inputs(self, index: int) -> list[InputRole]:
        sound = self.mode is Mode.AUDIO_PERFORMANCE
        roles = [InputRole.CHARACTER, InputRole.VOICE if sound else InputRole.MOTION]
        if self.prepared:
            roles.append(InputRole.MASK)
        if index:
            roles.append(InputRole.PREVIOUS)
        return roles

    def _outputs(self, index: int) -> dict[OutputKind, int]:
        """Nobody goes on from the last segment, so it leaves no latents."""
        cut = self.cuts[index]
        outputs = {OutputKind.VIDEO: cut.frames}
        if cut is not self.cuts[-1]:
            outputs[OutputKind.LATENT] = latent_count(cut.length)
        return outputs


def kept_part(width: int, height: int, settings: RenderSettings, crop: Crop) -> Crop:
    """What remains of a picture of that size when its crop covers the result's shape.

    What stands out is cut evenly.
    """
    kept_width, kept_height = min(crop.width, 1 - crop.x), min(crop.height, 1 - crop.y)
    wider = (kept_width * width * settings.height) / (kept_height * height * settings.width)
    part_width, part_height = kept_width * min(1.0, 1 / wider), kept_height * min(1.0, wider)
    return Crop(
        x=crop.x + (kept_width - part_width) / 2,
        y=crop.y + (kept_height - part_height) / 2,
        width=part_width,
        height=part_height,
    )


def _clip_crop(source: Source, settings: RenderSettings) -> Crop:
    if source.width is None or source.height is None:
        return Crop()
    return kept_part(source.width, source.height, settings, Crop())


def _noun(mode: Mode) -> str:
    return "Your sound" if mode is Mode.AUDIO_PERFORMANCE else "Your motion clip"


def source_field(mode: Mode) -> str:
    return "audio_asset_id" if mode is Mode.AUDIO_PERFORMANCE else "motion_video_asset_id"


def _down(seconds: float) -> str:
    return f"{floor(seconds * 10) / 10:.1f}"


def _up(seconds: float) -> str:
    return f"{ceil(seconds * 10) / 10:.1f}"
