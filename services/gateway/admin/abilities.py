"""What an operator can do with a job now, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from proto.admin import Ability, InputUse
from proto.job import TERMINAL, AnimateRequest, AnyJobRequest, JobStatus
from proto.plan import TemplateRef
from services.gateway.admin.words import names_of
from services.store import admin_jobs
from services.store.admin_jobs import InputRow
from services.store.database import Connection
from services.store.jobs import JobRow
from workflows_comfy.catalog import BadTemplate, UnknownTemplate, load_graph

DELETED = "Its owner has deleted this video."


@dataclass(frozen=True)
class Case:
    """A job and what is left of what it was asked for with."""

    row: JobRow
    deleted: bool
    inputs: dict[str, InputRow]

    @property
    def gone(self) -> list[str]:
        """Names of inputs that are not kept any more; ids where not even the row is."""
        return [
            self.inputs[asset_id].original_filename if asset_id in self.inputs else asset_id
            for asset_id in asset_ids(self.row.request)
            if asset_id not in self.inputs or self.inputs[asset_id].purged
        ]

    def retryable(self) -> Ability:
        status = self.row.status
        if status not in {JobStatus.FAILED, JobStatus.CANCELLED}:
            said = f"This job is {status}. Only a failed or stopped one can be tried again."
            return Ability(possible=False, reason=said)
        return self._makeable()

    def replayable(self, template: TemplateRef) -> Ability:
        """As a new job, with that template."""
        try:
            load_graph(template)
        except (UnknownTemplate, BadTemplate) as error:
            return Ability(possible=False, reason=f"{error}.")
        return self._makeable()

    def cancellable(self) -> Ability:
        status = self.row.status
        if status in TERMINAL or status is JobStatus.CANCELLING:
            return Ability(possible=False, reason=f"This job is {status} already.")
        return Ability(possible=True)

    def _makeable(self) -> Ability:
        if self.deleted:
            return Ability(possible=False, reason=DELETED)
        if self.gone:
            said = f"These inputs are not kept any more: {names_of(self.gone)}."
            return Ability(possible=False, reason=said)
        return Ability(possible=True)


async def read_case(connection: Connection, row: JobRow) -> Case:
    standing = await admin_jobs.get_standing(connection, row.job_id)
    ids = asset_ids(row.request)
    inputs = await admin_jobs.find_inputs(connection, row.owner, ids)
    return Case(row=row, deleted=standing.deleted, inputs=inputs)


def asset_ids(request: AnyJobRequest) -> Sequence[str]:
    """All the files that a job was asked for with, each once."""
    return list(uses_of(request))


def uses_of(request: AnyJobRequest) -> dict[str, list[InputUse]]:
    """What each file of a request is to the job."""
    found: dict[str, list[InputUse]] = {}
    for use, ids in {
        InputUse.CHARACTER: [request.ground_truth_asset_id],
        **_driving(request),
        InputUse.REFERENCE: request.reference_asset_ids,
        InputUse.POSE_SHEET: request.pose_sheet_asset_ids,
    }.items():
        for asset_id in ids:
            found.setdefault(asset_id, []).append(use)
    return found


def _driving(request: AnyJobRequest) -> dict[InputUse, list[str]]:
    if isinstance(request, AnimateRequest):
        return {InputUse.MOTION: [request.motion_video_asset_id]}
    return {InputUse.VOICE: [request.audio_asset_id]}
