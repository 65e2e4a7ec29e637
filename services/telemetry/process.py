"""What a process tells of itself while it runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from urllib.parse import urlsplit

from pydantic import SecretStr
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from services.logs import hide
from services.settings import Settings
from services.telemetry import metrics, tracing
from services.telemetry.exposition import serve_metrics

LOOP_LOOK_S = 0.5
HOST = "127.0.0.1"


@contextmanager
def telemetry(settings: Settings, service: str) -> Iterator[None]:
    """Before the process's first Temporal client: metrics and traces, where they are asked for."""
    hide(_secrets(settings), shows_texts=settings.log_prompts)
    with ExitStack() as stack:
        if settings.metrics_port is not None:
            metrics.tell_build(service)
            beside = _start_runtime()
            stack.enter_context(serve_metrics(settings.metrics_host, settings.metrics_port, beside))
        if settings.otlp_endpoint is not None:
            endpoint = str(settings.otlp_endpoint)
            stack.enter_context(tracing.exporting(endpoint, settings.trace_share, service))
        yield


def _secrets(settings: Settings) -> list[str]:
    password = urlsplit(settings.database_url.get_secret_value()).password or ""
    kept = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    return [*kept, password]


def _start_runtime() -> str:
    """Have Temporal's runtime serve its own metrics to this machine; gives their URL."""
    address = f"{HOST}:{_free_port()}"
    exposed = PrometheusConfig(
        address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(metrics=exposed)))
    return f"http://{address}/metrics"


def _free_port() -> int:
    """The runtime does not tell which port it was given, so it has to be told one."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def watching_loop() -> AsyncIterator[None]:
    task = asyncio.create_task(_watch_loop())
    try:
        yield
    finally:
        task.cancel()


async def _watch_loop() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOP_LOOK_S
        await asyncio.sleep(LOOP_LOOK_S)
        metrics.LOOP_LAG.observe(max(loop.time() - due, 0))
