from typing import Annotated

import typer

from proto.identity import ROLE_SCOPES, USUAL_SCOPES, NewToken, Role, Scope, Token
from services.cli.accounts import BY_CONSOLE, CONSOLE, fail, new_user, run
from services.store import accounts, identity
from services.store.accounts import Grant
from services.store.database import Connection

app = typer.Typer(help="API tokens.", no_args_is_help=True)

MAX_DAYS = 366


@app.command()
def create(
    owner: str,
    *,
    name: Annotated[str, typer.Option(help="what it is for")] = "made at the console",
    role: Annotated[Role | None, typer.Option(help="of an owner who is not known yet")] = None,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="what it may do; default: all, of a service its own things"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MAX_DAYS)] = 90,
) -> None:
    """Print a new token. It is shown this once."""

    async def change(connection: Connection) -> NewToken:
        its_role = await _role_of(connection, owner, role)
        allowed = ROLE_SCOPES[its_role]
        scopes = frozenset(scope) if scope else USUAL_SCOPES[its_role]
        if scopes - allowed:
            fail(f"The role of {owner} does not allow {', '.join(sorted(scopes - allowed))}.")
        grant = Grant(owner, name, scopes, days)
        return await accounts.make_token(connection, CONSOLE, grant, BY_CONSOLE)

    token = run(change)
    typer.echo(f"Of {token.owner}, until {token.expires_at:%Y-%m-%d}:", err=True)
    typer.echo(token.secret)


async def _role_of(connection: Connection, owner: str, wanted: Role | None) -> Role:
    """Of an owner who is known from then on."""
    user = await identity.find_user(connection, owner)
    if user is None:
        new = new_user(owner, owner, wanted or Role.CREATOR, BY_CONSOLE)
        user = await accounts.add_user(connection, CONSOLE, new)
    elif wanted not in (None, user.role):
        fail(f"{owner} is a {user.role} already. To change that: animatrix user role")
    return user.role


@app.command("list")
def list_all(owner: Annotated[str | None, typer.Argument()] = None) -> None:
    """Show the tokens of everybody, or of one owner."""

    async def read(connection: Connection) -> list[Token]:
        users = [user.owner for user in await identity.list_users(connection)]
        owners = users if owner is None else [owner]
        return [token for one in owners for token in await identity.list_tokens(connection, one)]

    for token in run(read):
        state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d}"
        used = f"used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
        words = [token.token_id, token.owner, f"{token.hint}…", state, used, token.name]
        typer.echo("  ".join(words))


@app.command()
def revoke(token_id: str) -> None:
    """Make a token worthless. Harmless twice."""

    async def change(connection: Connection) -> None:
        token = await identity.find_token(connection, token_id)
        if token is None:
            fail("There is no such token.")
        await accounts.revoke_token(connection, CONSOLE, token, BY_CONSOLE)

    run(change)
