from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import HttpUrl, TypeAdapter, ValidationError

from proto.admin import BackendChange, BackendList, NewBackend
from proto.backend import Backend, BackendState, backend_id
from proto.errors import ErrorCode
from services.gateway.admin.words import by_whom
from services.gateway.errors import ApiError
from services.gateway.operator import OperatorDep
from services.gateway.state import GatewayDep
from services.store import audit, backends
from services.store.database import Connection

router = APIRouter()

URL = TypeAdapter(HttpUrl)
WORKING = [BackendState.OFFERED, BackendState.CORDONED, BackendState.DRAINING]
RESTING = [BackendState.CORDONED, BackendState.DRAINING, BackendState.QUARANTINED]


@dataclass(frozen=True)
class Asked:
    """Which backend is to be changed, and by whom."""

    name: str
    gateway: GatewayDep
    operator: OperatorDep


AskedDep = Annotated[Asked, Depends()]


@router.get("/backends")
async def list_backends(gateway: GatewayDep, operator: OperatorDep) -> BackendList:
    async with gateway.pool.acquire() as connection:
        return BackendList(items=await backends.list_all(connection))


@router.post("/backends", status_code=201)
async def add_backend(body: NewBackend, gateway: GatewayDep, operator: OperatorDep) -> Backend:
    """Take a ComfyUI server into the line, without a restart of anything."""
    url = _checked(body.url)
    name = backend_id(url)
    async with gateway.pool.acquire() as connection, connection.transaction():
        before = await backends.find_and_lock(connection, name)
        if not await backends.add(connection, name, url):
            raise ApiError(ErrorCode.INVALID_REQUEST, f"{name} is in the line already.")
        after = await _find(connection, name)
        await audit.write(
            connection,
            who=operator,
            action="backend.add",
            subject=_subject(name),
            before=backends.decided(before) if before else None,
            after=backends.decided(after),
            why=body.reason,
        )
    return after


@router.post("/backends/{name}/cordon")
async def cordon(asked: AskedDep, body: BackendChange) -> Backend:
    """Give it nothing new. What renders or waits there goes on."""
    return await _set(asked, body, "cordon", BackendState.CORDONED, WORKING)


@router.post("/backends/{name}/drain")
async def drain(asked: AskedDep, body: BackendChange) -> Backend:
    """Empty it: nothing new, what waits there goes back to the line, what renders is finished."""
    return await _set(asked, body, "drain", BackendState.DRAINING, WORKING)


@router.post("/backends/{name}/uncordon")
async def uncordon(asked: AskedDep, body: BackendChange) -> Backend:
    """Give it work again, out of quarantine too."""
    return await _set(asked, body, "uncordon", BackendState.OFFERED, RESTING)


@router.post("/backends/{name}/remove")
async def remove(asked: AskedDep, body: BackendChange) -> Backend:
    """Forget it, once what it renders has ended."""
    return await _set(asked, body, "remove", BackendState.REMOVED, [*WORKING, *RESTING])


async def _set(
    asked: Asked, body: BackendChange, verb: str, state: BackendState, allowed: list[BackendState]
) -> Backend:
    reason = None if state is BackendState.OFFERED else body.reason
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        before = await _find_and_lock(connection, asked.name)
        await _check_unchanged(connection, before, body.expected_rev)
        if not await backends.set_state(connection, asked.name, state, reason, allowed=allowed):
            message = f"{asked.name} is {before.state}, {await _by_whom(connection, before)}."
            raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message)
        after = await _find(connection, asked.name)
        await audit.write(
            connection,
            who=asked.operator,
            action=f"backend.{verb}",
            subject=_subject(asked.name),
            before=backends.decided(before),
            after=backends.decided(after),
            why=body.reason,
        )
    return after


async def _check_unchanged(connection: Connection, row: Backend, expected: int | None) -> None:
    if expected is None or expected == row.rev:
        return
    said = f"{row.backend_id} was changed meanwhile: it is {row.state}"
    message = f"{said}, {await _by_whom(connection, row)}. Look again, then decide."
    raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, message, field="expected_rev")


async def _by_whom(connection: Connection, row: Backend) -> str:
    """Who made it what it is, when and why: an operator, else the one who watches it."""
    line = await audit.find_newest(connection, _subject(row.backend_id))
    if line is not None and line.after == backends.decided(row):
        return by_whom(line)
    why = f": “{row.reason}”" if row.reason else ""
    return f"by its watcher at {row.state_changed_at:%Y-%m-%d %H:%M:%S} UTC{why}"


async def _find(connection: Connection, name: str) -> Backend:
    return _known(await backends.find(connection, name), name)


async def _find_and_lock(connection: Connection, name: str) -> Backend:
    return _known(await backends.find_and_lock(connection, name), name)


def _known(row: Backend | None, name: str) -> Backend:
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"There is no backend {name}.")
    return row


def _subject(name: str) -> str:
    return f"backend/{name}"


def _checked(text: str) -> str:
    try:
        url = URL.validate_python(text)
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, "This is not a URL.", field="url") from error
    if url.username or url.password or url.query or url.fragment:
        message = "Only scheme, host, port and path. Credentials belong into the access file."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="url")
    return text.strip().rstrip("/")
