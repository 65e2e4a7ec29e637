import re
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, BeforeValidator, JsonValue
from pydantic_core import PydanticCustomError
from temporalio.client import Client

from proto.errors import ErrorCode
from proto.identity import Scope
from services.gateway.board import LineBoard
from services.gateway.dispatch import Dispatcher
from services.gateway.errors import ApiError
from services.gateway.feed import EventFeed
from services.gateway.origin import READING, address_of
from services.gateway.rates import Rates
from services.gateway.sightings import Sightings
from services.gateway.views import Views
from services.settings import Settings
from services.store import audit
from services.store.audit import Actor
from services.store.database import Connection, Pool
from services.store.identity import Bearer
from services.store.objects import ObjectStore, UrlSigner
from services.store.page import BadCursor, Cursor
from workflows_comfy.profiles import Profiles


@dataclass(frozen=True)
class Gateway:
    """What the endpoints work with; opened once for the process.

    is_local: whether nobody from outside this machine can reach the process.
    """

    settings: Settings
    profiles: Profiles
    pool: Pool
    objects: ObjectStore
    signer: UrlSigner
    temporal: Client
    feed: EventFeed
    board: LineBoard
    dispatcher: Dispatcher
    rates: Rates
    is_local: bool
    sightings: Sightings = field(default_factory=Sightings)


# FastAPI calls what is not async in a thread, which costs more than all of these do.


async def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayDep = Annotated[Gateway, Depends(_gateway)]


async def _bearer(request: Request) -> Bearer:
    """Who asks, as the guard has found. Only for routes that are not public."""
    bearer: Bearer = request.state.bearer
    return bearer


BearerDep = Annotated[Bearer, Depends(_bearer)]


def actor_of(request: Request, bearer: Bearer) -> Actor:
    """Who asks, as the audit names them."""
    return Actor(bearer.owner, address=address_of(request), via=bearer.via)


async def _actor(request: Request, bearer: BearerDep) -> Actor:
    return actor_of(request, bearer)


ActorDep = Annotated[Actor, Depends(_actor)]

OWNED: dict[str, tuple[str, str]] = {
    "job_id": ("job", "SELECT owner FROM jobs WHERE job_id = $1"),
    "asset_id": ("asset", "SELECT owner FROM assets WHERE asset_id = $1"),
}
"""What an operator reaches whoever it belongs to, by the parameter of the path that names it."""


async def _owner(request: Request, gateway: GatewayDep, bearer: BearerDep) -> str:
    """Whose things the request is about: the caller's, but what an operator asks for by its id."""
    reads = request.method in READING
    for parameter, (noun, find) in OWNED.items():
        name = request.path_params.get(parameter)
        if name is None or (Scope.ADMIN_READ if reads else Scope.ADMIN_WRITE) not in bearer.scopes:
            continue
        async with gateway.pool.acquire() as connection:
            owner: str | None = await connection.fetchval(find, name)
            if owner is not None and owner != bearer.owner:
                if reads:
                    actor = actor_of(request, bearer)
                    await audit.note_access(connection, actor, f"{noun}.read", f"{noun}/{name}")
                return owner
    return bearer.owner


OwnerDep = Annotated[str, Depends(_owner)]


@dataclass(frozen=True)
class Caller:
    """Who changes something, and whose it is."""

    owner: str
    actor: Actor

    async def note(
        self, connection: Connection, action: str, name: str, *, after: JsonValue = None
    ) -> None:
        """Leave an audit line of the change, in its transaction. action: noun and verb."""
        subject = f"{action.partition('.')[0]}/{name}"
        await audit.note(connection, self.actor, action, subject, owner=self.owner, after=after)


async def _caller(owner: OwnerDep, actor: ActorDep) -> Caller:
    return Caller(owner, actor)


CallerDep = Annotated[Caller, Depends(_caller)]


async def _views(request: Request, gateway: GatewayDep) -> Views:
    origin = gateway.settings.public_url or str(request.base_url)
    return Views(gateway.signer, origin.rstrip("/"))


ViewsDep = Annotated[Views, Depends(_views)]


async def _cursor(cursor: Annotated[str | None, Query(max_length=400)] = None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return Cursor.decode(cursor)
    except BadCursor as error:
        message = "This page of the list does not exist. Start again from the first page."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="cursor") from error


CursorDep = Annotated[Cursor | None, Depends(_cursor)]
LimitParam = Annotated[int, Query(ge=1, le=100)]


def _written_out(value: object) -> object:
    # Pydantic takes a bare number for seconds since 1970.
    if isinstance(value, str) and re.fullmatch(r"[-+.\d\s]*", value):
        raise PydanticCustomError("no_time", "this is no date and time with its zone")
    return value


TimeParam = Annotated[
    Annotated[AwareDatetime, BeforeValidator(_written_out)] | None,
    Query(),
]
"""Like 2026-05-04T10:00:00Z."""

MAX_NUMBER = 2**31 - 1
NumberParam = Annotated[int, Query(ge=0, le=MAX_NUMBER)]
"""The number of an event a client has seen."""
