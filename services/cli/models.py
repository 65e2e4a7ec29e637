import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from services.cli.accounts import fail
from workflows_comfy.hydration import Hydration, NeededFile, check_listing


def models(
    listing: Annotated[str, typer.Argument(help="what `aws s3 ls --recursive` printed; -: stdin")],
) -> None:
    """Say which model files a bucket has and lacks that GPU hosts are filled from.

    Exit status: 0 all are there, 1 some are missing.
    """
    try:
        found = check_listing(_read(listing).splitlines())
    except (OSError, ValueError) as error:
        fail(f"{listing}: {error}")
    for line in _in_words(found):
        typer.echo(line)
    raise typer.Exit(1 if found.missing else 0)


def _read(listing: str) -> str:
    return sys.stdin.read() if listing == "-" else Path(listing).read_text(encoding="utf-8")


def _in_words(found: Hydration) -> Iterator[str]:
    for file in found.files:
        yield from _file(file)
    yield ""
    there = len(found.files) - len(found.missing)
    yield f"{there} of {len(found.files)} model files are there."


def _file(file: NeededFile) -> Iterator[str]:
    if file.places:
        yield f"{file.file} in {file.comfy_folder}: {', '.join(file.places)}"
        return
    yield f"{file.file} in {file.comfy_folder}: missing ({file.use})"
    for problem in file.problems:
        yield f"  {problem}"
    yield f"  add {file.wanted_at}"
