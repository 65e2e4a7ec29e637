"""A copy of the templates' folder, for tests that add to it."""

import json
from pathlib import Path
from shutil import copy, copytree
from typing import Any

from workflows_comfy.catalog import RELEASED_FILE, ROOT


def copied_root(folder: Path) -> Path:
    root = folder / "templates"
    for family in ("animate", "audio"):
        copytree(ROOT / family, root / family)
    copy(ROOT / RELEASED_FILE, root)
    return root


def add_version(root: Path, template_id: str, version: str, *, of: str = "1.1.0") -> Path:
    """An unreleased copy of a version."""
    folder = root / template_id / version
    copytree(root / template_id / of, folder)
    edit(folder / "manifest.json", workflow_version=version)
    return folder


def edit(file: Path, **members: Any) -> None:
    """Replace members of a JSON file."""
    file.write_text(json.dumps(json.loads(file.read_text()) | members, indent=2))
