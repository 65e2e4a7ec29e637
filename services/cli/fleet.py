"""Templates and backends, as operators handle them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from proto.backend import backend_id
from services.cli.studio import TokenFile, Url, ask, open_studio

templates = typer.Typer(help="What renders with which version.", no_args_is_help=True)
backends = typer.Typer(help="The ComfyUI servers.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Reason = Annotated[str, typer.Option(help="why, for the audit")]
Name = Annotated[str, typer.Argument(metavar="ID", help="as `list` shows it")]
Rows = Sequence[Sequence[object]]


@templates.command("list")
def list_templates(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:  # noqa: FBT002
    """Show each template with its versions and how they fared in 30 days."""
    with open_studio(url, token_file) as studio:
        found = ask(studio, "GET", "/api/admin/workflows")["items"]
    rows = [
        (template["template_id"], *_version(version))
        for template in found
        for version in template["versions"]
    ]
    _show(found, ("template", "version", "state", "runs", "failures", "able"), rows, as_json)


def _version(version: dict[str, Any]) -> tuple[object, ...]:
    able = ", ".join(version["able"]) or "none"
    return version["version"], version["state"], version["runs"], version["failures"], able


@templates.command()
def activate(
    template: Annotated[str, typer.Argument(help="such as animate/move")],
    version: str,
    *,
    reason: Reason,
    percent: Annotated[int | None, typer.Option(help="of new videos, as a trial")] = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Have new videos rendered with a version. Those on their way keep theirs."""
    body = {
        "version": version,
        "confirm": template,
        "reason": reason,
        "canary_percent": percent,
    }
    with open_studio(url, token_file) as studio:
        ask(studio, "POST", f"/api/admin/workflows/{template}/activate", json=body)
    share = f"{percent} % of new videos" if percent else "New videos"
    typer.echo(f"{share} are rendered with {template}@{version}.")


@backends.command("list")
def list_backends(as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:  # noqa: FBT002
    """Show every server, what it does and why it rests."""
    with open_studio(url, token_file) as studio:
        found = ask(studio, "GET", "/api/admin/backends")["items"]
    rows = [
        (
            backend["backend_id"],
            backend["state"] if backend["answering"] else f"{backend['state']}, away",
            backend["running"],
            backend["pending"],
            _able(backend["abilities"]),
            backend["reason"] or "",
        )
        for backend in found
    ]
    _show(found, ("backend", "state", "runs", "waits", "can render", "why"), rows, as_json)


def _able(abilities: list[str] | None) -> str:
    """Templates with their qualities; of any version that is active."""
    if abilities is None:
        return "not asked yet"
    by_template = defaultdict(list)
    for name in abilities:
        template, _, quality = name.partition("@")
        if "@" not in quality:
            by_template[template].append(quality)
    return "; ".join(f"{template} {', '.join(can)}" for template, can in by_template.items())


@backends.command()
def add(
    server: Annotated[str, typer.Argument(metavar="URL", help="of the ComfyUI server")],
    *,
    reason: Reason,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Take a server into the line, without a restart of anything."""
    with open_studio(url, token_file) as studio:
        made = ask(studio, "POST", "/api/admin/backends", json={"url": server, "reason": reason})
    typer.echo(made["backend_id"])


@backends.command()
def cordon(name: Name, *, reason: Reason, url: Url = None, token_file: TokenFile = None) -> None:
    """Give it nothing new. What renders or waits there goes on."""
    _change(name, "cordon", reason, url, token_file)


@backends.command()
def drain(name: Name, *, reason: Reason, url: Url = None, token_file: TokenFile = None) -> None:
    """Empty it: what waits there goes back to the line, what renders is finished."""
    _change(name, "drain", reason, url, token_file)


@backends.command()
def uncordon(name: Name, *, reason: Reason, url: Url = None, token_file: TokenFile = None) -> None:
    """Give it work again, out of quarantine too."""
    _change(name, "uncordon", reason, url, token_file)


@backends.command()
def remove(name: Name, *, reason: Reason, url: Url = None, token_file: TokenFile = None) -> None:
    """Forget it."""
    _change(name, "remove", reason, url, token_file)


def _change(name: str, verb: str, reason: str, url: Url, token_file: TokenFile) -> None:
    named = backend_id(name) if "//" in name else name
    with open_studio(url, token_file) as studio:
        path = f"/api/admin/backends/{named}/{verb}"
        changed = ask(studio, "POST", path, json={"reason": reason})
    typer.echo(f"{named}  {changed['state'] if changed else 'removed'}")


def _show(found: Any, columns: Sequence[str], rows: Rows, as_json: bool) -> None:  # noqa: FBT001
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(str, row))
    console = Console()
    # A program reads lines of any width.
    if not console.is_terminal:
        console = Console(width=10_000)
    console.print(table)
