"""What it costs one comfy worker to watch a thousand renders on five hundred backends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import psutil
from aiohttp import WSMsgType, web
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from proto.backend import backend_id
from proto.ids import new_id, prompt_id
from proto.job import AnimateRequest, QualityProfile
from proto.media import AssetKind
from proto.plan import Outline, PlanRef
from proto.render import PromptOutcome, PromptRef, SegmentWork, Watch
from services.local.children import settings_of
from services.store import assets, backends, jobs, prompts
from services.store.assets import NewAsset
from services.store.database import Connection, open_pool
from services.store.election import Election
from services.store.jobs import NewJob
from services.store.objects import ObjectStore, open_object_store
from temporal.client import connect
from temporal.queues import AWAIT_DONE
from temporal.workflows.call import call
from tests.bench.stacks import Bench, open_bench
from tests.studio import eventually
from workflows_comfy.catalog import active_template, graphs_of
from workflows_comfy.plan import Source, plan
from workflows_comfy.profiles import load_profiles

BACKENDS = 500
PER_BACKEND = 2
OBSERVED_S = 60.0
QUEUE = "bench"
OWNER = "bench"
ALL_WITHIN_S = 180.0


@workflow.defn
class WatchOnly:
    """The one step of a render that is measured."""

    @workflow.run
    async def run(self, watch: Watch) -> PromptOutcome:
        return await call(
            AWAIT_DONE,
            watch,
            activity_id="render",
            summary="bench",
            start_to_close=timedelta(hours=1),
        )


class Crowd:
    """Five hundred backends in one server, each with one prompt that renders and one that waits.

    They answer what a watcher asks and never end; requests are counted by their route.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.sockets = 0
        self.watched: set[str] = set()
        self.queues: dict[str, dict[str, Any]] = {}

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{backend}/queue", self._queue)
        app.router.add_get("/{backend}/history/{prompt_id}", self._history)
        app.router.add_get("/{backend}/ws", self._socket)
        return app

    async def _queue(self, request: web.Request) -> web.Response:
        self.counts["queue"] += 1
        return web.json_response(self.queues[request.match_info["backend"]])

    async def _history(self, request: web.Request) -> web.Response:
        self.counts["history"] += 1
        return web.json_response({})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets += 1
        self.watched.add(request.query["clientId"])
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        self.sockets -= 1
        return socket


@asynccontextmanager
async def crowded() -> AsyncIterator[tuple[Crowd, str]]:
    crowd = Crowd()
    runner = web.AppRunner(crowd.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield crowd, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def measure() -> dict[str, Any]:
    """Facts, not a ratio: there is no other product to compare with."""
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(open_bench(backends=1, render_s=1))
        crowd, origin = await stack.enter_async_context(crowded())
        settings = settings_of(bench.layout)
        objects = await stack.enter_async_context(open_object_store(settings))
        election = Election(bench.layout.database_url)
        stack.push_async_callback(election.close)
        # Their agents would ask them too; only the watchers are measured.
        await election.hold(backend_id(f"{origin}/b{number}") for number in range(BACKENDS))
        pool = await stack.enter_async_context(open_pool(bench.layout.database_url))
        async with pool.acquire() as connection:
            watches = await _prepare(connection, objects, crowd, origin)
        temporal = await connect(settings, identity="bench")
        worker = Worker(
            temporal,
            task_queue=QUEUE,
            workflows=[WatchOnly],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        await stack.enter_async_context(worker)
        return await _observe(bench, crowd, temporal, watches)


async def _observe(
    bench: Bench, crowd: Crowd, temporal: Client, watches: list[Watch]
) -> dict[str, Any]:
    watcher = psutil.Process(_comfy_worker_pid(bench))
    idle_mb = watcher.memory_info().rss / 1e6
    for watch in watches:
        await temporal.start_workflow(
            WatchOnly.run, watch, id=watch.work.prompt.prompt_id, task_queue=QUEUE
        )

    async def all_watched() -> bool:
        # Not all sockets are open at one time: watchers open a silent one anew.
        return len(crowd.watched) == len(watches)

    await eventually(all_watched, within_s=ALL_WITHIN_S)
    await asyncio.sleep(OBSERVED_S / 2)
    crowd.counts.clear()
    cpu = watcher.cpu_times()
    await asyncio.sleep(OBSERVED_S)
    spent = watcher.cpu_times()
    return {
        "watched_prompts": len(watches),
        "backends": BACKENDS,
        "worker_mb": round(watcher.memory_info().rss / 1e6),
        "worker_idle_mb": round(idle_mb),
        "requests_per_s": round(sum(crowd.counts.values()) / OBSERVED_S, 1),
        "sockets": crowd.sockets,
        "worker_cores": round((spent.user + spent.system - cpu.user - cpu.system) / OBSERVED_S, 2),
    }


def _comfy_worker_pid(bench: Bench) -> int:
    return bench.stack.pids["comfy worker"]


async def _prepare(
    connection: Connection, objects: ObjectStore, crowd: Crowd, origin: str
) -> list[Watch]:
    """Rows and prompts as they are when a thousand renders are under way."""
    request = AnimateRequest(
        prompt="bench",
        quality_profile=QualityProfile.DRAFT,
        ground_truth_asset_id="bench",
        motion_video_asset_id="bench",
    )
    template = active_template(request.mode, request.animate_submode)
    settings = load_profiles().settings_for(request)
    made = plan(request, Source(duration_s=4.8), settings, graphs_of(template), 1, "bench")
    stored = await objects.put_bytes(
        "bench/plan.json", made.model_dump_json().encode(), "application/json"
    )
    ref = PlanRef(
        key=stored.key,
        sha256=stored.sha256,
        width=settings.width,
        height=settings.height,
        frames=made.frames,
        steps=settings.steps,
        preparation=None,
        segments=[Outline(frames=made.frames, length=made.segments[0].length, share=1.0)],
    )
    await assets.insert(
        connection,
        NewAsset(
            asset_id="bench",
            owner=OWNER,
            kind=AssetKind.IMAGE,
            original_filename="bench.png",
            original_key="bench",
            size_bytes=1,
            sha256="0" * 64,
        ),
    )
    job = NewJob(
        job_id="",
        owner=OWNER,
        template=template.ref,
        request=request,
        settings=settings,
        seed=1,
        asset_ids=["bench"],
        frame_count=made.frames,
        segment_count=1,
    )
    watches = []
    for number in range(BACKENDS):
        name = backend_id(f"{origin}/b{number}")
        await backends.add(connection, name, f"{origin}/b{number}")
        watched = [
            await _prompt(connection, job.model_copy(update={"job_id": new_id()}), name)
            for _ in range(PER_BACKEND)
        ]
        items = [
            [turn, prompt.prompt_id, template.graph, {}, ["save"]]
            for turn, prompt in enumerate(watched)
        ]
        crowd.queues[f"b{number}"] = {"queue_running": items[:1], "queue_pending": items[1:]}
        watches += [
            Watch(
                work=SegmentWork(plan=ref, prompt=prompt),
                progress_from=0.1,
                progress_share=0.8,
                patience_s=3600,
                rest_frames=0,
            )
            for prompt in watched
        ]
    return watches


async def _prompt(connection: Connection, job: NewJob, name: str) -> PromptRef:
    await jobs.insert(connection, job)
    # Nobody is to start a workflow for it.
    await jobs.mark_render_started(connection, job.job_id)
    prompt = PromptRef(
        job_id=job.job_id,
        segment=0,
        generation=0,
        prompt_id=prompt_id(job.job_id, 0, 0),
        backend_id=name,
    )
    await prompts.note(connection, prompt)
    return prompt
