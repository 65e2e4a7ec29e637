import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from proto.backend import Backend, BackendFacts, backend_id
from services.comfy.access import Access, access_for, bare_url, read_access
from services.comfy.connection import ComfyConnection, ComfyUnavailable
from services.comfy.line import Line
from services.settings import Settings
from services.store import backends
from services.store.database import DATABASE_ERRORS, Pool
from services.telemetry.clients import watch_comfy

POST_TIMEOUT_S = 10.0
"""For one request about a prompt. A retry of a submission waits as long before it looks again."""

ROW_LIFETIME_S = 2.0


@dataclass(frozen=True)
class BackendLink:
    """The way to one ComfyUI server. quick: for questions and commands; bulk: for files.

    line: the one view of its line for all who wait here.
    """

    backend_id: str
    url: str
    quick: ComfyConnection
    bulk: ComfyConnection
    line: Line


class Backends:
    """The ComfyUI servers of the rows, with connections that are opened when they are needed."""

    def __init__(self, pool: Pool, access: Mapping[str, Access], stack: AsyncExitStack) -> None:
        self._pool = pool
        self._access = access
        self._stack = stack
        self._links: dict[str, BackendLink] = {}
        self._rows: dict[str, tuple[float, Backend]] = {}

    async def link(self, backend_id: str) -> BackendLink:
        """Raises LookupError for one that there never was."""
        row = await self.row(backend_id)
        link = self._links.get(backend_id)
        if link is None or link.url != row.url:
            link = await open_link(self._stack, row, self._access)
            self._links[backend_id] = link
        return link

    async def row(self, backend_id: str) -> Backend:
        """What the row said at most two seconds ago."""
        at, row = self._rows.get(backend_id, (-ROW_LIFETIME_S, None))
        if row is None or time.monotonic() - at > ROW_LIFETIME_S:
            row = await self._read(backend_id, row)
            self._rows[backend_id] = (time.monotonic(), row)
        return row

    async def _read(self, backend_id: str, known: Backend | None) -> Backend:
        try:
            async with self._pool.acquire() as connection:
                row = await backends.find(connection, backend_id)
        except DATABASE_ERRORS:
            if known is None:
                raise
            # What it renders is followed on while the database is away.
            return known
        if row is None:
            raise LookupError(f"there is no backend {backend_id}")
        return row

    async def facts(self, backend_id: str) -> BackendFacts:
        """What its agent learned of it. Raises ComfyUnavailable before that."""
        facts = (await self.row(backend_id)).facts
        if facts is None:
            raise ComfyUnavailable(f"{backend_id} was not asked yet what it is")
        return facts


def configured(settings: Settings) -> dict[str, str]:
    """The URLs of the settings as they may be shown, by id."""
    return {backend_id(url): bare_url(url) for url in settings.comfy_urls}


def access_of(settings: Settings) -> dict[str, Access]:
    """How to be let in, by URL: from the file, and from URLs that bring a user themselves."""
    by_url = read_access(settings.comfy_access) if settings.comfy_access else {}
    for url in settings.comfy_urls:
        by_url[bare_url(url)] = access_for(url, by_url.get(bare_url(url)))
    return by_url


@asynccontextmanager
async def open_backends(pool: Pool, access: Mapping[str, Access]) -> AsyncIterator[Backends]:
    async with AsyncExitStack() as stack:
        yield Backends(pool, access, stack)


async def open_link(
    stack: AsyncExitStack, row: Backend, access: Mapping[str, Access]
) -> BackendLink:
    given = access.get(row.url)
    quick = ComfyConnection(row.url, timeout_s=POST_TIMEOUT_S, access=given)
    bulk = ComfyConnection(row.url, access=given)
    for connection in (quick, bulk):
        watch_comfy(connection.http, row.backend_id)
    return BackendLink(
        backend_id=row.backend_id,
        url=row.url,
        quick=await stack.enter_async_context(quick),
        bulk=await stack.enter_async_context(bulk),
        line=Line(quick),
    )
