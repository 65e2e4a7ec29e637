"""Who runs the installation. Every operator's route depends on this."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.gateway.state import GatewayDep


@dataclass(frozen=True)
class Operator:
    name: str


def _operator(gateway: GatewayDep) -> Operator:
    """Who asks. The one local user until sign-in exists."""
    return Operator(name=gateway.settings.owner)


OperatorDep = Annotated[Operator, Depends(_operator)]
