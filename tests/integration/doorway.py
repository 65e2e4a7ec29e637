"""Further gateways on the running stack, each with settings of its own."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.local.child import Child, tethered
from services.local.children import environment
from services.local.layout import HOST, Layout
from services.local.ready import answers

READY_WITHIN_S = 60


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@asynccontextmanager
async def gateway(layout: Layout, host: str = HOST, **settings: str) -> AsyncIterator[str]:
    """Its URL."""
    port = free_port()
    command = ("-m", "services.gateway", "--host", host, "--port", str(port))
    child = Child(
        "another gateway",
        tethered(sys.executable, *command),
        env=environment(layout) | {f"ANIMATRIX_{name.upper()}": v for name, v in settings.items()},
        ready=answers(port, "/healthz"),
        log=layout.folder("logs") / f"gateway-{port}.log",
    )
    async with running(child):
        yield f"http://{HOST}:{port}"


@asynccontextmanager
async def provider(layout: Layout, port: int | None = None) -> AsyncIterator[str]:
    """The URL of an OpenID provider that lets in whoever is named, from any program."""
    port = port or free_port()
    child = Child(
        "provider",
        tethered(sys.executable, "-m", "oidc_provider_mock", "--port", str(port)),
        env={"PATH": os.environ["PATH"]},
        ready=answers(port, "/.well-known/openid-configuration"),
        log=layout.folder("logs") / f"provider-{port}.log",
    )
    async with running(child):
        yield f"http://{HOST}:{port}"


@asynccontextmanager
async def running(child: Child) -> AsyncIterator[None]:
    await asyncio.to_thread(child.spawn)
    try:
        until = time.monotonic() + READY_WITHIN_S
        while not await asyncio.to_thread(child.is_ready):
            assert child.running, child.log.read_text(encoding="utf-8")
            assert time.monotonic() < until, f"{child.name} is not ready"
            await asyncio.sleep(0.05)
        yield
    finally:
        await asyncio.to_thread(child.stop, time.monotonic() + 5)
