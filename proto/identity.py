"""Who asks, and what they may."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from proto.limits import LimitsReport
from proto.model import Model, Request


class Role(StrEnum):
    """creator: makes videos. operator: also runs the installation, and sees everybody's.

    service: another program, which may do what its token's scopes say.
    """

    CREATOR = "creator"
    OPERATOR = "operator"
    SERVICE = "service"


class Scope(StrEnum):
    """What a token lets its bearer do, each for its owner's own things.

    admin:*: what operators see and do.
    """

    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    SHARES_READ = "shares:read"
    SHARES_WRITE = "shares:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    TOKENS_READ = "tokens:read"
    TOKENS_WRITE = "tokens:write"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


ADMIN_SCOPES = frozenset({Scope.ADMIN_READ, Scope.ADMIN_WRITE})
OWN_SCOPES = frozenset(Scope) - ADMIN_SCOPES

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.CREATOR: OWN_SCOPES,
    Role.OPERATOR: frozenset(Scope),
    Role.SERVICE: frozenset(Scope),
}
"""The most that a person or token of the role may do."""

USUAL_SCOPES: dict[Role, frozenset[Scope]] = {**ROLE_SCOPES, Role.SERVICE: OWN_SCOPES}
"""What a token may do that is asked for without scopes: a program is no operator unasked."""

OWNER_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"
OwnerName = Annotated[str, StringConstraints(pattern=OWNER_PATTERN)]
DisplayName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
TokenName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
TokenDays = Annotated[int, Field(ge=1, le=366)]


class User(Model):
    """owner: the id that jobs and files carry. disabled_at: from then on nothing is allowed."""

    owner: str
    name: str
    email: str | None = None
    role: Role
    created_at: datetime
    seen_at: datetime | None = None
    disabled_at: datetime | None = None


class UserPage(Model):
    items: list[User]


class NewUser(Request):
    """A person or program that signs in by token."""

    owner: OwnerName
    name: DisplayName
    role: Role = Role.CREATOR
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]


class UserChange(Request):
    role: Role | None = None
    disabled: bool | None = None
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]


class Me(Model):
    """The caller. token_id: of the token that was sent; None in a browser's session."""

    owner: str
    name: str
    email: str | None = None
    role: Role
    scopes: list[Scope]
    token_id: str | None = None
    limits: LimitsReport


class Token(Model):
    """An API token without its secret. hint: the secret's first characters, to tell them apart."""

    token_id: str
    name: str
    owner: str
    hint: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class TokenList(Model):
    items: list[Token]


class TokenRequest(Request):
    """scopes: None for all that the role may; of a service, for its own things."""

    name: TokenName
    scopes: Annotated[list[Scope] | None, Field(min_length=1)] = None
    days: TokenDays = 90


class NewToken(Token):
    """secret: shown this once; only its hash is kept."""

    secret: str


class Session(Model):
    """A browser that is signed in."""

    session_id: str
    current: bool
    browser: str
    address: str | None = None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SessionList(Model):
    items: list[Session]


class SignInMethod(StrEnum):
    """link: a one-time link from the machine that runs the studio."""

    OIDC = "oidc"
    TOKEN = "token"
    LINK = "link"


class SignInProblem(StrEnum):
    """Why a provider's person was not let in: `problem` in the address of the sign-in page.

    expired: the way there took too long, or began in another browser. refused: what the provider
    said can't be trusted. not_allowed: the person is in no group that may come in. closed: an
    operator has closed the account.
    """

    OFF = "off"
    UNAVAILABLE = "unavailable"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"
    NOT_ALLOWED = "not-allowed"
    CLOSED = "closed"
    TOO_MANY = "too-many"


class SignInOptions(Model):
    """How a browser can sign in here. oidc_name: what the provider is called."""

    methods: list[SignInMethod]
    oidc_name: str | None = None


class SignInByToken(Request):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignInByLink(Request):
    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignedIn(Model):
    owner: str
    name: str
    role: Role
    expires_at: AwareDatetime
