"""Ways in, for tests: people and tokens made where the stack keeps them."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from proto.identity import ROLE_SCOPES, Role, Scope
from proto.limits import Limits, LimitsChange
from services.local.layout import Layout
from services.store import identity, limits

TIMEOUT_S = 60
WITHOUT_LIMITS = LimitsChange(
    **dict.fromkeys(Limits.model_fields, 0), reason="tests do what nobody does"
)


class Token(httpx.Auth):
    """Shown to the API only: files' addresses are signed, and the stand-in is nobody's business."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if request.url.path.startswith("/api/"):
            request.headers["Authorization"] = f"Bearer {self._secret}"
        yield request


@dataclass(frozen=True)
class Way:
    """A person's token, and the secret of a browser's session."""

    owner: str
    token: str
    session: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def auth(self) -> httpx.Auth:
        return Token(self.token)

    def cookie(self, url: str) -> Any:
        """For a browser at this origin."""
        https = url.startswith("https:")
        name = "__Host-animatrix" if https else "animatrix"
        return {
            "name": name,
            "value": self.session,
            "url": url,
            "httpOnly": True,
            "secure": https,
            "sameSite": "Lax",
        }


async def let_in(
    database_url: str,
    owner: str = "local",
    role: Role = Role.OPERATOR,
    scopes: Iterable[Scope] | None = None,
) -> Way:
    """A person who may do all that the role may, or what the scopes say, without limits."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await identity.add_user(connection, owner=owner, name=owner.title(), role=role)
            token = await identity.add_token(
                connection,
                owner=owner,
                name="tests",
                scopes=frozenset(scopes or ROLE_SCOPES[role]),
                days=1,
                by=owner,
            )
            await limits.set_override(connection, owner, WITHOUT_LIMITS)
            session, _ = await identity.begin_session(
                connection, owner, browser="tests", address=None
            )
    finally:
        await connection.close()
    return Way(owner, token.secret, session)


def let_in_now(layout: Layout, owner: str = "local", role: Role = Role.OPERATOR) -> Way:
    """As let_in, for what is not async."""
    with ThreadPoolExecutor(1) as thread:
        letting = thread.submit(asyncio.run, let_in(layout.database_url, owner, role))
        return letting.result()


@asynccontextmanager
async def signed_in(
    layout: Layout, owner: str = "local", role: Role = Role.OPERATOR, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stack's API that sends a person's token. options: of the client."""
    way = await let_in(layout.database_url, owner, role)
    given = {"base_url": layout.url, "timeout": TIMEOUT_S, **options}
    async with httpx.AsyncClient(auth=way.auth, **given) as client:
        yield client
