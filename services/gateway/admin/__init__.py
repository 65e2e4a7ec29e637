"""What operators see and do. Engine words are allowed here."""

from fastapi import APIRouter

from services.gateway.admin import (
    audit,
    backends,
    changes,
    diff,
    health,
    jobs,
    limits,
    queue,
    retention,
    shares,
    users,
    webhooks,
    workflows,
)

router = APIRouter(prefix="/api/admin", tags=["admin"])
for module in (
    *(health, queue, jobs, diff, changes, backends, audit, retention, workflows),
    *(users, limits, shares, webhooks),
):
    router.include_router(module.router)
