"""What people and programs sign in with: theirs to see, make and end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fastapi import APIRouter

from proto.errors import ErrorCode
from proto.identity import (
    ROLE_SCOPES,
    USUAL_SCOPES,
    NewToken,
    Role,
    Scope,
    SessionList,
    TokenList,
    TokenRequest,
)
from services.gateway.errors import ApiError
from services.gateway.state import ActorDep, BearerDep, GatewayDep
from services.store import accounts, audit, identity
from services.store.accounts import Grant, NoSuchUser, NotNow
from services.store.database import Connection
from services.store.identity import Bearer

router = APIRouter(tags=["identity"])

NO_TOKEN = "There is no such token."  # noqa: S105
NO_SESSION = "There is no such sign-in."


@router.get("/api/tokens")
async def list_tokens(gateway: GatewayDep, bearer: BearerDep) -> TokenList:
    """The caller's: those that work, then those that did."""
    async with gateway.pool.acquire() as connection:
        return TokenList(items=await identity.list_tokens(connection, bearer.owner))


@router.post("/api/tokens", status_code=201)
async def make_token(
    body: TokenRequest, gateway: GatewayDep, bearer: BearerDep, actor: ActorDep
) -> NewToken:
    """Make a token, whose secret is shown this once.

    One that is made with a token may do no more and lives no longer than that.
    """
    async with gateway.pool.acquire() as connection, connection.transaction():
        grant = await grant_of(connection, body, bearer, bearer.owner, bearer.role)
        with told():
            return await accounts.make_token(connection, actor, grant, audit.OWN)


@router.delete("/api/tokens/{token_id}", status_code=204)
async def revoke_token(
    token_id: str, gateway: GatewayDep, bearer: BearerDep, actor: ActorDep
) -> None:
    """From now on it is worth nothing. Harmless twice."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        token = await identity.find_token(connection, token_id)
        if token is None or token.owner != bearer.owner:
            raise ApiError(ErrorCode.NOT_FOUND, NO_TOKEN)
        await accounts.revoke_token(connection, actor, token, audit.OWN)


@router.get("/api/sessions")
async def list_sessions(gateway: GatewayDep, bearer: BearerDep) -> SessionList:
    """The browsers that are signed in as the caller."""
    async with gateway.pool.acquire() as connection:
        items = await identity.list_sessions(connection, bearer.owner, bearer.session_id)
    return SessionList(items=items)


@router.delete("/api/sessions/{session_id}", status_code=204)
async def end_session(session_id: str, gateway: GatewayDep, actor: ActorDep) -> None:
    """Sign one of the caller's browsers out. Harmless twice."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await accounts.end_session(connection, actor, session_id):
            raise ApiError(ErrorCode.NOT_FOUND, NO_SESSION)


async def grant_of(
    connection: Connection, body: TokenRequest, bearer: Bearer, owner: str, role: Role
) -> Grant:
    """What is asked for. Raises ApiError where that is more than the caller or the role may."""
    asked = None if body.scopes is None else frozenset(body.scopes)
    _check_within(asked or (), ROLE_SCOPES[role], f"A {role} may not do")
    _check_within(asked or (), bearer.scopes, "You can't give what you may not do yourself")
    until = None
    if bearer.token_id is not None:
        own = await identity.find_token(connection, bearer.token_id)
        until = own.expires_at if own else None
    scopes = bearer.scopes & USUAL_SCOPES[role] if asked is None else asked
    return Grant(owner, body.name, scopes, body.days, until)


def _check_within(asked: Iterable[Scope], allowed: frozenset[Scope], words: str) -> None:
    beyond = sorted({*asked} - allowed)
    if beyond:
        raise ApiError(ErrorCode.FORBIDDEN, f"{words}: {', '.join(beyond)}.", field="scopes")


@contextmanager
def told() -> Iterator[None]:
    """Why a change to an account can't be made, as the API says it."""
    try:
        yield
    except NoSuchUser as error:
        raise ApiError(ErrorCode.NOT_FOUND, str(error)) from error
    except NotNow as error:
        raise ApiError(ErrorCode.NOT_POSSIBLE_NOW, str(error)) from error
