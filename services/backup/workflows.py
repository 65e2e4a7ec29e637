"""The workflow server's state: a SQLite file, copied while the server writes it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from services.local.layout import Layout


class WorkflowsDamaged(Exception):
    """The copy is not a sound database; what SQLite says of it."""


def workflows_path(layout: Layout) -> Path:
    return layout.data / "temporal" / "temporal.db"


def copy_workflows(layout: Layout, path: Path) -> None:
    """One moment of it, in one file. Raises WorkflowsDamaged."""
    source = f"file:{workflows_path(layout)}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        [said] = copy.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise WorkflowsDamaged(said)
