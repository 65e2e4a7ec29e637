"""What is worth knowing of the video itself, and of when it would be made."""

from proto.errors import Remedy
from proto.job import PromiseWarning, QualityProfile, SecondsRange
from services.gateway.checks.proposal import Proposal
from workflows_comfy.plan import source_field

LONG_S = 10.0
"""From here on colours drift visibly, part by part."""
BUSY_S = 600


def check_asked_length(proposal: Proposal) -> PromiseWarning | None:
    wanted, plan = proposal.request.duration_override_seconds, proposal.plan
    if wanted is None or wanted <= plan.duration_s + 1 / plan.settings.fps:
        return None
    return PromiseWarning(
        code="shorter_than_asked",
        message=(
            f"Your file ends after {plan.duration_s:.1f} seconds, and so will the video. Choose a "
            "longer one for more."
        ),
        field=source_field(proposal.request.mode),
        action=Remedy.REPLACE,
    )


def check_long(proposal: Proposal) -> PromiseWarning | None:
    if proposal.plan.duration_s <= LONG_S:
        return None
    told = f"In videos over {LONG_S:.0f} seconds colours can change a little from part to part."
    field = "duration_override_seconds"
    if not _is_draft(proposal):
        message = f"{told} Try it in Draft first."
        return PromiseWarning(
            code="long_video", message=message, field=field, action=Remedy.USE_DRAFT
        )
    return PromiseWarning(
        code="long_video",
        message=f"{told} A shorter one stays closer to your picture.",
        field=field,
        action=Remedy.TRIM,
        trim_to_seconds=LONG_S,
    )


def check_line(proposal: Proposal, wait: SecondsRange | None) -> PromiseWarning | None:
    """wait: until a new video would begin to render, as far as that is known."""
    if wait is None or wait.high <= BUSY_S:
        return None
    minutes = round((wait.low + wait.high) / 2 / 60)
    told = f"A new video starts in about {minutes} minutes."
    if _is_draft(proposal):
        message = f"{told} You can close this page; we keep your place."
        return PromiseWarning(code="busy", message=message, action=Remedy.WAIT)
    message = f"{told} Draft is quicker to make, or close this page and we keep your place."
    return PromiseWarning(code="busy", message=message, action=Remedy.USE_DRAFT)


def _is_draft(proposal: Proposal) -> bool:
    return proposal.plan.settings.quality_profile is QualityProfile.DRAFT
