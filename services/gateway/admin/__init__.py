"""What operators see and do. Engine words are allowed here."""

from fastapi import APIRouter

from services.gateway.admin import (
    audit,
    backends,
    changes,
    diff,
    health,
    jobs,
    queue,
    retention,
    workflows,
)

router = APIRouter(prefix="/api/admin", tags=["admin"])
for module in (health, queue, jobs, diff, changes, backends, audit, retention, workflows):
    router.include_router(module.router)
