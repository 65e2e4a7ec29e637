"""What may be wrong with the character's picture."""

from proto.errors import Remedy
from proto.job import PromiseWarning
from proto.media import Face
from services.gateway.checks.proposal import (
    Proposal,
    cut_share,
    edges_cut,
    percent_cut,
    shown,
    size_of,
)

FIELD = "ground_truth_asset_id"

SMALL_FACE = 0.10
"""Of the height that is shown. Under it results stop looking like the person."""
MUCH_CUT = 0.20
SOFT = 0.75
"""Of the video's width: a picture that is enlarged by more than a third looks soft."""
ALIKE = 0.5
"""Of the largest face's height: a smaller one is somebody in the background."""


def check_faces(proposal: Proposal) -> PromiseWarning | None:
    """The first thing that is wrong with the faces; what was not looked for is not missed."""
    seen = proposal.character.examination
    if seen is None or not seen.faces:
        return None
    found = seen.faces[0]
    if not found:
        message = (
            "We could not find a face that looks at the camera. If there is none, choose another "
            "picture."
        )
        return _warning("no_face", message, Remedy.REPLACE)
    return _check_shown_faces(proposal, shown(found, proposal.kept_picture))


def check_shape(proposal: Proposal) -> PromiseWarning | None:
    """Nothing where the user said what to keep."""
    part = proposal.kept_picture
    if proposal.request.crop is not None or cut_share(part) <= MUCH_CUT:
        return None
    message = (
        f"About {percent_cut(part)} % of your picture is cut off {edges_cut(part)}. Frame it to "
        "choose what stays."
    )
    return _warning("ratio_misfit", message, Remedy.FRAME)


def check_resolution(proposal: Proposal) -> PromiseWarning | None:
    (width, height), part = size_of(proposal.character.facts), proposal.kept_picture
    used, settings = round(width * part.width), proposal.plan.settings
    if used >= settings.width * SOFT:
        return None
    message = (
        f"Only {used} × {round(height * part.height)} pixels of your picture fill a video of "
        f"{settings.width} × {settings.height}. Choose a larger one, or it looks soft."
    )
    return _warning("low_resolution", message, Remedy.REPLACE)


def _check_shown_faces(proposal: Proposal, faces: list[Face]) -> PromiseWarning | None:
    if not faces:
        message = "The face lies outside the part of your picture that is used. Frame it again."
        return _warning("face_outside", message, Remedy.FRAME)
    tallest = max(face.height for face in faces)
    people = sum(face.height >= tallest * ALIKE for face in faces)
    if people > 1:
        message = f"We see {people} faces in your picture. Frame the one to bring to life."
        return _warning("several_people", message, Remedy.FRAME)
    share = tallest / proposal.kept_picture.height
    if share < SMALL_FACE:
        message = (
            f"The face is only {share * 100:.0f} % of the height. Frame it closer for a better "
            "likeness."
        )
        return _warning("face_small", message, Remedy.FRAME)
    return None


def _warning(code: str, message: str, action: Remedy) -> PromiseWarning:
    return PromiseWarning(code=code, message=message, field=FIELD, action=action)
