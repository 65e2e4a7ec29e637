"""Freezes a version of a template: `python -m workflows_comfy.release animate/move@1.2.0`."""

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from workflows_comfy import snapshots
from workflows_comfy.bind import BindingFailure
from workflows_comfy.catalog import (
    FILES,
    RELEASED_FILE,
    ROOT,
    TEMPLATE_IDS,
    BadTemplate,
    Template,
    by_role,
    read_released,
    read_template,
    read_templates,
    released_folders,
)
from workflows_comfy.profiles import load_profiles

SNAPSHOTS = ROOT.parent / "tests" / "unit" / "workflows_comfy" / "snapshots"
REF = re.compile(r"(?P<name>[a-z0-9-]+/[a-z0-9-]+)@(?P<version>\d+\.\d+\.\d+)")


class Refused(ValueError):
    """The version can't be released; says why."""


@dataclass(frozen=True)
class Released:
    """What a release has frozen. files: new in released.json. snapshot: None for a part, and where
    nothing is new."""

    files: list[str]
    snapshot: Path | None


def folder_of(root: Path, ref: str) -> Path:
    """Where a version lies. Raises Refused for what is not `family/variant@1.2.0`."""
    match = REF.fullmatch(ref)
    if match is None:
        raise Refused(f"{ref!r} is not like animate/move@1.2.0")
    return root / match["name"] / match["version"]


def release(root: Path, snapshot_folder: Path, ref: str) -> Released:
    """Freeze a version and its parts. Raises Refused.

    The same files may be released again: nothing changes then.
    """
    template, folders = _read(root, folder_of(root, ref))
    hashes = {
        str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in _files(folder)
    }
    known = read_released(root)
    changed = [name for name in hashes if known.get(name, hashes[name]) != hashes[name]]
    if changed:
        raise Refused(f"released already, with other content: {', '.join(changed)}")
    new = sorted(hashes.keys() - known.keys())
    if not new:
        return Released(new, None)
    snapshot = _freeze(template, folders, snapshot_folder)
    merged = {name: {**known, **hashes}[name] for name in sorted({*known, *new}, key=Path)}
    (root / RELEASED_FILE).write_text(json.dumps(merged, indent=2) + "\n", encoding="utf-8")
    return Released(new, snapshot)


def _read(root: Path, folder: Path) -> tuple[Template, list[Path]]:
    """A version, and its folder with those of its parts."""
    if not folder.is_dir():
        raise Refused(f"there is no folder {folder}")
    try:
        template = read_template(folder)
        parts = [root / name / template.version for name in template.manifest.parts.values()]
        folders = [folder, *(part for part in dict.fromkeys(parts) if part.is_dir())]
        read_templates({*released_folders(root), *folders})
    except (BadTemplate, OSError) as error:
        raise Refused(str(error)) from error
    return template, folders


def _files(folder: Path) -> Iterator[Path]:
    strange = sorted(path.name for path in folder.iterdir() if path.name not in FILES)
    if strange:
        raise Refused(f"{folder} holds more than a template's files: {', '.join(strange)}")
    yield from (folder / name for name in FILES)


def _freeze(template: Template, folders: list[Path], snapshot_folder: Path) -> Path | None:
    if template.template_id not in TEMPLATE_IDS.values():
        return None
    try:
        graphs = by_role(template, [read_template(folder) for folder in folders])
        text = snapshots.dump(snapshots.freeze(template, graphs, load_profiles()))
    except BindingFailure as failure:
        raise Refused(str(failure)) from failure
    except KeyError as error:
        raise Refused(f"{template.ref}: no job gives the parameter {error}") from error
    if not snapshot_folder.is_dir():
        raise Refused(f"there is no {snapshot_folder}; versions are released in a checkout")
    path = snapshot_folder / snapshots.file_name(template)
    path.write_text(text, encoding="utf-8")
    return path


def main() -> int:
    parser = ArgumentParser(prog="workflows_comfy.release", description=__doc__)
    parser.add_argument("ref", help="for example animate/move@1.2.0")
    ref = parser.parse_args().ref
    try:
        released = release(ROOT, SNAPSHOTS, ref)
    except Refused as refusal:
        sys.stderr.write(f"{ref} is not released: {refusal}\n")
        return 1
    sys.stdout.write("".join(f"released  {name}\n" for name in released.files))
    if not released.files:
        sys.stdout.write(f"{ref} was released already, with these files.\n")
    if released.snapshot is not None:
        sys.stdout.write(f"snapshot  {released.snapshot.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
