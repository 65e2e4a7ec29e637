"""Which versions of the templates render, as operators decided, and how they fare."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from proto.model import Model
from proto.template import TemplateStanding
from services.store import audit
from services.store.database import Connection, Row

WATCH = "canary watch"

FIND = "SELECT * FROM template_activations WHERE template_id = $1"
LIST = "SELECT * FROM template_activations ORDER BY template_id"


async def find(connection: Connection, template_id: str) -> TemplateStanding | None:
    """None where nobody has decided anything yet."""
    row = await connection.fetchrow(FIND, template_id)
    return None if row is None else _standing(row)


async def list_all(connection: Connection) -> dict[str, TemplateStanding]:
    """By template id, those of which something was decided."""
    return {row["template_id"]: _standing(row) for row in await connection.fetch(LIST)}


BEGIN = """
INSERT INTO template_activations (template_id, active_version, changed_by) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""
LOCK = f"{FIND} FOR UPDATE"


async def lock(
    connection: Connection, template_id: str, active_version: str, who: str
) -> TemplateStanding:
    """What is decided, and nobody else changes it until the transaction ends.

    active_version: what is active where nothing was decided yet.
    """
    await connection.execute(BEGIN, template_id, active_version, who)
    [row] = await connection.fetch(LOCK, template_id)
    return _standing(row)


NO_CANARY_SQL = """
canary_version = NULL, canary_percent = NULL, canary_since = NULL, canary_least_runs = NULL,
canary_most_failures = NULL
"""
CHANGED_SQL = "rev = template_activations.rev + 1, changed_at = clock_timestamp()"

ACTIVATE = f"""
UPDATE template_activations SET {NO_CANARY_SQL}, {CHANGED_SQL}, active_version = $2,
    previous_version = $3, changed_by = $4
WHERE template_id = $1 RETURNING *
"""  # noqa: S608
BEGIN_CANARY = f"""
UPDATE template_activations SET {CHANGED_SQL}, canary_version = $2, canary_percent = $3,
    canary_since = clock_timestamp(), canary_least_runs = $4, canary_most_failures = $5,
    changed_by = $6
WHERE template_id = $1 RETURNING *
"""  # noqa: S608
END_CANARY = f"""
UPDATE template_activations SET {NO_CANARY_SQL}, {CHANGED_SQL}, changed_by = $2
WHERE template_id = $1 RETURNING *
"""  # noqa: S608


class Trial(Model):
    """Fields as in Canary."""

    version: str
    percent: int
    least_runs: int
    most_failures: float


async def activate(
    connection: Connection, template_id: str, version: str, previous: str | None, who: str
) -> TemplateStanding:
    """Have all new jobs rendered with a version. A trial ends with it."""
    [row] = await connection.fetch(ACTIVATE, template_id, version, previous, who)
    return _standing(row)


async def begin_canary(
    connection: Connection, template_id: str, trial: Trial, who: str
) -> TemplateStanding:
    """Have a share of new jobs rendered with a version, counted from now on."""
    [row] = await connection.fetch(
        BEGIN_CANARY,
        template_id,
        trial.version,
        trial.percent,
        trial.least_runs,
        trial.most_failures,
        who,
    )
    return _standing(row)


async def end_canary(connection: Connection, template_id: str, who: str) -> TemplateStanding:
    [row] = await connection.fetch(END_CANARY, template_id, who)
    return _standing(row)


# A job that had begun before does not count, though it ended since.
CANARY_RUNS_SQL = """
SELECT count(*) AS runs, count(*) FILTER (WHERE failed) AS failures FROM template_runs
WHERE template_runs.template_id = canary.template_id AND version = canary.canary_version
  AND ended_at >= canary.canary_since AND created_at >= canary.canary_since
"""
# Of two who do it at once, and of an operator who changes it meanwhile, one finds another rev.
END_FAILING = f"""
UPDATE template_activations SET {NO_CANARY_SQL}, {CHANGED_SQL}, changed_by = $1
FROM (
    SELECT canary.*, runs, failures FROM template_activations AS canary
    CROSS JOIN LATERAL ({CANARY_RUNS_SQL}) AS counted
    WHERE canary_version IS NOT NULL AND runs >= canary_least_runs
      AND failures > canary_most_failures * runs
) AS failing
WHERE template_activations.template_id = failing.template_id
  AND template_activations.rev = failing.rev
RETURNING failing.*
"""  # noqa: S608


class EndedCanary(Model):
    """A trial that was taken back, for too many of its runs have failed."""

    template_id: str
    version: str
    runs: int
    failures: int


async def end_failing_canaries(connection: Connection) -> list[EndedCanary]:
    """End the trials that fail too often, each with its audit line.

    Cheap while none does. May be called at any time, by anybody.
    """
    async with connection.transaction():
        rows = await connection.fetch(END_FAILING, WATCH)
        return [await _note_end(connection, row) for row in rows]


async def _note_end(connection: Connection, failing: Row) -> EndedCanary:
    before = _standing(failing)
    after = await find(connection, before.template_id)
    ended = EndedCanary(
        template_id=before.template_id,
        version=failing["canary_version"],
        runs=failing["runs"],
        failures=failing["failures"],
    )
    await audit.write(
        connection,
        who=audit.Actor(WATCH),
        action="template.roll-back",
        subject=subject(before.template_id),
        before=state(before),
        after=state(after) if after else None,
        why=f"{ended.failures} of {ended.runs} runs failed, "
        f"and at most {failing['canary_most_failures']:.0%} may",
    )
    return ended


COUNT_CANARY = f"""
SELECT counted.* FROM template_activations AS canary
CROSS JOIN LATERAL ({CANARY_RUNS_SQL}) AS counted WHERE canary.template_id = $1
"""  # noqa: S608


class Runs(Model):
    runs: int
    failures: int


async def count_canary(connection: Connection, template_id: str) -> Runs:
    """How the trial of a template fares."""
    [row] = await connection.fetch(COUNT_CANARY, template_id)
    return Runs(**dict(row))


COUNT = """
SELECT wanted.*, recent.*, unfinished, GREATEST(ended, begun) AS last_used_at
FROM unnest($1::text[], $2::text[]) AS wanted (template_id, version)
CROSS JOIN LATERAL (
    SELECT count(*) AS runs, count(*) FILTER (WHERE failed) AS failures FROM template_runs
    WHERE template_runs.template_id = wanted.template_id
      AND template_runs.version = wanted.version
      AND ended_at > clock_timestamp() - interval '30 days'
) AS recent
CROSS JOIN LATERAL (
    SELECT count(*) AS unfinished, max(created_at) AS begun FROM jobs
    WHERE template->>'template_id' = wanted.template_id AND template->>'version' = wanted.version
      AND ended_at IS NULL
) AS current
CROSS JOIN LATERAL (
    SELECT max(ended_at) AS ended FROM jobs
    WHERE template->>'template_id' = wanted.template_id AND template->>'version' = wanted.version
) AS past
"""


class VersionRuns(Runs):
    """Fields as in TemplateVersion."""

    template_id: str
    version: str
    unfinished: int
    last_used_at: datetime | None


async def count_runs(
    connection: Connection, versions: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], VersionRuns]:
    """How versions of templates fare, by template id and version."""
    names, numbers = [name for name, _ in versions], [number for _, number in versions]
    found = [VersionRuns(**dict(row)) for row in await connection.fetch(COUNT, names, numbers)]
    return {(one.template_id, one.version): one for one in found}


def subject(template_id: str) -> str:
    """What audit lines of a template are about."""
    return f"template/{template_id}"


def state(standing: TemplateStanding) -> JsonValue:
    """What audit lines tell of a template."""
    canary: JsonValue = None
    if standing.canary_version is not None:
        canary = {"version": standing.canary_version, "percent": standing.canary_percent}
    return {
        "active": standing.active_version,
        "previous": standing.previous_version,
        "canary": canary,
        "rev": standing.rev,
    }


def _standing(row: Row) -> TemplateStanding:
    known = TemplateStanding.model_fields.keys()
    return TemplateStanding(**{name: value for name, value in row.items() if name in known})
