"""Fills an empty data folder from a backup, which the stack then goes on from."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from services.backup.database import ToolFailed, load
from services.backup.manifest import (
    DATABASE,
    SECRETS,
    WORKFLOWS,
    Manifest,
    RestoreFailed,
    RestoreRefused,
    StoredObject,
    blob_path,
    measure,
    read_manifest,
    read_objects,
)
from services.backup.objects import put_back
from services.backup.workflows import workflows_path
from services.local.checks import UNFINISHED, CannotStart, check_ports
from services.local.children import settings_of
from services.local.layout import Layout
from services.local.main import data_folder, only_one, read_layout
from services.local.stack import Stack
from services.store.database import DATABASE_ERRORS, MIGRATIONS
from services.store.objects import open_object_store

MIB = 1024 * 1024
SPARE_BYTES = 128 * MIB
"""What a database and an object store need before anything is in them."""
TOLD_EVERY = 500
LOCK = "lock"
FAILURES = (CannotStart, ToolFailed, BotoCoreError, ClientError, *DATABASE_ERRORS)
Say = Callable[[str], None]


def restore(env: Mapping[str, str], folder: Path, say: Say, *, workflows: bool) -> Manifest:
    """Into the data folder that the stack would start on, which has to be empty.

    workflows: whether the workflow server's state comes too; without it workflows begin anew.
    Raises RestoreRefused, before anything is written, or RestoreFailed.
    """
    data = data_folder(env)
    _check_empty(data, ())
    manifest = check(folder)
    say("  the backup is whole")
    _check_space(data, manifest)
    data.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(data):
            # Nobody else can begin to use it from here on.
            _check_empty(data, (LOCK,))
            _fill_or_empty(env, folder, say, workflows=workflows)
    except CannotStart as error:
        raise RestoreRefused(str(error)) from error
    return manifest


def _check_empty(data: Path, besides: tuple[str, ...]) -> None:
    if data.exists() and {path.name for path in data.iterdir()} - {*besides}:
        raise RestoreRefused(f"{data} is not empty. ANIMATRIX_DATA_DIR names another folder.")


def _fill_or_empty(env: Mapping[str, str], folder: Path, say: Say, *, workflows: bool) -> None:
    data = data_folder(env)
    try:
        _fill(env, data, folder, say, workflows=workflows)
    except BaseException as error:
        left = shutil.disk_usage(data).free
        _empty(data)
        if isinstance(error, FAILURES):
            full = f" The disk is full: {left // MIB} MiB are left." if left < SPARE_BYTES else ""
            raise RestoreFailed(f"{error}{full}") from error
        raise


def check(folder: Path) -> Manifest:
    """Read all of a backup. Raises RestoreRefused when anything is missing, changed or too new."""
    manifest = read_manifest(folder)
    if unknown := {*manifest.migrations} - {path.name for path in MIGRATIONS.glob("*.sql")}:
        raise RestoreRefused(
            f"the backup was made by a newer release, {manifest.release}: this one does not know "
            f"{min(unknown)}. Restore it with that release."
        )
    for part in manifest.parts:
        path = folder / part.name
        if not path.exists() or measure(path) != part:
            raise RestoreRefused(f"{path} is missing or damaged.")
    objects = list(read_objects(folder))
    for sha256, stored in {each.sha256: each for each in objects}.items():
        _check_blob(blob_path(folder, sha256), stored)
    return manifest


def _check_blob(path: Path, stored: StoredObject) -> None:
    if not path.exists() or measure(path).sha256 != stored.sha256:
        raise RestoreRefused(f"{path}, which is {stored.key}, is missing or damaged.")


def _check_space(data: Path, manifest: Manifest) -> None:
    present = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(present).free
    needed = manifest.object_bytes + sum(part.size_bytes for part in manifest.parts) + SPARE_BYTES
    if needed > free:
        raise RestoreRefused(
            f"{data} has {free // MIB} MiB free, and {needed // MIB} MiB are needed."
        )


def _fill(env: Mapping[str, str], data: Path, folder: Path, say: Say, *, workflows: bool) -> None:
    (data / UNFINISHED).touch()
    (data / SECRETS).touch(mode=0o600)
    (data / SECRETS).write_bytes((folder / SECRETS).read_bytes())
    layout = read_layout(env)
    check_ports(layout)
    stack = Stack(layout, say)
    try:
        stack.start_stores()
        asyncio.run(_load(layout, folder, say))
    finally:
        stack.stop()
    if workflows:
        _put_workflows(layout, folder)
    (data / UNFINISHED).unlink()


async def _load(layout: Layout, folder: Path, say: Say) -> None:
    rows = await load(layout, folder / DATABASE)
    manifest = read_manifest(folder)
    if rows != manifest.rows:
        wrong = sorted(name for name, _ in rows.items() ^ manifest.rows.items())
        raise RestoreFailed(f"there are other rows than there were in {', '.join(set(wrong))}.")
    say(f"  {sum(rows.values())} rows restored")
    count = 0

    def done() -> None:
        nonlocal count
        count += 1
        if count % TOLD_EVERY == 0:
            say(f"  {count} of {manifest.objects} files restored")

    async with open_object_store(settings_of(layout)) as store:
        await put_back(folder, read_objects(folder), store, done)
    say(f"  {count} files restored")


def _put_workflows(layout: Layout, folder: Path) -> None:
    path = workflows_path(layout)
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / WORKFLOWS, path)


def _empty(data: Path) -> None:
    for path in data.iterdir() if data.exists() else ():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
