"""The studio as the commands reach it: its API, with a token."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from pydantic import TypeAdapter, ValidationError

from proto.errors import Problem
from proto.identity import ROLE_SCOPES, Role, Token
from services.cli.accounts import BY_CONSOLE, CONSOLE, fail, local_layout, run
from services.local.welcome import LOCAL_USER
from services.store import accounts, identity
from services.store.accounts import Grant
from services.store.database import Connection

TOKEN: Final = "ANIMATRIX_TOKEN"  # noqa: S105  the name of the variable
TIMEOUT_S: Final = 60.0
AWAY: Final = 3
"""The exit status when nothing answers."""
PROBLEM: Final = TypeAdapter(Problem)

Url = Annotated[
    str | None,
    typer.Option(envvar="ANIMATRIX_URL", help="the studio; default: the one of this machine"),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(help=f"a file with an API token; without one {TOKEN} has it", exists=True),
]


@contextmanager
def open_studio(url: str | None, token_file: Path | None) -> Iterator[httpx.Client]:
    """A client of the API. Ends the process with words where it is refused or nothing answers.

    On the machine of the embedded stack nobody has to have a token: one is made for as long as the
    command runs.
    """
    secret = token_file.read_text(encoding="utf-8").strip() if token_file else os.environ.get(TOKEN)
    if secret is not None:
        with _client(url or local_layout().url, secret) as client:
            yield client
        return
    if url is not None:
        fail(f"Which token? {TOKEN} or --token-file has it; `animatrix token create` makes one.")
    token_id, secret = run(_lend)
    try:
        with _client(local_layout().url, secret) as client:
            yield client
    finally:
        run(lambda connection: _take_back(connection, token_id))


@contextmanager
def _client(url: str, secret: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S) as client:
            yield client
    except httpx.TransportError as error:
        typer.echo(f"{url} does not answer ({error}). Is the studio running?", err=True)
        raise typer.Exit(AWAY) from error


async def _lend(connection: Connection) -> tuple[str, str]:
    """A token's id and secret."""
    await identity.add_user(connection, owner=LOCAL_USER, name="You", role=Role.OPERATOR)
    grant = Grant(LOCAL_USER, "a command at the machine", ROLE_SCOPES[Role.OPERATOR], days=1)
    token = await accounts.make_token(connection, CONSOLE, grant, BY_CONSOLE)
    return token.token_id, token.secret


async def _take_back(connection: Connection, token_id: str) -> None:
    token: Token | None = await identity.find_token(connection, token_id)
    if token is not None:
        await accounts.revoke_token(connection, CONSOLE, token, BY_CONSOLE)


def ask(studio: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """What the API answers. Ends the process with its words where it refuses."""
    answer = studio.request(method, path, **options)
    if not answer.is_success:
        fail(_words(answer))
    return answer.json() if answer.content else None


def _words(answer: httpx.Response) -> str:
    try:
        problem = PROBLEM.validate_json(answer.content)
    except ValidationError:
        return f"The studio answers {answer.status_code}."
    return f"{problem.message} ({problem.reference})"
