"""Where the people and tokens are kept that the commands are about."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import asyncpg
import typer
from pydantic import ValidationError

from proto.identity import NewUser, Role
from services.local.checks import CannotStart
from services.local.layout import Layout
from services.local.main import data_folder, read_layout
from services.local.welcome import make_link
from services.settings import SECRETS_DIR
from services.store.accounts import Refused
from services.store.audit import Actor
from services.store.database import DATABASE_ERRORS, TIMEOUT_S, Connection

DATABASE_URL: Final = "ANIMATRIX_DATABASE_URL"
CONSOLE: Final = Actor("console", via="cli")
"""Whoever has the shell of the machine."""
BY_CONSOLE: Final = "asked for at the machine itself"

Result = TypeVar("Result")


def run(change: Callable[[Connection], Awaitable[Result]]) -> Result:
    """What a change gives, which is one transaction. Ends the process where it can't be made."""
    try:
        return asyncio.run(_run(_database_url(), change))
    except Refused as error:
        fail(str(error))
    except DATABASE_ERRORS as error:
        fail(f"The database does not do it: {error} Is the studio running?")


async def _run(url: str, change: Callable[[Connection], Awaitable[Result]]) -> Result:
    connection = await asyncpg.connect(url, timeout=TIMEOUT_S)
    try:
        async with connection.transaction():
            return await change(connection)
    finally:
        await connection.close()


def show_link() -> None:
    if configured_database_url():
        fail(f"Links are of the studio of this machine alone, and {DATABASE_URL} names another.")
    try:
        typer.echo(asyncio.run(make_link(local_layout(), CONSOLE)))
    except DATABASE_ERRORS as error:
        fail(f"The database does not do it: {error} Is the studio running?")


def _database_url() -> str:
    return configured_database_url() or local_layout().database_url


def configured_database_url() -> str | None:
    """Of the variable, or of its file among the secrets; None where the embedded stack is meant."""
    folder = os.environ.get(SECRETS_DIR)
    if (url := os.environ.get(DATABASE_URL)) or folder is None:
        return url
    file = Path(folder) / DATABASE_URL
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None


def local_layout() -> Layout:
    """Of the embedded stack."""
    data = data_folder(os.environ)
    if not (data / "secrets.json").exists():
        fail(f"There is no studio in {data}. ANIMATRIX_DATA_DIR names another folder.")
    try:
        return read_layout(os.environ)
    except CannotStart as error:
        fail(str(error))


def new_user(owner: str, name: str, role: Role, reason: str) -> NewUser:
    try:
        return NewUser(owner=owner, name=name, role=role, reason=reason)
    except ValidationError as error:
        fault = error.errors()[0]
        fail(f"{fault['loc'][0]}: {fault['msg']}")


def fail(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(1)
