from typing import Annotated

import typer

from services.cli import backup, fleet, jobs, tokens, users
from services.cli.accounts import run, show_link
from services.cli.models import models
from services.doctor.command import examine
from services.local import main as local
from services.store.database import migrate as apply_migrations

app = typer.Typer(
    name="animatrix",
    help="Tools for operators.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(tokens.app, name="token")
app.add_typer(users.app, name="user")
app.add_typer(fleet.templates, name="templates")
app.add_typer(fleet.backends, name="backends")
app.add_typer(jobs.app)
backup.add_to(app)
app.command()(models)


@app.command()
def up() -> None:
    """Start the whole studio on this machine, and stay until it is stopped."""
    raise typer.Exit(local.main())


@app.command()
def migrate() -> None:
    """Bring the database's schema up to this release. Gateways do it at their start too."""
    for name in run(apply_migrations):
        typer.echo(name)


@app.command()
def doctor(
    url: Annotated[str, typer.Option(help="ComfyUI to ask instead of the configured ones")] = "",
    *,
    json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Say what is wrong with the servers.

    Exit status: 0 all is well, 1 something is missing, 2 nothing answers.
    """
    raise typer.Exit(examine(url, as_json=json))


@app.command()
def link() -> None:
    """Print a new link that signs one browser on this machine in."""
    show_link()


def main() -> None:
    app()


if __name__ == "__main__":
    main()
