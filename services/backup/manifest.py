"""What a backup says of itself. It is written last: a folder without one is no backup."""

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from proto.model import Model

FORMAT = 1
MANIFEST = "manifest.json"
SECRETS = "secrets.json"
DATABASE = "database.dump"
WORKFLOWS = "temporal.db"
OBJECTS = "objects.jsonl"
BLOBS = "objects"


class BackupFailed(Exception):
    """Why there is no backup now, in a sentence."""


class RestoreRefused(Exception):
    """Why nothing was restored, in a sentence. Nothing was written."""


class RestoreFailed(Exception):
    """Why a restore that had begun was given up, in a sentence. What it wrote is gone."""


class StoredObject(Model):
    """One object of the bucket; its bytes are in the file that is named by their sha256."""

    key: str
    size_bytes: int
    sha256: str
    content_type: str


class Part(Model):
    """A file of the backup that is no object."""

    name: str
    size_bytes: int
    sha256: str


class Manifest(Model):
    """release: of who made it. migrations: those of its rows, in order. rows: of each table."""

    format: int
    release: str
    made_at: datetime
    migrations: list[str]
    rows: dict[str, int]
    objects: int
    object_bytes: int
    parts: list[Part]


def blob_path(folder: Path, sha256: str) -> Path:
    return folder / BLOBS / sha256[:2] / sha256


def measure(path: Path) -> Part:
    """A file as it is now."""
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return Part(name=path.name, size_bytes=path.stat().st_size, sha256=sha256)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """On the disk when this returns, and not half of it before."""
    unfinished = folder / f"{MANIFEST}.unfinished"
    with unfinished.open("w", encoding="utf-8") as out:
        out.write(manifest.model_dump_json(indent=1) + "\n")
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Raises RestoreRefused."""
    path = folder / MANIFEST
    if not path.exists():
        raise RestoreRefused(f"{folder} holds no finished backup: it has no {MANIFEST}.")
    try:
        written = json.loads(path.read_bytes())
        if written["format"] > FORMAT:
            raise RestoreRefused(
                "the backup was made by a newer release. Restore it with that one."
            )
        return Manifest.model_validate(written)
    except (ValueError, KeyError, TypeError) as error:
        raise RestoreRefused(f"{path} is damaged: {_first_line(error)}") from error


def read_objects(folder: Path) -> Iterator[StoredObject]:
    with (folder / OBJECTS).open(encoding="utf-8") as lines:
        for line in lines:
            yield StoredObject.model_validate_json(line)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"])
    return str(error).splitlines()[0]
