import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import JsonValue

from proto.admin import AuditFilter, AuditLine, AuditPage
from services.gateway.operator import OperatorDep
from services.gateway.state import CursorDep, Gateway, GatewayDep, LimitParam, TimeParam
from services.store import audit
from services.store.page import Cursor, cut_page

router = APIRouter()

COLUMNS = list(AuditLine.model_fields)
BATCH = 1000
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/x-ndjson",
}

Text = Annotated[str | None, Query(max_length=300)]


@dataclass(frozen=True)
class Wanted:
    """As AuditFilter."""

    who: Text = None
    action: Text = None
    subject: Text = None
    since: TimeParam = None
    until: TimeParam = None


@router.get("/audit")
async def list_audit(
    wanted: Annotated[Wanted, Depends()],
    gateway: GatewayDep,
    operator: OperatorDep,
    cursor: CursorDep,
    limit: LimitParam = 50,
) -> AuditPage:
    """What was changed and looked at, newest first; lines that match all that is asked for."""
    sought = AuditFilter(**asdict(wanted))
    async with gateway.pool.acquire() as connection:
        lines = await audit.list_page(connection, sought, cursor, limit + 1)
    items, next_cursor = cut_page(lines, limit, _cursor)
    return AuditPage(items=items, next_cursor=next_cursor)


@router.get("/audit/export", response_class=StreamingResponse)
async def export_audit(
    wanted: Annotated[Wanted, Depends()],
    gateway: GatewayDep,
    operator: OperatorDep,
    format: ExportFormat = ExportFormat.CSV,  # noqa: A002  the parameter's name
) -> StreamingResponse:
    """All lines that match, newest first, as a file. The export leaves a line of its own."""
    sought = AuditFilter(**asdict(wanted))
    async with gateway.pool.acquire() as connection:
        await audit.write(
            connection,
            who=operator,
            action="audit.export",
            subject="audit/all",
            before=None,
            after=sought.model_dump(mode="json", exclude_none=True),
            why=audit.EXPORTED,
        )
    name = f"animatrix-audit-{datetime.now(UTC):%Y-%m-%d}.{format}"
    return StreamingResponse(
        _lines(gateway, sought, format),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _lines(gateway: Gateway, sought: AuditFilter, form: ExportFormat) -> AsyncIterator[str]:
    """A few at a time: who reads slowly keeps no connection from others."""
    if form is ExportFormat.CSV:
        yield csv_row(COLUMNS)
    after: Cursor | None = None
    while True:
        async with gateway.pool.acquire() as connection:
            lines = await audit.list_page(connection, sought, after, BATCH)
        yield "".join(_written(line, form) for line in lines)
        if len(lines) < BATCH:
            return
        after = _cursor(lines[-1])


def _written(line: AuditLine, form: ExportFormat) -> str:
    if form is ExportFormat.JSONL:
        return line.model_dump_json() + "\n"
    told = line.model_dump(mode="json")
    return csv_row([told[name] for name in COLUMNS])


def csv_row(cells: Sequence[JsonValue]) -> str:
    """One line of RFC 4180. No cell begins a formula in the program that opens it."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: JsonValue) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _cursor(line: AuditLine) -> Cursor:
    return Cursor(at=line.at, id=line.audit_id)
