"""The ComfyUI servers, as operators and agents know them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue, TypeAdapter

from proto.backend import Backend, BackendFacts, BackendState, Finding, FindingKind
from proto.model import Model
from services.store import audit, jsonb
from services.store.database import Connection, Row

WATCHER = "watcher"
"""Who the audit names for what nobody decided."""

VERBS = {
    BackendState.OFFERED: "offer",
    BackendState.DRAINING: "drain",
    BackendState.QUARANTINED: "quarantine",
}
ANSWERING_SQL = "(seen_at > clock_timestamp() - interval '30 seconds')"


class Inventory(Model):
    """What a backend was found to have."""

    facts: BackendFacts
    abilities: list[str]
    missing: dict[str, list[str]]


JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {
    "facts": TypeAdapter(BackendFacts),
    "abilities": TypeAdapter(list[str]),
    "missing": TypeAdapter(dict[str, list[str]]),
    "findings": TypeAdapter(list[Finding]),
}
COLUMNS = f"""
backend_id, url, source, state, reason, rev, COALESCE({ANSWERING_SQL}, false) AS answering, facts,
abilities, missing, lines, running, pending, seen_at, state_changed_at,
because, findings
"""

LIST = f"SELECT {COLUMNS} FROM backends WHERE state <> 'removed' ORDER BY backend_id"  # noqa: S608
FIND = f"SELECT {COLUMNS} FROM backends WHERE backend_id = $1"  # noqa: S608


async def list_all(connection: Connection) -> list[Backend]:
    """Every backend that was not removed."""
    return [_backend(row) for row in await connection.fetch(LIST)]


async def find(connection: Connection, backend_id: str) -> Backend | None:
    """A backend, removed ones included: what they still render is followed to its end."""
    row = await connection.fetchrow(FIND, backend_id)
    return None if row is None else _backend(row)


LOCK = f"{FIND} FOR UPDATE"


async def find_and_lock(connection: Connection, backend_id: str) -> Backend | None:
    """As `find`, and nobody else changes it until the transaction ends."""
    row = await connection.fetchrow(LOCK, backend_id)
    return None if row is None else _backend(row)


CONFIGURE = """
INSERT INTO backends (backend_id, url, source) VALUES ($1, $2, 'configuration')
ON CONFLICT (backend_id) DO UPDATE SET
    url = EXCLUDED.url,
    source = EXCLUDED.source,
    state = CASE WHEN backends.state = 'removed' THEN 'offered' ELSE backends.state END,
    because = CASE WHEN backends.state = 'removed' THEN NULL ELSE backends.because END,
    state_changed_at = CASE WHEN backends.state = 'removed' THEN clock_timestamp()
                            ELSE backends.state_changed_at END
"""
UNCONFIGURE = """
UPDATE backends SET state = 'removed', reason = 'no longer configured',
    state_changed_at = clock_timestamp()
WHERE source = 'configuration' AND state <> 'removed' AND NOT backend_id = ANY ($1::text[])
"""


async def configure(connection: Connection, urls: Mapping[str, str]) -> None:
    """Make the configured backends those in `urls`, by id; the console's stay as they are."""
    async with connection.transaction():
        await connection.executemany(CONFIGURE, list(urls.items()))
        await connection.execute(UNCONFIGURE, list(urls))


ADD = """
INSERT INTO backends (backend_id, url, source) VALUES ($1, $2, 'console')
ON CONFLICT (backend_id) DO UPDATE SET url = EXCLUDED.url, state = 'offered', reason = NULL,
    because = NULL, findings = '[]', state_changed_at = clock_timestamp()
WHERE backends.state = 'removed'
"""


async def add(connection: Connection, backend_id: str, url: str) -> bool:
    """False when there is such a backend already."""
    done: str = await connection.execute(ADD, backend_id, url)
    return done.endswith(" 1")


SET_STATE = """
UPDATE backends SET state = $2, reason = $3, because = $5, state_changed_at = clock_timestamp()
WHERE backend_id = $1 AND state = ANY ($4::text[])
"""


async def set_state(
    connection: Connection,
    backend_id: str,
    state: BackendState,
    reason: str | None,
    *,
    allowed: Sequence[BackendState],
    because: FindingKind | None = None,
) -> bool:
    """Change the state if it is one of `allowed` now."""
    done: str = await connection.execute(
        SET_STATE, backend_id, state, reason, list(allowed), because
    )
    return done.endswith(" 1")


class Treatment(Model):
    """What the watcher does with a backend. why: the reason shown, when it takes work away."""

    state: BackendState
    because: FindingKind | None
    why: str


async def treat(
    connection: Connection, known: Backend, treatment: Treatment, *, allowed: Sequence[BackendState]
) -> bool:
    """Change the state by nobody's decision, unless somebody changed it since `known` was read."""
    async with connection.transaction():
        before = await find_and_lock(connection, known.backend_id)
        if before is None or before.rev != known.rev:
            return False
        reason = None if treatment.state is BackendState.OFFERED else treatment.why
        done = await set_state(
            connection,
            known.backend_id,
            treatment.state,
            reason,
            allowed=allowed,
            because=treatment.because,
        )
        after = await find(connection, known.backend_id)
        if not done or after is None:
            return False
        await audit.write(
            connection,
            who=audit.Actor(WATCHER),
            action=f"backend.{VERBS[treatment.state]}",
            subject=f"backend/{known.backend_id}",
            before=decided(before),
            after=decided(after),
            why=treatment.why,
        )
    return True


def decided(row: Backend) -> JsonValue:
    """What the audit shows of a backend."""
    return {"state": row.state.value, "reason": row.reason, "url": row.url, "rev": row.rev}


CAN_SPARE = f"""
SELECT NOT EXISTS (
    SELECT jsonb_array_elements_text(abilities) FROM backends WHERE backend_id = $1
    EXCEPT
    SELECT jsonb_array_elements_text(abilities) FROM backends
    WHERE backend_id <> $1 AND state = 'offered' AND {ANSWERING_SQL}
)
"""  # noqa: S608


async def can_spare(connection: Connection, backend_id: str) -> bool:
    """Whether others, which take work now, can do all that this one can."""
    spared: bool = await connection.fetchval(CAN_SPARE, backend_id)
    return spared


class Failures(Model):
    """Prompts that ended badly on a backend, and how many jobs they were of."""

    out_of_memory: int
    out_of_memory_jobs: int
    full_disk: int
    stuck: int
    stuck_jobs: int


FAILURES = """
WITH ended AS (
    SELECT job_id, cause LIKE '%OutOfMemory%' AS out_of_memory,
        cause LIKE '%No space left%' AS full_disk, outcome = 'stalled' AS stuck
    FROM prompts
    WHERE backend_id = $1 AND COALESCE(settled_at, abandoned_at) > $2
)
SELECT count(*) FILTER (WHERE out_of_memory) AS out_of_memory,
    count(DISTINCT job_id) FILTER (WHERE out_of_memory) AS out_of_memory_jobs,
    count(*) FILTER (WHERE full_disk) AS full_disk,
    count(*) FILTER (WHERE stuck) AS stuck,
    count(DISTINCT job_id) FILTER (WHERE stuck) AS stuck_jobs
FROM ended
"""


async def count_failures(connection: Connection, backend_id: str, since: datetime) -> Failures:
    row = await connection.fetchrow(FAILURES, backend_id, since)
    return Failures.model_validate(dict(row or {}))


class Peer(Model):
    """A version that other backends run, and how many do."""

    version: str
    node_fingerprint: str
    count: int


PEERS = """
SELECT facts->>'version' AS version, facts->>'node_fingerprint' AS node_fingerprint,
    count(*) AS count
FROM backends WHERE backend_id <> $1 AND state <> 'removed' AND facts IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""


async def list_peers(connection: Connection, backend_id: str) -> list[Peer]:
    """What the others run, the most frequent first."""
    rows = await connection.fetch(PEERS, backend_id)
    return [Peer.model_validate(dict(row)) for row in rows]


FINDINGS = "UPDATE backends SET findings = $2 WHERE backend_id = $1"


async def set_findings(
    connection: Connection, backend_id: str, findings: Sequence[Finding]
) -> None:
    body = JSON_COLUMNS["findings"].dump_json(list(findings)).decode()
    await connection.execute(FINDINGS, backend_id, body)


SEEN = """
UPDATE backends SET seen_at = clock_timestamp(), running = $2, pending = $3, lines = $4
WHERE backend_id = $1
"""
INVENTORY = "UPDATE backends SET facts = $2, abilities = $3, missing = $4 WHERE backend_id = $1"


async def mark_seen(
    connection: Connection, backend_id: str, running: int, pending: int, lines: list[str]
) -> None:
    await connection.execute(SEEN, backend_id, running, pending, lines)


async def set_inventory(connection: Connection, backend_id: str, inventory: Inventory) -> None:
    await connection.execute(
        INVENTORY,
        backend_id,
        inventory.facts.model_dump_json(),
        json.dumps(inventory.abilities),
        json.dumps(inventory.missing),
    )


def _backend(row: Row) -> Backend:
    return Backend.model_validate(jsonb.load_row(row, JSON_COLUMNS))
