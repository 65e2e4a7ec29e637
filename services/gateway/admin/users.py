"""Who may sign in, and by which tokens."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from proto.errors import ErrorCode
from proto.identity import NewToken, NewUser, TokenList, TokenRequest, User, UserChange, UserPage
from services.gateway.errors import ApiError
from services.gateway.operator import OperatorDep
from services.gateway.state import BearerDep, GatewayDep
from services.gateway.tokens import NO_TOKEN, grant_of, told
from services.store import accounts, identity

router = APIRouter()

MADE = "made by an operator"
REVOKED = "revoked by an operator"


@dataclass(frozen=True)
class Asked:
    """Whose account is looked at or changed, and by whom."""

    owner: str
    gateway: GatewayDep
    operator: OperatorDep


AskedDep = Annotated[Asked, Depends()]


@router.get("/users")
async def list_users(gateway: GatewayDep) -> UserPage:
    async with gateway.pool.acquire() as connection:
        return UserPage(items=await identity.list_users(connection))


@router.post("/users", status_code=201)
async def add_user(body: NewUser, gateway: GatewayDep, operator: OperatorDep) -> User:
    """Let a person or program in that signs in by token."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        with told():
            return await accounts.add_user(connection, operator, body)


@router.patch("/users/{owner}")
async def change_user(asked: AskedDep, body: UserChange) -> User:
    """Give a role, close an account or open it again. The last operator stays one."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        with told():
            return await accounts.change_user(
                connection,
                asked.operator,
                asked.owner,
                role=body.role,
                disabled=body.disabled,
                why=body.reason,
            )


@router.get("/users/{owner}/tokens")
async def list_user_tokens(asked: AskedDep) -> TokenList:
    async with asked.gateway.pool.acquire() as connection:
        with told():
            user = await accounts.get_user(connection, asked.owner)
        return TokenList(items=await identity.list_tokens(connection, user.owner))


@router.post("/users/{owner}/tokens", status_code=201)
async def make_user_token(asked: AskedDep, body: TokenRequest, bearer: BearerDep) -> NewToken:
    """Make a token for somebody, whose secret is shown this once."""
    async with asked.gateway.pool.acquire() as connection, connection.transaction():
        with told():
            user = await accounts.get_user(connection, asked.owner)
            grant = await grant_of(connection, body, bearer, user.owner, user.role)
            return await accounts.make_token(connection, asked.operator, grant, MADE)


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_user_token(token_id: str, gateway: GatewayDep, operator: OperatorDep) -> None:
    """Anybody's. Harmless twice."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        token = await identity.find_token(connection, token_id)
        if token is None:
            raise ApiError(ErrorCode.NOT_FOUND, NO_TOKEN)
        await accounts.revoke_token(connection, operator, token, REVOKED)
