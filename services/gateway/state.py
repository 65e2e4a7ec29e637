from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Query, Request
from temporalio.client import Client

from proto.errors import ErrorCode
from services.gateway.board import LineBoard
from services.gateway.dispatch import Dispatcher
from services.gateway.errors import ApiError
from services.gateway.feed import EventFeed
from services.gateway.sightings import Sightings
from services.gateway.views import Views
from services.settings import Settings
from services.store.database import Pool
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
    is_local: bool
    sightings: Sightings = field(default_factory=Sightings)


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayDep = Annotated[Gateway, Depends(_gateway)]


def _bearer(request: Request) -> Bearer:
    """Who asks, as the guard has found. Only for routes that are not public."""
    bearer: Bearer = request.state.bearer
    return bearer


BearerDep = Annotated[Bearer, Depends(_bearer)]


def _owner(bearer: BearerDep) -> str:
    """Whose things are made and listed."""
    return bearer.owner


OwnerDep = Annotated[str, Depends(_owner)]


def _views(request: Request, gateway: GatewayDep) -> Views:
    origin = gateway.settings.public_url or str(request.base_url)
    return Views(gateway.signer, origin.rstrip("/"))


ViewsDep = Annotated[Views, Depends(_views)]


def _cursor(cursor: Annotated[str | None, Query(max_length=400)] = None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return Cursor.decode(cursor)
    except BadCursor as error:
        message = "This page of the list does not exist. Start again from the first page."
        raise ApiError(ErrorCode.INVALID_REQUEST, message, field="cursor") from error


CursorDep = Annotated[Cursor | None, Depends(_cursor)]
LimitParam = Annotated[int, Query(ge=1, le=100)]

MAX_NUMBER = 2**31 - 1
NumberParam = Annotated[int, Query(ge=0, le=MAX_NUMBER)]
"""The number of an event a client has seen."""
