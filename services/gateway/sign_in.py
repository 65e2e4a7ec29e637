"""How a browser comes to a session, and who the caller is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from proto.errors import ErrorCode
from proto.identity import (
    ROLE_SCOPES,
    Me,
    SignedIn,
    SignInByLink,
    SignInByToken,
    SignInMethod,
    SignInOptions,
)
from services.gateway.access import cookie_name, refuse_foreign
from services.gateway.errors import ApiError
from services.gateway.limits import LimitsDep
from services.gateway.origin import address_of, is_local, is_loopback
from services.gateway.state import ActorDep, BearerDep, Gateway, GatewayDep
from services.store import accounts, audit, identity
from services.store.audit import Actor
from services.store.database import Connection
from services.store.identity import SESSION_LIFETIME

router = APIRouter(tags=["identity"])

USED_UP = "This link was used already, or is too old. Ask for a new one where the studio runs."
WRONG_TOKEN = "This token does not work here. Check that it is whole and has not ended."  # noqa: S105
TOKENS_OFF = "Nobody signs in by token here."
LINKS_OFF = "Links sign in only on the machine that runs the studio."
TOO_MANY = "Too many attempts to sign in have failed. Wait a minute, then try again."

FAILURES_PER_MINUTE: Final = 10
"""Of one address."""
STRANGER: Final = "unknown visitor"
"""Who could not be signed in, in the audit. No owner's id has a space."""


@dataclass(frozen=True)
class Attempt:
    """A browser that wants to sign in."""

    request: Request
    response: Response
    gateway: GatewayDep

    @property
    def address(self) -> str | None:
        return address_of(self.request)


AttemptDep = Annotated[Attempt, Depends()]


@dataclass(frozen=True)
class Proven:
    """Who has proved to be whom. until: when the proof itself ends."""

    owner: str
    until: datetime | None = None


Prove = Callable[[Connection], Awaitable[Proven | None]]


@router.get("/api/sign-in")
async def show_sign_in(request: Request, gateway: GatewayDep) -> SignInOptions:
    """How a browser can sign in here."""
    settings = gateway.settings
    ways = {
        SignInMethod.OIDC: settings.oidc_issuer is not None,
        SignInMethod.TOKEN: _takes_tokens(gateway),
        SignInMethod.LINK: _takes_links(gateway, request),
    }
    name = settings.oidc_name if settings.oidc_issuer else None
    return SignInOptions(methods=[way for way, open_ in ways.items() if open_], oidc_name=name)


# Another site's page that signs a browser in as somebody else would see what is then uploaded.
@router.post("/api/sign-in/link", dependencies=[Depends(refuse_foreign)])
async def sign_in_by_link(body: SignInByLink, attempt: AttemptDep) -> SignedIn:
    """By a link that works once, on the machine that runs the studio."""
    if not _takes_links(attempt.gateway, attempt.request):
        raise ApiError(ErrorCode.FORBIDDEN, LINKS_OFF)

    async def prove(connection: Connection) -> Proven | None:
        owner = await identity.use_link(connection, body.code)
        return None if owner is None else Proven(owner)

    return await _sign_in(attempt, SignInMethod.LINK, prove, USED_UP)


@router.post("/api/sign-in/token", dependencies=[Depends(refuse_foreign)])
async def sign_in_by_token(body: SignInByToken, attempt: AttemptDep) -> SignedIn:
    """By an API token of the person's own that may do all the person may."""
    if not _takes_tokens(attempt.gateway):
        raise ApiError(ErrorCode.FORBIDDEN, TOKENS_OFF)

    async def prove(connection: Connection) -> Proven | None:
        bearer = await identity.find_by_token(connection, body.token)
        if bearer is None or bearer.token_id is None or bearer.scopes != ROLE_SCOPES[bearer.role]:
            return None
        token = await identity.find_token(connection, bearer.token_id)
        return None if token is None else Proven(bearer.owner, token.expires_at)

    return await _sign_in(attempt, SignInMethod.TOKEN, prove, WRONG_TOKEN)


@router.post("/api/sign-out", status_code=204)
async def sign_out(
    request: Request, response: Response, gateway: GatewayDep, bearer: BearerDep, actor: ActorDep
) -> None:
    """End the browser's session. Harmless for a token, which is revoked instead."""
    if bearer.session_id is None:
        return
    async with gateway.pool.acquire() as connection, connection.transaction():
        await accounts.end_session(connection, actor, bearer.session_id)
    response.delete_cookie(
        cookie_name(request),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


@router.get("/api/me")
async def show_me(bearer: BearerDep, limits: LimitsDep) -> Me:
    """Who asks, what they may, and how much of it is used."""
    return Me(
        owner=bearer.owner,
        name=bearer.name,
        email=bearer.email,
        role=bearer.role,
        scopes=sorted(bearer.scopes),
        token_id=bearer.token_id,
        limits=limits,
    )


async def _sign_in(attempt: Attempt, way: str, prove: Prove, refusal: str) -> SignedIn:
    async with attempt.gateway.pool.acquire() as connection, connection.transaction():
        if await has_failed_often(connection, attempt.address):
            raise ApiError(ErrorCode.LIMIT_REACHED, TOO_MANY, headers={"Retry-After": "60"})
        proven = await prove(connection)
        if proven is not None:
            return await begin_session(connection, attempt, attempt.response, proven, way)
        await note_refusal(connection, attempt, way, refusal)
    # The line of the refusal stays only where the transaction ends well.
    raise ApiError(ErrorCode.FORBIDDEN, refusal)


async def begin_session(
    connection: Connection, attempt: Attempt, response: Response, proven: Proven, way: str
) -> SignedIn:
    """Sign the browser in, in the caller's transaction. way: how the person has proved it.

    response: what takes the cookie to the browser.
    """
    request = attempt.request
    user = await identity.find_user(connection, proven.owner)
    if user is None or user.disabled_at is not None:
        raise ApiError(ErrorCode.FORBIDDEN, "This account is closed. Ask an operator.")
    await _end_earlier(connection, attempt)
    browser = request.headers.get("user-agent", "unknown")
    secret, expires_at = await identity.begin_session(
        connection, user.owner, browser=browser, address=attempt.address, until=proven.until
    )
    await audit.write(
        connection,
        who=Actor(user.owner, address=attempt.address, via=way),
        action="session.begin",
        subject=f"session/{user.owner}",
        before=None,
        after={"browser": browser[:200]},
        why=audit.OWN,
    )
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return SignedIn(owner=user.owner, name=user.name, role=user.role, expires_at=expires_at)


async def _end_earlier(connection: Connection, attempt: Attempt) -> None:
    """A browser has one session: the one that its cookie is about to be overwritten with."""
    secret = attempt.request.cookies.get(cookie_name(attempt.request))
    earlier = None if secret is None else await identity.find_by_session(connection, secret)
    if earlier is None or earlier.session_id is None:
        return
    actor = Actor(earlier.owner, address=attempt.address, via=earlier.via)
    await accounts.end_session(connection, actor, earlier.session_id)


COUNT_REFUSALS = """
SELECT count(*) FROM audit
WHERE action = 'session.refused' AND address = $1
  AND at > clock_timestamp() - interval '1 minute'
"""


async def has_failed_often(connection: Connection, address: str | None) -> bool:
    """Whether the address has to wait; its attempts are counted one after another."""
    name = address or "none"
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"sign-in {name}")
    failures: int = await connection.fetchval(COUNT_REFUSALS, name)
    return failures >= FAILURES_PER_MINUTE


async def note_refusal(
    connection: Connection, attempt: Attempt, way: str, why: str, who: str = STRANGER
) -> None:
    """Leave an audit line, without what was shown as a proof."""
    await audit.write(
        connection,
        who=Actor(who, address=attempt.address or "none", via=way),
        action="session.refused",
        subject=f"session/{way}",
        before=None,
        after=None,
        why=why,
    )


def _takes_links(gateway: Gateway, request: Request) -> bool:
    """The host counts too: a proxy on this machine may not say for whom it asks."""
    host = request.url.hostname
    return gateway.is_local and is_local(request) and host is not None and is_loopback(host)


def _takes_tokens(gateway: Gateway) -> bool:
    return gateway.settings.token_sign_in or gateway.is_local
