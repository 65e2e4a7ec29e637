"""Runs workflows and activities: `python -m temporal.worker ROLE…`, one or more roles a process."""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from proto.retention import RetentionAges
from services.logs import configure
from services.media.isolation import open_isolation
from services.settings import Settings
from services.store.database import Pool, open_pool
from services.store.objects import UrlSigner, open_object_store
from services.telemetry.clients import watch_s3
from services.telemetry.fleet import Fleet
from services.telemetry.health import serving_health
from services.telemetry.process import telemetry, watching_loop
from services.webhooks.sending import Sender
from services.webhooks.signing import sealer
from temporal.activities.backends import access_of, open_backends
from temporal.activities.checkpoints import CheckpointActivities
from temporal.activities.comfy import ComfyActivities
from temporal.activities.deleting import DeletionActivities
from temporal.activities.ingest import IngestActivities
from temporal.activities.lining import LineActivities
from temporal.activities.media import MediaActivities
from temporal.activities.planning import PlanActivities
from temporal.activities.records import RecordActivities
from temporal.activities.retention import RetentionActivities
from temporal.activities.webhooks import WebhookActivities
from temporal.activities.workbench import Workbench
from temporal.agent import DEPTH, Agents
from temporal.client import (
    connect,
    identity_of,
    keep_retention_schedule,
    keep_search_attributes,
)
from temporal.queues import WEBHOOK_BACKOFF_S, TaskQueue
from temporal.workflows.delete_job import DeleteJob
from temporal.workflows.deliver_webhooks import DeliverWebhooks
from temporal.workflows.ingest_asset import IngestAsset
from temporal.workflows.render_job import RenderJob
from temporal.workflows.retention import Retention
from temporal.workflows.withdraw_prompt import WithdrawPrompt

log = structlog.get_logger()

WORKFLOWS = [RenderJob, IngestAsset, WithdrawPrompt, DeleteJob, Retention, DeliverWebhooks]
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("proto", "temporal")
)
# How long a cancellation may take to reach an activity, and a heartbeat's details the server.
HEARTBEAT_THROTTLE = timedelta(seconds=4)
MEDIA_AT_ONCE = 2
READING_LIFETIME = timedelta(hours=12)
"""Of the address that a reader's child fetches a file from, however long the file is."""
WATCHED_AT_ONCE = 1000
TOLD_AT_ONCE = 50
DAY_S = 86400.0
TEMPORAL_WITHIN = timedelta(seconds=2)

Running = Coroutine[None, None, None]


@dataclass(frozen=True)
class Parts:
    """What a role runs. workers are asked to stop, and waited for; then `beside` is cancelled."""

    workers: list[Worker] = field(default_factory=list)
    beside: list[Running] = field(default_factory=list)


Role = Callable[[Settings, AsyncExitStack], Awaitable[Parts]]


async def _workflows(settings: Settings, stack: AsyncExitStack) -> Parts:
    pool = await stack.enter_async_context(open_pool(settings.database_url.get_secret_value()))
    objects = await stack.enter_async_context(open_object_store(settings))
    watch_s3(objects.client)
    records, plans = RecordActivities(pool, objects), PlanActivities(pool, objects)
    checkpoints = CheckpointActivities(pool, objects)
    retention = RetentionActivities(pool, objects, ages_of(settings))
    client = await connect(settings, identity=identity_of("worker/workflows"))
    await keep_search_attributes(client)
    await keep_retention_schedule(client, settings.retention_every_hours)
    worker = Worker(
        client,
        task_queue=TaskQueue.WORKFLOWS,
        workflows=WORKFLOWS,
        workflow_runner=RUNNER,
        activities=[
            records.record,
            records.record_asset,
            records.record_examined,
            records.discard_upload,
            plans.plan_segments,
            LineActivities(pool).join_line,
            checkpoints.resume,
            checkpoints.lose_checkpoint,
            checkpoints.check_turn,
            DeletionActivities(pool, objects).purge_job,
            retention.begin_retention,
            retention.sweep_retention,
            retention.end_retention,
        ],
        deployment_config=deployment_of(settings),
        graceful_shutdown_timeout=grace_of(settings),
    )
    return Parts([worker], _counting(settings, pool))


def deployment_of(settings: Settings) -> WorkerDeploymentConfig | None:
    """The version whose workflows stay with it; None where no build id is set.

    Only workflows have to stay: an activity takes its arguments from any release that runs.
    """
    if settings.worker_build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.worker_deployment, settings.worker_build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


def grace_of(settings: Settings) -> timedelta:
    """How long what is under way may go on before it is cancelled."""
    return timedelta(seconds=settings.grace_seconds)


def ages_of(settings: Settings) -> RetentionAges:
    return RetentionAges(
        orphans=settings.keep_orphans_days,
        transfers=settings.keep_transfers_days,
        inputs=settings.keep_inputs_days,
        unused_uploads=settings.keep_unused_uploads_days,
        uploads=settings.keep_uploads_days,
        outputs=settings.keep_outputs_days,
        parts=settings.keep_parts_days,
        records=settings.keep_records_days,
    )


def _counting(settings: Settings, pool: Pool) -> list[Running]:
    """Nobody reads what is counted where there are no metrics."""
    if settings.metrics_port is None:
        return []
    return [Fleet(pool, settings.database_url.get_secret_value(), depth=DEPTH).run()]


async def _media(settings: Settings, stack: AsyncExitStack) -> Parts:
    pool = await stack.enter_async_context(open_pool(settings.database_url.get_secret_value()))
    objects = await stack.enter_async_context(open_object_store(settings))
    watch_s3(objects.client)
    workbench = Workbench(
        objects=objects,
        isolation=await stack.enter_async_context(open_isolation()),
        signer=UrlSigner.from_settings(settings, lifetime=READING_LIFETIME),
    )
    ingest, media = IngestActivities(workbench), MediaActivities(pool, workbench)
    client = await connect(settings, identity=identity_of("worker/media"))
    uploads = Worker(
        client,
        task_queue=TaskQueue.UPLOADS,
        activities=[ingest.inspect_upload],
        max_concurrent_activities=MEDIA_AT_ONCE,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=grace_of(settings),
    )
    worker = Worker(
        client,
        task_queue=TaskQueue.MEDIA,
        activities=[
            ingest.examine_upload,
            media.normalise_inputs,
            media.grow,
            media.finish,
        ],
        max_concurrent_activities=MEDIA_AT_ONCE,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=grace_of(settings),
    )
    return Parts([uploads, worker])


async def _comfy(settings: Settings, stack: AsyncExitStack) -> Parts:
    pool = await stack.enter_async_context(open_pool(settings.database_url.get_secret_value()))
    objects = await stack.enter_async_context(open_object_store(settings))
    watch_s3(objects.client)
    backends = await stack.enter_async_context(open_backends(pool, access_of(settings)))
    comfy = ComfyActivities(
        pool,
        objects,
        backends,
        stall_s=settings.stall_seconds,
        silence_s=settings.silence_seconds,
        pauses=settings.on_drift == "pause",
    )
    client = await connect(settings, identity=identity_of("worker/comfy"))
    worker = Worker(
        client,
        task_queue=TaskQueue.COMFY,
        activities=[
            comfy.upload_inputs,
            comfy.ensure_submitted,
            comfy.await_done,
            comfy.collect,
            comfy.cancel_prompt,
        ],
        max_concurrent_activities=WATCHED_AT_ONCE,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=grace_of(settings),
    )
    return Parts([worker, _telling(settings, pool, client)])


def _telling(settings: Settings, pool: Pool, client: Client) -> Worker:
    """Sends to webhooks, from the process that talks to others' servers anyway."""
    webhooks = WebhookActivities(
        pool,
        Sender(settings.webhook_networks),
        sealer(settings.secret_key.get_secret_value()),
        patience=settings.webhook_days * DAY_S / sum(WEBHOOK_BACKOFF_S),
    )
    return Worker(
        client,
        task_queue=TaskQueue.WEBHOOKS,
        activities=[webhooks.deliver_webhook],
        max_concurrent_activities=TOLD_AT_ONCE,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=grace_of(settings),
    )


async def _gpu(settings: Settings, stack: AsyncExitStack) -> Parts:
    pool = await stack.enter_async_context(open_pool(settings.database_url.get_secret_value()))
    return Parts(beside=[Agents(settings, pool).run()])


ROLES: dict[str, Role] = {
    TaskQueue.WORKFLOWS: _workflows,
    TaskQueue.MEDIA: _media,
    TaskQueue.COMFY: _comfy,
    TaskQueue.GPU: _gpu,
}


class Condition:
    """Whether a process takes work now, for who probes it."""

    def __init__(self) -> None:
        self._why: str | None = "starting"
        self._parts = Parts()
        self._temporal: Client | None = None

    def started(self, parts: Parts, temporal: Client | None) -> None:
        self._why, self._parts, self._temporal = None, parts, temporal

    def stopping(self) -> None:
        self._why = "stopping"

    async def why_not(self) -> str | None:
        """Why it takes none; None while it does."""
        if self._why is not None:
            return self._why
        if not all(worker.is_running for worker in self._parts.workers):
            return "a worker does not run"
        if self._temporal is None or not await _answers(self._temporal):
            return "Temporal does not answer"
        return None


async def _answers(temporal: Client) -> bool:
    try:
        return await temporal.service_client.check_health(timeout=TEMPORAL_WITHIN)
    except RPCError:
        return False


async def run(roles: list[str], settings: Settings) -> None:
    """Until SIGTERM or SIGINT. A role that ends by itself ends the process with its error."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    condition = Condition()
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry(settings, "-".join(roles)))
        await stack.enter_async_context(watching_loop())
        temporal = await _open_probes(settings, stack, condition)
        made = [await ROLES[role](settings, stack) for role in roles]
        parts = Parts(
            [worker for part in made for worker in part.workers],
            [running for part in made for running in part.beside],
        )
        condition.started(parts, temporal)
        log.info("worker ready", roles=roles)
        await serve(parts, stop, condition)


async def _open_probes(
    settings: Settings, stack: AsyncExitStack, condition: Condition
) -> Client | None:
    """Answer probes, where they are asked for; gives what they ask Temporal by."""
    if settings.health_port is None:
        return None
    await stack.enter_async_context(
        serving_health(settings.health_host, settings.health_port, condition.why_not)
    )
    return await connect(settings, identity=identity_of("probe"))


async def serve(parts: Parts, stop: asyncio.Event, condition: Condition) -> None:
    """Run all of it until told to stop, then end what was begun. Raises what ends it before."""
    tasks: list[asyncio.Task[object]] = [
        *(asyncio.create_task(worker.run()) for worker in parts.workers),
        *(asyncio.create_task(running) for running in parts.beside),
    ]
    stopped: asyncio.Task[object] = asyncio.create_task(stop.wait())
    ended, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    condition.stopping()
    stopped.cancel()
    # Cancelled instead, a worker that is cancelled once more would not end what it has begun.
    await asyncio.gather(*(worker.shutdown() for worker in parts.workers))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended - {stopped}:
        task.result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m temporal.worker", description=__doc__)
    parser.add_argument("roles", nargs="+", choices=sorted(ROLES))
    arguments = parser.parse_args()
    configure("-".join(arguments.roles))
    asyncio.run(run(arguments.roles, Settings()))
    logging.shutdown()
    # Threads of the Temporal runtime can outlive the interpreter's end and abort the process there.
    os._exit(0)


# Workflow code is imported anew in its sandbox, and must not start a worker there.
if __name__ == "__main__":
    main()
