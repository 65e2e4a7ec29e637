"""The templates' versions: which one renders, how they fare, and what operators decide of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from fastapi import APIRouter, Depends

from proto.backend import Backend, BackendState
from proto.errors import ErrorCode
from proto.job import QualityProfile
from proto.template import (
    Activation,
    AdminTemplate,
    AdminTemplateList,
    Canary,
    NeededModel,
    TemplateChange,
    TemplateStanding,
    TemplateVersion,
    VersionState,
)
from services.gateway.admin.words import by_whom
from services.gateway.errors import ApiError
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep
from services.store import audit, backends, templates
from services.store.audit import Actor
from services.store.database import Connection
from services.store.templates import Trial, VersionRuns
from workflows_comfy.catalog import (
    TEMPLATE_IDS,
    Template,
    UnknownTemplate,
    load_template,
    versions_of,
)
from workflows_comfy.choice import Choice, choose
from workflows_comfy.needs import graphs_for, required_models, version_ability

router = APIRouter()

HISTORY = 20
UNASKED = ["it was not asked yet what it has"]


@dataclass(frozen=True)
class Asked:
    """Which template is to be changed, and by whom."""

    family: str
    variant: str
    gateway: GatewayDep
    operator: OperatorDep

    @property
    def template_id(self) -> str:
        """Raises ApiError when nothing is rendered by it."""
        template_id = f"{self.family}/{self.variant}"
        if template_id not in TEMPLATE_IDS.values():
            raise ApiError(ErrorCode.NOT_FOUND, f"There is no template {template_id}.")
        return template_id


AskedDep = Annotated[Asked, Depends()]


@router.get("/workflows")
async def list_templates(gateway: GatewayDep, operator: OperatorDep) -> AdminTemplateList:
    """The templates, what renders with them and how they fare."""
    async with gateway.pool.acquire() as connection:
        fleet = await backends.list_all(connection)
        decided = await templates.list_all(connection)
        return AdminTemplateList(
            items=[
                await _show(connection, template_id, decided.get(template_id), fleet)
                for template_id in TEMPLATE_IDS.values()
            ]
        )


@router.post("/workflows/{family}/{variant}/activate")
async def activate(asked: AskedDep, body: Activation) -> AdminTemplate:
    """Have new jobs rendered with a version, or a share of them as a trial."""
    template_id = asked.template_id
    wanted = _released(template_id, body.version)
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        change = await _Change.begin(connection, asked, body)
        await _check_able(connection, wanted)
        if body.canary_percent is None:
            await change.activate(wanted)
        else:
            await change.begin_canary(wanted, body, body.canary_percent)
        return await _read(connection, template_id)


@router.post("/workflows/{family}/{variant}/roll-back")
async def roll_back(asked: AskedDep, body: TemplateChange) -> AdminTemplate:
    """End a trial, or else go back to the version before."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        change = await _Change.begin(connection, asked, body)
        if change.before.canary_version is not None:
            await change.end_canary()
        else:
            await change.go_back()
        return await _read(connection, asked.template_id)


@dataclass(frozen=True)
class _Change:
    """A change of a template that nobody else changes meanwhile. before: what was decided."""

    connection: Connection
    who: Actor
    why: str
    before: TemplateStanding
    choice: Choice

    @classmethod
    async def begin(cls, connection: Connection, asked: Asked, body: TemplateChange) -> Self:
        """Raises ApiError for a template that is not confirmed, or was changed meanwhile."""
        template_id, who = asked.template_id, asked.operator
        if body.confirm != template_id:
            message = f"Type {template_id} to confirm."
            raise ApiError(ErrorCode.INVALID_REQUEST, message, field="confirm")
        default = choose(template_id, None).active.version
        before = await templates.lock(connection, template_id, default, who.name)
        await _check_unchanged(connection, before, body.expected_rev)
        return cls(connection, who, body.reason, before, choose(template_id, before))

    async def activate(self, wanted: Template) -> None:
        active = self.choice.active
        decided = self.before.rev > 0 and self.before.active_version == wanted.version
        if decided and self.before.canary_version is None:
            said = f"{wanted.ref} is active already"
            message = f"{said}{await _last_change(self.connection, self.before)}."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message)
        previous = self.before.previous_version if wanted == active else active.version
        await self._activate("template.activate", wanted, previous)

    async def go_back(self) -> None:
        previous = self.choice.previous
        if previous is None:
            message = f"There is no version before {self.choice.active.ref}."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message)
        await _check_able(self.connection, previous)
        await self._activate("template.roll-back", previous, None)

    async def begin_canary(self, wanted: Template, body: Activation, percent: int) -> None:
        if wanted == self.choice.active:
            message = f"{wanted.ref} is active, so there is nothing to try."
            raise ApiError(ErrorCode.INVALID_REQUEST, message, field="version")
        trial = Trial(
            version=wanted.version,
            percent=percent,
            least_runs=body.least_runs,
            most_failures=body.most_failures,
        )
        template_id = self.before.template_id
        after = await templates.begin_canary(self.connection, template_id, trial, self.who.name)
        await self._note("template.canary", after)

    async def end_canary(self) -> None:
        after = await templates.end_canary(self.connection, self.before.template_id, self.who.name)
        await self._note("template.roll-back", after)

    async def _activate(self, action: str, wanted: Template, previous: str | None) -> None:
        after = await templates.activate(
            self.connection, wanted.template_id, wanted.version, previous, self.who.name
        )
        await self._note(action, after)

    async def _note(self, action: str, after: TemplateStanding) -> None:
        await audit.write(
            self.connection,
            who=self.who,
            action=action,
            subject=templates.subject(after.template_id),
            before=templates.state(self.before),
            after=templates.state(after),
            why=self.why,
        )


def _released(template_id: str, version: str) -> Template:
    try:
        return load_template(template_id, version)
    except UnknownTemplate as error:
        released = ", ".join(one.version for one in versions_of(template_id))
        message = f"There is no {template_id}@{version}. Released: {released}."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="version") from error


async def _check_unchanged(
    connection: Connection, standing: TemplateStanding, expected: int | None
) -> None:
    if expected is None or expected == standing.rev:
        return
    said = f"{standing.template_id} was changed meanwhile{await _last_change(connection, standing)}"
    message = f"{said}. Look again, then decide."
    raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message, field="expected_rev")


async def _last_change(connection: Connection, standing: TemplateStanding) -> str:
    line = await audit.find_newest(connection, templates.subject(standing.template_id))
    return f", {by_whom(line)}" if line else ""


async def _check_able(connection: Connection, template: Template) -> None:
    """Raises ApiError that says what is missing and where, when no backend could render it."""
    fleet = await backends.list_all(connection)
    # With all of them out of the line, those that will come back count.
    working = [row for row in fleet if row.state is BackendState.OFFERED] or fleet
    if working and not any(_is_able(row, template) for row in working):
        lacks = _missing(working, template)
        said = "; ".join(f"{name}: {', '.join(words)}" for name, words in lacks.items())
        message = f"No backend can render {template.ref}. Add what is missing first. {said}"
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message, field="version")


def _is_able(row: Backend, template: Template) -> bool:
    return version_ability(template, QualityProfile.DRAFT) in (row.abilities or [])


def _missing(fleet: Iterable[Backend], template: Template) -> dict[str, list[str]]:
    wanted = version_ability(template, QualityProfile.DRAFT)
    return {
        row.backend_id: row.missing.get(wanted, UNASKED)
        for row in fleet
        if not _is_able(row, template)
    }


async def _read(connection: Connection, template_id: str) -> AdminTemplate:
    fleet = await backends.list_all(connection)
    return await _show(
        connection, template_id, await templates.find(connection, template_id), fleet
    )


async def _show(
    connection: Connection,
    template_id: str,
    standing: TemplateStanding | None,
    fleet: Sequence[Backend],
) -> AdminTemplate:
    [(mode, submode)] = [key for key, name in TEMPLATE_IDS.items() if name == template_id]
    choice = choose(template_id, standing)
    runs = await templates.count_runs(
        connection, [(template_id, one.version) for one in versions_of(template_id)]
    )
    return AdminTemplate(
        template_id=template_id,
        mode=mode,
        submode=submode,
        rev=standing.rev if standing else 0,
        active_version=choice.active.version,
        previous_version=choice.previous.version if choice.previous else None,
        canary=await _canary(connection, standing),
        versions=[
            _version(template, choice, runs, fleet)
            for template in reversed(versions_of(template_id))
        ],
        history=await audit.list_of_subject(connection, templates.subject(template_id), HISTORY),
    )


async def _canary(connection: Connection, standing: TemplateStanding | None) -> Canary | None:
    if standing is None or standing.canary_version is None:
        return None
    counted = await templates.count_canary(connection, standing.template_id)
    return Canary.model_validate(
        {
            "version": standing.canary_version,
            "percent": standing.canary_percent,
            "since": standing.canary_since,
            "least_runs": standing.canary_least_runs,
            "most_failures": standing.canary_most_failures,
            **counted.model_dump(),
        }
    )


def _version(
    template: Template,
    choice: Choice,
    runs: Mapping[tuple[str, str], VersionRuns],
    fleet: Sequence[Backend],
) -> TemplateVersion:
    counted = runs[template.template_id, template.version]
    graphs = graphs_for(template)
    return TemplateVersion(
        version=template.version,
        state=_state(template, choice),
        graph_sha256=template.graph_sha256,
        model_family=template.manifest.model_family,
        notes=template.manifest.notes,
        models=[NeededModel(**model.model_dump()) for model in required_models(template)],
        custom_nodes=sorted({name for graph in graphs for name in graph.manifest.custom_nodes}),
        compatible_backend_version=template.manifest.compatible_backend_version,
        runs=counted.runs,
        failures=counted.failures,
        failure_rate=counted.failures / counted.runs if counted.runs else None,
        unfinished=counted.unfinished,
        last_used_at=counted.last_used_at,
        able=[row.backend_id for row in fleet if _is_able(row, template)],
        missing=_missing(fleet, template),
    )


def _state(template: Template, choice: Choice) -> VersionState:
    if template == choice.active:
        return VersionState.ACTIVE
    return VersionState.CANARY if template == choice.canary else VersionState.RELEASED
