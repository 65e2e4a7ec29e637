"""A request made into what a job needs, or refused before anything is created."""

import asyncio
import time
from dataclasses import dataclass

import structlog

from proto.job import AnimateRequest, AnyJobRequest, Promise, SecondsRange
from proto.plan import Plan, RenderSettings, TemplateRef
from services.gateway.checks.proposal import Proposal
from services.gateway.errors import ApiError
from services.gateway.preflight import (
    driving_id,
    file_errors,
    is_being_read,
    length_error,
    not_checked,
    wanted_files,
    warnings,
)
from services.gateway.state import Gateway
from services.store import assets, templates
from services.store.assets import AssetRow
from services.store.checkpoints import Alike
from services.store.database import Connection, Pool
from workflows_comfy.catalog import Template, graphs_of, template_id_of
from workflows_comfy.choice import Choice, choose
from workflows_comfy.compose import check_request
from workflows_comfy.plan import PlanRefused, Source, plan

log = structlog.get_logger()
PREVIEW_PATIENCE_S = 2.0
"""The composer asks on every change, and again while files are read."""
ACCEPTANCE_PATIENCE_S = 8.0
"""Most clips are decoded in it, and a job's length should be what is in the file."""
LOOK_AGAIN_S = 0.1


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
            warnings=warnings(self._proposal, wait_seconds),
            not_checked=not_checked(wanted_files(self.request), self.assets),
            checking=any(map(is_being_read, self.assets.values())),
        )

    @property
    def _proposal(self) -> Proposal:
        return Proposal(
            request=self.request,
            plan=self.plan,
            character=self.assets[self.request.ground_truth_asset_id],
            driving=self.assets[driving_id(self.request)],
        )


async def take_in(
    gateway: Gateway,
    connection: Connection,
    owner: str,
    request: AnyJobRequest,
    *,
    job_id: str | None = None,
) -> Intake:
    """Check all that needs no GPU to be checked. Raises ApiError with everything that is wrong.

    job_id: of the job that is to be made of it, which may be one that a template's canary renders;
    without one, the answer is the active version's.
    """
    wanted = wanted_files(request)
    found = await assets.find_and_keep(connection, owner, [file.asset_id for file in wanted])
    errors = [*check_request(request, gateway.profiles), *file_errors(wanted, found)]
    if errors:
        raise ApiError.of_fields(errors)
    driving = found[driving_id(request)]
    settings = gateway.profiles.settings_for(request)
    choice = await _choice(connection, request)
    try:
        template = choice.active
        promised = _plan(request, driving, settings, template)
    except PlanRefused as refusal:
        raise ApiError.of_fields([length_error(refusal, driving)]) from refusal
    trial = choice.trial_for(job_id) if job_id is not None else None
    if trial is not None and _keeps(promised, request, driving, trial):
        template = trial
    return Intake(request, template.ref, settings, promised, found, driving.facts.has_audio)


async def _choice(connection: Connection, request: AnyJobRequest) -> Choice:
    submode = request.animate_submode if isinstance(request, AnimateRequest) else None
    template_id = template_id_of(request.mode, submode)
    choice = choose(template_id, await templates.find(connection, template_id))
    if choice.absent:
        used = choice.active.version
        log.warning("version absent", template=template_id, absent=choice.absent, used=used)
    return choice


def _plan(
    request: AnyJobRequest, driving: AssetRow, settings: RenderSettings, template: Template
) -> Plan:
    seed, graphs = request.seed or 0, graphs_of(template)
    return plan(request, _source(driving), settings, graphs, seed, "preview")


def _keeps(promised: Plan, request: AnyJobRequest, driving: AssetRow, template: Template) -> bool:
    """Whether a trial would make the video that the active version's plan has promised."""
    try:
        tried = _plan(request, driving, promised.settings, template)
    except PlanRefused:
        return False
    return (tried.frames, len(tried.segments)) == (promised.frames, len(promised.segments))


async def until_read(pool: Pool, owner: str, request: AnyJobRequest, *, patience_s: float) -> None:
    """Wait until the request's files were decoded from end to end, at most for so long.

    To be called before a transaction is begun: no connection is held meanwhile.
    """
    asset_ids = [file.asset_id for file in wanted_files(request)]
    deadline = time.monotonic() + patience_s
    while (  # noqa: ASYNC110  nothing else tells us
        await _are_being_read(pool, owner, asset_ids) and time.monotonic() < deadline
    ):
        await asyncio.sleep(LOOK_AGAIN_S)


async def _are_being_read(pool: Pool, owner: str, asset_ids: list[str]) -> bool:
    async with pool.acquire() as connection:
        found = await assets.find(connection, owner, asset_ids)
    return any(map(is_being_read, found.values()))


def _source(row: AssetRow) -> Source:
    facts = row.facts
    return Source(duration_s=facts.duration_s or 0.0, width=facts.width, height=facts.height)
