"""What may be wrong with the motion clip. A sound has none of it."""

from math import floor

from proto.errors import Remedy
from proto.job import AnimateRequest, AnimateSubmode, AspectRatio, PromiseWarning
from services.gateway.checks.proposal import (
    Proposal,
    cut_share,
    edges_cut,
    percent_cut,
    shown,
    size_of,
)

FIELD = "motion_video_asset_id"

MUCH_CUT = 0.35
"""More than of a picture: the person usually is in the middle of a clip."""
SMALL_SIDE_PX = 240
"""On fewer pixels hands and faces are guessed."""
SOFT = 0.5
"""Of the video's width. Mix shows the clip itself."""
SLOW_FPS = 10
SHORTEST_TRIM_S = 0.5
"""A shorter video is hardly what somebody wants who has a cut in a clip."""


def check_people(proposal: Proposal) -> PromiseWarning | None:
    people = _people(proposal)
    if people <= 1 or not isinstance(proposal.request, AnimateRequest):
        return None
    if proposal.request.animate_submode is AnimateSubmode.MOVE:
        message = (
            f"We see {people} people in your clip, and only one is followed. A clip with one "
            "person is safest."
        )
        return _warning("several_people", message, Remedy.REPLACE)
    if any(point.label == 1 for point in proposal.request.subject_points):
        return None
    message = f"We see {people} people in your clip. Choose the one your character replaces."
    return _warning("several_people", message, Remedy.PICK_PERSON)


def check_cuts(proposal: Proposal) -> PromiseWarning | None:
    """Of the part that is used."""
    seen, frame_s = proposal.driving.examination, float(1 / proposal.plan.settings.fps)
    if seen is None or seen.cuts is None:
        return None
    begin_s = proposal.request.source_start_seconds
    end_s = begin_s + proposal.plan.duration_s - frame_s
    cut_s = next((cut for cut in seen.cuts if begin_s + frame_s < cut < end_s), None)
    if cut_s is None:
        return None
    told = f"Your clip cuts to another shot at {cut_s:.1f} seconds."
    before_s = floor((cut_s - begin_s) * 10) / 10
    if before_s < SHORTEST_TRIM_S:
        return _warning("cut_in_clip", f"{told} Choose a clip in one shot.", Remedy.REPLACE)
    return PromiseWarning(
        code="cut_in_clip",
        message=f"{told} Use only what comes before, or a clip in one shot.",
        field=FIELD,
        action=Remedy.TRIM,
        trim_to_seconds=before_s,
    )


def check_shape(proposal: Proposal) -> PromiseWarning | None:
    part, settings = proposal.plan.clip_crop, proposal.plan.settings
    if not _is_clip(proposal) or cut_share(part) <= MUCH_CUT:
        return None
    told = f"About {percent_cut(part)} % of your clip is cut off {edges_cut(part)}."
    fitting = best_shape(*size_of(proposal.driving.facts))
    if fitting is settings.aspect_ratio:
        message = f"{told} Choose a clip that is nearer to {fitting}."
        return _warning("clip_ratio_misfit", message, Remedy.REPLACE)
    return PromiseWarning(
        code="clip_ratio_misfit",
        message=f"{told} The shape {fitting} fits it better.",
        field=FIELD,
        action=Remedy.USE_SHAPE,
        aspect_ratio=fitting,
    )


def check_resolution(proposal: Proposal) -> PromiseWarning | None:
    if not isinstance(proposal.request, AnimateRequest):
        return None
    width, height = _kept_pixels(proposal)
    if min(width, height) < SMALL_SIDE_PX:
        message = (
            f"Only {width} × {height} pixels of your clip are used, too few to follow well. Choose "
            "a larger one."
        )
        return _warning("clip_short_side", message, Remedy.REPLACE)
    settings = proposal.plan.settings
    mixes = proposal.request.animate_submode is AnimateSubmode.MIX
    if mixes and width < settings.width * SOFT:
        message = (
            f"Only {width} × {height} pixels of your clip fill a video of {settings.width} × "
            f"{settings.height}. Choose a larger one, or it looks soft."
        )
        return _warning("low_resolution", message, Remedy.REPLACE)
    return None


def check_rate(proposal: Proposal) -> PromiseWarning | None:
    fps = proposal.driving.facts.fps
    if not _is_clip(proposal) or fps is None or fps >= SLOW_FPS:
        return None
    message = (
        f"Your clip has only {float(fps):.0f} pictures a second, so the motion looks jerky. Choose "
        "a smoother one."
    )
    return _warning("slow_clip", message, Remedy.REPLACE)


def best_shape(width: int, height: int) -> AspectRatio:
    """The shape that leaves most of a clip of that size."""

    def left(shape: AspectRatio) -> float:
        across, down = (int(part) for part in shape.split(":"))
        wider = (width * down) / (height * across)
        return min(wider, 1 / wider)

    return max(AspectRatio, key=left)


def _people(proposal: Proposal) -> int:
    """The most faces that are seen at once, in the part that is used."""
    seen = proposal.driving.examination
    if seen is None or seen.faces is None:
        return 0
    part, begin_s = proposal.plan.clip_crop, proposal.request.source_start_seconds
    end_s = begin_s + proposal.plan.duration_s
    stills = zip(seen.still_times, seen.faces, strict=True)
    seen_at_once = (len(shown(faces, part)) for at, faces in stills if begin_s <= at <= end_s)
    return max(seen_at_once, default=0)


def _kept_pixels(proposal: Proposal) -> tuple[int, int]:
    (width, height), part = size_of(proposal.driving.facts), proposal.plan.clip_crop
    return round(width * part.width), round(height * part.height)


def _is_clip(proposal: Proposal) -> bool:
    return isinstance(proposal.request, AnimateRequest)


def _warning(code: str, message: str, action: Remedy) -> PromiseWarning:
    return PromiseWarning(code=code, message=message, field=FIELD, action=action)
