"""Who runs the installation. Every operator's route depends on this."""

from services.gateway.state import ActorDep

OperatorDep = ActorDep
"""Who asks; the guard lets nobody else reach operators' routes."""
