"""Changes to people and to what they sign in with, each with its line in the audit.

Refused
├── NoSuchUser
└── NotNow
    ├── AlreadyKnown
    ├── AccountClosed
    ├── LastOperator
    └── TooManyTokens
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from proto.identity import ROLE_SCOPES, NewToken, NewUser, Role, Scope, Token, User
from services.store import audit, identity
from services.store.audit import Actor
from services.store.database import Connection

MAX_TOKENS = 50
"""That work at a time, of one owner."""


class Refused(Exception):
    """Says in words why a change can't be made."""


class NoSuchUser(Refused):
    pass


class NotNow(Refused):
    pass


class AlreadyKnown(NotNow):
    pass


class AccountClosed(NotNow):
    pass


class LastOperator(NotNow):
    pass


class TooManyTokens(NotNow):
    pass


@dataclass(frozen=True)
class Grant:
    """A token to be made. until: when it ends at the latest, whatever the days say."""

    owner: str
    name: str
    scopes: frozenset[Scope]
    days: int
    until: datetime | None = None


async def get_user(connection: Connection, owner: str) -> User:
    user = await identity.find_user(connection, owner)
    if user is None:
        raise NoSuchUser(f"There is nobody called {owner}.")
    return user


async def add_user(connection: Connection, actor: Actor, new: NewUser) -> User:
    """Raises AlreadyKnown."""
    if not await identity.add_user(connection, owner=new.owner, name=new.name, role=new.role):
        raise AlreadyKnown(f"There is somebody called {new.owner} already.")
    after: JsonValue = {"name": new.name, "role": new.role.value}
    await _note(connection, actor, "user.add", f"user/{new.owner}", after=after, why=new.reason)
    return await get_user(connection, new.owner)


async def change_user(
    connection: Connection,
    actor: Actor,
    owner: str,
    *,
    role: Role | None,
    disabled: bool | None,
    why: str,
) -> User:
    """None: as it is. Raises NoSuchUser, LastOperator."""
    operators = await identity.lock_operators(connection)
    await identity.lock_user(connection, owner)
    user = await get_user(connection, owner)
    role = user.role if role is None else role
    disabled = user.disabled_at is not None if disabled is None else disabled
    if operators == [owner] and (disabled or role is not Role.OPERATOR):
        raise LastOperator(f"{owner} is the last operator. Make another one first.")
    if disabled:
        await identity.end_sessions(connection, owner)
    return await set_state(connection, actor, user, role=role, disabled=disabled, why=why)


async def set_state(
    connection: Connection, actor: Actor, user: User, *, role: Role, disabled: bool, why: str
) -> User:
    """Whoever would be left to run the installation."""
    await identity.change_user(connection, user.owner, role=role, disabled=disabled)
    after = await get_user(connection, user.owner)
    if _state(after) != _state(user):
        await _note(
            connection,
            actor,
            "user.change",
            f"user/{user.owner}",
            before=_state(user),
            after=_state(after),
            why=why,
        )
    return after


async def shut_out(connection: Connection, actor: Actor, user: User, why: str) -> None:
    """Take from a person the operator's role, every sign-in and every token."""
    role = Role.CREATOR if user.role is Role.OPERATOR else user.role
    disabled = user.disabled_at is not None
    await set_state(connection, actor, user, role=role, disabled=disabled, why=why)
    await identity.end_sessions(connection, user.owner)
    await identity.revoke_tokens(connection, user.owner)
    await _note(connection, actor, "user.shut_out", f"user/{user.owner}", why=why)


async def make_token(connection: Connection, actor: Actor, grant: Grant, why: str) -> NewToken:
    """Raises NoSuchUser, AccountClosed, TooManyTokens. The scopes are the caller's to check."""
    await identity.lock_user(connection, grant.owner)
    user = await get_user(connection, grant.owner)
    if user.disabled_at is not None:
        raise AccountClosed(f"The account of {user.owner} is closed.")
    if await identity.count_tokens(connection, user.owner) >= MAX_TOKENS:
        raise TooManyTokens(f"There are {MAX_TOKENS} tokens that work. Revoke one first.")
    token = await identity.add_token(
        connection,
        owner=user.owner,
        name=grant.name,
        scopes=grant.scopes & ROLE_SCOPES[user.role],
        days=grant.days,
        by=actor.name,
        until=grant.until,
    )
    after = _description(token)
    await _note(connection, actor, "token.make", f"token/{token.token_id}", after=after, why=why)
    return token


async def revoke_token(connection: Connection, actor: Actor, token: Token, why: str) -> None:
    """Harmless for one that was revoked before."""
    if await identity.revoke_token(connection, token.token_id):
        subject = f"token/{token.token_id}"
        before = _description(token)
        await _note(connection, actor, "token.revoke", subject, before=before, why=why)


async def end_session(connection: Connection, actor: Actor, session_id: str) -> bool:
    """One of the actor's own. Whether there is one; harmless for one that was ended before."""
    ended = await identity.find_session_end(connection, actor.name, session_id)
    if ended is False:
        await identity.end_session(connection, actor.name, session_id)
        await _note(connection, actor, "session.end", f"session/{session_id}", why=audit.OWN)
    return ended is not None


def _state(user: User) -> JsonValue:
    return {"role": user.role.value, "disabled": user.disabled_at is not None}


def _description(token: Token) -> JsonValue:
    return {
        "owner": token.owner,
        "name": token.name,
        "scopes": [*token.scopes],
        "expires_at": token.expires_at.isoformat(),
    }


async def _note(  # noqa: PLR0913  a line has that many columns
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: JsonValue = None,
    after: JsonValue = None,
    why: str,
) -> None:
    await audit.write(
        connection, who=actor, action=action, subject=subject, before=before, after=after, why=why
    )
