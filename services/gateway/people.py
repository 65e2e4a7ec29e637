"""The people that a provider vouches for, and what they may by what it says of them."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from proto.identity import Role, SignInProblem, User
from proto.model import Model
from services.gateway.provider import Claims
from services.gateway.sign_in import STRANGER
from services.settings import Settings
from services.store import accounts, audit, identity
from services.store.audit import Actor
from services.store.database import Connection

PROVIDER: Final = "identity provider"
"""Who changed an account, in the audit. No owner's id has a space."""
BY_GROUPS: Final = "by the person's groups at the provider"
LONGEST_SLUG: Final = 40
HASH_LENGTHS: Final = (6, 12, 20)
"""Of an owner's id; the next one where an id is somebody else's."""


class Person(Model):
    """handle: what a readable id is made of. groups: the values of the groups' claim."""

    issuer: str
    subject: str
    name: str
    email: str | None
    handle: str
    groups: frozenset[str]

    @classmethod
    def from_claims(cls, claims: Claims, groups_claim: str) -> "Person":
        vouched = claims.get("email_verified") not in (False, "false")
        email = _text(claims, "email") if vouched else None
        username = _text(claims, "preferred_username")
        said = claims.get(groups_claim, [])
        return cls(
            issuer=str(claims["iss"]).rstrip("/"),
            subject=str(claims["sub"]),
            name=_text(claims, "name") or username or email or "Somebody",
            email=email,
            handle=(username or email or "").partition("@")[0],
            groups=frozenset(map(str, said if isinstance(said, list) else [said])),
        )

    def owner(self, length: int) -> str:
        """An id that tells who it is, and is nobody else's."""
        plain = unicodedata.normalize("NFKD", self.handle).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_SLUG]
        digest = hashlib.sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()
        return f"{slug or 'person'}-{digest[:length]}"


def _text(claims: Claims, name: str) -> str | None:
    """Of at most 100 characters that can be shown and stored."""
    said = claims.get(name)
    if not isinstance(said, str):
        return None
    shown = "".join(character for character in said if character.isprintable())
    return shown.strip()[:100] or None


@dataclass(frozen=True)
class Welcome:
    """Who the person is here, and why they are not let in, if they are not."""

    owner: str
    problem: SignInProblem | None = None


async def welcome(
    connection: Connection, settings: Settings, person: Person, address: str | None
) -> Welcome:
    """Bring the person's account up to date, in the caller's transaction."""
    actor = Actor(PROVIDER, address=address, via="oidc")
    user = await identity.find_by_subject(connection, person.issuer, person.subject)
    role = role_of(person, settings, user)
    if role is None:
        if user is not None:
            await accounts.shut_out(connection, actor, user, BY_GROUPS)
        return Welcome(user.owner if user else STRANGER, SignInProblem.NOT_ALLOWED)
    if user is not None and user.disabled_at is not None:
        return Welcome(user.owner, SignInProblem.CLOSED)
    user = user or await _add(connection, actor, person, role)
    await identity.describe_user(connection, user.owner, name=person.name, email=person.email)
    await accounts.set_state(connection, actor, user, role=role, disabled=False, why=BY_GROUPS)
    return Welcome(user.owner)


def role_of(person: Person, settings: Settings, user: User | None) -> Role | None:
    """None: the person may not come in. Where no group makes operators, operators do."""
    if settings.oidc_operators in person.groups:
        return Role.OPERATOR
    if settings.oidc_creators is not None and settings.oidc_creators not in person.groups:
        return None
    if settings.oidc_operators is None and user is not None:
        return user.role
    return Role.CREATOR


async def _add(connection: Connection, actor: Actor, person: Person, role: Role) -> User:
    for length in HASH_LENGTHS:
        owner = person.owner(length)
        if await identity.add_user(
            connection,
            owner=owner,
            name=person.name,
            role=role,
            email=person.email,
            issuer=person.issuer,
            subject=person.subject,
        ):
            await audit.write(
                connection,
                who=actor,
                action="user.add",
                subject=f"user/{owner}",
                before=None,
                after={"name": person.name, "role": role.value, "issuer": person.issuer},
                why=BY_GROUPS,
            )
        # Another of the person's browsers may have been a moment faster.
        user = await identity.find_by_subject(connection, person.issuer, person.subject)
        if user is not None:
            return user
    raise RuntimeError(f"every id for {person.owner(HASH_LENGTHS[-1])} is somebody else's")
