"""What the installation needs and has, part by part; no part waits for another."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.taskqueue.v1 import TaskQueue as QueueName
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from proto.admin import HealthPart, PartKind, PartState, SystemHealth
from proto.backend import Backend, BackendState
from services.gateway.admin.words import counted
from services.gateway.operator import OperatorDep
from services.gateway.state import Gateway, GatewayDep
from services.store import backends, jobs
from services.store.database import DATABASE_ERRORS
from services.store.objects import ObjectStoreUnavailable
from temporal.queues import TaskQueue

router = APIRouter()

PATIENCE_S = 2.0
"""For each part; all of them are asked at once."""
POLLS_WITHIN = timedelta(seconds=90)
"""A poll lasts a minute, so who is there polls within it, unless all its places are taken."""
ASKING_ERRORS = (*DATABASE_ERRORS, RPCError, ObjectStoreUnavailable, TimeoutError)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """state, message: as in HealthPart. since: where it is known by itself."""

    state: PartState
    message: str
    since: datetime | None = None


@router.get("/health")
async def show_health(gateway: GatewayDep, operator: OperatorDep) -> SystemHealth:
    """Each dependency, task queue and backend with its state in words."""
    asked = await asyncio.gather(
        _part(gateway, PartKind.DEPENDENCY, "postgres", _database(gateway)),
        _part(gateway, PartKind.DEPENDENCY, "s3", _objects(gateway)),
        _part(gateway, PartKind.DEPENDENCY, "temporal", _temporal(gateway)),
        _queues(gateway),
        _backends(gateway),
    )
    *dependencies, queues, servers = asked
    parts = [*dependencies, *queues, *servers]
    return SystemHealth(state=_whole(parts), checked_at=datetime.now(UTC), parts=parts)


def _whole(parts: Sequence[HealthPart]) -> PartState:
    """Nothing is made while a dependency or a queue is down; of backends one is enough."""
    states = {part.state for part in parts if part.kind is not PartKind.BACKEND}
    servers = {part.state for part in parts if part.kind is PartKind.BACKEND}
    if PartState.DOWN in states or PartState.WORKING not in servers:
        return PartState.DOWN
    return PartState.WORKING if states | servers == {PartState.WORKING} else PartState.LIMITED


async def _part(
    gateway: Gateway, kind: PartKind, name: str, asked: Awaitable[Finding]
) -> HealthPart:
    try:
        async with asyncio.timeout(PATIENCE_S):
            finding = await asked
    except ASKING_ERRORS as error:
        finding = Finding(PartState.DOWN, _words(error))
    since = finding.since or gateway.sightings.since(f"{kind}/{name}", finding.state)
    return HealthPart(
        kind=kind, name=name, state=finding.state, since=since, message=finding.message
    )


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"It gave no answer within {PATIENCE_S:.0f} seconds."
    return f"It does not answer: {error or type(error).__name__}"


async def _database(gateway: Gateway) -> Finding:
    async with gateway.pool.acquire() as connection:
        await connection.fetchval("SELECT 1")
    return Finding(PartState.WORKING, "It answers.")


async def _objects(gateway: Gateway) -> Finding:
    await gateway.objects.check()
    return Finding(PartState.WORKING, "It answers.")


async def _temporal(gateway: Gateway) -> Finding:
    await gateway.temporal.service_client.check_health()
    return Finding(PartState.WORKING, "It answers.")


async def _queues(gateway: Gateway) -> list[HealthPart]:
    names = [*TaskQueue, *await _lines(gateway)]
    return list(
        await asyncio.gather(
            *(
                _part(gateway, PartKind.QUEUE, name, _queue(gateway, name))
                for name in dict.fromkeys(names)
            )
        )
    )


async def _lines(gateway: Gateway) -> list[str]:
    """The lines for what only some backends can render, while jobs wait there."""
    try:
        async with asyncio.timeout(PATIENCE_S), gateway.pool.acquire() as connection:
            return sorted(await jobs.list_lines(connection))
    except ASKING_ERRORS:
        # That the database is away is told as a part of its own.
        return []


async def _queue(gateway: Gateway, name: str) -> Finding:
    kinds = [TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY]
    if name == TaskQueue.WORKFLOWS:
        kinds.append(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    found = [
        await gateway.temporal.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=gateway.settings.temporal_namespace,
                task_queue=QueueName(name=name),
                task_queue_type=kind,
                report_stats=True,
            )
        )
        for kind in kinds
    ]
    waiting = sum(one.stats.approximate_backlog_count for one in found)
    oldest_s = max(one.stats.approximate_backlog_age.ToTimedelta() for one in found)
    polled = min(max(map(_last_access, one.pollers), default=NEVER) for one in found)
    pollers = {poller.identity for one in found for poller in one.pollers if _is_there(poller)}
    return _finding(len(pollers), waiting, oldest_s, polled)


def _finding(pollers: int, waiting: int, oldest: timedelta, polled: datetime) -> Finding:
    """Of a task queue. oldest: how long its first task waits. polled: when it was asked last."""
    line = f"waiting: {counted(waiting, 'task')}, the oldest for {oldest.total_seconds():.0f} s"
    wait = line if waiting else "nothing waits"
    if pollers and polled > datetime.now(UTC) - POLLS_WITHIN:
        return Finding(PartState.WORKING, f"Workers that take its tasks: {pollers}; {wait}.")
    state = PartState.DOWN if waiting else PartState.LIMITED
    if polled == NEVER:
        return Finding(state, f"No worker takes its tasks; {wait}.")
    said = f"No worker has asked for a task since {polled:%H:%M:%S} UTC; {wait}."
    return Finding(state, said, polled)


def _last_access(poller: PollerInfo) -> datetime:
    return poller.last_access_time.ToDatetime(tzinfo=UTC)


def _is_there(poller: PollerInfo) -> bool:
    return _last_access(poller) > datetime.now(UTC) - POLLS_WITHIN


async def _backends(gateway: Gateway) -> list[HealthPart]:
    try:
        async with asyncio.timeout(PATIENCE_S), gateway.pool.acquire() as connection:
            known = await backends.list_all(connection)
    except ASKING_ERRORS:
        return []
    return [_backend(row) for row in known]


def _backend(row: Backend) -> HealthPart:
    offered = row.state is BackendState.OFFERED
    if not row.answering:
        since, state, message = row.seen_at, PartState.DOWN, "It does not answer."
    elif not offered:
        why = f": {row.reason}" if row.reason else ""
        since, state, message = row.state_changed_at, PartState.LIMITED, f"It is {row.state}{why}."
    elif row.abilities == []:
        since, state, message = None, PartState.LIMITED, "It can render nothing as it is."
    else:
        # Those with a version in their name are told on the templates' page.
        unable = [ability for ability in row.missing if ability.count("@") == 1]
        lacks = f" It can't render {', '.join(unable)}." if unable else ""
        message = f"It takes work; {row.running} render and {row.pending} wait there.{lacks}"
        since, state = row.state_changed_at, PartState.WORKING
    if row.state is BackendState.QUARANTINED:
        state = PartState.DOWN
    return HealthPart(
        kind=PartKind.BACKEND, name=row.backend_id, state=state, since=since, message=message
    )
