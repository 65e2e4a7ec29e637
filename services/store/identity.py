"""People, programs, and what they prove who they are with. Secrets are kept as hashes only."""

import hashlib
import secrets
from datetime import datetime, timedelta

from proto.identity import ROLE_SCOPES, NewToken, Role, Scope, Session, Token, User
from proto.ids import new_id
from proto.model import Model
from services.store.database import Connection, Row

TOKEN_PREFIX = "amx_"
SESSION_LIFETIME = timedelta(days=14)
LINK_LIFETIME = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""Being seen is noted so often at most."""


class Bearer(Model):
    """Whom a secret belongs to. Exactly one of session_id and token_id is set.

    scopes: what the secret allows, whatever more the role would.
    """

    owner: str
    name: str
    email: str | None
    role: Role
    scopes: frozenset[Scope]
    session_id: str | None = None
    token_id: str | None = None

    @property
    def via(self) -> str:
        return f"token/{self.token_id}" if self.token_id else f"session/{self.session_id}"


def hash_of(secret: str) -> bytes:
    """Of 256 random bits, which need nothing slower than this against guessing."""
    return hashlib.sha256(secret.encode()).digest()


SAVE_USER = """
INSERT INTO users (owner, name, email, role, issuer, subject) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""


async def add_user(  # noqa: PLR0913  a row has that many columns
    connection: Connection,
    *,
    owner: str,
    name: str,
    role: Role,
    email: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> bool:
    """Whether owner and subject were both unknown; who is known stays as they are."""
    done: str = await connection.execute(SAVE_USER, owner, name, email, role, issuer, subject)
    return done.endswith(" 1")


USERS = """
SELECT owner, name, email, role, created_at, disabled_at, GREATEST(
    users.seen_at,
    (SELECT max(sessions.seen_at) FROM sessions WHERE sessions.owner = users.owner),
    (SELECT max(last_used_at) FROM tokens WHERE tokens.owner = users.owner)
) AS seen_at
FROM users
"""


async def find_user(connection: Connection, owner: str) -> User | None:
    row = await connection.fetchrow(f"{USERS} WHERE owner = $1", owner)
    return None if row is None else User.model_validate(dict(row))


FIND_BY_SUBJECT = f"{USERS} WHERE issuer = $1 AND subject = $2 FOR UPDATE OF users"


async def find_by_subject(connection: Connection, issuer: str, subject: str) -> User | None:
    """The person that a provider vouches for, locked until the transaction ends."""
    row = await connection.fetchrow(FIND_BY_SUBJECT, issuer, subject)
    return None if row is None else User.model_validate(dict(row))


async def list_users(connection: Connection) -> list[User]:
    rows = await connection.fetch(f"{USERS} ORDER BY owner")
    return [User.model_validate(dict(row)) for row in rows]


async def lock_user(connection: Connection, owner: str) -> None:
    """Let nobody else change the person or add to what is theirs before the transaction ends."""
    await connection.execute("SELECT FROM users WHERE owner = $1 FOR UPDATE", owner)


LOCK_OPERATORS = """
SELECT owner FROM users WHERE role = 'operator' AND disabled_at IS NULL
ORDER BY owner FOR UPDATE
"""


async def lock_operators(connection: Connection) -> list[str]:
    """Those who may sign in, and who stay operators until the transaction ends."""
    return [row["owner"] for row in await connection.fetch(LOCK_OPERATORS)]


DESCRIBE_USER = "UPDATE users SET name = $2, email = $3 WHERE owner = $1"


async def describe_user(
    connection: Connection, owner: str, *, name: str, email: str | None
) -> None:
    await connection.execute(DESCRIBE_USER, owner, name, email)


CHANGE_USER = """
UPDATE users SET role = $2, disabled_at = CASE
    WHEN NOT $3 THEN NULL ELSE COALESCE(disabled_at, clock_timestamp())
END WHERE owner = $1
"""


async def change_user(connection: Connection, owner: str, *, role: Role, disabled: bool) -> None:
    await connection.execute(CHANGE_USER, owner, role, disabled)


BEGIN_SESSION = """
INSERT INTO sessions (session_id, owner, secret_hash, browser, address, expires_at)
VALUES ($1, $2, $3, $4, $5, LEAST(clock_timestamp() + $6, $7))
RETURNING expires_at
"""


async def begin_session(
    connection: Connection,
    owner: str,
    *,
    browser: str,
    address: str | None,
    until: datetime | None = None,
) -> tuple[str, datetime]:
    """The secret for the browser's cookie, and when it ends, which is no later than `until`."""
    secret = secrets.token_urlsafe(32)
    expires_at: datetime = await connection.fetchval(
        BEGIN_SESSION,
        new_id(),
        owner,
        hash_of(secret),
        browser[:200],
        address,
        SESSION_LIFETIME,
        until,
    )
    return secret, expires_at


FIND_SESSION = """
SELECT users.*, session_id, sessions.seen_at < clock_timestamp() - $2::interval AS stale
FROM sessions JOIN users USING (owner)
WHERE secret_hash = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()
  AND disabled_at IS NULL
"""
SEE_SESSION = "UPDATE sessions SET seen_at = clock_timestamp() WHERE session_id = $1"


async def find_by_session(connection: Connection, secret: str) -> Bearer | None:
    """None where the session has ended, or its person may do nothing any more."""
    row = await connection.fetchrow(FIND_SESSION, hash_of(secret), SEEN_EVERY)
    if row is None:
        return None
    if row["stale"]:
        await connection.execute(SEE_SESSION, row["session_id"])
    scopes = ROLE_SCOPES[Role(row["role"])]
    return _bearer(row, scopes, session_id=row["session_id"])


FIND_TOKEN = """
SELECT users.*, token_id, scopes,
       last_used_at IS NULL OR last_used_at < clock_timestamp() - $2::interval AS stale
FROM tokens JOIN users USING (owner)
WHERE secret_hash = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
  AND disabled_at IS NULL
"""
SEE_TOKEN = "UPDATE tokens SET last_used_at = clock_timestamp() WHERE token_id = $1"


async def find_by_token(connection: Connection, secret: str) -> Bearer | None:
    """None where the token has ended, or its person may do nothing any more."""
    row = await connection.fetchrow(FIND_TOKEN, hash_of(secret), SEEN_EVERY)
    if row is None:
        return None
    if row["stale"]:
        await connection.execute(SEE_TOKEN, row["token_id"])
    # A role that was taken away is taken from its tokens too.
    scopes = frozenset(map(Scope, row["scopes"])) & ROLE_SCOPES[Role(row["role"])]
    return _bearer(row, scopes, token_id=row["token_id"])


def _bearer(row: Row, scopes: frozenset[Scope], **by: str) -> Bearer:
    return Bearer(
        owner=row["owner"],
        name=row["name"],
        email=row["email"],
        role=row["role"],
        scopes=scopes,
        session_id=by.get("session_id"),
        token_id=by.get("token_id"),
    )


STILL_VALID = """
SELECT EXISTS (
    SELECT FROM sessions JOIN users USING (owner)
    WHERE session_id = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()
      AND disabled_at IS NULL
) OR EXISTS (
    SELECT FROM tokens JOIN users USING (owner)
    WHERE token_id = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp()
      AND disabled_at IS NULL
)
"""


async def still_valid(connection: Connection, bearer: Bearer) -> bool:
    valid: bool = await connection.fetchval(STILL_VALID, bearer.session_id, bearer.token_id)
    return valid


LIST_SESSIONS = """
SELECT * FROM sessions
WHERE owner = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()
ORDER BY created_at DESC
"""


async def list_sessions(connection: Connection, owner: str, current: str | None) -> list[Session]:
    rows = await connection.fetch(LIST_SESSIONS, owner)
    return [
        Session.model_validate({**dict(row), "current": row["session_id"] == current})
        for row in rows
    ]


END_SESSION = """
UPDATE sessions SET ended_at = clock_timestamp()
WHERE session_id = $1 AND owner = $2 AND ended_at IS NULL
"""


async def end_session(connection: Connection, owner: str, session_id: str) -> bool:
    """Whether it was one of the owner's that had not ended."""
    done: str = await connection.execute(END_SESSION, session_id, owner)
    return done.endswith(" 1")


FIND_SESSION_STATE = """
SELECT ended_at IS NOT NULL FROM sessions WHERE session_id = $1 AND owner = $2 FOR UPDATE
"""


async def find_session_end(connection: Connection, owner: str, session_id: str) -> bool | None:
    """Whether a session of the owner's was ended; None where there is none."""
    ended: bool | None = await connection.fetchval(FIND_SESSION_STATE, session_id, owner)
    return ended


END_SESSIONS = """
UPDATE sessions SET ended_at = clock_timestamp() WHERE owner = $1 AND ended_at IS NULL
"""


async def end_sessions(connection: Connection, owner: str) -> None:
    """All of the owner's."""
    await connection.execute(END_SESSIONS, owner)


ADD_TOKEN = """
INSERT INTO tokens (token_id, owner, name, secret_hash, hint, scopes, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, LEAST(clock_timestamp() + $8, $9))
RETURNING *
"""


async def add_token(  # noqa: PLR0913  a row has that many columns
    connection: Connection,
    *,
    owner: str,
    name: str,
    scopes: frozenset[Scope],
    days: int,
    by: str,
    until: datetime | None = None,
) -> NewToken:
    """by: who made it, which may be an operator. until: when it ends at the latest."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = await connection.fetchrow(
        ADD_TOKEN,
        new_id(),
        owner,
        name,
        hash_of(secret),
        secret[: len(TOKEN_PREFIX) + 4],
        sorted(scopes),
        by,
        timedelta(days=days),
        until,
    )
    return NewToken.model_validate({**dict(row or {}), "secret": secret})


COUNT_TOKENS = """
SELECT count(*) FROM tokens
WHERE owner = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
"""


async def count_tokens(connection: Connection, owner: str) -> int:
    """How many of the owner's work now."""
    count: int = await connection.fetchval(COUNT_TOKENS, owner)
    return count


LIST_TOKENS = """
SELECT * FROM tokens WHERE owner = $1
ORDER BY revoked_at IS NULL AND expires_at > clock_timestamp() DESC, created_at DESC
LIMIT 200
"""


async def list_tokens(connection: Connection, owner: str) -> list[Token]:
    """Those that work, then those that did, newest first."""
    rows = await connection.fetch(LIST_TOKENS, owner)
    return [Token.model_validate(dict(row)) for row in rows]


async def find_token(connection: Connection, token_id: str) -> Token | None:
    row = await connection.fetchrow("SELECT * FROM tokens WHERE token_id = $1", token_id)
    return None if row is None else Token.model_validate(dict(row))


REVOKE_TOKEN = """
UPDATE tokens SET revoked_at = clock_timestamp() WHERE token_id = $1 AND revoked_at IS NULL
"""


async def revoke_token(connection: Connection, token_id: str) -> bool:
    """Whether it worked until now."""
    done: str = await connection.execute(REVOKE_TOKEN, token_id)
    return done.endswith(" 1")


REVOKE_TOKENS = """
UPDATE tokens SET revoked_at = clock_timestamp() WHERE owner = $1 AND revoked_at IS NULL
"""


async def revoke_tokens(connection: Connection, owner: str) -> None:
    """All of the owner's."""
    await connection.execute(REVOKE_TOKENS, owner)


ADD_LINK = """
INSERT INTO sign_in_links (secret_hash, owner, expires_at)
VALUES ($1, $2, clock_timestamp() + $3)
"""


async def add_link(connection: Connection, owner: str) -> str:
    """The secret of a link that signs a browser in once."""
    secret = secrets.token_urlsafe(32)
    await connection.execute(ADD_LINK, hash_of(secret), owner, LINK_LIFETIME)
    return secret


USE_LINK = """
UPDATE sign_in_links SET used_at = clock_timestamp()
WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > clock_timestamp()
  AND EXISTS (
      SELECT FROM users WHERE users.owner = sign_in_links.owner AND disabled_at IS NULL
  )
RETURNING owner
"""


async def use_link(connection: Connection, secret: str) -> str | None:
    """Whom the link signs in, the first time; None ever after."""
    owner: str | None = await connection.fetchval(USE_LINK, hash_of(secret))
    return owner
