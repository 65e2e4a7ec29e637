"""The workflow server's state: a SQLite file, copied while the server writes it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from services.local.layout import Layout


class WorkflowsNotCopied(Exception):
    """The copy is no sound database, or there is none; what SQLite says of it."""


def workflows_path(layout: Layout) -> Path:
    return layout.data / "temporal" / "temporal.db"


def copy_workflows(layout: Layout, path: Path) -> None:
    """One moment of it, in one file. Raises WorkflowsNotCopied."""
    try:
        said = _copy(workflows_path(layout), path)
    except sqlite3.Error as error:
        raise WorkflowsNotCopied(f"{path.name}: {error}") from error
    if said != "ok":
        raise WorkflowsNotCopied(f"{path.name}: {said}")


def _copy(source: Path, path: Path) -> str:
    """What the check of the copy says."""
    uri = f"{source.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        [said] = copy.execute("PRAGMA quick_check(1)").fetchone()
    return str(said)
