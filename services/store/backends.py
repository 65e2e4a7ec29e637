"""The ComfyUI servers, as operators and agents know them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from proto.backend import Backend, BackendFacts, BackendState
from proto.model import Model
from services.store import jsonb
from services.store.database import Connection, Row

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
}
COLUMNS = f"""
backend_id, url, source, state, reason, rev, COALESCE({ANSWERING_SQL}, false) AS answering, facts,
abilities, missing, lines, running, pending, seen_at, state_changed_at
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
    state_changed_at = clock_timestamp()
WHERE backends.state = 'removed'
"""


async def add(connection: Connection, backend_id: str, url: str) -> bool:
    """False when there is such a backend already."""
    done: str = await connection.execute(ADD, backend_id, url)
    return done.endswith(" 1")


SET_STATE = """
UPDATE backends SET state = $2, reason = $3, state_changed_at = clock_timestamp()
WHERE backend_id = $1 AND state = ANY ($4::text[])
"""


async def set_state(
    connection: Connection,
    backend_id: str,
    state: BackendState,
    reason: str | None,
    *,
    allowed: Sequence[BackendState],
) -> bool:
    """Change the state if it is one of `allowed` now."""
    done: str = await connection.execute(SET_STATE, backend_id, state, reason, list(allowed))
    return done.endswith(" 1")


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
