import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import HttpUrl

from proto.errors import Problem
from services.gateway import (
    admin,
    assets,
    errors,
    health,
    jobs,
    limits,
    oidc,
    shares,
    sign_in,
    streams,
    studio,
    tokens,
    webhooks,
)
from services.gateway.access import Guard
from services.gateway.board import LineBoard
from services.gateway.description import Api, operation_id
from services.gateway.dispatch import Dispatcher
from services.gateway.feed import EventFeed
from services.gateway.hardening import BoundedBodies, SoundRequests
from services.gateway.origin import is_loopback
from services.gateway.rates import Rates
from services.gateway.state import Gateway
from services.settings import Settings
from services.store.database import migrate, open_pool
from services.store.objects import UrlSigner, open_object_store
from services.telemetry.clients import watch_s3
from services.telemetry.event_lag import watch_event_lag
from services.telemetry.http import ObservedRequests, bind_path_ids
from services.telemetry.process import telemetry, watching_loop
from temporal.client import connect, identity_of
from workflows_comfy.profiles import load_profiles

log = structlog.get_logger()

# The library's own would be a second trace of each request, with paths that name jobs, and would
# send it wherever its own environment variables say.
LIBRARY_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}


MODULES = (
    *(sign_in, oidc, tokens, limits),
    *(assets, jobs, streams, studio, shares, webhooks, admin, health),
)


def create_app(settings: Settings | None, *, host: str = "127.0.0.1") -> FastAPI:
    """The API. Without settings it only describes itself. host: where it listens."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings is None:
            raise ValueError("the gateway needs settings to run")
        async with _open(settings, is_local=is_loopback(host)) as gateway:
            app.state.gateway = gateway
            yield

    app = Api(
        title="Animatrix",
        version="1.0.0",
        description="Guided character video: upload, describe, generate, watch, download.",
        lifespan=lifespan,
        # The library's own page loads its scripts from another origin.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={"4XX": {"model": Problem}},
        generate_unique_id_function=operation_id,
        dependencies=[Depends(bind_path_ids)],
        telemetry=LIBRARY_TELEMETRY,
    )
    app.add_middleware(BoundedBodies)
    app.add_middleware(Guard)
    app.add_middleware(SoundRequests, urls=_origins(settings) if settings else ())
    app.add_middleware(ObservedRequests)
    errors.install(app)
    for module in MODULES:
        app.include_router(module.router)
    return app


def _origins(settings: Settings) -> list[str]:
    """Those we are known by; none where any is."""
    if settings.public_url is None:
        return []
    return [settings.public_url, *([settings.api_url] if settings.api_url else [])]


@asynccontextmanager
async def _open(settings: Settings, *, is_local: bool) -> AsyncIterator[Gateway]:
    profiles = load_profiles(settings.profiles)
    database_url = settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry(settings, "gateway"))
        await stack.enter_async_context(watching_loop())
        pool = await stack.enter_async_context(open_pool(database_url, size=20))
        async with pool.acquire() as connection:
            await migrate(connection)
        temporal = await connect(settings, identity=identity_of("gateway"))
        feed = EventFeed(database_url)
        objects = await stack.enter_async_context(open_object_store(settings))
        watch_s3(objects.client)
        gateway = Gateway(
            settings=settings,
            profiles=profiles,
            pool=pool,
            objects=objects,
            signer=UrlSigner.from_settings(settings),
            temporal=temporal,
            feed=feed,
            board=LineBoard(pool, feed.wake),
            dispatcher=Dispatcher(
                pool,
                temporal,
                console=_origin(settings.console_url),
                at_once=settings.limit_running_jobs,
            ),
            rates=Rates(pool, settings),
            is_local=is_local,
        )
        async with _running(gateway):
            yield gateway


def _origin(url: HttpUrl | None) -> str | None:
    return None if url is None else str(url).rstrip("/")


@asynccontextmanager
async def _running(gateway: Gateway) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(gateway.feed.run(), name="event feed"),
        asyncio.create_task(gateway.board.run(), name="line board"),
        asyncio.create_task(gateway.dispatcher.run(), name="dispatcher"),
        asyncio.create_task(
            watch_event_lag(gateway.pool, gateway.feed.subscribe), name="event lag"
        ),
    ]
    for task in tasks:
        task.add_done_callback(_end_process)
    try:
        yield
    finally:
        for task in tasks:
            task.remove_done_callback(_end_process)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _end_process(task: asyncio.Task[None]) -> None:
    """A gateway that no longer starts jobs or hears of events must not go on as if it did."""
    log.error("background task ended", task=task.get_name(), cause=repr(task.exception()))
    os.kill(os.getpid(), signal.SIGTERM)
