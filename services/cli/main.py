from typing import Annotated

import typer

from services.cli import backup, tokens, users
from services.cli.accounts import show_link
from services.doctor.command import examine

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
backup.add_to(app)


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
