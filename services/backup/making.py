"""Takes a backup of the running stack."""

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from services.backup.database import Snapshot, ToolFailed, database_size, dump, open_snapshot
from services.backup.manifest import (
    BLOBS,
    DATABASE,
    FORMAT,
    OBJECTS,
    SECRETS,
    WORKFLOWS,
    BackupFailed,
    Manifest,
    measure,
    write_manifest,
)
from services.backup.objects import Copies, bucket_size
from services.backup.workflows import WorkflowsNotCopied, copy_workflows, workflows_path
from services.local.children import settings_of
from services.local.layout import Layout
from services.store.database import DATABASE_ERRORS
from services.store.objects import ObjectStore, open_object_store

MIB = 1024 * 1024
SPARE_BYTES = 64 * MIB
Say = Callable[[str], None]


async def back_up(layout: Layout, folder: Path, say: Say) -> Manifest:
    """Into a new or empty folder. Raises BackupFailed.

    Workflows, then rows, then what came of files meanwhile: docs/backup.md says why.
    """
    try:
        _make_folder(folder)
        async with open_object_store(settings_of(layout)) as store:
            await _check_space(layout, store, folder)
            return await _back_up(layout, store, folder, say)
    except (ConnectionError, EndpointConnectionError) as error:
        sentence = "a server of the studio does not answer. A backup is taken while it runs."
        raise BackupFailed(sentence) from error
    except (*DATABASE_ERRORS, BotoCoreError, ClientError, ToolFailed, WorkflowsNotCopied) as error:
        raise BackupFailed(f"{error}.") from error


async def _back_up(layout: Layout, store: ObjectStore, folder: Path, say: Say) -> Manifest:
    copies = Copies(folder, store)
    say(f"  {await copies.add_new()} files copied, {copies.size_bytes / MIB:.0f} MiB")
    await asyncio.to_thread(copy_workflows, layout, folder / WORKFLOWS)
    say("  workflows copied")
    async with open_snapshot(layout) as snapshot:
        await dump(layout, snapshot, folder / DATABASE)
    say(f"  {sum(snapshot.rows.values())} rows copied")
    say(f"  {await copies.add_new()} files copied that came meanwhile")
    _copy_secrets(layout, folder)
    manifest = _manifest(folder, snapshot, copies)
    # What the manifest promises is on the disk before it is.
    await asyncio.to_thread(os.sync)
    write_manifest(folder, manifest)
    return manifest


def _make_folder(folder: Path) -> None:
    """Only its owner may look into it: it holds secrets, and everybody's files."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupFailed(f"{folder} is not empty. A backup goes into a folder of its own.")
    folder.chmod(0o700)
    (folder / BLOBS).mkdir()


async def _check_space(layout: Layout, store: ObjectStore, folder: Path) -> None:
    """Raises BackupFailed when it would not fit; the dump is smaller than what it is of."""
    needed = await database_size(layout) + await bucket_size(store)
    needed += workflows_path(layout).stat().st_size + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise BackupFailed(
            f"{folder} has {free // MIB} MiB free, and up to {needed // MIB} MiB are needed."
        )


def _copy_secrets(layout: Layout, folder: Path) -> None:
    path = folder / SECRETS
    path.touch(mode=0o600)
    path.write_bytes((layout.data / SECRETS).read_bytes())


def _manifest(folder: Path, snapshot: Snapshot, copies: Copies) -> Manifest:
    objects = copies.write_list()
    return Manifest(
        format=FORMAT,
        release=version("animatrix"),
        made_at=datetime.now(UTC),
        migrations=snapshot.migrations,
        rows=snapshot.rows,
        objects=objects,
        object_bytes=copies.size_bytes,
        parts=[measure(folder / name) for name in (DATABASE, WORKFLOWS, OBJECTS, SECRETS)],
    )
