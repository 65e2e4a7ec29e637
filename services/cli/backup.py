import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from services.backup.making import back_up
from services.backup.manifest import BackupFailed, RestoreFailed, RestoreRefused
from services.backup.restoring import restore
from services.cli.accounts import fail, local_layout

MIB = 1024 * 1024


def add_to(app: typer.Typer) -> None:
    app.command("backup")(make)
    app.command("restore")(use)


def make(
    to: Annotated[Path, typer.Argument(help="a new folder", metavar="FOLDER")],
) -> None:
    """Copy the studio of this machine while it runs: rows, files, workflows and secrets."""
    try:
        made = asyncio.run(back_up(local_layout(), to.resolve(), typer.echo))
    except BackupFailed as error:
        fail(f"There is no backup: {error}")
    size = f"{made.object_bytes / MIB:.0f} MiB"
    typer.echo(f"Backed up: {sum(made.rows.values())} rows, {made.objects} files of {size}.")


def use(
    source: Annotated[Path, typer.Argument(help="of a backup", metavar="FOLDER")],
    *,
    workflows: Annotated[bool, typer.Option(help="take over the workflow server's state")] = True,
) -> None:
    """Fill an empty data folder of this machine from a backup. Start the studio after that."""
    try:
        restore(os.environ, source.resolve(), typer.echo, workflows=workflows)
    except RestoreRefused as error:
        fail(f"Nothing was restored, and nothing was written: {error}")
    except RestoreFailed as error:
        fail(f"The restore failed, and what it wrote is removed: {error}")
    typer.echo("Restored. Start the studio: make demo")
