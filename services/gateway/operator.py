"""Who runs the installation. Every operator's route depends on this."""

from typing import Annotated

from fastapi import Depends, Request

from services.gateway.access import address_of
from services.gateway.state import BearerDep
from services.store.audit import Actor


def _actor(request: Request, bearer: BearerDep) -> Actor:
    return Actor(bearer.owner, address=address_of(request), via=bearer.via)


ActorDep = Annotated[Actor, Depends(_actor)]
"""Who asks, as the audit names them."""

OperatorDep = ActorDep
"""The same on operators' routes, which the guard lets nobody else reach."""
