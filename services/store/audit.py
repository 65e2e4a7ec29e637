"""What operators changed, line by line. Lines are added in the transaction of their change."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue, TypeAdapter

from proto.admin import AuditFilter, AuditLine
from proto.ids import new_id
from services.store import jsonb
from services.store.database import Connection, Row
from services.store.page import NEWEST, Cursor

JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
JSON_COLUMNS: dict[str, TypeAdapter[Any]] = {"before": JSON, "after": JSON}

OWN = "asked for by its owner"
"""Why, where nobody is asked for a reason."""
EXPORTED = "an operator asked for a copy"
FOR_ANOTHER = "an operator acted for its owner"


@dataclass(frozen=True)
class Actor:
    """Who changes or looks at something. address: IP; via: the session or token that asked."""

    name: str
    address: str | None = None
    via: str | None = None


WRITE = """
INSERT INTO audit (audit_id, who, action, subject, before, after, why, address, via)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def write(  # noqa: PLR0913  a line has that many columns
    connection: Connection,
    *,
    who: Actor,
    action: str,
    subject: str,
    before: JsonValue,
    after: JsonValue,
    why: str,
) -> None:
    """Note a change, in the caller's transaction, which is the change's own.

    action: noun and verb, `backend.cordon`. subject: noun and id, `backend/gpu-1:443`. before,
    after: of what was changed.
    """
    await connection.execute(
        WRITE,
        new_id(),
        who.name,
        action,
        subject,
        json.dumps(before),
        json.dumps(after),
        why,
        who.address,
        who.via,
    )


async def note(
    connection: Connection,
    who: Actor,
    action: str,
    subject: str,
    *,
    owner: str,
    after: JsonValue = None,
) -> None:
    """As `write`, of a change to an owner's thing for which nobody is asked for a reason."""
    why = OWN if who.name == owner else FOR_ANOTHER
    await write(
        connection, who=who, action=action, subject=subject, before=None, after=after, why=why
    )


NOTE_ACCESS = """
INSERT INTO audit (audit_id, who, action, subject, before, after, why, address, via)
SELECT $1, $2, $3, $4, 'null', 'null', $5, $6, $7
WHERE NOT EXISTS (
    SELECT FROM audit WHERE subject = $4 AND who = $2 AND action = $3
      AND via IS NOT DISTINCT FROM $7 AND at > clock_timestamp() - interval '1 hour'
)
"""
LOOKED = "an operator looked at it"


async def note_access(connection: Connection, who: Actor, action: str, subject: str) -> None:
    """Note that somebody looked at another's data: once an hour, however often a page asks."""
    await connection.execute(
        NOTE_ACCESS, new_id(), who.name, action, subject, LOOKED, who.address, who.via
    )


LIST = """
SELECT * FROM audit
WHERE (at, audit_id) < ($1, $2)
  AND ($3::text IS NULL OR who = $3)
  AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
  AND ($5::text IS NULL OR subject = $5)
  AND ($6::timestamptz IS NULL OR at >= $6)
  AND ($7::timestamptz IS NULL OR at < $7)
ORDER BY at DESC, audit_id DESC LIMIT $8
"""


async def list_page(
    connection: Connection, wanted: AuditFilter, after: Cursor | None, limit: int
) -> list[AuditLine]:
    """Lines that match, newest first."""
    start = after or NEWEST
    rows = await connection.fetch(
        LIST,
        start.at,
        start.id,
        wanted.who,
        wanted.action,
        wanted.subject,
        wanted.since,
        wanted.until,
        limit,
    )
    return [_line(row) for row in rows]


# Looking at something is no change of it.
OF_SUBJECT = """
SELECT * FROM audit WHERE subject = $1 AND action NOT LIKE '%.read'
ORDER BY at DESC, audit_id DESC LIMIT $2
"""


async def list_of_subject(connection: Connection, subject: str, limit: int) -> list[AuditLine]:
    """The last changes of a subject, newest first."""
    return [_line(row) for row in await connection.fetch(OF_SUBJECT, subject, limit)]


async def find_newest(connection: Connection, subject: str) -> AuditLine | None:
    """The last change of a subject."""
    found = await list_of_subject(connection, subject, 1)
    return found[0] if found else None


def _line(row: Row) -> AuditLine:
    return AuditLine.model_validate(jsonb.load_row(row, JSON_COLUMNS))
