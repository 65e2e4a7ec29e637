from typing import Annotated

import typer

from proto.identity import Role, User
from services.cli.accounts import BY_CONSOLE, CONSOLE, new_user, run
from services.store import accounts, identity
from services.store.database import Connection

app = typer.Typer(help="People and programs that may sign in.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="for the audit")]


@app.command("list")
def list_all() -> None:
    """Show everybody."""
    for user in run(identity.list_users):
        state = "closed" if user.disabled_at else "open"
        typer.echo("  ".join([user.owner, user.role, state, user.name, user.email or "-"]))


@app.command()
def add(
    owner: str,
    *,
    name: Annotated[str | None, typer.Option(help="to be shown; default: the owner")] = None,
    role: Role = Role.CREATOR,
    reason: Reason = BY_CONSOLE,
) -> None:
    """Let somebody in. They sign in by a token of theirs: animatrix token create."""
    new = new_user(owner, name or owner, role, reason)

    async def change(connection: Connection) -> User:
        return await accounts.add_user(connection, CONSOLE, new)

    run(change)


@app.command()
def disable(owner: str, reason: Reason = BY_CONSOLE) -> None:
    """Close an account: what is signed in ends, and its tokens are worth nothing."""
    _change(owner, disabled=True, reason=reason)


@app.command()
def enable(owner: str, reason: Reason = BY_CONSOLE) -> None:
    """Open a closed account again. Its tokens work again."""
    _change(owner, disabled=False, reason=reason)


@app.command("role")
def give_role(owner: str, role: Role, reason: Reason = BY_CONSOLE) -> None:
    """Make somebody an operator, or a creator again."""
    _change(owner, role=role, reason=reason)


def _change(
    owner: str, *, role: Role | None = None, disabled: bool | None = None, reason: str
) -> None:
    async def change(connection: Connection) -> User:
        return await accounts.change_user(
            connection, CONSOLE, owner, role=role, disabled=disabled, why=reason
        )

    run(change)
