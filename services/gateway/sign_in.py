"""How a browser comes to a session, and who the caller is."""

from fastapi import APIRouter, Request, Response

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
from services.gateway.access import cookie_name
from services.gateway.errors import ApiError
from services.gateway.limits import LimitsDep
from services.gateway.origin import address_of, is_local
from services.gateway.state import ActorDep, BearerDep, Gateway, GatewayDep
from services.store import audit, identity
from services.store.audit import Actor
from services.store.database import Connection
from services.store.identity import SESSION_LIFETIME

router = APIRouter(tags=["identity"])

USED_UP = "This link was used already, or is too old. Ask for a new one where the studio runs."
WRONG_TOKEN = "This token does not work here. Check that it is whole and has not ended."  # noqa: S105
TOKENS_OFF = "Nobody signs in by token here."
LINKS_OFF = "Links sign in only on the machine that runs the studio."


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


@router.post("/api/sign-in/link")
async def sign_in_by_link(
    body: SignInByLink, request: Request, response: Response, gateway: GatewayDep
) -> SignedIn:
    """By a link that works once, on the machine that runs the studio."""
    if not _takes_links(gateway, request):
        raise ApiError(ErrorCode.FORBIDDEN, LINKS_OFF)
    async with gateway.pool.acquire() as connection, connection.transaction():
        owner = await identity.use_link(connection, body.code)
        if owner is None:
            raise ApiError(ErrorCode.FORBIDDEN, USED_UP)
        return await begin_session(connection, request, response, owner, "link")


@router.post("/api/sign-in/token")
async def sign_in_by_token(
    body: SignInByToken, request: Request, response: Response, gateway: GatewayDep
) -> SignedIn:
    """By an API token of the person's own that may do all the person may."""
    if not _takes_tokens(gateway):
        raise ApiError(ErrorCode.FORBIDDEN, TOKENS_OFF)
    async with gateway.pool.acquire() as connection, connection.transaction():
        bearer = await identity.find_by_token(connection, body.token)
        if bearer is None or bearer.scopes != ROLE_SCOPES[bearer.role]:
            raise ApiError(ErrorCode.FORBIDDEN, WRONG_TOKEN)
        return await begin_session(connection, request, response, bearer.owner, "token")


@router.post("/api/sign-out", status_code=204)
async def sign_out(
    request: Request, response: Response, gateway: GatewayDep, bearer: BearerDep, actor: ActorDep
) -> None:
    """End the browser's session. Harmless for a token, which is revoked instead."""
    if bearer.session_id is None:
        return
    async with gateway.pool.acquire() as connection, connection.transaction():
        await identity.end_session(connection, bearer.owner, bearer.session_id)
        await _note(connection, actor, "session.end", bearer.session_id, {})
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="lax")


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


async def begin_session(
    connection: Connection, request: Request, response: Response, owner: str, way: str
) -> SignedIn:
    """Sign the browser in, in the caller's transaction. way: how the person has proved it."""
    user = await identity.find_user(connection, owner)
    if user is None or user.disabled_at is not None:
        raise ApiError(ErrorCode.FORBIDDEN, "This account is closed. Ask an operator.")
    browser = request.headers.get("user-agent", "unknown")
    address = address_of(request)
    secret, expires_at = await identity.begin_session(
        connection, owner, browser=browser, address=address
    )
    actor = Actor(owner, address=address, via=way)
    await _note(connection, actor, "session.begin", owner, {"browser": browser[:200]})
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return SignedIn(owner=owner, name=user.name, role=user.role, expires_at=expires_at)


async def _note(
    connection: Connection, actor: Actor, action: str, name: str, after: dict[str, str]
) -> None:
    await audit.write(
        connection,
        who=actor,
        action=action,
        subject=f"session/{name}",
        before=None,
        after={**after},
        why=audit.OWN,
    )


def _takes_links(gateway: Gateway, request: Request) -> bool:
    return gateway.is_local and is_local(request)


def _takes_tokens(gateway: Gateway) -> bool:
    return gateway.settings.token_sign_in or gateway.is_local
