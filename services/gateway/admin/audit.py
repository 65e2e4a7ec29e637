from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from proto.admin import AuditFilter, AuditLine, AuditPage
from services.gateway.operator import OperatorDep
from services.gateway.state import CursorDep, GatewayDep, LimitParam, TimeParam
from services.store import audit
from services.store.page import Cursor, cut_page

router = APIRouter()

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
    """What operators changed, newest first; the lines that match all of what is asked for."""
    sought = AuditFilter(**asdict(wanted))
    async with gateway.pool.acquire() as connection:
        lines = await audit.list_page(connection, sought, cursor, limit + 1)
    items, next_cursor = cut_page(lines, limit, _cursor)
    return AuditPage(items=items, next_cursor=next_cursor)


def _cursor(line: AuditLine) -> Cursor:
    return Cursor(at=line.at, id=line.audit_id)
