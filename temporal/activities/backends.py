import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from proto.model import Model
from services.comfy import system
from services.comfy.connection import ComfyConnection

POST_TIMEOUT_S = 10.0
"""For one request about a prompt. A retry of a submission waits as long before it looks again."""

FACTS_LIFETIME_S = 600.0


class BackendFacts(Model):
    """What a manifest says of a backend."""

    version: str
    node_fingerprint: str
    simulated: bool


@dataclass(frozen=True)
class Backend:
    """One ComfyUI server. quick: for questions and commands; bulk: for files."""

    backend_id: str
    url: str
    quick: ComfyConnection
    bulk: ComfyConnection


class Backends:
    """The configured ComfyUI servers, by id."""

    def __init__(self, backends: list[Backend]) -> None:
        self._backends = {backend.backend_id: backend for backend in backends}
        self._facts: dict[str, tuple[float, BackendFacts]] = {}

    def __getitem__(self, backend_id: str) -> Backend:
        """Raises LookupError for one that is no longer configured."""
        if backend_id not in self._backends:
            raise LookupError(f"backend {backend_id} is not configured here")
        return self._backends[backend_id]

    def __iter__(self) -> Iterator[Backend]:
        return iter(self._backends.values())

    async def facts(self, backend_id: str) -> BackendFacts:
        """Asked anew every ten minutes: the list of nodes is a megabyte and stalls the server."""
        at, facts = self._facts.get(backend_id, (-FACTS_LIFETIME_S, None))
        if facts is None or time.monotonic() - at > FACTS_LIFETIME_S:
            facts = await _ask(self[backend_id].bulk)
            self._facts[backend_id] = (time.monotonic(), facts)
        return facts


def backend_id(url: str) -> str:
    """A name that stays the same however the configuration is ordered: host, port and path."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9.:-]+", "-", f"{parts.hostname}{port}{parts.path}".lower()).strip("-")


@asynccontextmanager
async def open_backends(urls: list[str]) -> AsyncIterator[Backends]:
    async with AsyncExitStack() as stack:
        backends = [
            Backend(
                backend_id=backend_id(url),
                url=url,
                quick=await stack.enter_async_context(
                    ComfyConnection(url, timeout_s=POST_TIMEOUT_S)
                ),
                bulk=await stack.enter_async_context(ComfyConnection(url)),
            )
            for url in urls
        ]
        yield Backends(backends)


async def _ask(connection: ComfyConnection) -> BackendFacts:
    stats = await system.stats(connection)
    return BackendFacts(
        version=stats.comfyui_version,
        node_fingerprint=system.fingerprint(await system.object_info(connection)),
        simulated=stats.simulated,
    )
